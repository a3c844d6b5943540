/**
 * Which digests of one server another server must repeat. Two things differ between generations: how the scores of
 * sorted sets are printed, and whether a field that expires is marked (digest.md §3, §6).
 */
import { createHash } from 'node:crypto';
import type { KeyEntry } from '../../src/rdb/model.js';
import type { Target } from '../../src/rdb/versions.js';
import type { Truth, TruthKey } from './fixtures.js';

/** `%.17g` up to this version of the format, then the shortest digits. */
const LAST_OLD_STYLE_VERSION = 10;
const FIRST_MARKING_VERSION = 12;
const HASH = 4;

/**
 * What DEBUG DIGEST-VALUE says of the key on a server of that target, given what the key's own server said and what its
 * file holds. Undefined where the one does not follow from the other: scores printed otherwise, fields that have expired.
 */
export function expectedDigest(
  { server }: Pick<Truth, 'server'>,
  key: TruthKey,
  entry: KeyEntry,
  target: Target,
): string | undefined {
  const { digest } = key;
  const { value } = entry;
  if (!digest) return undefined;
  if (key.type === 'zset') return printsAlike(server.name, target) || hasPlainScores(key) ? digest : undefined;
  const times = value.type === 'hash' ? value.fields.flatMap(({ expireAtMs }) => expireAtMs ?? []) : [];
  if (times.length === 0 || marksFields(server.name) === marksFieldExpiry(target)) return digest;
  if (target.writes.hashExpiry === undefined || times.some((time) => time <= Date.now())) return undefined;
  // The two sides differ in the marks and in nothing else, if we come to what the first one said.
  if (hashDigest(entry, marksFields(server.name)) !== digest)
    throw new Error(`the digest of ${key.key} is not what its server said`);
  return hashDigest(entry, marksFieldExpiry(target));
}

/** Whether DEBUG DIGEST of the whole dataset, which is these `keys`, must be the same on a server of that target. */
export function repeatsDigest(
  { server: { name }, keys: truth }: Truth,
  target: Target,
  keys: readonly KeyEntry[],
): boolean {
  const expiring = keys.some(({ value }) => value.type === 'hash' && value.fields.some((field) => field.expireAtMs));
  if (expiring && marksFields(name) !== marksFieldExpiry(target)) return false;
  return printsAlike(name, target) || truth.every((key) => key.type !== 'zset' || hasPlainScores(key));
}

/** DEBUG DIGEST-VALUE of a hash, none of whose fields has expired. */
export function hashDigest({ value, expireAtMs }: KeyEntry, marked: boolean): string {
  if (value.type !== 'hash') throw new TypeError(value.type);
  const digest = mixed(new Uint8Array(20), Uint8Array.of(0, 0, 0, HASH));
  for (const { field, value: text, expireAtMs: fieldExpiry } of value.fields) {
    const pair = mixed(mixed(new Uint8Array(20), field), text);
    if (marked && fieldExpiry !== undefined) xor(pair, sha1(Buffer.from('!!hexpire!!')));
    xor(digest, sha1(pair));
  }
  const hex = Buffer.from(digest).toString('hex');
  return expireAtMs === undefined ? hex : toggledExpiry(hex);
}

/** DEBUG DIGEST-VALUE of the same key with an expiry where it has none, and without where it has one. */
export function toggledExpiry(digest: string): string {
  const toggled = new Uint8Array(Buffer.from(digest, 'hex'));
  xor(toggled, sha1(Buffer.from('!!expire!!')));
  return Buffer.from(toggled).toString('hex');
}

/** Whether such a server marks fields that expire. */
export function marksFieldExpiry({ dialect, version }: Target): boolean {
  return dialect === 'redis' && version >= FIRST_MARKING_VERSION;
}

function printsAlike(server: string, target: Target): boolean {
  return /^redis-(?:[2-6]|7\.0)/.test(server) === target.version <= LAST_OLD_STYLE_VERSION;
}

function marksFields(server: string): boolean {
  return /^redis-(?:7\.4|[89])/.test(server);
}

/** Scores that every server prints alike. */
function hasPlainScores({ value }: TruthKey): boolean {
  return (value as [string, string][]).every(
    ([, text]) => /^-?\d{1,16}$/.test(text) && text !== '-0' && !/0{8}$/.test(text),
  );
}

/** In order: what went in before counts. */
function mixed(digest: Uint8Array, bytes: Uint8Array): Uint8Array {
  xor(digest, sha1(bytes));
  return sha1(digest);
}

function xor(digest: Uint8Array, other: Uint8Array): void {
  for (let at = 0; at < digest.length; at++) digest[at]! ^= other[at]!;
}

function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(bytes).digest());
}

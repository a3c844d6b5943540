/** Conversions for tests: bytes in, bytes out, and what the decoded keys must have in common. */
import { type ConvertOptions, type ConvertSummary, convertRdb } from '../../src/convert/convert.js';
import type { LossEntry } from '../../src/convert/loss.js';
import type { HashField, KeyEntry, RdbEntry, RdbValue, StreamState, ZsetMember } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { toBase64 } from './fixtures.js';
import { idText } from './truth.js';

export interface Converted {
  readonly bytes: Uint8Array;
  readonly summary: ConvertSummary;
  readonly losses: LossEntry[];
  /** Decoded under every rule of the format. */
  readonly entries: RdbEntry[];
  readonly keys: KeyEntry[];
}

/** `target` by name. Fields that expire are taken as not expired yet, unless `nowMs` says otherwise. */
export async function convert(
  file: Uint8Array,
  { target, ...options }: Omit<ConvertOptions, 'target'> & { readonly target?: string | Target } = {},
): Promise<Converted> {
  const chunks: Uint8Array[] = [];
  const losses: LossEntry[] = [];
  const named = typeof target === 'string' ? findTarget(target)! : target;
  const write = (chunk: Uint8Array): void => void chunks.push(chunk);
  const onLoss = (entry: LossEntry): void => void losses.push(entry);
  const summary = await convertRdb(file, write, { nowMs: 0, onLoss, ...options, ...(named && { target: named }) });
  const bytes = new Uint8Array(Buffer.concat(chunks));
  const entries = [...readRdbSync(bytes, { deep: true })];
  return { bytes, summary, losses, entries, keys: keysOf(entries) };
}

export function keysOf(entries: readonly RdbEntry[]): KeyEntry[] {
  return entries.filter((entry) => entry.kind === 'key');
}

/** `what: policy` of every loss. */
export function lossTexts({ losses }: Converted): string[] {
  return losses.map(({ what, policy }) => `${what}: ${policy}`);
}

/** Of the first key, where it is a hash. */
export function fieldsOf({ keys: [key] }: Converted): readonly HashField[] {
  return key?.value.type === 'hash' ? key.value.fields : [];
}

export function keyName({ db, key }: Pick<KeyEntry, 'db' | 'key'>): string {
  return `${db}:${toBase64(key)}`;
}

/** What is the same in every encoding and every layout, as a text. */
export function plainText(value: RdbValue): string {
  return JSON.stringify(plainValue(value), (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    return part instanceof Uint8Array ? toBase64(part) : part;
  });
}

function plainValue(value: RdbValue): unknown {
  switch (value.type) {
    case 'module':
      // Older servers take the same vector set with other words about its links.
      return value.decoded ? { module: value.module, decoded: value.decoded } : { ...value, encoding: '' };
    case 'string':
      return toBase64(value.value);
    case 'list':
      return value.items.map(toBase64);
    case 'set':
      return value.members.map(toBase64).sort();
    case 'zset':
      return [...value.members].sort(compareMembers).map(({ member, score }) => [toBase64(member), scoreText(score)]);
    case 'hash':
      return value.fields
        .map(({ field, value: text, expireAtMs }) => [toBase64(field), toBase64(text), expireAtMs ?? null])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    case 'stream':
      return {
        entries: value.entries.map(({ id, fields }) => [idText(id), fields.map(toBase64)]),
        ...plainState(value.state!),
      };
    default:
      return { ...value, encoding: '' };
  }
}

/** Without what older layouts leave to be worked out. */
function plainState({ length, lastId, groups }: StreamState): object {
  return {
    length,
    lastId: idText(lastId),
    groups: groups.map((group) => ({
      name: toBase64(group.name),
      lastId: idText(group.lastId),
      pending: group.pending.map((entry) => [
        idText(entry.id),
        entry.consumer && toBase64(entry.consumer),
        entry.deliveredAtMs,
        Number(entry.deliveries),
      ]),
      consumers: group.consumers.map(({ name, seenAtMs }) => [toBase64(name), seenAtMs]),
    })),
  };
}

/** JSON has no infinities and no negative zero. */
function scoreText(score: number): string {
  return Object.is(score, -0) ? '-0' : String(score);
}

function compareMembers(a: ZsetMember, b: ZsetMember): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return Buffer.compare(a.member, b.member);
}

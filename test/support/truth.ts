/** Our values in the shape of truth.json, so that a deep comparison does the work. */
import type { RdbValue, StreamGroup, StreamId, ZsetMember } from '../../src/rdb/model.js';
import { type Truth, toBase64 } from './fixtures.js';

/** `%.17g` up to 7.0, then the shortest digits. */
const LAST_OLD_STYLE_VERSION = 10;

/** Undefined for what the truth does not describe (modules). */
export function valueAsTruth(value: RdbValue): unknown {
  switch (value.type) {
    case 'string':
      return toBase64(value.value);
    case 'list':
      return value.items.map(toBase64);
    case 'set':
      return value.members.map(toBase64).sort();
    case 'zset':
      return [...value.members].sort(compareMembers).map(({ member, score }) => [toBase64(member), score]);
    case 'hash':
      return Object.fromEntries(value.fields.map(({ field, value: text }) => [toBase64(field), toBase64(text)]));
    case 'stream':
      return value.entries.map(({ id, fields }) => [idText(id), fields.map(toBase64)]);
    default:
      return undefined;
  }
}

export function idText(id: StreamId): string {
  return `${id.ms}-${id.seq}`;
}

/** A flat XINFO reply as a record; texts beyond ASCII come as `base64:…`. */
export function flatReply(reply: unknown): Record<string, unknown> {
  if (!Array.isArray(reply)) return (reply ?? {}) as Record<string, unknown>;
  const record: Record<string, unknown> = {};
  for (let at = 0; at < reply.length; at += 2) record[String(reply[at])] = reply[at + 1];
  return record;
}

export function replyText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : `base64:${toBase64(bytes)}`;
}

/** The pending entries as XINFO STREAM FULL lists them: id, consumer, delivery time, deliveries. */
export function pendingAsReply(group: StreamGroup): unknown[] {
  return group.pending.map((entry) => [
    idText(entry.id),
    entry.consumer === undefined ? '' : replyText(entry.consumer),
    entry.deliveredAtMs,
    Number(entry.deliveries),
  ]);
}

/**
 * Whether a server that writes dumps of `rdbVersion` digests this as the one that wrote it: both write the scores of all
 * sorted sets alike, and both mark fields that expire, or there are none (digest.md §6).
 */
export function digestsAlike({ server: { name }, keys }: Truth, rdbVersion: number): boolean {
  if (keys.some(({ hash_ttl }) => hash_ttl?.some(([, time]) => time > 0))) return false;
  const isOldStyle = /^redis-([2-6]|7\.0)/.test(name);
  if (isOldStyle === rdbVersion <= LAST_OLD_STYLE_VERSION) return true;
  const scores = keys.flatMap(({ type, value }) => (type === 'zset' ? (value as [string, string][]) : []));
  return scores.every(([, text]) => isPlainScore(text));
}

function compareMembers(a: ZsetMember, b: ZsetMember): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return Buffer.compare(a.member, b.member);
}

function isPlainScore(text: string): boolean {
  return /^-?\d{1,16}$/.test(text) && text !== '-0' && !/0{8}$/.test(text);
}

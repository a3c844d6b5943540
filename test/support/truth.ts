/** Our values in the shape of truth.json, so that a deep comparison does the work. */
import type { RdbValue, StreamGroup, StreamId, ZsetMember } from '../../src/rdb/model.js';
import { toBase64 } from './fixtures.js';

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

function compareMembers(a: ZsetMember, b: ZsetMember): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return Buffer.compare(a.member, b.member);
}

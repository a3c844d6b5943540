/** Replies as what they mean. */
import type { StreamId } from '../../rdb/model.js';
import type { Reply } from '../target/reply-parser.js';

const utf8 = new TextDecoder();

/** A number, also where it stands in digits; NaN for what is none. */
export function numberOf(reply: Reply | undefined): number {
  if (reply instanceof Uint8Array) return numberOfText(utf8.decode(reply));
  return typeof reply === 'number' ? reply : typeof reply === 'string' ? numberOfText(reply) : Number.NaN;
}

/** A whole number; undefined for what is none, such as null. */
export function bigintOf(reply: Reply | undefined): bigint | undefined {
  if (typeof reply === 'number') return Number.isSafeInteger(reply) ? BigInt(reply) : undefined;
  const text = textOf(reply);
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** Bytes as UTF-8, a status as it is; empty for everything else. */
export function textOf(reply: Reply | undefined): string {
  if (reply instanceof Uint8Array) return utf8.decode(reply);
  return typeof reply === 'string' ? reply : '';
}

/** Undefined for what is no `ms-seq`. */
export function streamIdOf(reply: Reply | undefined): StreamId | undefined {
  const parts = /^(\d+)-(\d+)$/.exec(textOf(reply));
  return parts === null ? undefined : { ms: BigInt(parts[1]!), seq: BigInt(parts[2]!) };
}

/** Names and values in turn, as servers answer in RESP2 where they mean a map. */
export function fieldsOf(reply: Reply | undefined): Map<string, Reply> {
  const fields = new Map<string, Reply>();
  const list = listOf(reply);
  for (let at = 0; at + 1 < list.length; at += 2) fields.set(textOf(list[at]), list[at + 1]!);
  return fields;
}

/** The elements of an array; none for everything else. */
export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : [];
}

/** A double of ZRANGE or the like, which may be infinite. */
function numberOfText(text: string): number {
  const special = /^([+-]?)inf$/i.exec(text);
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity;
  return text === '' ? Number.NaN : Number(text);
}

/** Ids of entries as the engine keeps them: two unsigned 64-bit halves, as numbers while those are exact. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { StreamId } from '../../rdb/model.js';
import { parseInt64, toNumber } from '../arguments.js';

/** An unsigned 64-bit integer: a number up to 2^53 − 1, a bigint beyond, never one in the place of the other. */
export type Uint64 = number | bigint;

export const MAX_UINT64 = 2n ** 64n - 1n;

/** `ms-seq`. Never changed once it is made. */
export class EntryId {
  constructor(
    readonly ms: Uint64,
    readonly seq: Uint64,
  ) {}
}

export const FIRST_ID = new EntryId(0, 0);
export const LAST_ID = new EntryId(MAX_UINT64, MAX_UINT64);

/** Negative, zero or positive as `left` lies before, at or after `right`. */
export function compareIds(left: EntryId, right: EntryId): number {
  return compareHalves(left.ms, left.seq, right.ms, right.seq);
}

export function compareHalves(leftMs: Uint64, leftSeq: Uint64, rightMs: Uint64, rightSeq: Uint64): number {
  if (leftMs !== rightMs) return leftMs < rightMs ? -1 : 1;
  if (leftSeq !== rightSeq) return leftSeq < rightSeq ? -1 : 1;
  return 0;
}

/** One more; 2^64 is left to the caller. */
export function increment(value: Uint64): Uint64 {
  if (typeof value === 'number' && value < Number.MAX_SAFE_INTEGER) return value + 1;
  return BigInt(value) + 1n;
}

/** The id after this one; undefined after the last. */
export function idAfter(id: EntryId): EntryId | undefined {
  if (id.seq !== MAX_UINT64) return new EntryId(id.ms, increment(id.seq));
  return id.ms === MAX_UINT64 ? undefined : new EntryId(increment(id.ms), 0);
}

/** The id before this one; undefined before the first. */
export function idBefore(id: EntryId): EntryId | undefined {
  if (id.seq !== 0) return new EntryId(id.ms, toNumber(BigInt(id.seq) - 1n));
  return id.ms === 0 ? undefined : new EntryId(toNumber(BigInt(id.ms) - 1n), MAX_UINT64);
}

export function formatId(id: EntryId): ByteString {
  return `${id.ms}-${id.seq}`;
}

export function idFromRdb({ ms, seq }: StreamId): EntryId {
  return new EntryId(toNumber(ms), toNumber(seq));
}

export function idToRdb({ ms, seq }: EntryId): StreamId {
  return { ms: BigInt(ms), seq: BigInt(seq) };
}

/** `ms-seq`, or `ms` with `missingSeq`; undefined for everything else. As lenient as servers: they read with strtoull. */
export function parseId(text: ByteString, missingSeq: Uint64 = 0): EntryId | undefined {
  const dash = text.indexOf('-');
  const ms = plainDigits(text, 0, dash < 0 ? text.length : dash);
  const seq = dash < 0 ? missingSeq : plainDigits(text, dash + 1, text.length);
  return ms >= 0 && seq >= 0 ? new EntryId(ms, seq) : parseOddId(text, missingSeq);
}

/** As {@link parseId}, of one half. */
export function parseUint64(text: ByteString): Uint64 | undefined {
  const plain = plainDigits(text, 0, text.length);
  if (plain >= 0) return plain;
  const strict = parseInt64(text);
  if (strict !== undefined) return strict < 0 ? undefined : strict;
  const [, sign, digits] = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  if (value > MAX_UINT64) return undefined;
  return toNumber(sign === '-' ? BigInt.asUintN(64, -value) : value);
}

/** Up to 15 digits, the first of several not zero; −1 for what is anything else. */
function plainDigits(text: ByteString, start: number, end: number): number {
  const size = end - start;
  if (size < 1 || size > 15) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return size > 1 && text.charCodeAt(start) === 0x30 ? -1 : value;
}

const MAX_ID_TEXT = 127;

/** Servers read ids as strings of C, which end at a zero byte. */
function parseOddId(text: ByteString, missingSeq: Uint64): EntryId | undefined {
  if (text.length > MAX_ID_TEXT) return undefined;
  const [shown = ''] = text.split('\0', 1);
  const dash = shown.indexOf('-');
  const ms = parseUint64(dash < 0 ? shown : shown.slice(0, dash));
  const seq = dash < 0 ? missingSeq : parseUint64(shown.slice(dash + 1));
  return ms === undefined || seq === undefined ? undefined : new EntryId(ms, seq);
}

/**
 * The RDB length encoding (`len`), which sizes everything in a dump.
 *
 *     00xxxxxx                      6 bits, 0–63
 *     01xxxxxx yyyyyyyy             14 bits, big endian
 *     10000000 + 4 bytes            u32, big endian
 *     10000001 + 8 bytes            u64, big endian (RDB 8 and later)
 *     11xxxxxx                      not a length: a specially encoded string follows
 *
 * Worked example: `42 BC` is 01|000010 10111100 = 0x2BC = 700.
 *
 * Writers emit the shortest form, readers accept every form (rdb-format.md §3).
 */
import { FormatError } from '../bytes/errors.js';
import type { Int64 } from '../bytes/int64.js';
import { readInt32Be } from '../bytes/int64.js';

export const LEN_32 = 0x80;
export const LEN_64 = 0x81;
/** The most bytes a length takes. */
export const MAX_LENGTH_SIZE = 9;

/** Bytes that the length with this first byte takes; 0 for a byte that starts no length. */
export function lengthSize(lead: number): number {
  if (lead < 0x40) return 1;
  if (lead < 0x80) return 2;
  return lead === LEN_32 ? 5 : lead === LEN_64 ? 9 : 0;
}

/** As {@link lengthSize}; throws BAD_LENGTH where a plain length must stand and does not. */
export function checkedLengthSize(bytes: Uint8Array, pos: number): number {
  const size = lengthSize(bytes[pos]!);
  if (size === 0) throw new FormatError('BAD_LENGTH', `0x${bytes[pos]!.toString(16)} starts no length`, pos);
  return size;
}

/**
 * The value of the length at `pos`, all of whose bytes are there.
 * A value beyond 2^53 − 1 cannot be a count or a size: BAD_LENGTH.
 */
export function decodeLength(bytes: Uint8Array, pos: number): number {
  const lead = bytes[pos]!;
  if (lead < 0x40) return lead;
  if (lead < 0x80) return ((lead & 0x3f) << 8) | bytes[pos + 1]!;
  if (lead === LEN_32) return readInt32Be(bytes, pos + 1) >>> 0;
  const hi = readInt32Be(bytes, pos + 1) >>> 0;
  if (hi >= 0x200000) throw new FormatError('BAD_LENGTH', 'a length beyond 2^53 cannot be', pos);
  return hi * 0x100000000 + (readInt32Be(bytes, pos + 5) >>> 0);
}

/** The length at `pos` as 64 bits: for identities and counters, where every value is legal. */
export function decodeLength64(bytes: Uint8Array, pos: number, out: Int64): void {
  if (bytes[pos] === LEN_64) out.setBe(bytes, pos + 1);
  else out.set(0, decodeLength(bytes, pos));
}

/**
 * Position after the length at `pos`. A result beyond `end` means that the bytes are short and that it is the least
 * position that must be there: the convention of every `skip*` and `read*` function on `(bytes, pos, end)`.
 */
export function skipLength(bytes: Uint8Array, pos: number, end: number): number {
  return pos >= end ? pos + 1 : pos + checkedLengthSize(bytes, pos);
}

/** Writes the shortest form and returns the position after it. */
export function encodeLength(value: number, out: Uint8Array, pos: number): number {
  if (value < 0x40) {
    out[pos] = value;
    return pos + 1;
  }
  if (value < 0x4000) {
    out[pos] = 0x40 | (value >>> 8);
    out[pos + 1] = value & 0xff;
    return pos + 2;
  }
  const view = new DataView(out.buffer, out.byteOffset + pos);
  if (value <= 0xffffffff) {
    out[pos] = LEN_32;
    view.setUint32(1, value);
    return pos + 5;
  }
  out[pos] = LEN_64;
  view.setBigUint64(1, BigInt(value));
  return pos + 9;
}

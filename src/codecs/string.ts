/**
 * The RDB string (`str`): every key, element, field and packed structure of a dump is one.
 *
 *     len, bytes                    plain
 *     C0 + int8                     the decimal text of the number
 *     C1 + int16 LE, C2 + int32 LE  likewise
 *     C3, len clen, len ulen, bytes LZF: clen bytes that decompress to ulen
 *
 * Worked example: `C1 39 30` is int16 0x3039 = the five bytes `12345`;
 * `C3 09 4064 01 6161 E0 57 00 01 6161` is 100 times `a` (rdb-format.md §4).
 */
import { FormatError, LimitError } from '../bytes/errors.js';
import { formatInt64, readInt32Le } from '../bytes/int64.js';
import { SLICE_INT, SLICE_LZF, Slice } from '../bytes/slice.js';
import { checkedLengthSize, decodeLength, LEN_32, LEN_64, skipLength } from './length.js';
import { checkLzf, decompressLzf, MAX_LZF_RATIO } from './lzf.js';

export const STR_INT8 = 0xc0;
export const STR_INT16 = 0xc1;
export const STR_INT32 = 0xc2;
export const STR_LZF = 0xc3;

/** −2147483648 */
const MAX_INTEGER_DIGITS = 11;
const digits = new Slice();

/**
 * Position after the string at `pos`; beyond `end` when the bytes are short (see {@link skipLength}).
 * Nothing is decompressed. Throws BAD_STRING_ENCODING, BAD_LENGTH.
 */
export function skipString(bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return pos + 1;
  const lead = bytes[pos]!;
  if (lead < 0x40) return pos + 1 + lead;
  if (lead < 0x80) return pos + 1 < end ? pos + 2 + (((lead & 0x3f) << 8) | bytes[pos + 1]!) : pos + 2;
  return skipLongOrSpecial(bytes, pos, end, lead);
}

/** Position after the bytes that say how long the string is; beyond `end` when not even they are there. */
export function skipStringHead(bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return pos + 1;
  const lead = bytes[pos]!;
  if (lead < STR_INT8) return skipLength(bytes, pos, end);
  if (lead !== STR_LZF) return pos + 1;
  const next = skipLength(bytes, pos + 1, end);
  return next > end ? next : skipLength(bytes, next, end);
}

/** Bytes of the string at `pos` once it is read, from its head alone, which is there; of integers, their digits. */
export function stringLength(bytes: Uint8Array, pos: number, end: number): number {
  const lead = bytes[pos]!;
  if (lead < STR_INT8) return decodeLength(bytes, pos);
  if (lead === STR_LZF) return decodeLength(bytes, skipLength(bytes, pos + 1, end));
  readString(bytes, pos, end, digits, MAX_INTEGER_DIGITS);
  return digits.length;
}

/**
 * Reads the string at `pos` into `slice` (plain: a view of the window; otherwise its scratch memory).
 * Returns the position after it; beyond `end` when the bytes are short, and then `slice` is untouched.
 * Throws what {@link skipString} throws, BAD_LZF, and LimitError above `maxBytes`.
 */
export function readString(bytes: Uint8Array, pos: number, end: number, slice: Slice, maxBytes: number): number {
  if (pos >= end) return pos + 1;
  const lead = bytes[pos]!;
  let start = pos + 1;
  let next = start + lead;
  if (lead >= 0x40) {
    if (lead >= STR_INT8) return readSpecial(bytes, pos, end, slice, maxBytes);
    start = pos + checkedLengthSize(bytes, pos);
    if (start > end) return start;
    next = start + decodeLength(bytes, pos);
  }
  if (next - start > maxBytes) throw tooLong(next - start, maxBytes, pos);
  if (next > end) return next;
  slice.set(bytes, start, next);
  slice.origin = pos;
  return next;
}

/**
 * Throws what {@link readString} would throw for the whole string at `pos`, without expanding anything, and returns the
 * position after it.
 */
export function checkString(bytes: Uint8Array, pos: number, end: number, maxBytes: number): number {
  const next = skipString(bytes, pos, end);
  if (bytes[pos] !== STR_LZF) {
    if (next - pos > maxBytes) throw tooLong(next - pos, maxBytes, pos);
    return next;
  }
  const lzf = checkedLzfBounds(bytes, pos, maxBytes);
  checkLzf(bytes, lzf.start, lzf.end, lzf.length);
  return next;
}

/** The LZF string at `pos`: its compressed bytes are `[start, end)`, and `length` what they decompress to. */
export function lzfBounds(bytes: Uint8Array, pos: number): { start: number; end: number; length: number } {
  const lengthPos = pos + 1 + checkedLengthSize(bytes, pos + 1);
  const start = lengthPos + checkedLengthSize(bytes, lengthPos);
  return { start, end: start + decodeLength(bytes, pos + 1), length: decodeLength(bytes, lengthPos) };
}

function skipLongOrSpecial(bytes: Uint8Array, pos: number, end: number, lead: number): number {
  if (lead === LEN_32 || lead === LEN_64) {
    const start = pos + (lead === LEN_32 ? 5 : 9);
    return start > end ? start : start + decodeLength(bytes, pos);
  }
  if (lead < STR_INT8) throw new FormatError('BAD_LENGTH', `0x${lead.toString(16)} starts no length`, pos);
  if (lead < STR_LZF) return pos + 1 + (1 << (lead & 3));
  if (lead !== STR_LZF) throw badEncoding(lead, pos);
  const ulen = skipLength(bytes, pos + 1, end);
  if (ulen > end) return ulen;
  const start = skipLength(bytes, ulen, end);
  return start > end ? start : start + decodeLength(bytes, pos + 1);
}

function readSpecial(bytes: Uint8Array, pos: number, end: number, slice: Slice, maxBytes: number): number {
  const next = skipString(bytes, pos, end);
  const lead = bytes[pos]!;
  if (lead < STR_LZF) {
    if (next > end) return next;
    const value =
      lead === STR_INT8
        ? (bytes[pos + 1]! << 24) >> 24
        : lead === STR_INT16
          ? int16(bytes, pos + 1)
          : readInt32Le(bytes, pos + 1);
    slice.end = formatInt64(value >> 31, value, slice.expand(12), 0);
    slice.form = SLICE_INT;
    slice.origin = pos;
    return next;
  }
  if (next - pos > maxBytes) throw tooLong(next - pos, maxBytes, pos);
  if (next > end) return next;
  const lzf = checkedLzfBounds(bytes, pos, maxBytes);
  decompressLzf(bytes, lzf.start, lzf.end, slice.expand(lzf.length), lzf.length);
  slice.form = SLICE_LZF;
  slice.origin = pos;
  return next;
}

/** {@link lzfBounds} of a string that may be expanded: its length is possible and allowed. */
function checkedLzfBounds(bytes: Uint8Array, pos: number, maxBytes: number): ReturnType<typeof lzfBounds> {
  const lzf = lzfBounds(bytes, pos);
  if (lzf.length > (lzf.end - lzf.start) * MAX_LZF_RATIO) {
    throw new FormatError('BAD_LZF', `${lzf.end - lzf.start} bytes cannot decompress to ${lzf.length}`, pos);
  }
  if (lzf.length > maxBytes) throw tooLong(lzf.length, maxBytes, pos);
  return lzf;
}

function int16(bytes: Uint8Array, pos: number): number {
  return ((bytes[pos]! | (bytes[pos + 1]! << 8)) << 16) >> 16;
}

function badEncoding(lead: number, pos: number): FormatError {
  return new FormatError('BAD_STRING_ENCODING', `0x${lead.toString(16)} is no string encoding`, pos);
}

function tooLong(length: number, maxBytes: number, pos: number): LimitError {
  return new LimitError('LIMIT_BLOB', `a string of ${length} bytes is longer than maxBlobBytes, ${maxBytes}`, pos);
}

/**
 * Listpack: the packed list inside hashes, sets, sorted sets, quicklist nodes and stream nodes (RDB 9 and later).
 *
 *     total u32 LE | count u16 LE | entry … | FF
 *     entry = encoding and data | backlen
 *
 *     0xxxxxxx               uint 0–127             F0 + u32 LE length   string
 *     10xxxxxx               string, 0–63 bytes     F1                   int16 LE
 *     110xxxxx yyyyyyyy      int13, signed          F2                   int24 LE, signed
 *     1110xxxx yyyyyyyy      string, 0–4095 bytes   F3, F4               int32 LE, int64 LE
 *
 * Backlen is the size of encoding and data, 7 bits per byte, most significant first; every byte but the first has its
 * top bit set, so that it can be read from behind. A count of 65535 means "unknown, scan".
 *
 * Worked example, the hash {a: 5, b: -1}:
 *
 *     12000000 0400            18 bytes, 4 entries
 *     81 61 02                 string of 1 byte, `a`; these two bytes are counted by the backlen 2
 *     05 01                    the integer 5
 *     81 62 02                 `b`
 *     DF FF 02                 int13 0x1FFF = -1
 *     FF                       terminator
 *
 * At the sizes 16383, 2097151 and 268435455 Redis and Valkey up to 8.1 write a backlen one byte longer than needed (a
 * leading zero group), Valkey 9.1 the short one; each refuses the other's, we read both (rdb-format.md §8.4).
 */
import { FormatError } from '../bytes/errors.js';
import { formatInt64, formatUint53, Int64, MAX_INT64_TEXT, readInt32Le, readUint32Le } from '../bytes/int64.js';
import { SLICE_INT, Slice } from '../bytes/slice.js';

export const LISTPACK_HEADER_SIZE = 6;
/** The byte after the last entry. */
export const LISTPACK_END = 0xff;

/** Below this a loop is faster than a call. */
const SHORT = 32;

const INT13 = 0xc0;
const STR12 = 0xe0;
const STR32 = 0xf0;
const INT16 = 0xf1;
const INT24 = 0xf2;
const INT32 = 0xf3;
const INT64 = 0xf4;
/** Header count of a listpack that has this many entries or more. */
const COUNT_UNKNOWN = 0xffff;
/** From these sizes on the backlen takes one byte more: 2, 3, 4, 5. */
const BACKLEN_2 = 128;
const BACKLEN_3 = 0x3fff;
const BACKLEN_4 = 0x1fffff;
const BACKLEN_5 = 0xfffffff;

/** Which backlen an encoder writes at the boundary sizes: `long` for every Redis and Valkey up to 8.1, `short` for Valkey 9.1. */
export interface ListpackOptions {
  readonly boundaryBacklen?: 'long' | 'short';
}

/**
 * The shallow rule of loaders: the listpack fills `[start, end)` by its own account and ends with the terminator.
 * Returns the count of the header, where 65535 means unknown. Throws BAD_LISTPACK.
 */
export function checkListpackHeader(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start;
  if (size < LISTPACK_HEADER_SIZE + 1) throw bad(`${size} bytes are too few`, start);
  const total = readUint32Le(bytes, start);
  if (total !== size) throw bad(`its header says ${total} bytes, it has ${size}`, start);
  if (bytes[end - 1] !== LISTPACK_END) throw bad('its last byte is not the terminator', end - 1);
  return bytes[start + 4]! | (bytes[start + 5]! << 8);
}

/** The number of entries: from the header, or by a scan where the header does not know. Throws BAD_LISTPACK. */
export function listpackLength(bytes: Uint8Array, start: number, end: number): number {
  const count = checkListpackHeader(bytes, start, end);
  if (count !== COUNT_UNKNOWN) return count;
  let found = 0;
  for (let pos = start + LISTPACK_HEADER_SIZE; bytes[pos] !== LISTPACK_END; found++) {
    pos = skipListpackEntry(bytes, pos, end);
  }
  return found;
}

/**
 * Position after the entry at `pos` of the listpack that ends at `end`. The caller has seen that `pos` is not at the
 * terminator, and it is never there afterwards without a byte to look at. Throws BAD_LISTPACK.
 */
export function skipListpackEntry(bytes: Uint8Array, pos: number, end: number): number {
  const lead = bytes[pos]!;
  if (lead >= INT13) return afterBacklen(bytes, pos, entrySize(bytes, pos, end), end);
  const next = lead < 0x80 ? pos + 2 : pos + 2 + (lead & 0x3f);
  if (next >= end) throw overrun(pos);
  return next;
}

/**
 * The entry at `pos` as bytes: a view of a string, the decimal text of an integer in the slice's scratch memory.
 * Returns the position after it, backlen included. Throws BAD_LISTPACK.
 */
export function decodeListpackEntry(bytes: Uint8Array, pos: number, end: number, slice: Slice): number {
  const lead = bytes[pos]!;
  if (lead >= INT13) return decodeWideEntry(bytes, pos, end, slice);
  if (lead >= 0x80) {
    const stop = pos + 1 + (lead & 0x3f);
    if (stop + 1 >= end) throw overrun(pos);
    slice.set(bytes, pos + 1, stop);
    slice.origin = pos;
    return stop + 1;
  }
  if (pos + 2 >= end) throw overrun(pos);
  slice.end = formatUint53(lead, slice.expand(MAX_INT64_TEXT), 0);
  slice.form = SLICE_INT;
  slice.origin = pos;
  return pos + 2;
}

/** The value of the integer entry at `pos`; returns the position after it. Throws BAD_LISTPACK, also for a string entry. */
export function decodeListpackInteger(bytes: Uint8Array, pos: number, end: number, out: Int64): number {
  const lead = bytes[pos]!;
  if (lead < 0x80) {
    if (pos + 2 >= end) throw overrun(pos);
    out.set(0, lead);
    return pos + 2;
  }
  const next = afterBacklen(bytes, pos, entrySize(bytes, pos, end), end);
  if (!isListpackInteger(bytes, pos)) throw bad('a string stands where an integer must', pos);
  if (lead === INT64) {
    out.setLe(bytes, pos + 1);
  } else {
    const value = narrowInteger(bytes, pos, lead);
    out.set(value >> 31, value);
  }
  return next;
}

/** True where the entry at `pos` is stored as an integer, whatever its width. */
export function isListpackInteger(bytes: Uint8Array, pos: number): boolean {
  const lead = bytes[pos]!;
  return lead < 0x80 || (lead & 0xe0) === INT13 || (lead >= INT16 && lead <= INT64);
}

/**
 * A listpack of these entries. A canonical decimal int64 is stored as an integer of the smallest form, as servers do.
 * Throws RangeError where the whole would not fit its 32-bit size.
 */
export function encodeListpack(entries: readonly Uint8Array[], options: ListpackOptions = {}): Uint8Array {
  return borrowListpack(entries, options).copy();
}

const MOST_KEPT = 1024 * 1024;
const borrowed = new Slice();

/** As {@link encodeListpack}, in memory that the next call uses again. */
export function borrowListpack(entries: readonly Uint8Array[], options: ListpackOptions = {}): Slice {
  let bound = LISTPACK_HEADER_SIZE + 1;
  for (const entry of entries) bound += entryBound(entry.length);
  borrowed.release(MOST_KEPT);
  const out = borrowed.expand(bound);
  const padded = options.boundaryBacklen !== 'short';
  const scratch = new Int64();
  let pos = LISTPACK_HEADER_SIZE;
  for (const entry of entries) {
    const data = parseDecimal64(entry, 0, entry.length, scratch)
      ? encodeInteger(scratch, out, pos)
      : encodeBytes(entry, out, pos);
    pos = encodeBacklen(data - pos, padded, out, data);
  }
  out[pos++] = LISTPACK_END;
  if (pos > 0xffffffff) throw new RangeError(`a listpack of ${pos} bytes does not fit its 32-bit size`);
  encodeLe(pos, out, 0, 4);
  encodeLe(Math.min(entries.length, COUNT_UNKNOWN), out, 4, 2);
  borrowed.end = pos;
  return borrowed;
}

/**
 * Deep validation: the shallow rule, every entry in bounds with the right backlen (either form at the boundaries),
 * nothing after the terminator, and the count of the header right unless unknown.
 * Returns the number of entries. Throws BAD_LISTPACK.
 */
export function checkListpack(bytes: Uint8Array, start: number, end: number): number {
  const count = checkListpackHeader(bytes, start, end);
  let found = 0;
  let pos = start + LISTPACK_HEADER_SIZE;
  // The two commonest forms stay in the loop: a call per entry costs as much as the entry.
  for (let lead = bytes[pos]!; lead !== LISTPACK_END; lead = bytes[pos]!, found++) {
    if (lead < INT13) {
      const size = lead < 0x80 ? 1 : 1 + (lead & 0x3f);
      if (pos + size + 1 >= end) throw overrun(pos);
      if (bytes[pos + size] !== size) throw bad(`the backlen of an entry of ${size} bytes differs`, pos + size);
      pos += size + 1;
    } else {
      pos = checkWideEntry(bytes, pos, end);
    }
  }
  if (pos !== end - 1) throw bad('bytes follow its terminator', pos);
  if (count !== COUNT_UNKNOWN && count !== found) throw bad(`its header says ${count} entries, it has ${found}`, start);
  return found;
}

/**
 * Reads canonical decimal text (`-?[1-9][0-9]*` or `0`) that fits a signed 64-bit integer: the texts that packed
 * structures store as integers. False, with `out` undefined, for every other string.
 */
export function parseDecimal64(bytes: Uint8Array, start: number, end: number, out: Int64): boolean {
  const negative = bytes[start] === 0x2d;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > 19) return false;
  if (bytes[first] === 0x30) {
    out.set(0, 0);
    return digits === 1 && !negative;
  }
  // Up to 15 digits are exact in a double; longer ones are taken as upper * 10^9 + lower.
  const split = digits > 15 ? end - 9 : end;
  const upper = digitsValue(bytes, first, split);
  const lower = digitsValue(bytes, split, end);
  if (upper < 0 || lower < 0) return false;
  if (split === end) out.set(Math.floor(upper / 0x100000000), upper);
  else setScaled(upper, lower, out);
  if (out.hi < 0) return negative && out.hi === -0x80000000 && out.lo === 0;
  if (negative) out.set(out.lo === 0 ? -out.hi : ~out.hi, -out.lo);
  return true;
}

/** The value of ASCII digits, at most 15; -1 when another byte is among them. */
function digitsValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let pos = start; pos < end; pos++) {
    const digit = bytes[pos]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** upper * 10^9 + lower below 10^19, in steps of 16 bits so that every product is exact; sign bit set means beyond int64. */
function setScaled(upper: number, lower: number, out: Int64): void {
  const high = Math.floor(upper / 0x10000) * 1e9;
  const low = (upper % 0x10000) * 1e9 + lower + (high % 0x10000) * 0x10000;
  out.set(Math.floor(high / 0x10000) + Math.floor(low / 0x100000000), low);
}

function decodeWideEntry(bytes: Uint8Array, pos: number, end: number, slice: Slice): number {
  const lead = bytes[pos]!;
  const size = entrySize(bytes, pos, end);
  const next = afterBacklen(bytes, pos, size, end);
  if (lead >= STR12 && lead <= STR32) {
    slice.set(bytes, pos + (lead === STR32 ? 5 : 2), pos + size);
  } else {
    slice.end = formatInteger(bytes, pos, lead, slice.expand(MAX_INT64_TEXT));
    slice.form = SLICE_INT;
  }
  slice.origin = pos;
  return next;
}

function formatInteger(bytes: Uint8Array, pos: number, lead: number, out: Uint8Array): number {
  if (lead === INT64) return formatInt64(readInt32Le(bytes, pos + 5), readInt32Le(bytes, pos + 1), out, 0);
  const value = narrowInteger(bytes, pos, lead);
  return formatInt64(value >> 31, value, out, 0);
}

/** The value of an integer entry of 13 to 32 bits. */
function narrowInteger(bytes: Uint8Array, pos: number, lead: number): number {
  switch (lead) {
    case INT16:
      return ((bytes[pos + 2]! << 24) >> 16) | bytes[pos + 1]!;
    case INT24:
      return ((bytes[pos + 3]! << 24) >> 8) | (bytes[pos + 2]! << 8) | bytes[pos + 1]!;
    case INT32:
      return readInt32Le(bytes, pos + 1);
    default:
      return (((lead & 0x1f) << 27) >> 19) | bytes[pos + 1]!;
  }
}

/** Bytes of encoding and data of the entry at `pos`; not yet held against `end`, except what was read to know it. */
function entrySize(bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) throw overrun(pos);
  const lead = bytes[pos]!;
  if (lead < 0x80) return 1;
  if (lead < INT13) return 1 + (lead & 0x3f);
  if (lead < STR12) return 2;
  if (lead < STR32) {
    if (pos + 1 >= end) throw overrun(pos);
    return 2 + (((lead & 0x0f) << 8) | bytes[pos + 1]!);
  }
  if (lead === STR32) {
    if (pos + 5 >= end) throw overrun(pos);
    return 5 + readUint32Le(bytes, pos + 1);
  }
  if (lead > INT64) throw bad(`0x${lead.toString(16)} starts no entry`, pos);
  return lead === INT64 ? 9 : lead - INT16 + 3;
}

/** Position after the backlen that belongs to `size` bytes at `pos`, which must leave the terminator alone. */
function afterBacklen(bytes: Uint8Array, pos: number, size: number, end: number): number {
  const at = pos + size;
  if (at >= end) throw overrun(pos);
  // A leading zero group tells the padded form, which only the boundary sizes have.
  const next = at + backlenSize(size, bytes[at] === 0);
  if (next >= end) throw overrun(pos);
  return next;
}

function backlenSize(size: number, padded: boolean): number {
  if (size < BACKLEN_2) return 1;
  const atLeast = padded ? size : size - 1;
  if (atLeast < BACKLEN_3) return 2;
  return atLeast < BACKLEN_4 ? 3 : atLeast < BACKLEN_5 ? 4 : 5;
}

function checkWideEntry(bytes: Uint8Array, pos: number, end: number): number {
  const size = entrySize(bytes, pos, end);
  const next = afterBacklen(bytes, pos, size, end);
  const start = pos + size;
  let rest = size;
  for (let at = next - 1; at >= start; at--) {
    const group = (rest % 128) | (at > start ? 0x80 : 0);
    if (bytes[at] !== group) throw bad(`the backlen of an entry of ${size} bytes differs`, start);
    rest = Math.floor(rest / 128);
  }
  return next;
}

/** The most bytes that an entry of `size` bytes takes; an integer never takes more than its text would. */
function entryBound(size: number): number {
  return size < 64 ? size + 2 : size < 4096 ? size + 4 : size + 10;
}

function encodeInteger({ hi, lo }: Int64, out: Uint8Array, pos: number): number {
  if (hi !== lo >> 31) {
    out[pos] = INT64;
    return encodeLe(hi, out, encodeLe(lo, out, pos + 1, 4), 4);
  }
  if (lo >= 0 && lo < 0x80) {
    out[pos] = lo;
    return pos + 1;
  }
  if (lo >= -0x1000 && lo < 0x1000) {
    out[pos] = INT13 | ((lo >> 8) & 0x1f);
    out[pos + 1] = lo;
    return pos + 2;
  }
  const width = lo >= -0x8000 && lo < 0x8000 ? 2 : lo >= -0x800000 && lo < 0x800000 ? 3 : 4;
  out[pos] = INT16 + width - 2;
  return encodeLe(lo, out, pos + 1, width);
}

function encodeBytes(entry: Uint8Array, out: Uint8Array, pos: number): number {
  const size = entry.length;
  let at = pos + 1;
  if (size < 64) {
    out[pos] = 0x80 | size;
  } else if (size < 4096) {
    out[pos] = STR12 | (size >> 8);
    out[at++] = size;
  } else {
    out[pos] = STR32;
    at = encodeLe(size, out, at, 4);
  }
  if (size < SHORT) for (let from = 0; from < size; from++) out[at + from] = entry[from]!;
  else out.set(entry, at);
  return at + size;
}

function encodeLe(value: number, out: Uint8Array, pos: number, width: number): number {
  for (let index = 0; index < width; index++) out[pos + index] = value >>> (8 * index);
  return pos + width;
}

function encodeBacklen(size: number, padded: boolean, out: Uint8Array, pos: number): number {
  const next = pos + backlenSize(size, padded);
  let rest = size;
  for (let at = next - 1; at >= pos; at--) {
    out[at] = (rest % 128) | (at > pos ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
  return next;
}

function overrun(pos: number): FormatError {
  return bad('an entry reaches beyond its end', pos);
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_LISTPACK', `listpack: ${what}`, pos);
}

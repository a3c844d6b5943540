/**
 * Ziplist: the packed list inside lists, hashes and sorted sets of RDB 2 to 9.
 *
 *     zlbytes u32 LE | zltail u32 LE | zllen u16 LE | entry … | FF
 *     entry = prevlen | encoding | data
 *
 * Prevlen is the size of the entry before (0 for the first): one byte below 254, else FE and u32 LE. The long form may
 * carry a small value, left behind by an update in place.
 *
 *     00pppppp               string, 0–63 bytes     C0, D0, E0    int16, int32, int64 LE
 *     01pppppp q             string, 14 bits BE     F0, FE        int24 LE, int8 (RDB 6 and later)
 *     10xxxxxx + u32 BE      string                 F1–FD         0–12 with no data (RDB 6 and later)
 *
 * Worked example, the list [2, "hi", 300]:
 *
 *     15000000 10000000 0300   21 bytes, the last entry at 16, 3 entries
 *     00 F3                    nothing before; immediate 3 - 1 = 2
 *     02 02 6869               2 bytes before; string of 2 bytes
 *     04 C0 2C01               4 bytes before; int16 300
 *     FF                       terminator
 *
 * Zltail is the offset of the last entry, 10 where there is none; a zllen of 65535 means "unknown, scan"
 * (rdb-format.md §8.1).
 */
import { FormatError } from '../bytes/errors.js';
import { formatInt64, Int64, MAX_INT64_TEXT, readInt32Be, readInt32Le, readUint32Le } from '../bytes/int64.js';
import { SLICE_INT, type Slice } from '../bytes/slice.js';
import { parseDecimal64 } from './listpack.js';

export const ZIPLIST_HEADER_SIZE = 10;
/** The byte after the last entry. */
export const ZIPLIST_END = 0xff;

const PREVLEN_LONG = 0xfe;
const STR14 = 0x40;
const STR32 = 0x80;
const INT16 = 0xc0;
const INT32 = 0xd0;
const INT64 = 0xe0;
const INT24 = 0xf0;
const INT8 = 0xfe;
/** Immediates are this byte plus the value, 0 to 12. */
const IMMEDIATE = 0xf1;
const MAX_IMMEDIATE = 12;
/** Header count of a ziplist that has this many entries or more. */
const COUNT_UNKNOWN = 0xffff;

/** `smallIntegers` (the default): with the int24, int8 and immediate forms, which RDB 6 brought. */
export interface ZiplistOptions {
  readonly smallIntegers?: boolean;
}

/**
 * The ziplist fills `[start, end)` by its own account and ends with the terminator.
 * Returns the count of the header, where 65535 means unknown. Throws BAD_ZIPLIST.
 */
export function checkZiplistHeader(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start;
  if (size < ZIPLIST_HEADER_SIZE + 1) throw bad(`${size} bytes are too few`, start);
  const total = readUint32Le(bytes, start);
  if (total !== size) throw bad(`its header says ${total} bytes, it has ${size}`, start);
  if (bytes[end - 1] !== ZIPLIST_END) throw bad('its last byte is not the terminator', end - 1);
  return bytes[start + 8]! | (bytes[start + 9]! << 8);
}

/** The number of entries: from the header, or by a scan where the header does not know. Throws BAD_ZIPLIST. */
export function ziplistLength(bytes: Uint8Array, start: number, end: number): number {
  const count = checkZiplistHeader(bytes, start, end);
  if (count !== COUNT_UNKNOWN) return count;
  let found = 0;
  for (let pos = start + ZIPLIST_HEADER_SIZE; bytes[pos] !== ZIPLIST_END; found++) {
    pos = skipZiplistEntry(bytes, pos, end);
  }
  return found;
}

/**
 * Position after the entry at `pos` of the ziplist that ends at `end`; the caller has seen that `pos` is not at the
 * terminator. The prevlen is passed over, not verified. Throws BAD_ZIPLIST.
 */
export function skipZiplistEntry(bytes: Uint8Array, pos: number, end: number): number {
  const at = afterPrevlen(bytes, pos, end);
  const next = at + entrySize(bytes, at, end);
  if (next >= end) throw overrun(pos);
  return next;
}

/**
 * The entry at `pos` as bytes: a view of a string, the decimal text of an integer in the slice's scratch memory.
 * Returns the position after it. Throws BAD_ZIPLIST.
 */
export function decodeZiplistEntry(bytes: Uint8Array, pos: number, end: number, slice: Slice): number {
  const at = afterPrevlen(bytes, pos, end);
  const lead = bytes[at]!;
  const next = at + entrySize(bytes, at, end);
  if (next >= end) throw overrun(pos);
  if (lead < INT16) {
    slice.set(bytes, at + (lead < STR14 ? 1 : lead < STR32 ? 2 : 5), next);
  } else {
    slice.end = formatInteger(bytes, at, lead, slice.expand(MAX_INT64_TEXT));
    slice.form = SLICE_INT;
  }
  slice.origin = pos;
  return next;
}

/**
 * A ziplist of these entries. A canonical decimal int64 is stored as an integer of the smallest form, as servers do.
 * Throws RangeError where the whole would not fit its 32-bit size.
 */
export function encodeZiplist(entries: readonly Uint8Array[], options: ZiplistOptions = {}): Uint8Array {
  let bound = ZIPLIST_HEADER_SIZE + 1;
  for (const entry of entries) bound += entryBound(entry.length);
  const out = new Uint8Array(bound);
  const small = options.smallIntegers ?? true;
  const scratch = new Int64();
  let pos = ZIPLIST_HEADER_SIZE;
  let last = pos;
  let previousSize = 0;
  for (const entry of entries) {
    last = pos;
    pos = encodePrevlen(previousSize, out, pos);
    pos = parseDecimal64(entry, 0, entry.length, scratch)
      ? encodeInteger(scratch, small, out, pos)
      : encodeBytes(entry, out, pos);
    previousSize = pos - last;
  }
  out[pos++] = ZIPLIST_END;
  if (pos > 0xffffffff) throw new RangeError(`a ziplist of ${pos} bytes does not fit its 32-bit size`);
  const view = new DataView(out.buffer);
  view.setUint32(0, pos, true);
  view.setUint32(4, last, true);
  view.setUint16(8, Math.min(entries.length, COUNT_UNKNOWN), true);
  return pos === bound ? out : out.slice(0, pos);
}

/**
 * Full validation, which every loader since 7.0 makes: size, terminator, every entry in bounds, every prevlen equal to
 * the size of the entry before (in either form), the count right unless unknown, the tail at the last entry.
 * Returns the number of entries. Throws BAD_ZIPLIST.
 */
export function checkZiplist(bytes: Uint8Array, start: number, end: number): number {
  const count = checkZiplistHeader(bytes, start, end);
  let found = 0;
  let pos = start + ZIPLIST_HEADER_SIZE;
  let last = pos;
  for (let previousSize = 0; bytes[pos] !== ZIPLIST_END; found++) {
    const next = skipZiplistEntry(bytes, pos, end);
    const prevlen = bytes[pos] === PREVLEN_LONG ? readUint32Le(bytes, pos + 1) : bytes[pos]!;
    if (prevlen !== previousSize) throw bad(`prevlen is ${prevlen}, the entry before has ${previousSize} bytes`, pos);
    previousSize = next - pos;
    last = pos;
    pos = next;
  }
  if (pos !== end - 1) throw bad('bytes follow its terminator', pos);
  if (count !== COUNT_UNKNOWN && count !== found) throw bad(`its header says ${count} entries, it has ${found}`, start);
  const tail = readUint32Le(bytes, start + 4);
  if (tail !== last - start) throw bad(`its tail is ${tail}, the last entry lies at ${last - start}`, start + 4);
  return found;
}

/** Position of the encoding byte, which is there. */
function afterPrevlen(bytes: Uint8Array, pos: number, end: number): number {
  const lead = bytes[pos]!;
  if (lead === ZIPLIST_END) throw bad('the terminator stands where an entry must', pos);
  const next = lead < PREVLEN_LONG ? pos + 1 : pos + 5;
  if (next >= end) throw overrun(pos);
  return next;
}

/** Bytes of encoding and data at `pos`; not yet held against `end`, except what was read to know it. */
function entrySize(bytes: Uint8Array, pos: number, end: number): number {
  const lead = bytes[pos]!;
  if (lead < STR14) return 1 + lead;
  if (lead >= INT16) return integerSize(lead, pos);
  if (lead < STR32) {
    if (pos + 1 >= end) throw overrun(pos);
    return 2 + (((lead & 0x3f) << 8) | bytes[pos + 1]!);
  }
  if (pos + 5 > end) throw overrun(pos);
  return 5 + (readInt32Be(bytes, pos + 1) >>> 0);
}

function integerSize(lead: number, pos: number): number {
  if (lead >= IMMEDIATE && lead <= IMMEDIATE + MAX_IMMEDIATE) return 1;
  switch (lead) {
    case INT8:
      return 2;
    case INT16:
      return 3;
    case INT24:
      return 4;
    case INT32:
      return 5;
    case INT64:
      return 9;
    default:
      throw bad(`0x${lead.toString(16)} is no encoding`, pos);
  }
}

function formatInteger(bytes: Uint8Array, at: number, lead: number, out: Uint8Array): number {
  if (lead === INT64) return formatInt64(readInt32Le(bytes, at + 5), readInt32Le(bytes, at + 1), out, 0);
  const value = narrowInteger(bytes, at, lead);
  return formatInt64(value >> 31, value, out, 0);
}

/** The value of an integer entry of at most 32 bits, whose encoding byte is at `at`. */
function narrowInteger(bytes: Uint8Array, at: number, lead: number): number {
  switch (lead) {
    case INT8:
      return (bytes[at + 1]! << 24) >> 24;
    case INT16:
      return ((bytes[at + 2]! << 24) >> 16) | bytes[at + 1]!;
    case INT24:
      return ((bytes[at + 3]! << 24) >> 8) | (bytes[at + 2]! << 8) | bytes[at + 1]!;
    case INT32:
      return readInt32Le(bytes, at + 1);
    default:
      return lead - IMMEDIATE;
  }
}

/** The most bytes that an entry of `size` bytes takes; an integer never takes more than its text would, plus two. */
function entryBound(size: number): number {
  return size < 64 ? size + 8 : size + 10;
}

function encodePrevlen(size: number, out: Uint8Array, pos: number): number {
  if (size < PREVLEN_LONG) {
    out[pos] = size;
    return pos + 1;
  }
  out[pos] = PREVLEN_LONG;
  return encodeLe(size, out, pos + 1, 4);
}

function encodeInteger({ hi, lo }: Int64, small: boolean, out: Uint8Array, pos: number): number {
  if (hi !== lo >> 31) {
    out[pos] = INT64;
    return encodeLe(hi, out, encodeLe(lo, out, pos + 1, 4), 4);
  }
  if (small && lo >= 0 && lo <= MAX_IMMEDIATE) {
    out[pos] = IMMEDIATE + lo;
    return pos + 1;
  }
  if (small && lo >= -0x80 && lo < 0x80) {
    out[pos] = INT8;
    return encodeLe(lo, out, pos + 1, 1);
  }
  if (lo >= -0x8000 && lo < 0x8000) {
    out[pos] = INT16;
    return encodeLe(lo, out, pos + 1, 2);
  }
  const width = small && lo >= -0x800000 && lo < 0x800000 ? 3 : 4;
  out[pos] = width === 3 ? INT24 : INT32;
  return encodeLe(lo, out, pos + 1, width);
}

function encodeBytes(entry: Uint8Array, out: Uint8Array, pos: number): number {
  const size = entry.length;
  let at = pos + 1;
  if (size < 0x40) {
    out[pos] = size;
  } else if (size < 0x4000) {
    out[pos] = STR14 | (size >> 8);
    out[at++] = size;
  } else {
    out[pos] = STR32;
    new DataView(out.buffer).setUint32(at, size);
    at += 4;
  }
  out.set(entry, at);
  return at + size;
}

function encodeLe(value: number, out: Uint8Array, pos: number, width: number): number {
  for (let index = 0; index < width; index++) out[pos + index] = value >>> (8 * index);
  return pos + width;
}

function overrun(pos: number): FormatError {
  return bad('an entry reaches beyond its end', pos);
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_ZIPLIST', `ziplist: ${what}`, pos);
}

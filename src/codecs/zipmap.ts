/**
 * Zipmap: the packed hash of RDB 2 and 3 (Redis 2.4). Everything in it is a string.
 *
 *     zmlen u8 | { len field len value-free value pad }… | FF
 *
 * Per pair: `len`, the field, `len`, one byte `free`, the value, and `free` unused bytes. A `len` is one byte up to 253,
 * or FE and u32 LE. A zmlen of 254 or more means "unknown, scan".
 *
 * Worked example, the hash {foo: "bar", hello: "world"}:
 *
 *     02                       2 pairs
 *     03 666F6F                `foo`
 *     03 00 626172             `bar`, nothing unused behind it
 *     05 68656C6C6F            `hello`
 *     05 01 776F726C64 00      `world`, and one unused byte
 *     FF                       terminator
 *
 * Writers leave `free` at 0 (rdb-format.md §8.2).
 */
import { FormatError } from '../bytes/errors.js';
import { readUint32Le } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';

export const ZIPMAP_HEADER_SIZE = 1;
/** The byte after the last pair. */
export const ZIPMAP_END = 0xff;

const LENGTH_LONG = 0xfe;
const COUNT_UNKNOWN = 0xfe;

/** Returns the pair count of the header, where 254 and more mean unknown. Throws BAD_ZIPMAP. */
export function checkZipmapHeader(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < ZIPMAP_HEADER_SIZE + 1) throw bad(`${end - start} bytes are too few`, start);
  if (bytes[end - 1] !== ZIPMAP_END) throw bad('its last byte is not the terminator', end - 1);
  return bytes[start]!;
}

/** The number of pairs: from the header, or by a scan where the header does not know. Throws BAD_ZIPMAP. */
export function zipmapLength(bytes: Uint8Array, start: number, end: number): number {
  const count = checkZipmapHeader(bytes, start, end);
  if (count < COUNT_UNKNOWN) return count;
  let found = 0;
  for (let pos = start + ZIPMAP_HEADER_SIZE; bytes[pos] !== ZIPMAP_END; found++) pos = skipPair(bytes, pos, end);
  return found;
}

/**
 * Points the slices at the field and the value of the pair at `pos`; the caller has seen that it is not the terminator.
 * Returns the position after the pair and its unused bytes. Throws BAD_ZIPMAP.
 */
export function decodeZipmapPair(bytes: Uint8Array, pos: number, end: number, field: Slice, value: Slice): number {
  const fieldStart = pos + lengthSize(bytes, pos, end);
  const fieldEnd = fieldStart + decodeLength(bytes, pos);
  if (fieldEnd >= end) throw overrun(pos);
  // One byte more than the length: `free` stands between it and the value.
  const valueStart = fieldEnd + lengthSize(bytes, fieldEnd, end) + 1;
  if (valueStart >= end) throw overrun(pos);
  const valueEnd = valueStart + decodeLength(bytes, fieldEnd);
  const next = valueEnd + bytes[valueStart - 1]!;
  if (next >= end) throw overrun(pos);
  field.set(bytes, fieldStart, fieldEnd);
  field.origin = pos;
  value.set(bytes, valueStart, valueEnd);
  value.origin = fieldEnd;
  return next;
}

/** A zipmap of these field-value pairs, with no unused bytes. Throws RangeError for none, which loaders refuse. */
export function encodeZipmap(pairs: readonly (readonly [Uint8Array, Uint8Array])[]): Uint8Array {
  if (pairs.length === 0) throw new RangeError('a zipmap has at least one pair');
  let size = ZIPMAP_HEADER_SIZE + 1;
  for (const [field, value] of pairs) size += stringSize(field) + stringSize(value) + 1;
  const out = new Uint8Array(size);
  out[0] = Math.min(pairs.length, COUNT_UNKNOWN);
  let pos = ZIPMAP_HEADER_SIZE;
  for (const [field, value] of pairs) {
    pos = encodeLength(field.length, out, pos);
    out.set(field, pos);
    // The `free` byte stays 0.
    pos = encodeLength(value.length, out, pos + field.length) + 1;
    out.set(value, pos);
    pos += value.length;
  }
  out[pos] = ZIPMAP_END;
  return out;
}

/**
 * Full validation, which every loader since 7.0 makes: terminator, every pair in bounds, lengths in their short form
 * where they fit it, at least one pair, the count right unless unknown. That no field occurs twice is left to the reader
 * of the hash, as for every other packed hash. Returns the number of pairs. Throws BAD_ZIPMAP.
 */
export function checkZipmap(bytes: Uint8Array, start: number, end: number): number {
  const count = checkZipmapHeader(bytes, start, end);
  let found = 0;
  let pos = start + ZIPMAP_HEADER_SIZE;
  for (; bytes[pos] !== ZIPMAP_END; found++) {
    const next = skipPair(bytes, pos, end);
    checkShortest(bytes, pos);
    checkShortest(bytes, pos + lengthSize(bytes, pos, end) + decodeLength(bytes, pos));
    pos = next;
  }
  if (pos !== end - 1) throw bad('bytes follow its terminator', pos);
  if (found === 0) throw bad('it is empty', start);
  if (count < COUNT_UNKNOWN && count !== found) throw bad(`its header says ${count} pairs, it has ${found}`, start);
  return found;
}

function skipPair(bytes: Uint8Array, pos: number, end: number): number {
  const fieldEnd = pos + lengthSize(bytes, pos, end) + decodeLength(bytes, pos);
  if (fieldEnd >= end) throw overrun(pos);
  const valueStart = fieldEnd + lengthSize(bytes, fieldEnd, end) + 1;
  if (valueStart >= end) throw overrun(pos);
  const next = valueStart + decodeLength(bytes, fieldEnd) + bytes[valueStart - 1]!;
  if (next >= end) throw overrun(pos);
  return next;
}

/** Bytes of the length at `pos`, all of which are there when it returns. */
function lengthSize(bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) throw overrun(pos);
  const lead = bytes[pos]!;
  if (lead < LENGTH_LONG) return 1;
  if (lead === ZIPMAP_END) throw bad('the terminator stands where a length must', pos);
  if (pos + 5 > end) throw overrun(pos);
  return 5;
}

function decodeLength(bytes: Uint8Array, pos: number): number {
  return bytes[pos] === LENGTH_LONG ? readUint32Le(bytes, pos + 1) : bytes[pos]!;
}

function checkShortest(bytes: Uint8Array, pos: number): void {
  if (bytes[pos] !== LENGTH_LONG) return;
  const length = readUint32Le(bytes, pos + 1);
  if (length < LENGTH_LONG) throw bad(`a length of ${length} in the long form`, pos);
}

function stringSize(value: Uint8Array): number {
  return (value.length < LENGTH_LONG ? 1 : 5) + value.length;
}

function encodeLength(length: number, out: Uint8Array, pos: number): number {
  if (length < LENGTH_LONG) {
    out[pos] = length;
    return pos + 1;
  }
  out[pos] = LENGTH_LONG;
  new DataView(out.buffer).setUint32(pos + 1, length, true);
  return pos + 5;
}

function overrun(pos: number): FormatError {
  return bad('a pair reaches beyond its end', pos);
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_ZIPMAP', `zipmap: ${what}`, pos);
}

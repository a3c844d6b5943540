/**
 * Intset: the packed set whose members are all integers (RDB 2 and later).
 *
 *     width u32 LE (2, 4 or 8) | count u32 LE | count times a signed integer of that width, LE, ascending
 *
 * Worked example, the set {-3, 1, 70000}:
 *
 *     04000000 03000000        4 bytes per member, 3 members
 *     FDFFFFFF                 -3
 *     01000000                 1
 *     70110100                 70000
 *
 * The width is that of the largest member there ever was; it may be wider than the members need (rdb-format.md §8.3).
 */
import { FormatError } from '../bytes/errors.js';
import { formatInt64, MAX_INT64_TEXT, readInt32Le, readUint32Le } from '../bytes/int64.js';
import { SLICE_INT, type Slice } from '../bytes/slice.js';

export const INTSET_HEADER_SIZE = 8;

const WIDTHS = [2, 4, 8] as const;

/**
 * What loaders always check: a legal width, a size that is right for width and count, at least one member.
 * Returns the count. Throws BAD_INTSET.
 */
export function checkIntset(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start;
  if (size < INTSET_HEADER_SIZE) throw bad(`${size} bytes are too few`, start);
  const width = intsetWidth(bytes, start);
  if (width !== 2 && width !== 4 && width !== 8) throw bad(`${width} is no width`, start);
  const count = readUint32Le(bytes, start + 4);
  if (count === 0) throw bad('it is empty', start + 4);
  const expected = INTSET_HEADER_SIZE + width * count;
  if (size !== expected) throw bad(`${count} members of ${width} bytes need ${expected} bytes, it has ${size}`, start);
  return count;
}

/** Bytes per member, as the header says. */
export function intsetWidth(bytes: Uint8Array, start: number): number {
  return readUint32Le(bytes, start);
}

/**
 * The decimal text of member number `index`, in the slice's scratch memory.
 * {@link checkIntset} has passed, so that it is there; throws nothing.
 */
export function decodeIntsetMember(bytes: Uint8Array, start: number, index: number, width: number, slice: Slice): void {
  const pos = start + INTSET_HEADER_SIZE + index * width;
  const lo = lowHalf(bytes, pos, width);
  const hi = width === 8 ? readInt32Le(bytes, pos + 4) : lo >> 31;
  slice.end = formatInt64(hi, lo, slice.expand(MAX_INT64_TEXT), 0);
  slice.form = SLICE_INT;
  slice.origin = pos;
}

/**
 * An intset of these values, in ascending order and of the smallest width. Throws RangeError for none, for a repeated
 * one and for one beyond 64 bits.
 */
export function encodeIntset(values: readonly bigint[]): Uint8Array {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) throw new RangeError('an intset has at least one member');
  const width = WIDTHS.find((bytes) => fits(first, bytes) && fits(last, bytes));
  if (width === undefined) throw new RangeError(`${fits(first, 8) ? last : first} does not fit 64 bits`);
  const out = new Uint8Array(INTSET_HEADER_SIZE + width * sorted.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, width, true);
  view.setUint32(4, sorted.length, true);
  sorted.forEach((value, index) => {
    if (value === sorted[index - 1]) throw new RangeError(`${value} occurs twice`);
    const pos = INTSET_HEADER_SIZE + index * width;
    if (width === 8) view.setBigInt64(pos, value, true);
    else if (width === 4) view.setInt32(pos, Number(value), true);
    else view.setInt16(pos, Number(value), true);
  });
  return out;
}

/** The deep rule: members strictly ascending, hence none twice. {@link checkIntset} has passed. Throws BAD_INTSET. */
export function checkIntsetOrder(bytes: Uint8Array, start: number, end: number): void {
  const width = intsetWidth(bytes, start);
  for (let pos = start + INTSET_HEADER_SIZE + width; pos < end; pos += width) {
    if (!isBelow(bytes, pos - width, pos, width)) throw bad('its members are not in ascending order', pos);
  }
}

function isBelow(bytes: Uint8Array, left: number, right: number, width: number): boolean {
  if (width !== 8) return lowHalf(bytes, left, width) < lowHalf(bytes, right, width);
  const leftHi = readInt32Le(bytes, left + 4);
  const rightHi = readInt32Le(bytes, right + 4);
  return leftHi < rightHi || (leftHi === rightHi && readUint32Le(bytes, left) < readUint32Le(bytes, right));
}

/** The lower 32 bits of a member, sign extended where it has fewer. */
function lowHalf(bytes: Uint8Array, pos: number, width: number): number {
  return width === 2 ? ((bytes[pos + 1]! << 24) >> 16) | bytes[pos]! : readInt32Le(bytes, pos);
}

function fits(value: bigint, width: number): boolean {
  return BigInt.asIntN(8 * width, value) === value;
}

function bad(what: string, pos: number): FormatError {
  return new FormatError('BAD_INTSET', `intset: ${what}`, pos);
}

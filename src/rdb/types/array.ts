/**
 * Type 28: a sparse array (Redis 8.8).
 *
 *     len count, len flag, [len insertIndex when flag = 1]
 *     count × (len index, len tag, payload)     tag 0 string, 1 int64, 2 double, 3 string of at most 7 bytes
 *
 * An element's value is its text: a double prints as fpconv's text, with `.0` where it shows neither a
 * point nor an exponent (rdb-format.md §7.10).
 */
import { EncodeError } from '../../bytes/errors.js';
import { formatInt64, Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { SLICE_INT } from '../../bytes/slice.js';
import { formatFpconv } from '../../codecs/fpconv.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { parseDecimal64 } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { ArrayElement, ArrayValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

const TAG_STRING = 0;
const TAG_INT = 1;
const TAG_FLOAT = 2;
const TAG_SMALL_STRING = 3;
const MAX_SMALL_STRING = 7;
/** Room for any double's text with a `.0`. */
const MAX_FLOAT_TEXT = 32;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const EXPONENT = 0x65;
/** Integers that servers keep as such: 62 bits. */
const INT_HI_LIMIT = 0x20000000;
/** No element has this index: it stands for "none". */
const NO_INDEX = 2n ** 64n - 1n;

export const ARRAY: TypeCodec = {
  type: 'array',
  encoding: 'array',
  oneString: false,
  skip: skipArray,
  read: readArray,
};

/**
 * Elements as servers keep them: integers of 62 bits as tag 1, decimal fractions that a double gives back as tag 2, up to
 * 7 bytes as tag 3, all else as tag 0.
 * Throws EncodeError for an array without elements, and for an index that cannot be.
 */
export function writeArray(to: ValueOutput, value: ArrayValue): void {
  writeArrayHead(to, value.elements.length, value.insertIndex);
  for (const element of inOrder(value.elements)) writeArrayElement(to, element);
}

/** What stands before the elements; as many as `count` says must follow, in ascending order. */
export function writeArrayHead(to: ValueOutput, count: number, insertIndex: bigint | undefined): void {
  if (count === 0) throw new EncodeError('no array is without elements');
  to.length(count);
  to.length(insertIndex === undefined ? 0 : 1);
  if (insertIndex !== undefined) to.length64(insertIndex);
}

const integer = new Int64();
const double = new Float64Array(1);
const doubleWords = new Uint32Array(double.buffer);
/** The word with the lowest bits of the mantissa, by the machine's byte order. */
const LOW_WORD = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
const floatText = new Uint8Array(MAX_FLOAT_TEXT);

export function writeArrayElement(to: ValueOutput, { index, value }: ArrayElement): void {
  if (index < 0n || index >= NO_INDEX) throw new EncodeError(`${index} is no index of an array`);
  to.length64(index);
  if (isCompactInteger(value)) {
    to.length(TAG_INT);
    to.out.int64Le(integer);
    return;
  }
  if (isCompactFloat(value)) {
    to.length(TAG_FLOAT);
    to.out.doubleLe(double[0]!);
    return;
  }
  to.length(value.length <= MAX_SMALL_STRING ? TAG_SMALL_STRING : TAG_STRING);
  to.string(value);
}

function skipArray(bytes: Uint8Array, pos: number, end: number): number {
  const flagPos = skipLength(bytes, pos, end);
  if (flagPos > end) return flagPos;
  let next = skipLength(bytes, flagPos, end);
  if (next > end) return next;
  if (decodeLength(bytes, flagPos) === 1) next = skipLength(bytes, next, end);
  for (let left = decodeLength(bytes, pos); left > 0 && next <= end; left--) {
    const tagPos = skipLength(bytes, next, end);
    if (tagPos > end) return tagPos;
    next = skipLength(bytes, tagPos, end);
    if (next > end) return next;
    const tag = decodeLength(bytes, tagPos);
    next = tag === TAG_INT || tag === TAG_FLOAT ? next + 8 : skipString(bytes, next, end);
  }
  return next;
}

function* readArray(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  if (left === 0) cursor.fail('BAD_ARRAY', 'an array without elements');
  let flag = cursor.length();
  for (; flag < 0; flag = cursor.length()) yield;
  if (flag > 1) cursor.fail('BAD_ARRAY', `${flag} is no insert-cursor flag`);
  if (flag === 1) while (!cursor.length64(cursor.x)) yield;
  if (cursor.decoding) sink.arrayStart(flag === 1 ? cursor.x : undefined);

  let tag = 0;
  const readElement = (): boolean => {
    if (!cursor.length64(cursor.x)) return false;
    tag = cursor.length();
    if (tag < 0) return false;
    if (tag === TAG_INT) return cursor.int64(cursor.y);
    return tag === TAG_FLOAT ? cursor.double() : cursor.string(cursor.a);
  };
  for (; left > 0; left--) {
    while (!cursor.attempt(readElement)) yield;
    if (tag > TAG_SMALL_STRING) cursor.fail('BAD_ARRAY', `${tag} is no element tag`);
    if (cursor.x.isAllOnes()) cursor.fail('BAD_ARRAY', 'an element index that cannot be');
    if (!cursor.decoding) continue;
    setElementText(cursor, tag);
    sink.arrayElement(cursor.x, cursor.a);
  }
}

function setElementText(cursor: ValueCursor, tag: number): void {
  const text = cursor.a;
  if (tag === TAG_INT) {
    text.end = formatInt64(cursor.y.hi, cursor.y.lo, text.expand(20), 0);
    text.form = SLICE_INT;
  } else if (tag === TAG_FLOAT) {
    setFloatText(text, cursor.number);
  } else if (tag === TAG_SMALL_STRING && text.length > MAX_SMALL_STRING) {
    cursor.fail('BAD_ARRAY', `a small string of ${text.length} bytes`);
  } else if (tag !== TAG_STRING && tag !== TAG_SMALL_STRING) {
    cursor.fail('BAD_ARRAY', `${tag} is no element tag`);
  }
}

function setFloatText(text: Slice, value: number): void {
  text.end = formatFloat(value, text.expand(MAX_FLOAT_TEXT));
}

function formatFloat(value: number, out: Uint8Array): number {
  const end = formatFpconv(value, out, 0);
  for (let at = 0; at < end; at++) if (out[at] === POINT || out[at] === EXPONENT) return end;
  out[end] = POINT;
  out[end + 1] = DIGIT_0;
  return end + 2;
}

/** Leaves the value in `integer`. */
function isCompactInteger(value: Uint8Array): boolean {
  if (!parseDecimal64(value, 0, value.length, integer)) return false;
  return integer.hi >= -INT_HI_LIMIT && integer.hi < INT_HI_LIMIT;
}

/**
 * Digits, a point, digits, such that the nearest double without its two lowest bits, where servers keep a tag, has this
 * text. Leaves it in `double`.
 */
function isCompactFloat(value: Uint8Array): boolean {
  if (value.length > MAX_FLOAT_TEXT || !isDecimalFraction(value)) return false;
  double[0] = Number(String.fromCharCode(...value));
  doubleWords[LOW_WORD]! &= ~3;
  const size = formatFloat(double[0], floatText);
  return size === value.length && value.every((byte, at) => byte === floatText[at]);
}

function isDecimalFraction(value: Uint8Array): boolean {
  const start = value[0] === MINUS ? 1 : 0;
  const point = value.indexOf(POINT);
  if (point <= start || point === value.length - 1) return false;
  for (let at = start; at < value.length; at++) {
    if (at !== point && (value[at]! < DIGIT_0 || value[at]! > DIGIT_9)) return false;
  }
  return true;
}

function inOrder(elements: readonly ArrayElement[]): readonly ArrayElement[] {
  const ascending = elements.every((element, at) => at === 0 || elements[at - 1]!.index < element.index);
  if (ascending) return elements;
  const sorted = [...elements].sort((a, b) => (a.index < b.index ? -1 : a.index > b.index ? 1 : 0));
  if (sorted.some((element, at) => at > 0 && sorted[at - 1]!.index === element.index))
    throw new EncodeError('two elements of an array have the same index');
  return sorted;
}

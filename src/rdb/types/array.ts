/**
 * Type 28: a sparse array (Redis 8.8).
 *
 *     len count, len flag, [len insertIndex when flag = 1]
 *     count × (len index, len tag, payload)     tag 0 string, 1 int64, 2 double, 3 string of at most 7 bytes
 *
 * An element's value is its text: a double prints as the shortest round-trip text, with `.0` where it shows neither
 * a point nor an exponent (rdb-format.md §7.10).
 */
import { formatInt64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { SLICE_INT } from '../../bytes/slice.js';
import { formatNumber } from '../../codecs/double.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

const TAG_STRING = 0;
const TAG_INT = 1;
const TAG_FLOAT = 2;
const TAG_SMALL_STRING = 3;
const MAX_SMALL_STRING = 7;
/** Room for any double's text with a `.0`. */
const MAX_FLOAT_TEXT = 32;

export const ARRAY: TypeCodec = {
  type: 'array',
  encoding: 'array',
  oneString: false,
  skip: skipArray,
  read: readArray,
};

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
  const out = text.expand(MAX_FLOAT_TEXT);
  let end = formatNumber(value, out, 0);
  if (!out.subarray(0, end).some((byte) => byte === 0x2e || byte === 0x65)) {
    out[end] = 0x2e;
    out[end + 1] = 0x30;
    end += 2;
  }
  text.end = end;
}

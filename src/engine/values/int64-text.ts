/** Byte strings that are integers: what sets and packed structures keep as numbers. */
import type { ByteString } from '../../bytes/byte-string.js';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
/** Digits of the largest 64-bit numbers. */
const MOST_DIGITS = 19;
const MAX_INT64 = '9223372036854775807';
const MIN_INT64 = '9223372036854775808';

/** Whether the text is a signed 64-bit integer in its one form: no plus, no leading zeros, no blanks (string2ll). */
export function isInt64Text(text: ByteString): boolean {
  const size = text.length;
  if (size === 0) return false;
  const first = text.charCodeAt(0);
  const start = first === MINUS ? 1 : 0;
  const digits = size - start;
  if (digits < 1 || digits > MOST_DIGITS) return false;
  if (text.charCodeAt(start) === ZERO) return size === 1;
  for (let at = start; at < size; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return false;
  }
  return digits < MOST_DIGITS || (start === 0 ? text <= MAX_INT64 : text.slice(1) <= MIN_INT64);
}

/** Orders two such texts as the numbers that they are. */
export function compareInt64Texts(a: ByteString, b: ByteString): number {
  const isNegative = a.charCodeAt(0) === MINUS;
  if (isNegative !== (b.charCodeAt(0) === MINUS)) return isNegative ? -1 : 1;
  const order = a.length !== b.length ? a.length - b.length : a < b ? -1 : a > b ? 1 : 0;
  return isNegative ? -order : order;
}

/** Bytes that an element takes in a listpack; `shortBacklen` as the target says (rdb-format.md §8.4). */
export function listpackEntryBytes(text: ByteString, shortBacklen: boolean): number {
  const size = text.length;
  let bytes = 0;
  if (size > 0 && size <= MOST_DIGITS + 1 && isInt64Text(text)) bytes = integerBytes(Number(text));
  else bytes = size < 64 ? size + 1 : size < 4096 ? size + 2 : size + 5;
  if (bytes <= 127) return bytes + 1;
  if (bytes < (shortBacklen ? 16384 : 16383)) return bytes + 2;
  return bytes < 2097151 ? bytes + 3 : bytes < 268435455 ? bytes + 4 : bytes + 5;
}

function integerBytes(value: number): number {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= -2147483648 && value <= 2147483647 ? 5 : 9;
}

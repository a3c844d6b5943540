/** Doubles in arguments, as strictly as the server reads them. Long doubles are in long-double.ts. */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { parseScore } from '../codecs/double.js';
import type { Target } from '../rdb/versions.js';
import { CommandError, notAFloat } from './reply.js';

/** Digits that are an exact integer whatever they are. */
const EXACT_DIGITS = 15;
const MINUS = 0x2d;
const ZERO = 0x30;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITY = /^[+-]?inf(?:inity)?$/i;
const HEXADECIMAL = /^[+-]?0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?$/i;
/** Has a digit in front of its exponent that is not 0. */
const IS_NOT_ZERO = /^[+-]?(?:0x[.0]*[1-9a-f]|[.0]*[1-9])/i;

/**
 * A score, a weight, a coordinate: all of the text as C's strtod reads it, with no blank before it, and neither NaN nor
 * beyond what a double can hold. Valkey 9 has no hexadecimal any more. Throws "value is not a valid float", or `message`.
 */
export function doubleArgument(text: ByteString | undefined, target: Target, message?: string): number {
  const value = text === undefined ? Number.NaN : parseDouble(text, target);
  if (Number.isNaN(value)) throw message === undefined ? notAFloat() : new CommandError(message);
  return value;
}

/** As {@link doubleArgument}; NaN for what is no double. */
export function parseDouble(text: ByteString, target: Target): number {
  const value = parseAnyDouble(text, target.dialect !== 'valkey');
  return isOutOfRange(text, value) ? Number.NaN : value;
}

/** All of the text, beyond the range of a double infinite or 0; NaN for what is no number. */
export function parseAnyDouble(text: ByteString, hasHexadecimal: boolean): number {
  const integer = parseShortInteger(text);
  if (!Number.isNaN(integer)) return integer;
  if (DECIMAL.test(text)) return Number(text);
  if (INFINITY.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (!hasHexadecimal || !HEXADECIMAL.test(text)) return Number.NaN;
  return parseScore(fromByteString(text), 0, text.length);
}

/** Where C sets ERANGE, what it does to denormal numbers aside: too large, and too small to be anything but 0. */
export function isOutOfRange(text: ByteString, value: number): boolean {
  if (value === 0) return IS_NOT_ZERO.test(text);
  return (value === Infinity || value === -Infinity) && !INFINITY.test(text);
}

/** What a C string holds: it ends at the first NUL. Blanks in front are those that strtod passes over. */
export function cString(text: ByteString, keepsBlanks: boolean): ByteString {
  const zero = text.indexOf('\0');
  const whole = zero < 0 ? text : text.slice(0, zero);
  return keepsBlanks ? whole : whole.replace(/^[ \t-\r]+/, '');
}

/** Of nearly all doubles there are; NaN for all others. */
function parseShortInteger(text: ByteString): number {
  const size = text.length;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  if (size === start || size - start > EXACT_DIGITS) return Number.NaN;
  let value = 0;
  for (let at = start; at < size; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return start === 1 ? -value : value;
}

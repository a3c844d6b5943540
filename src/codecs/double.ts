/**
 * Numbers with a fraction: binary doubles and floats, the text doubles of old sorted sets, and the text of scores.
 *
 *     binary        IEEE 754, little endian, 8 or 4 bytes
 *     text (type 3) one byte n; FD = NaN, FE = +inf, FF = −inf, otherwise n bytes of text, read like C's strtod
 *
 * Worked example: `03 31 2E 35` is the three bytes `1.5`; `FE` alone is +inf (rdb-format.md §5).
 *
 * Scores in packed sorted sets are text too, read by the same rules: white space, sign, the longest leading number in
 * decimal or hexadecimal notation, `inf` or `nan`; whatever follows is ignored (§7.4).
 */
import { FormatError } from '../bytes/errors.js';
import { formatUint53 } from '../bytes/int64.js';

export const TEXT_NAN = 0xfd;
export const TEXT_INFINITY = 0xfe;
export const TEXT_NEGATIVE_INFINITY = 0xff;

/** The most bytes that {@link formatNumber} writes: `-1.2345678901234567e-300`. */
export const MAX_NUMBER_TEXT = 25;

/** The server copies a packed score to a buffer of 128 bytes, terminator included, and parses that (zzlStrtod). */
const MAX_SCORE_TEXT = 127;

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** The double at `pos`; eight bytes must be there. */
export function decodeDoubleLe(bytes: Uint8Array, pos: number): number {
  for (let index = 0; index < 8; index++) scratchBytes[index] = bytes[pos + index]!;
  return scratch.getFloat64(0, true);
}

/** The 32-bit float at `pos`; four bytes must be there. */
export function decodeFloatLe(bytes: Uint8Array, pos: number): number {
  for (let index = 0; index < 4; index++) scratchBytes[index] = bytes[pos + index]!;
  return scratch.getFloat32(0, true);
}

/** Writes eight bytes at `pos` and returns the position after them. */
export function encodeDoubleLe(value: number, out: Uint8Array, pos: number): number {
  scratch.setFloat64(0, value, true);
  for (let index = 0; index < 8; index++) out[pos + index] = scratchBytes[index]!;
  return pos + 8;
}

/** Position after the text double at `pos`; beyond `end` when the bytes are short. Its text is not looked at. */
export function skipTextDouble(bytes: Uint8Array, pos: number, end: number): number {
  if (pos >= end) return pos + 1;
  const size = bytes[pos]!;
  return size >= TEXT_NAN ? pos + 1 : pos + 1 + size;
}

/**
 * The text double at `pos`, all of whose bytes are there. The marker FD gives NaN, which the caller judges.
 * Throws BAD_SCORE for a text that is no number at all, or `nan`.
 */
export function decodeTextDouble(bytes: Uint8Array, pos: number): number {
  const size = bytes[pos]!;
  if (size === TEXT_NAN) return Number.NaN;
  if (size === TEXT_INFINITY) return Number.POSITIVE_INFINITY;
  if (size === TEXT_NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  const value = parseNumber(bytes, pos + 1, pos + 1 + size);
  if (Number.isNaN(value)) throw new FormatError('BAD_SCORE', 'the text of a score is not a number', pos);
  return value;
}

/**
 * The number that the text `bytes[start, end)` of a packed score begins with, correctly rounded; too large is infinite.
 * NaN for `nan` and where there is no number: the caller decides (servers read 0).
 */
export function parseScore(bytes: Uint8Array, start: number, end: number): number {
  return parseNumber(bytes, start, Math.min(end, start + MAX_SCORE_TEXT));
}

/** The text double of `value` as 2.2–3.2 wrote it. Writes up to 26 bytes at `pos`, returns the position after them. */
export function encodeTextDouble(value: number, out: Uint8Array, pos: number): number {
  if (Number.isFinite(value)) {
    const next = writeAscii(formatScore17(value), out, pos + 1);
    out[pos] = next - pos - 1;
    return next;
  }
  out[pos] = Number.isNaN(value) ? TEXT_NAN : value > 0 ? TEXT_INFINITY : TEXT_NEGATIVE_INFINITY;
  return pos + 1;
}

/** C's `%.17g`: how servers before 7.2 write a score. `inf`, `-inf`, `nan` and `-0` as C prints them. */
export function formatScore17(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  const sign = value < 0 ? '-' : '';
  const [digits, exponent] = digits17(Math.abs(value));
  const significant = digits.replace(/0+$/, '');
  if (exponent < -4 || exponent >= 17) {
    const fraction = significant.length > 1 ? `.${significant.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${significant[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${significant}`;
  const whole = digits.slice(0, exponent + 1);
  return significant.length > exponent + 1 ? `${sign}${whole}.${significant.slice(exponent + 1)}` : `${sign}${whole}`;
}

/**
 * Writes ECMAScript's text of `value` (as JSON prints a finite number) at `pos`: up to {@link MAX_NUMBER_TEXT} bytes.
 * Returns the position after it.
 */
export function formatNumber(value: number, out: Uint8Array, pos: number): number {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) return formatUint53(value + 0, out, pos);
    out[pos] = MINUS;
    return formatUint53(-value, out, pos + 1);
  }
  return writeAscii(String(value), out, pos);
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** 10^0 … 10^22: the powers of ten that are exact doubles. */
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** The plain shape of nearly every score, `-?digits[.digits]` and nothing else, without making a string. */
function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let pos = start;
  const negative = bytes[pos] === MINUS && pos < end;
  if (negative) pos++;
  let head = 0;
  let tail = 0;
  let significant = 0;
  let point = -1;
  const digits = pos;
  for (; pos < end; pos++) {
    const digit = bytes[pos]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (significant < 15) head = head * 10 + digit;
      else tail = tail * 10 + digit;
      if (head !== 0) significant++;
    } else if (bytes[pos] === POINT && point < 0) point = pos;
    else return parseAnyNumber(bytes, start, end);
  }
  const places = point < 0 ? 0 : end - point - 1;
  if (significant > 19 || places > 22 || end - digits - (point < 0 ? 0 : 1) === 0)
    return parseAnyNumber(bytes, start, end);
  // Both operands are exact doubles, so IEEE division rounds once and correctly.
  let value = head / POWERS_OF_TEN[places]!;
  if (significant > 15) {
    value = divideLong(head, tail, significant - 15, places);
    if (Number.isNaN(value)) return parseAnyNumber(bytes, start, end);
  }
  return negative ? -value : value;
}

/** Splits a double in two halves of 26 bits, so that their products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Far more than the error of the correction below, which is a few units of 2^−53. */
const DOUBT = 2 ** -50;

/**
 * (head · 10^tailDigits + tail) / 10^places for 16–19 digits, the length of a `%.17g`: a division, then one correction
 * by its exact remainder. NaN where the correction is too close to a rounding boundary to tell.
 * Ten times as fast as making a string for Number().
 */
function divideLong(head: number, tail: number, tailDigits: number, places: number): number {
  const scale = POWERS_OF_TEN[tailDigits]!;
  const product = head * scale;
  const rest = tail + productError(head, scale, product);
  const upper = product + rest;
  const lower = rest - (upper - product);
  if (places === 0) return upper;
  const divisor = POWERS_OF_TEN[places]!;
  const quotient = upper / divisor;
  const back = quotient * divisor;
  const correction = (upper - back - productError(quotient, divisor, back) + lower) / divisor;
  const value = quotient + correction * (1 - DOUBT);
  return value === quotient + correction * (1 + DOUBT) ? value : Number.NaN;
}

/** What `a * b` lost in rounding to `product` (Dekker). */
function productError(a: number, b: number, product: number): number {
  const aScaled = a * SPLITTER;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * SPLITTER;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** All of strtod; the text is at most 252 bytes. NaN where there is no number. */
function parseAnyNumber(bytes: Uint8Array, start: number, end: number): number {
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const match =
    /^[ \t-\r]*([+-]?)(?:(inf)|0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)/i.exec(
      text,
    );
  if (match === null) return Number.NaN;
  const [, sign, infinity, whole, fraction = '', power = '0', decimal, exponent = ''] = match;
  let value: number;
  if (infinity !== undefined) value = Number.POSITIVE_INFINITY;
  else if (decimal !== undefined) value = Number(decimal + exponent);
  // `0x` without a digit is the number 0, followed by an x.
  else value = parseHex(`${whole}${fraction}`, Number(power) - 4 * fraction.length);
  return sign === '-' ? -value : value;
}

/** `digits` (hexadecimal, possibly none) times 2^power, rounded once, to even. */
function parseHex(digits: string, power: number): number {
  if (!/[1-9a-f]/i.test(digits)) return 0;
  const mantissa = BigInt(`0x${digits}`);
  const bits = mantissa.toString(2).length;
  // Below 2^−1022 a double has fewer bits; none at all where the shift drops more than there are.
  const drop = Math.max(0, bits - 53, -1074 - power);
  if (drop > bits) return 0;
  const shift = BigInt(drop);
  let kept = mantissa >> shift;
  const rest = (mantissa - (kept << shift)) * 2n;
  const unit = 1n << shift;
  if (rest > unit || (rest === unit && (kept & 1n) === 1n)) kept++;
  return Number(kept) * 2 ** (power + drop);
}

/** The 17 significant digits of a positive number, and the decimal exponent of the first. */
function digits17(value: number): [digits: string, exponent: number] {
  const text = value.toExponential(16);
  const split = text.indexOf('e');
  let digits = text[0] + text.slice(2, split);
  // Halfway between two, C takes the even one and ECMAScript the larger. No double comes closer to halfway than
  // 10^−40 without being there, so 60 more digits tell.
  const exponent = Number(text.slice(split + 1));
  if ((digits.charCodeAt(16) & 1) === 1 && isHalfway(value, exponent)) {
    digits = digits.slice(0, 16) + String.fromCharCode(digits.charCodeAt(16) - 1);
  }
  return [digits, exponent];
}

/** Whether an eighteenth digit, 5, would be the last. Nearly all are turned away by their lowest bit. */
function isHalfway(value: number, exponent: number): boolean {
  // An odd multiple of 5·10^(exponent − 17) is an odd multiple of 2^(exponent − 17), and scaling by that is exact.
  return (value * 2 ** (17 - exponent)) % 2 === 1 && /^\d\.\d{16}50*e/.test(value.toExponential(77));
}

function writeAscii(text: string, out: Uint8Array, pos: number): number {
  for (let index = 0; index < text.length; index++) out[pos + index] = text.charCodeAt(index);
  return pos + text.length;
}

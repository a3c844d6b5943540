/**
 * Numbers with a fraction as ECMAScript prints them: the fewest digits that read back as the same double, and of those
 * the closest. Most scores have few digits or all seventeen, so both are found here by arithmetic on doubles, up to three
 * times as fast as by way of a JavaScript string; whatever is rare is left to that.
 *
 * With D digits before the point, `value * 10^(n - D)` rounded to an integer has the n digits to be tried. A division of
 * two exact doubles rounds correctly, so `integer / 10^(n - D) === value` tells whether they read back as the value.
 *
 *     n = 15   the product is off by less than one half: if any 15 digits or fewer do, then these, and no others
 *     n = 16   the exact product is taken as a sum of two doubles (Dekker), and its nearest integer tried
 *     n = 17   always enough; the nearest integer is the closest
 *
 * Worked example: 0.1 + 0.2 has D = 0; 15 digits give 300000000000000, which reads back as 0.3; 16 give
 * 3000000000000000; 17 give 30000000000000004, hence 0.30000000000000004.
 */
import { formatUint53 } from '../../bytes/int64.js';
import { formatNumber } from '../../codecs/double.js';

/** 10^0 … 10^22: the powers of ten that are exact doubles. */
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** Splits a double in two halves of 26 bits, so that their products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Closer to one half than this, two integers may be equally near: the rounding of the sum that says so is far below. */
const TIE = 2 ** -20;
const LARGEST_EXACT = 2 ** 53;

const ZERO = 0x30;
/** The two digits of 0–99, the first in the lower byte. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, pair) => ZERO + Math.floor(pair / 10) + ((ZERO + (pair % 10)) << 8),
);
const POINT = 0x2e;
const MINUS = 0x2d;

/** Writes the text of a finite `value` at `pos`, up to 25 bytes, and returns the position after it. −0 is `0`. */
export function formatDecimal(value: number, out: Uint8Array, pos: number): number {
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e15 || Math.floor(size) === size) return formatNumber(value, out, pos);
  const whole = wholeDigits(size);
  const start = value < 0 ? pos + 1 : pos;
  const end = formatFraction(size, whole, out, start);
  if (end === 0) return formatNumber(value, out, pos);
  if (value < 0) out[pos] = MINUS;
  return end;
}

/** 0 where the digits are not certain. */
function formatFraction(value: number, whole: number, out: Uint8Array, pos: number): number {
  const scale15 = POWERS_OF_TEN[15 - whole]!;
  const integer15 = Math.round(value * scale15);
  if (integer15 / scale15 === value) return formatShort(value, integer15, 15 - whole, out, pos);

  const scale16 = POWERS_OF_TEN[16 - whole]!;
  const product16 = value * scale16;
  const rounded = Math.round(product16);
  const rest16 = product16 - rounded + productError(value, scale16, product16);
  const step = Math.round(rest16);
  if (Math.abs(Math.abs(rest16 - step) - 0.5) < TIE) return 0;
  const integer16 = rounded + step;
  // Above 2^53 odd integers are no doubles, and the sum has been rounded.
  if (integer16 >= LARGEST_EXACT) return 0;
  if (integer16 / scale16 === value) return formatLong(integer16, 0, 16, whole, out, pos);

  const scale17 = POWERS_OF_TEN[17 - whole]!;
  const product17 = value * scale17;
  const rest17 = productError(value, scale17, product17);
  const step17 = Math.round(rest17);
  if (Math.abs(Math.abs(rest17 - step17) - 0.5) < TIE) return 0;
  return formatLong(product17, step17, 17, whole, out, pos);
}

/** Digits before the point: 0 for 0.1 up to 1, −1 below that, and so on. */
function wholeDigits(value: number): number {
  if (value < 1) return value >= 0.1 ? 0 : value >= 0.01 ? -1 : -2;
  let digits = 1;
  while (value >= POWERS_OF_TEN[digits]!) digits++;
  return digits;
}

/** `integer` / 10^places, which has at most 15 digits, without the zeros at its end. */
function formatShort(value: number, integer: number, places: number, out: Uint8Array, pos: number): number {
  const whole = Math.floor(value);
  let next = formatUint53(whole, out, pos);
  out[next++] = POINT;
  let left = places;
  let fraction = integer - whole * POWERS_OF_TEN[places]!;
  // Two halves that are small integers: their remainders are cheap.
  if (left > 8) {
    const upper = Math.floor(fraction / 1e8);
    const lower = fraction - upper * 1e8;
    if (lower !== 0) {
      next = formatPadded(upper, left - 8, out, next);
      fraction = lower;
      left = 8;
    } else {
      fraction = upper;
      left -= 8;
    }
  }
  let rest = fraction | 0;
  while (rest % 10000 === 0) {
    rest = (rest / 10000) | 0;
    left -= 4;
  }
  while (rest % 10 === 0) {
    rest = (rest / 10) | 0;
    left--;
  }
  return formatPadded(rest, left, out, next);
}

/** The `digits` digits (16 or 17) of `integer + step`, which need not be one double, with the point behind the first `whole`. */
function formatLong(
  integer: number,
  step: number,
  digits: number,
  whole: number,
  out: Uint8Array,
  pos: number,
): number {
  let upper = Math.floor(integer / 1e8);
  let lower = integer - upper * 1e8 + step;
  if (lower < 0) {
    lower += 1e8;
    upper--;
  } else if (lower >= 1e8) {
    lower -= 1e8;
    upper++;
  }
  let at = pos;
  if (whole <= 0) {
    out[at++] = ZERO;
    out[at++] = POINT;
    for (let zeros = whole; zeros < 0; zeros++) out[at++] = ZERO;
    return formatPadded(lower, 8, out, formatPadded(upper, digits - 8, out, at));
  }
  // One place to the right of where the whole part must be.
  const end = formatPadded(lower, 8, out, formatPadded(upper, digits - 8, out, at + 1));
  for (; at < pos + whole; at++) out[at] = out[at + 1]!;
  out[at] = POINT;
  return end;
}

/** Exactly `digits` digits of a whole number below 10^9. */
function formatPadded(value: number, digits: number, out: Uint8Array, pos: number): number {
  let rest = value | 0;
  let at = pos + digits;
  for (; at - pos >= 2; at -= 2) {
    const next = (rest / 100) | 0;
    const pair = PAIRS[rest - next * 100]!;
    out[at - 2] = pair;
    out[at - 1] = pair >> 8;
    rest = next;
  }
  if (at > pos) out[pos] = ZERO + rest;
  return pos + digits;
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

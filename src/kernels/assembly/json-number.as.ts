/**
 * Scores: their text in packed sorted sets to doubles, and doubles to the text that ECMAScript prints. The twins are
 * codecs/double.ts and convert/json/decimal.ts, which say why this arithmetic is exact; what they leave to JavaScript's own
 * conversion is not done here.
 */
import { writeInteger, writePadded } from './json-text.as';

/** 10^0 … 10^22: the powers of ten that are exact doubles. */
const POWERS_OF_TEN = memory.data<f64>([
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

const SPLITTER: f64 = 134217729;
const LARGEST_EXACT: f64 = 9007199254740992;
/** 2^−20: closer to one half than this, two integers may be equally near. */
const TIE: f64 = 1 / 1048576;
/** 2^−50 */
const DOUBT: f64 = 1 / 1125899906842624;
/** A longer text has more digits than are tried here. */
const MAX_TEXT: i32 = 40;

const MINUS: u8 = 0x2d;
const POINT: u8 = 0x2e;
const ZERO: u8 = 0x30;

// @inline
function powerOfTen(power: i32): f64 {
  return load<f64>(POWERS_OF_TEN + (power << 3));
}

/** The number that a text of digits is, with a sign and a point where it has them; NaN for any other text. */
export function parseScore(from: i32, size: i32): f64 {
  if (size > MAX_TEXT) return NaN;
  const end = from + size;
  let pos = from;
  const isNegative = size > 0 && load<u8>(pos) === MINUS;
  if (isNegative) pos++;
  const digits = pos;
  let head: f64 = 0;
  let tail: f64 = 0;
  let significant = 0;
  let point = -1;
  for (; pos < end; pos++) {
    const byte = load<u8>(pos);
    const digit = <i32>byte - <i32>ZERO;
    if (digit >= 0 && digit <= 9) {
      if (significant < 15) head = head * 10 + <f64>digit;
      else tail = tail * 10 + <f64>digit;
      if (head !== 0) significant++;
    } else if (byte === POINT && point < 0) point = pos;
    else return NaN;
  }
  const places = point < 0 ? 0 : end - point - 1;
  if (significant > 19 || places > 22 || end - digits - (point < 0 ? 0 : 1) === 0) return NaN;
  const value = significant > 15 ? divideLong(head, tail, significant - 15, places) : head / powerOfTen(places);
  return isNegative ? -value : value;
}

function divideLong(head: f64, tail: f64, tailDigits: i32, places: i32): f64 {
  const scale = powerOfTen(tailDigits);
  const product = head * scale;
  const rest = tail + productError(head, scale, product);
  const upper = product + rest;
  const lower = rest - (upper - product);
  if (places === 0) return upper;
  const divisor = powerOfTen(places);
  const quotient = upper / divisor;
  const back = quotient * divisor;
  const correction = (upper - back - productError(quotient, divisor, back) + lower) / divisor;
  const value = quotient + correction * (1 - DOUBT);
  return value === quotient + correction * (1 + DOUBT) ? value : NaN;
}

/** What `a * b` lost in rounding to `product` (Dekker). */
function productError(a: f64, b: f64, product: f64): f64 {
  const aScaled = a * SPLITTER;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * SPLITTER;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** A score; 0 where its digits are not certain, and for what is no number. There is room. */
export function writeScore(value: f64, at: i32): i32 {
  const size = abs(value);
  if (floor(size) === size) {
    if (size > LARGEST_EXACT) return 0;
    if (size !== 0 || reinterpret<i64>(value) >= 0) return writeInteger(<i64>value, at);
    store<u16>(at, 0x302d);
    return at + 2;
  }
  if (!(size >= 1e-3 && size < 1e15)) return 0;
  if (value > 0) return writeFraction(size, at);
  store<u8>(at, MINUS);
  return writeFraction(size, at + 1);
}

function writeFraction(value: f64, at: i32): i32 {
  const whole = wholeDigits(value);
  const scale15 = powerOfTen(15 - whole);
  const integer15 = round(value * scale15);
  if (integer15 / scale15 === value) return writeFew(value, integer15, 15 - whole, at);

  const scale16 = powerOfTen(16 - whole);
  const product16 = value * scale16;
  const rounded = round(product16);
  const rest16 = product16 - rounded + productError(value, scale16, product16);
  const step = round(rest16);
  const miss16 = abs(rest16 - step);
  if (abs(miss16 - 0.5) < TIE) return 0;
  const integer16 = rounded + step;
  if (integer16 < LARGEST_EXACT) {
    if (integer16 / scale16 === value) return writeMany(integer16, 0, 16, whole, at);
  } else {
    // No longer one double: it reads back where it is closer to the value than half way to the next double.
    const reach = halfStep(value) * scale16;
    if (abs(miss16 - reach) < TIE || integer16 >= 1e16 - 2) return 0;
    if (miss16 < reach) return writeMany(rounded, step, 16, whole, at);
  }

  const scale17 = powerOfTen(17 - whole);
  const product17 = value * scale17;
  const rest17 = productError(value, scale17, product17);
  const step17 = round(rest17);
  if (abs(abs(rest17 - step17) - 0.5) < TIE) return 0;
  return writeMany(product17, step17, 17, whole, at);
}

/** Half the distance to the next double, the one towards zero for a power of two left aside: its digits are fewer. */
function halfStep(value: f64): f64 {
  const exponent = reinterpret<u64>(value) & ((<u64>0x7ff) << 52);
  return reinterpret<f64>(exponent - ((<u64>53) << 52));
}

/** To the nearest integer, halves up: as Math.round does. */
// @inline
function round(value: f64): f64 {
  const below = floor(value);
  return value - below >= 0.5 ? below + 1 : below;
}

/** Digits before the point: 0 for 0.1 up to 1, −1 below that, and so on. */
function wholeDigits(value: f64): i32 {
  if (value < 1) return value >= 0.1 ? 0 : value >= 0.01 ? -1 : -2;
  let digits = 1;
  while (value >= powerOfTen(digits)) digits++;
  return digits;
}

/** `integer` / 10^places, which has at most 15 digits, without the zeros at its end. */
function writeFew(value: f64, integer: f64, places: i32, to: i32): i32 {
  const whole = floor(value);
  let at = writeInteger(<i64>whole, to);
  store<u8>(at++, POINT);
  let left = places;
  let fraction = <u64>(integer - whole * powerOfTen(places));
  while (fraction % 10 === 0) {
    fraction /= 10;
    left--;
  }
  if (left > 8) {
    const upper = fraction / 100_000_000;
    at = writePadded(<u32>upper, left - 8, at);
    fraction -= upper * 100_000_000;
    left = 8;
  }
  return writePadded(<u32>fraction, left, at);
}

/** The 16 or 17 digits of `integer + step`, which need not be one double, with the point behind the first `whole`. */
function writeMany(integer: f64, step: f64, digits: i32, whole: i32, to: i32): i32 {
  const sum = <i64>integer + <i64>step;
  const upper = <u32>(sum / 100_000_000);
  const lower = <u32>(sum - <i64>upper * 100_000_000);
  let at = to;
  if (whole <= 0) {
    store<u8>(at++, ZERO);
    store<u8>(at++, POINT);
    for (let zeros = whole; zeros < 0; zeros++) store<u8>(at++, ZERO);
    return writePadded(lower, 8, writePadded(upper, digits - 8, at));
  }
  // One place to the right of where the whole part must be.
  const end = writePadded(lower, 8, writePadded(upper, digits - 8, at + 1));
  for (; at < to + whole; at++) store<u8>(at, load<u8>(at + 1));
  store<u8>(at, POINT);
  return end;
}

/**
 * Arithmetic of INCRBYFLOAT and HINCRBYFLOAT: C's long double as x86 has it, 64 bits of significand, rounded to nearest.
 * What the server answers, and stores, is that number with 17 decimals and without the zeros at the end.
 */
import type { ByteString } from '../bytes/byte-string.js';

/** sign · significand · 2^exponent; infinite where the significand is missing. */
export interface LongDouble {
  readonly negative: boolean;
  readonly significand: bigint | undefined;
  readonly exponent: number;
}

const SIGNIFICAND_BITS = 64;
/** Of the last bit of the smallest and the largest numbers. */
const MIN_EXPONENT = -16445;
const MAX_EXPONENT = 16384 - SIGNIFICAND_BITS;
/** Decimal exponents beyond are as good as this: every such number overflows, or is nothing. */
const FAR = 20_000;
const DECIMALS = 17;
/** Longer texts are not numbers to the server. */
const MAX_TEXT = 5 * 1024 - 1;

/** All of the text, as strtold reads it; undefined for what is no number, is too large, or too small to be one. */
export function parseLongDouble(text: ByteString): LongDouble | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const decimal = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (decimal !== null) {
    const [, sign, whole = '', fraction = '', power = '0'] = decimal;
    return parseDecimal(sign === '-', whole, fraction, power);
  }
  const word = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (word !== null) return { negative: word[1] === '-', significand: undefined, exponent: 0 };
  const hex = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i.exec(text);
  if (hex === null) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = hex;
  if (whole === '' && fraction === '') return undefined;
  const shift = clamp(power) - 4 * fraction.length;
  return inRange(rounded(sign === '-', BigInt(`0x${whole}${fraction}`), shift, false));
}

export function isInfinite(value: LongDouble): boolean {
  return value.significand === undefined;
}

/** Rounded to a double; infinite where that is too large for one. */
export function toDouble({ negative, significand, exponent }: LongDouble): number {
  const size = significand === undefined ? Infinity : Number(significand) * 2 ** exponent;
  return negative ? -size : size;
}

/** Rounded; infinite where the sum is too large. Both are finite. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = aligned(a, exponent) + aligned(b, exponent);
  return rounded(sum < 0n, sum < 0n ? -sum : sum, exponent, false);
}

/** With 17 decimals, rounded half to even, without the zeros at the end. The number is finite. */
export function formatLongDouble({ negative, significand, exponent }: LongDouble): ByteString {
  const scaled = significand! * 10n ** BigInt(DECIMALS);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : shiftedRight(scaled, -exponent, false);
  const digits = units.toString().padStart(DECIMALS + 1, '0');
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '');
  const whole = digits.slice(0, -DECIMALS);
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative && text !== '0' ? `-${text}` : text;
}

function parseDecimal(negative: boolean, whole: string, fraction: string, power: string): LongDouble | undefined {
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { negative, significand: 0n, exponent: 0 };
  const scale = clamp(power) - fraction.length;
  if (scale >= 0) return inRange(rounded(negative, digits * 10n ** BigInt(scale), 0, false));
  // So many bits of the quotient that 64 and more are left, and a sticky one for the rest.
  const divisor = 10n ** BigInt(-scale);
  const shift = Math.max(0, bitLength(divisor) - bitLength(digits)) + SIGNIFICAND_BITS + 2;
  const scaled = digits << BigInt(shift);
  const quotient = scaled / divisor;
  return inRange(rounded(negative, quotient, -shift, scaled % divisor !== 0n));
}

/** What strtold reports as out of range: infinity, and zero for what is not zero. */
function inRange(value: LongDouble): LongDouble | undefined {
  return value.significand === undefined || (value.significand === 0n && value.exponent !== 0) ? undefined : value;
}

/** `hasMore`: a little more than the digits say. A number that has become zero keeps an exponent. */
function rounded(negative: boolean, digits: bigint, exponent: number, hasMore: boolean): LongDouble {
  if (digits === 0n) return { negative, significand: 0n, exponent: 0 };
  const excess = Math.max(bitLength(digits) - SIGNIFICAND_BITS, MIN_EXPONENT - exponent, 0);
  if (excess === 0) return overflowing(negative, digits, exponent);
  const significand = shiftedRight(digits, excess, hasMore);
  if (bitLength(significand) <= SIGNIFICAND_BITS) return overflowing(negative, significand, exponent + excess);
  return overflowing(negative, significand >> 1n, exponent + excess + 1);
}

function overflowing(negative: boolean, significand: bigint, exponent: number): LongDouble {
  const isTooLarge = exponent + bitLength(significand) > MAX_EXPONENT + SIGNIFICAND_BITS;
  return { negative, significand: isTooLarge ? undefined : significand, exponent };
}

/** Halves go to the even one. */
function shiftedRight(value: bigint, bits: number, hasMore: boolean): bigint {
  const shift = BigInt(bits);
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  const isUp = rest > half || (rest === half && (hasMore || (quotient & 1n) === 1n));
  return isUp ? quotient + 1n : quotient;
}

function aligned({ negative, significand, exponent }: LongDouble, to: number): bigint {
  const value = significand! << BigInt(exponent - to);
  return negative ? -value : value;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function clamp(power: string): number {
  const value = Number(power);
  return Math.max(-FAR, Math.min(FAR, value));
}

/**
 * Text of a double as Redis 7.2 and later and every Valkey write it: in packed sorted sets, and in digests.
 *
 * The digits come from Grisu2 (Loitsch, "Printing floating-point numbers quickly and accurately with integers", 2010) as
 * the servers' fpconv runs it. They always read back as the same double, but for about one double in a thousand they are
 * not the shortest that do, so that ECMAScript's own text will not serve (digest.md §5).
 *
 * With digits d1…dn and value = d1…dn · 10^K, e = |K + n − 1|:
 *
 *     K ≥ 0 and e < n + 7              digits, then K zeros             12000, 1e+8 is beyond
 *     K < 0 and (K > −7 or e < 4)      plain decimal                    0.000001, 12.5
 *     otherwise                        d1.d2…dn e±exponent              1e+21, 1.5e-9
 *
 * Worked example: 1.1 is 11 · 10^−1, hence `1.1`; 2^62 · 1.5 is 6917529027641082 · 10^3, hence `6917529027641082000`.
 */
import { formatUint53 } from '../bytes/int64.js';

/** The most bytes that {@link formatFpconv} writes. */
export const MAX_FPCONV_TEXT = 26;

/**
 * Writes the servers' text of `value` at `pos`: up to {@link MAX_FPCONV_TEXT} bytes; `inf`, `-inf`, `nan`, `0` and `-0`
 * for those. Returns the position after it.
 */
export function formatFpconv(value: number, out: Uint8Array, pos: number): number {
  const negative = value < 0 || Object.is(value, -0);
  let at = pos;
  if (negative) out[at++] = MINUS;
  if (value === 0) {
    out[at] = ZERO;
    return at + 1;
  }
  if (!Number.isFinite(value)) return writeAscii(Number.isNaN(value) ? 'nan' : 'inf', out, at);
  const magnitude = Math.abs(value);
  // Most scores are such, and Grisu2 finds their digits: no other decimal that short lies between the midpoints.
  if (Number.isInteger(magnitude) && magnitude < 1e15) takeInteger(magnitude);
  else takeDigits(magnitude);
  return writeDigits(negative, out, at);
}

const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

const TWO_31 = 2 ** 31;
const TWO_32 = 2 ** 32;
const HIDDEN_BIT = 2 ** 52;
const LOG10_2 = Math.log10(2);

/** What {@link takeInteger} and {@link takeDigits} leave: ASCII digits, how many, and K. */
const digits = new Uint8Array(24);
let digitCount = 0;
let decimalExponent = 0;

function takeInteger(value: number): void {
  const end = formatUint53(value, digits, 0);
  digitCount = end;
  while (digits[digitCount - 1] === ZERO) digitCount--;
  decimalExponent = end - digitCount;
}

// 64-bit significands are pairs of 32-bit halves held as non-negative numbers; these are the upper and lower halves of
// the last product, which a function cannot return as two numbers without allocating.
let productHi = 0;
let productLo = 0;

const bits = new DataView(new ArrayBuffer(8));

/** Grisu2: digits of a positive finite double, from its neighbours' midpoints scaled by a cached power of ten. */
function takeDigits(value: number): void {
  bits.setFloat64(0, value);
  const biased = bits.getUint32(0) >>> 20;
  let fraction = (bits.getUint32(0) & 0xfffff) * TWO_32 + bits.getUint32(4);
  let shift = 11;
  if (biased > 0) fraction += HIDDEN_BIT;
  const half = biased > 0 && fraction === HIDDEN_BIT ? 0.25 : 0.5;
  for (; fraction < HIDDEN_BIT; fraction *= 2) shift++;
  const exponent = Math.max(biased, 1) - 1075 - shift;

  // value = hi:lo · 2^exponent with the top bit set; its lowest `shift` bits are 0, so the upper midpoint has no carry.
  const hi = Math.floor(fraction / 2 ** 21);
  const lo = (fraction % 2 ** 21) * 2 ** 11;
  const up = 2 ** (shift - 1);
  const down = half * 2 ** shift;
  const upperHi = up < TWO_32 ? hi : hi + up / TWO_32;
  const upperLo = up < TWO_32 ? lo + up : lo;
  const borrow = down < TWO_32 && lo < down ? 1 : 0;
  const lowerHi = down < TWO_32 ? hi - borrow : hi - down / TWO_32;
  const lowerLo = down < TWO_32 ? lo - down + borrow * TWO_32 : lo;

  const { powerHi, powerLo, powerExponent } = cachedPowers();
  const index = cachedPowerIndex(exponent, powerExponent);
  const tenHi = powerHi[index]!;
  const tenLo = powerLo[index]!;
  decimalExponent = -FIRST_POWER - index * POWER_STEP;
  const pointBits = -(exponent + powerExponent[index]! + 64);

  multiply(hi, lo, tenHi, tenLo);
  const wHi = productHi;
  const wLo = productLo;
  // The interval shrinks by a unit on both sides, which is more than the products can be wrong by.
  multiply(lowerHi, lowerLo, tenHi, tenLo);
  const lowHi = productLo === TWO_32 - 1 ? productHi + 1 : productHi;
  const lowLo = productLo === TWO_32 - 1 ? 0 : productLo + 1;
  multiply(upperHi, upperLo, tenHi, tenLo);
  const highHi = productLo === 0 ? productHi - 1 : productHi;
  const highLo = productLo === 0 ? TWO_32 - 1 : productLo - 1;
  generate(highHi, highLo, highHi - lowHi, highLo - lowLo, highHi - wHi, highLo - wLo, pointBits);
}

/** The upper 64 bits of a · b, rounded, into productHi and productLo. */
function multiply(aHi: number, aLo: number, bHi: number, bLo: number): void {
  const outer = upperHalf(aHi, bLo);
  const inner = upperHalf(aLo, bHi);
  const middle = lowerHalf(aHi, bLo) + lowerHalf(aLo, bHi) + upperHalf(aLo, bLo) + TWO_31;
  const low = lowerHalf(aHi, bHi) + outer + inner + Math.floor(middle / TWO_32);
  productHi = upperHalf(aHi, bHi) + Math.floor(low / TWO_32);
  productLo = low % TWO_32;
}

/** Upper 32 bits of the product of two 32-bit numbers, in steps that are exact doubles. */
function upperHalf(a: number, b: number): number {
  const low = (a & 0xffff) * b;
  const high = (a >>> 16) * b;
  return Math.floor((high + Math.floor(low / 0x10000)) / 0x10000);
}

function lowerHalf(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

/**
 * Writes digits of `high` until the rest is within `delta` of it, then moves towards the value, which lies `gap` below.
 * The point stands before the lowest `pointBits` bits (34 to 60 of them). Differences of halves come unnormalised.
 */
function generate(
  highHi: number,
  highLo: number,
  deltaUpper: number,
  deltaLower: number,
  gapUpper: number,
  gapLower: number,
  pointBits: number,
): void {
  let deltaHi = deltaLower < 0 ? deltaUpper - 1 : deltaUpper;
  let deltaLo = deltaLower < 0 ? deltaLower + TWO_32 : deltaLower;
  let gapHi = gapLower < 0 ? gapUpper - 1 : gapUpper;
  let gapLo = gapLower < 0 ? gapLower + TWO_32 : gapLower;
  const unit = 2 ** (pointBits - 32);
  let whole = Math.floor(highHi / unit);
  let restHi = highHi % unit;
  let restLo = highLo;
  digitCount = 0;
  let position = 10;
  for (let power = 1e9; power >= 1; power = Math.round(power / 10)) {
    const digit = Math.floor(whole / power);
    if (digit > 0 || digitCount > 0) digits[digitCount++] = ZERO + digit;
    whole -= digit * power;
    position--;
    const hi = whole * unit + restHi;
    if (hi < deltaHi || (hi === deltaHi && restLo <= deltaLo)) {
      decimalExponent += position;
      approach(hi, restLo, deltaHi, deltaLo, gapHi, gapLo, power * unit);
      return;
    }
    if (power === 1) break;
  }
  do {
    restHi = restHi * 10 + Math.floor((restLo * 10) / TWO_32);
    restLo = (restLo * 10) % TWO_32;
    deltaHi = deltaHi * 10 + Math.floor((deltaLo * 10) / TWO_32);
    deltaLo = (deltaLo * 10) % TWO_32;
    gapHi = gapHi * 10 + Math.floor((gapLo * 10) / TWO_32);
    gapLo = (gapLo * 10) % TWO_32;
    position--;
    const digit = Math.floor(restHi / unit);
    if (digit > 0 || digitCount > 0) digits[digitCount++] = ZERO + digit;
    restHi %= unit;
  } while (restHi > deltaHi || (restHi === deltaHi && restLo >= deltaLo));
  decimalExponent += position;
  approach(restHi, restLo, deltaHi, deltaLo, gapHi, gapLo, unit);
}

/**
 * Lowers the last digit while that comes closer to the value and stays inside the interval. One step of the digit is
 * `step` · 2^32, its lower half being 0.
 */
function approach(
  restHi: number,
  restLo: number,
  deltaHi: number,
  deltaLo: number,
  gapHi: number,
  gapLo: number,
  step: number,
): void {
  let room = deltaHi - restHi - (deltaLo < restLo ? 1 : 0);
  let awayHi = gapHi - restHi - (gapLo < restLo ? 1 : 0);
  const awayLo = gapLo - restLo + (gapLo < restLo ? TWO_32 : 0);
  // Twice the distance against one step: closer afterwards, exactly where it is the larger.
  const doubledLo = awayLo % TWO_31;
  const carry = awayLo >= TWO_31 ? 1 : 0;
  while (awayHi >= 0 && room >= step) {
    const doubled = 2 * awayHi + carry;
    if (doubled < step || (doubled === step && doubledLo === 0)) return;
    digits[digitCount - 1]!--;
    room -= step;
    awayHi -= step;
  }
}

function writeDigits(negative: boolean, out: Uint8Array, pos: number): number {
  const count = digitCount;
  const power = decimalExponent;
  const exponent = Math.abs(power + count - 1);
  if (power >= 0 && exponent < count + 7) {
    const end = writeRange(0, count, out, pos);
    out.fill(ZERO, end, end + power);
    return end + power;
  }
  if (power < 0 && (power > -7 || exponent < 4)) {
    const whole = count + power;
    if (whole > 0) {
      const end = writeRange(0, whole, out, pos);
      out[end] = POINT;
      return writeRange(whole, count, out, end + 1);
    }
    out[pos] = ZERO;
    out[pos + 1] = POINT;
    out.fill(ZERO, pos + 2, pos + 2 - whole);
    return writeRange(0, count, out, pos + 2 - whole);
  }
  let at = writeRange(0, 1, out, pos);
  if (count > 1) {
    out[at] = POINT;
    at = writeRange(1, Math.min(count, negative ? 17 : 18), out, at + 1);
  }
  at = writeAscii(power + count - 1 < 0 ? 'e-' : 'e+', out, at);
  return formatUint53(exponent, out, at);
}

function writeRange(from: number, to: number, out: Uint8Array, pos: number): number {
  for (let index = from; index < to; index++) out[pos + index - from] = digits[index]!;
  return pos + to - from;
}

function writeAscii(text: string, out: Uint8Array, pos: number): number {
  for (let index = 0; index < text.length; index++) out[pos + index] = text.charCodeAt(index);
  return pos + text.length;
}

/** The cached powers are 10^−348, 10^−340 … 10^340, as 64-bit significands rounded to nearest. */
const FIRST_POWER = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
/** The scaled number has at most this many bits behind its point. */
const MAX_POINT_BITS = 60;

interface CachedPowers {
  readonly powerHi: Uint32Array;
  readonly powerLo: Uint32Array;
  /** 10^k = significand · 2^this. */
  readonly powerExponent: Int16Array;
}

let powers: CachedPowers | undefined;

function cachedPowers(): CachedPowers {
  powers ??= computePowers();
  return powers;
}

/** The first power that leaves at most {@link MAX_POINT_BITS} bits behind the point. */
function cachedPowerIndex(exponent: number, powerExponent: Int16Array): number {
  // The significand of 10^k begins 63 bits below it. An estimate that is too low costs one more look.
  const decimal = (-exponent - 1 - MAX_POINT_BITS) * LOG10_2;
  let index = Math.max(0, Math.floor((decimal - FIRST_POWER) / POWER_STEP));
  while (exponent + powerExponent[index]! + 64 < -MAX_POINT_BITS) index++;
  return index;
}

function computePowers(): CachedPowers {
  const powerHi = new Uint32Array(POWER_COUNT);
  const powerLo = new Uint32Array(POWER_COUNT);
  const powerExponent = new Int16Array(POWER_COUNT);
  for (let index = 0; index < POWER_COUNT; index++) {
    const decimal = FIRST_POWER + index * POWER_STEP;
    const power = 10n ** BigInt(Math.abs(decimal));
    const size = power.toString(2).length;
    // Enough bits for 64 after the division, or 64 of the power itself; one more to round by.
    const exponent = decimal < 0 ? -(size + 63) : size - 64;
    const doubled =
      decimal < 0
        ? (1n << BigInt(1 - exponent)) / power
        : exponent > 0
          ? power >> BigInt(exponent - 1)
          : power << BigInt(1 - exponent);
    const significand = (doubled + 1n) >> 1n;
    powerHi[index] = Number(significand >> 32n);
    powerLo[index] = Number(significand & 0xffffffffn);
    powerExponent[index] = exponent;
  }
  return { powerHi, powerLo, powerExponent };
}

/**
 * Distances on a sphere, by the haversine formula as the server writes it down.
 *
 * STOREDIST makes scores of them, so the last bit counts. ECMAScript leaves the accuracy of sin, cos and asin open, and V8's
 * are off by one for about one argument in ten; the C library's nearly never are. So these compute with pairs of doubles,
 * hi + lo, and round once. What then differs are the few cases where the C library is off itself.
 */

/** Metres: mean radius in WGS-84, as the server has it. */
export const EARTH_RADIUS = 6372797.560856;
const DEGREE = Math.PI / 180;

export function toRadians(degrees: number): number {
  return degrees * DEGREE;
}

export function toDegrees(radians: number): number {
  return radians / DEGREE;
}

/** Metres between two positions, in degrees. NaN for opposite points whose computation goes beyond 1. */
export function distance(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  const v = sin((toRadians(longitude2) - toRadians(longitude1)) / 2);
  if (v === 0) return latitudeDistance(latitude1, latitude2);
  const one = toRadians(latitude1);
  const other = toRadians(latitude2);
  const u = sin((other - one) / 2);
  return 2 * EARTH_RADIUS * asin(Math.sqrt(u * u + cos(one) * cos(other) * v * v));
}

/** As {@link distance}, along a meridian. */
export function latitudeDistance(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS * Math.abs(toRadians(latitude2) - toRadians(latitude1));
}

// The last result of the functions on pairs, which cannot return two numbers without allocating.
let hi = 0;
let lo = 0;

/** Correctly rounded, for all but the hardest cases, up to {@link MOST_TURNS} quarter turns; ECMAScript's own beyond. */
export function sin(angle: number): number {
  return turned(angle, 0, Math.sin);
}

/** As {@link sin}. */
export function cos(angle: number): number {
  return turned(angle, 1, Math.cos);
}

/** As {@link sin}, from 0 to 1; NaN beyond. */
export function asin(value: number): number {
  const estimate = Math.asin(value);
  const slope = Math.cos(estimate);
  if (!(slope > 1e-10) || estimate < 1e-8) return estimate;
  // One step of Newton's method: the estimate is right but for its last bit, and so is the slope.
  pairOfSine(estimate, 0);
  return estimate + (value - hi - lo) / slope;
}

const MOST_TURNS = 4;

/** π/2 as a sum of three doubles. */
const QUARTER_1 = Math.PI / 2;
const QUARTER_2 = 6.123233995736766e-17;
const QUARTER_3 = -1.4973849048591833e-33;

function turned(angle: number, shift: 0 | 1, plain: (angle: number) => number): number {
  const turns = Math.round(angle / QUARTER_1);
  if (!(Math.abs(turns) <= MOST_TURNS)) return plain(angle);
  // Exact: a multiple of a double by 1, 2 or 4, and near enough to the angle; 3 loses a bit, which the second part takes up.
  const product = turns * QUARTER_1;
  const lost = turns === 3 || turns === -3 ? multiplyError(turns, QUARTER_1, product) : 0;
  sumOf(angle, -product);
  const rest = hi;
  addToPair(lo - lost - turns * QUARTER_2 - turns * QUARTER_3, rest);
  const quadrant = (turns + shift) & 3;
  if ((quadrant & 1) === 0) pairOfSine(hi, lo);
  else pairOfCosine(hi, lo);
  return quadrant < 2 ? hi + lo : -(hi + lo);
}

/** Of the pair up to π/4: x · (1 − x²/2·3 · (1 − x²/4·5 · (…))). */
function pairOfSine(x: number, xLow: number): void {
  series(x, xLow, 27);
  multiplyPair(x, xLow);
}

/** 1 − x²/1·2 · (1 − x²/3·4 · (…)). */
function pairOfCosine(x: number, xLow: number): void {
  series(x, xLow, 26);
}

/** The nested series whose innermost denominator is last · (last − 1), into hi and lo. */
function series(x: number, xLow: number, last: number): void {
  hi = x;
  lo = xLow;
  multiplyPair(x, xLow);
  const square = hi;
  const squareLow = lo;
  hi = 1;
  lo = 0;
  for (let factor = last; factor > 1; factor -= 2) {
    multiplyPair(square, squareLow);
    divideBy(factor * (factor - 1));
    const negative = -hi;
    const negativeLow = -lo;
    sumOf(1, negative);
    addToPair(lo + negativeLow, hi);
  }
}

/** a + b exactly, into hi and lo (Knuth). */
function sumOf(a: number, b: number): void {
  const sum = a + b;
  const part = sum - a;
  lo = a - (sum - part) + (b - part);
  hi = sum;
}

/** Makes a pair of a number and a much smaller one. */
function addToPair(small: number, large: number): void {
  hi = large + small;
  lo = small - (hi - large);
}

/** Multiplies hi and lo by a pair. */
function multiplyPair(x: number, xLow: number): void {
  const product = hi * x;
  const error = multiplyError(hi, x, product) + (hi * xLow + lo * x);
  addToPair(error, product);
}

/** Divides hi and lo by a small integer. */
function divideBy(divisor: number): void {
  const quotient = hi / divisor;
  const back = quotient * divisor;
  const rest = hi - back - multiplyError(quotient, divisor, back) + lo;
  addToPair(rest / divisor, quotient);
}

const SPLITTER = 2 ** 27 + 1;

/** What a · b lost in rounding to `product` (Dekker). */
function multiplyError(a: number, b: number, product: number): number {
  const aScaled = a * SPLITTER;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = b * SPLITTER;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

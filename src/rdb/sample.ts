/**
 * A sample of keys that is the same in every file: a key is in when hash64(seed, db, key) < fraction × 2^64.
 *
 * So the sample of a fraction holds every smaller one of the same seed, a key that stays is sampled in each of two dumps
 * or in none, and what is chosen does not depend on what else is in the file.
 */

/** Which keys a sample takes. */
export interface SampleOptions {
  /** Share of the keys, 0 to 1. */
  readonly fraction: number;
  /** Another seed, another sample: an integer, of which 64 bits count. Default: 0. */
  readonly seed?: number | bigint;
}

const FACTOR_A = 0xcc9e2d51 | 0;
const FACTOR_B = 0x1b873593 | 0;
const SPREAD_A = 0x9e3779b1 | 0;
const SPREAD_B = 0x85ebca77 | 0;

export class Sample {
  /** fraction × 2^64 as two unsigned 32-bit numbers; the upper one is 2^32 for the fraction 1. */
  private readonly limitHi: number;
  private readonly limitLo: number;
  private readonly seedHi: number;
  private readonly seedLo: number;

  /** Throws RangeError for a fraction outside 0 to 1 and for a seed that is no integer. */
  constructor(options: SampleOptions) {
    const { fraction, seed = 0 } = options;
    if (!(fraction >= 0 && fraction <= 1))
      throw new RangeError(`a sample of ${fraction}: the fraction lies from 0 to 1`);
    const scaled = fraction * 2 ** 32;
    this.limitHi = Math.floor(scaled);
    this.limitLo = Math.floor((scaled - this.limitHi) * 2 ** 32);
    const bits = BigInt.asUintN(64, BigInt(seed));
    this.seedHi = Number(bits >> 32n) | 0;
    this.seedLo = Number(bits & 0xffffffffn) | 0;
  }

  /** Whether the key `[start, end)` of this database is in. */
  includes(db: number, bytes: Uint8Array, start: number, end: number): boolean {
    let a = this.seedLo ^ SPREAD_A;
    let b = this.seedHi ^ SPREAD_B;
    // The database and the size go in as a first word each, so that no key can run into them.
    a = absorb(a, db, FACTOR_A, 15, 13);
    b = (absorb(b, end - start, FACTOR_B, 17, 11) + a) | 0;
    let pos = start;
    for (; pos + 4 <= end; pos += 4) {
      const word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
      a = (absorb(a, word, FACTOR_A, 15, 13) + b) | 0;
      b = (absorb(b, word, FACTOR_B, 17, 11) + a) | 0;
    }
    let tail = 0;
    for (let shift = 0; pos < end; pos++, shift += 8) tail |= bytes[pos]! << shift;
    a = (absorb(a, tail, FACTOR_A, 15, 13) + b) | 0;
    b = (absorb(b, tail, FACTOR_B, 17, 11) + a) | 0;
    a = (a + b) | 0;
    b = finish((b + a) | 0);
    a = (finish(a) + b) | 0;
    b = (b + a) | 0;
    const hi = a >>> 0;
    return hi < this.limitHi || (hi === this.limitHi && b >>> 0 < this.limitLo);
  }
}

/** Takes one word into a lane: multiply, turn, add, so that every bit reaches the bits above and below it. */
function absorb(lane: number, word: number, factor: number, turn: number, turnLane: number): number {
  let mixed = Math.imul(word, factor);
  mixed = (mixed << turn) | (mixed >>> (32 - turn));
  const next = lane ^ Math.imul(mixed, SPREAD_A);
  return (Math.imul((next << turnLane) | (next >>> (32 - turnLane)), 5) + SPREAD_B) | 0;
}

/** Spreads every bit of a lane over all of it. */
function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), SPREAD_B);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae3d);
  return mixed ^ (mixed >>> 16);
}

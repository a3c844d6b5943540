/**
 * XXH3 in its 128-bit form with the default secret and no seed (the xxHash specification): what Redis 8.6 makes the ids of
 * IDMPAUTO from.
 *
 *     ""       99aa06d3014798d86001c324468d497f
 */
import {
  avalanche,
  avalanche64,
  lanesOf,
  merged,
  mixed,
  PRIME_TINY,
  PRIME32_2,
  PRIME64_1,
  PRIME64_2,
  PRIME64_4,
  read,
  SECRET_SIZE,
  secret,
  secret32,
  swapped,
  wrap,
} from './xxh3-steps.js';

/** Two halves of 64 bits. */
export interface Hash128 {
  readonly low: bigint;
  readonly high: bigint;
}

export function xxh3128(bytes: Uint8Array): Hash128 {
  const size = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  if (size <= 16) return hashTiny(view, size);
  if (size <= 128) return hashSmall(view, size);
  return size <= 240 ? hashMedium(view, size) : hashLarge(view, size);
}

function hashTiny(view: DataView, size: number): Hash128 {
  if (size === 0) return { low: avalanche64(secret(64) ^ secret(72)), high: avalanche64(secret(80) ^ secret(88)) };
  if (size < 4) return hashBytes(view, size);
  return size <= 8 ? hashWord(view, size) : hashTwoWords(view, size);
}

function hashBytes(view: DataView, size: number): Hash128 {
  const first = view.getUint8(0);
  const middle = view.getUint8(size >> 1);
  const last = view.getUint8(size - 1);
  const forward = ((first << 16) | (middle << 24) | (size << 8) | last) >>> 0;
  const back = ((last << 24) | (size << 16) | (first << 8) | middle) >>> 0;
  const turned = ((back << 13) | (back >>> 19)) >>> 0;
  return {
    low: avalanche64(BigInt((forward ^ secret32(0) ^ secret32(4)) >>> 0)),
    high: avalanche64(BigInt((turned ^ secret32(8) ^ secret32(12)) >>> 0)),
  };
}

function hashWord(view: DataView, size: number): Hash128 {
  const word = BigInt(view.getUint32(0, true)) | (BigInt(view.getUint32(size - 4, true)) << 32n);
  const product = (word ^ secret(16) ^ secret(24)) * (PRIME64_1 + BigInt(size << 2));
  const high = (product >> 64n) + (wrap(product) << 1n);
  let low = wrap(product) ^ (wrap(high) >> 3n);
  low = wrap((low ^ (low >> 35n)) * PRIME_TINY);
  return { low: low ^ (low >> 28n), high: avalanche(high) };
}

function hashTwoWords(view: DataView, size: number): Hash128 {
  const last = read(view, size - 8);
  const product = (read(view, 0) ^ last ^ secret(32) ^ secret(40)) * PRIME64_1;
  const keyed = last ^ secret(48) ^ secret(56);
  const high = wrap((product >> 64n) + keyed + (keyed & 0xffffffffn) * (PRIME32_2 - 1n));
  const low = wrap(product + (BigInt(size - 1) << 54n)) ^ swapped(high);
  const second = low * PRIME64_2;
  return { low: avalanche(second), high: avalanche((second >> 64n) + high * PRIME64_2) };
}

/** The two sums that pairs of 16 bytes are mixed into. */
class Sums {
  private high = 0n;

  constructor(private low: bigint) {}

  mix(view: DataView, left: number, right: number, secretPos: number): void {
    this.low = wrap(this.low + mixed(view, left, secretPos)) ^ wordsAt(view, right);
    this.high = wrap(this.high + mixed(view, right, secretPos + 16)) ^ wordsAt(view, left);
  }

  avalanche(): void {
    this.low = avalanche(this.low);
    this.high = avalanche(this.high);
  }

  finish(size: number): Hash128 {
    const { low, high } = this;
    const crossed = low * PRIME64_1 + high * PRIME64_4 + BigInt(size) * PRIME64_2;
    return { low: avalanche(low + high), high: wrap(-avalanche(crossed)) };
  }
}

function hashSmall(view: DataView, size: number): Hash128 {
  const sums = new Sums(BigInt(size) * PRIME64_1);
  for (let pair = (size - 1) >> 5; pair >= 0; pair--) sums.mix(view, pair * 16, size - (pair + 1) * 16, pair * 32);
  return sums.finish(size);
}

function hashMedium(view: DataView, size: number): Hash128 {
  const sums = new Sums(BigInt(size) * PRIME64_1);
  for (let pos = 0; pos < 128; pos += 32) sums.mix(view, pos, pos + 16, pos);
  sums.avalanche();
  for (let pos = 128; pos + 32 <= size; pos += 32) sums.mix(view, pos, pos + 16, pos - 128 + 3);
  sums.mix(view, size - 16, size - 32, 136 - 17 - 16);
  return sums.finish(size);
}

function hashLarge(view: DataView, size: number): Hash128 {
  const lanes = lanesOf(view, size);
  return {
    low: merged(lanes, 11, BigInt(size) * PRIME64_1),
    high: merged(lanes, SECRET_SIZE - 64 - 11, wrap(~(BigInt(size) * PRIME64_2))),
  };
}

function wordsAt(view: DataView, pos: number): bigint {
  return wrap(read(view, pos) + read(view, pos + 8));
}

/**
 * XXH3 in its 64-bit form with the default secret and no seed (the xxHash specification): what Redis 8.4 compares in
 * IFDEQ and IFDNE, and answers to DIGEST.
 *
 *     ""       2d06800538d394c2
 *     hello    9555e8555c62dcfd
 *
 * Inputs of up to 16, 128 and 240 bytes have ways of their own; longer ones go through eight lanes, 64 bytes at a time.
 */

import {
  avalanche,
  avalanche64,
  folded,
  lanesOf,
  merged,
  mixed,
  PRIME_TINY,
  PRIME64_1,
  read,
  rotated,
  secret,
  secret32,
  swapped,
  wrap,
} from './xxh3-steps.js';

/** Sixteen digits in lower case. */
export function xxh3Hex(bytes: Uint8Array): string {
  return xxh3(bytes).toString(16).padStart(16, '0');
}

export function xxh3(bytes: Uint8Array): bigint {
  const size = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  if (size <= 16) return hashTiny(view, size);
  if (size <= 128) return hashSmall(view, size);
  return size <= 240 ? hashMedium(view, size) : hashLarge(view, size);
}

function hashTiny(view: DataView, size: number): bigint {
  if (size === 0) return avalanche64(secret(56) ^ secret(64));
  if (size < 4) {
    const first = view.getUint8(0);
    const middle = view.getUint8(size >> 1);
    const last = view.getUint8(size - 1);
    const combined = ((first << 16) | (middle << 24) | (size << 8) | last) >>> 0;
    return avalanche64(BigInt(combined) ^ BigInt((secret32(0) ^ secret32(4)) >>> 0));
  }
  if (size <= 8) {
    const high = BigInt(view.getUint32(0, true)) << 32n;
    const keyed = (BigInt(view.getUint32(size - 4, true)) + high) ^ secret(8) ^ secret(16);
    let hash = wrap((keyed ^ rotated(keyed, 49n) ^ rotated(keyed, 24n)) * PRIME_TINY);
    hash = wrap((hash ^ ((hash >> 35n) + BigInt(size))) * PRIME_TINY);
    return hash ^ (hash >> 28n);
  }
  const low = read(view, 0) ^ secret(24) ^ secret(32);
  const high = read(view, size - 8) ^ secret(40) ^ secret(48);
  return avalanche(BigInt(size) + swapped(low) + high + folded(low, high));
}

function hashSmall(view: DataView, size: number): bigint {
  let sum = BigInt(size) * PRIME64_1;
  for (let pair = (size - 1) >> 5; pair >= 0; pair--) {
    sum += mixed(view, pair * 16, pair * 32);
    sum += mixed(view, size - (pair + 1) * 16, pair * 32 + 16);
  }
  return avalanche(sum);
}

function hashMedium(view: DataView, size: number): bigint {
  let sum = BigInt(size) * PRIME64_1;
  for (let round = 0; round < 8; round++) sum += mixed(view, round * 16, round * 16);
  sum = avalanche(sum);
  for (let round = 8; round < size >> 4; round++) sum += mixed(view, round * 16, (round - 8) * 16 + 3);
  return avalanche(sum + mixed(view, size - 16, 136 - 17));
}

function hashLarge(view: DataView, size: number): bigint {
  return merged(lanesOf(view, size), 11, BigInt(size) * PRIME64_1);
}

/**
 * XXH3 in its 64-bit form with the default secret and no seed (the xxHash specification): what Redis 8.4 compares in
 * IFDEQ and IFDNE, and answers to DIGEST.
 *
 *     ""       2d06800538d394c2
 *     hello    9555e8555c62dcfd
 *
 * Inputs of up to 16, 128 and 240 bytes have ways of their own; longer ones go through eight lanes, 64 bytes at a time.
 */

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

const SECRET = new DataView(
  Uint8Array.from(
    (
      'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
      'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
      'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
      '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e'
    )
      .match(/../g)!
      .map((digits) => Number.parseInt(digits, 16)),
  ).buffer,
);
const SECRET_SIZE = 192;

const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const PRIME_AVALANCHE = 0x165667919e3779f9n;
const PRIME_TINY = 0x9fb21c651e98df25n;

const STRIPE = 64;
const STRIPES_PER_BLOCK = (SECRET_SIZE - STRIPE) / 8;
const BLOCK = STRIPE * STRIPES_PER_BLOCK;

function hashTiny(view: DataView, size: number): bigint {
  if (size === 0) return avalanche64(secret(56) ^ secret(64));
  if (size < 4) {
    const first = view.getUint8(0);
    const middle = view.getUint8(size >> 1);
    const last = view.getUint8(size - 1);
    const combined = ((first << 16) | (middle << 24) | (size << 8) | last) >>> 0;
    return avalanche64(BigInt(combined) ^ BigInt((SECRET.getUint32(0, true) ^ SECRET.getUint32(4, true)) >>> 0));
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
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const blocks = Math.floor((size - 1) / BLOCK);
  for (let block = 0; block < blocks; block++) {
    for (let stripe = 0; stripe < STRIPES_PER_BLOCK; stripe++)
      accumulate(lanes, view, block * BLOCK + stripe * STRIPE, stripe * 8);
    for (let lane = 0; lane < 8; lane++) {
      const value = lanes[lane]!;
      lanes[lane] = wrap((value ^ (value >> 47n) ^ secret(SECRET_SIZE - STRIPE + lane * 8)) * PRIME32_1);
    }
  }
  const stripes = Math.floor((size - 1 - blocks * BLOCK) / STRIPE);
  for (let stripe = 0; stripe < stripes; stripe++)
    accumulate(lanes, view, blocks * BLOCK + stripe * STRIPE, stripe * 8);
  accumulate(lanes, view, size - STRIPE, SECRET_SIZE - STRIPE - 7);
  let sum = BigInt(size) * PRIME64_1;
  for (let pair = 0; pair < 4; pair++)
    sum += folded(lanes[pair * 2]! ^ secret(11 + pair * 16), lanes[pair * 2 + 1]! ^ secret(19 + pair * 16));
  return avalanche(sum);
}

function accumulate(lanes: bigint[], view: DataView, pos: number, secretPos: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = read(view, pos + lane * 8);
    const keyed = value ^ secret(secretPos + lane * 8);
    lanes[lane ^ 1] = wrap(lanes[lane ^ 1]! + value);
    lanes[lane] = wrap(lanes[lane]! + (keyed & 0xffffffffn) * (keyed >> 32n));
  }
}

function mixed(view: DataView, pos: number, secretPos: number): bigint {
  return folded(read(view, pos) ^ secret(secretPos), read(view, pos + 8) ^ secret(secretPos + 8));
}

/** The halves of the 128-bit product, one on the other. */
function folded(left: bigint, right: bigint): bigint {
  const product = left * right;
  return wrap(product) ^ (product >> 64n);
}

function avalanche(sum: bigint): bigint {
  const hash = wrap(sum);
  const mixedHash = wrap((hash ^ (hash >> 37n)) * PRIME_AVALANCHE);
  return mixedHash ^ (mixedHash >> 32n);
}

function avalanche64(hash: bigint): bigint {
  const once = wrap((hash ^ (hash >> 33n)) * PRIME64_2);
  const twice = wrap((once ^ (once >> 29n)) * PRIME64_3);
  return twice ^ (twice >> 32n);
}

function read(view: DataView, pos: number): bigint {
  return view.getBigUint64(pos, true);
}

function secret(pos: number): bigint {
  return SECRET.getBigUint64(pos, true);
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotated(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function swapped(value: bigint): bigint {
  let left = value;
  let result = 0n;
  for (let byte = 0; byte < 8; byte++) {
    result = (result << 8n) | (left & 0xffn);
    left >>= 8n;
  }
  return result;
}

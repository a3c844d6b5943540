/** What the forms of XXH3 have in common (the xxHash specification): the default secret, no seed. */

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
export const SECRET_SIZE = 192;

export const PRIME32_1 = 0x9e3779b1n;
export const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
export const PRIME64_1 = 0x9e3779b185ebca87n;
export const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
export const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const PRIME_AVALANCHE = 0x165667919e3779f9n;
export const PRIME_TINY = 0x9fb21c651e98df25n;

const STRIPE = 64;
const STRIPES_PER_BLOCK = (SECRET_SIZE - STRIPE) / 8;
const BLOCK = STRIPE * STRIPES_PER_BLOCK;

const START_LANES: readonly bigint[] = [
  PRIME32_3,
  PRIME64_1,
  PRIME64_2,
  PRIME64_3,
  PRIME64_4,
  PRIME32_2,
  PRIME64_5,
  PRIME32_1,
];

/** The eight lanes of more than 240 bytes. */
export function lanesOf(view: DataView, size: number): readonly bigint[] {
  const lanes = [...START_LANES];
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
  return lanes;
}

/** The lanes as one number. */
export function merged(lanes: readonly bigint[], secretPos: number, start: bigint): bigint {
  let sum = start;
  for (let pair = 0; pair < 4; pair++) {
    const left = lanes[pair * 2]! ^ secret(secretPos + pair * 16);
    sum += folded(left, lanes[pair * 2 + 1]! ^ secret(secretPos + 8 + pair * 16));
  }
  return avalanche(sum);
}

export function mixed(view: DataView, pos: number, secretPos: number): bigint {
  return folded(read(view, pos) ^ secret(secretPos), read(view, pos + 8) ^ secret(secretPos + 8));
}

/** The halves of the 128-bit product, one on the other. */
export function folded(left: bigint, right: bigint): bigint {
  const product = left * right;
  return wrap(product) ^ (product >> 64n);
}

export function avalanche(sum: bigint): bigint {
  const hash = wrap(sum);
  const mixedHash = wrap((hash ^ (hash >> 37n)) * PRIME_AVALANCHE);
  return mixedHash ^ (mixedHash >> 32n);
}

export function avalanche64(hash: bigint): bigint {
  const once = wrap((hash ^ (hash >> 33n)) * PRIME64_2);
  const twice = wrap((once ^ (once >> 29n)) * PRIME64_3);
  return twice ^ (twice >> 32n);
}

export function read(view: DataView, pos: number): bigint {
  return view.getBigUint64(pos, true);
}

export function secret(pos: number): bigint {
  return SECRET.getBigUint64(pos, true);
}

export function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

export function rotated(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

export function swapped(value: bigint): bigint {
  let left = value;
  let result = 0n;
  for (let byte = 0; byte < 8; byte++) {
    result = (result << 8n) | (left & 0xffn);
    left >>= 8n;
  }
  return result;
}

function accumulate(lanes: bigint[], view: DataView, pos: number, secretPos: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = read(view, pos + lane * 8);
    const keyed = value ^ secret(secretPos + lane * 8);
    lanes[lane ^ 1] = wrap(lanes[lane ^ 1]! + value);
    lanes[lane] = wrap(lanes[lane]! + (keyed & 0xffffffffn) * (keyed >> 32n));
  }
}

/** Four bytes of the secret. */
export function secret32(pos: number): number {
  return SECRET.getUint32(pos, true);
}

/**
 * MurmurHash64A with the seed of Redis's HyperLogLogs, little endian on every machine, in halves of 32 bits: a BigInt would
 * cost more than the hashing.
 */
import type { ByteString } from '../bytes/byte-string.js';

const SEED = 0xadc83b19;
/** The multiplier c6a4a7935bd1e995. */
const M_HI = 0xc6a4a793;
const M_LO = 0x5bd1e995;
const M_LO_HIGH = M_LO >>> 16;
const M_LO_LOW = M_LO & 0xffff;

export interface Hash64 {
  /** Both are signed 32-bit numbers. */
  hi: number;
  lo: number;
}

/** Of the bytes of a string, into `out`. */
export function murmurHash64(text: ByteString, out: Hash64): void {
  const size = text.length;
  multiply(0, size);
  let hi = productHi;
  let lo = SEED ^ productLo;
  const end = size - (size & 7);
  for (let pos = 0; pos < end; pos += 8) {
    multiply(word(text, pos + 4, 4), word(text, pos, 4));
    multiply(productHi, productLo ^ (productHi >>> 15));
    multiply(hi ^ productHi, lo ^ productLo);
    hi = productHi;
    lo = productLo;
  }
  const rest = size & 7;
  if (rest > 0) {
    multiply(rest > 4 ? hi ^ word(text, end + 4, rest - 4) : hi, lo ^ word(text, end, Math.min(rest, 4)));
    hi = productHi;
    lo = productLo;
  }
  multiply(hi, lo ^ (hi >>> 15));
  out.hi = productHi;
  out.lo = productLo ^ (productHi >>> 15);
}

// Results of multiply: two numbers without an object.
let productHi = 0;
let productLo = 0;

/** By the multiplier, modulo 2^64. */
function multiply(hi: number, lo: number): void {
  const low = lo & 0xffff;
  const high = lo >>> 16;
  const middle = high * M_LO_LOW + ((low * M_LO_LOW) >>> 16);
  const other = low * M_LO_HIGH + (middle & 0xffff);
  const carried = high * M_LO_HIGH + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
  productHi = (carried + Math.imul(hi, M_LO) + Math.imul(lo, M_HI)) | 0;
  productLo = Math.imul(lo, M_LO);
}

/** Up to four bytes, little endian. */
function word(text: ByteString, pos: number, count: number): number {
  let value = text.charCodeAt(pos);
  if (count > 1) value |= text.charCodeAt(pos + 1) << 8;
  if (count > 2) value |= text.charCodeAt(pos + 2) << 16;
  if (count > 3) value |= text.charCodeAt(pos + 3) << 24;
  return value;
}

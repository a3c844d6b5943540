/** A hash of 64 bits over the bytes of keys, that goes on from one byte to the next: beginnings are hashed along. */

export const HASH_START_LO = 0x811c9dc5 | 0;
export const HASH_START_HI = 0x85ebca6b | 0;

/** The two halves, each after one more byte. */
export function hashLo(lo: number, byte: number): number {
  return Math.imul(lo ^ byte, 0x01000193);
}

export function hashHi(hi: number, byte: number): number {
  return Math.imul(hi + byte, 0xcc9e2d51) ^ (hi >>> 15);
}

/** Both halves for whole keys. */
export class KeyHash {
  lo = 0;
  hi = 0;

  set(bytes: Uint8Array, start: number, end: number): void {
    let lo = HASH_START_LO;
    let hi = HASH_START_HI;
    for (let at = start; at < end; at++) {
      lo = hashLo(lo, bytes[at]!);
      hi = hashHi(hi, bytes[at]!);
    }
    this.lo = lo;
    this.hi = hi;
  }
}

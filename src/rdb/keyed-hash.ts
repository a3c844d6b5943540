/**
 * A keyed hash of 128 bits over words and byte ranges: for saying that two values are the same without holding either.
 *
 * It is the sponge of HalfSipHash with one round per word, of which the whole state is taken as the result. The key is
 * chosen anew for each comparison, so nobody can construct two files that only seem to be equal.
 */

/** Four words of secret. */
export type HashKey = readonly [number, number, number, number];

export function randomHashKey(): HashKey {
  const word = (): number => (Math.random() * 0x100000000) | 0;
  return [word(), word(), word(), word()];
}

export class KeyedHash {
  /** The state; after {@link finish} the result. */
  v0 = 0;
  v1 = 0;
  v2 = 0;
  v3 = 0;
  private readonly key0: number;
  private readonly key1: number;
  private readonly key2: number;
  private readonly key3: number;

  constructor(key: HashKey) {
    [this.key0, this.key1, this.key2, this.key3] = key;
    this.reset();
  }

  reset(): void {
    this.v0 = this.key0;
    this.v1 = this.key1;
    this.v2 = 0x6c796765 ^ this.key2;
    this.v3 = 0x74656462 ^ this.key3;
  }

  /** Takes 32 bits in. */
  word(word: number): void {
    this.v3 ^= word;
    this.round();
    this.v0 ^= word;
  }

  /** Takes `bytes[start, end)` in, their number first: no two sequences of ranges look alike. */
  bytes(bytes: Uint8Array, start: number, end: number): void {
    this.word(end - start);
    const wholeEnd = end - ((end - start) & 3);
    let { v0, v1, v2, v3 } = this;
    for (let pos = start; pos < wholeEnd; pos += 4) {
      const word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
      // The round stands here once more: a call per word costs a third of the speed.
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
    if (wholeEnd === end) return;
    let tail = 0;
    for (let pos = wholeEnd, shift = 0; pos < end; pos++, shift += 8) tail |= bytes[pos]! << shift;
    this.word(tail);
  }

  /** Mixes what has been taken in; the result stands in `v0` to `v3`. */
  finish(): void {
    this.v2 ^= 0xff;
    for (let left = 4; left > 0; left--) this.round();
  }

  private round(): void {
    let { v0, v1, v2, v3 } = this;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = (v2 << 16) | (v2 >>> 16);
    this.v3 = v3;
  }
}

/** Buckets that keys and elements are spread over where not all of them can be held at once. */
export const BUCKETS = 1024;

/**
 * The bucket of a name. It does not depend on a key: where something is compared in several passes, buckets decide the
 * order in which differences come out, and the same files must give the same order.
 */
export function bucketOf(scope: number, bytes: Uint8Array, start: number, end: number): number {
  return plainHash(scope, bytes, start, end) & (BUCKETS - 1);
}

/** A hash without a key, unsigned 32-bit: FNV-1a with its bits mixed at the end. It never changes. */
export function plainHash(scope: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = scope ^ 0x811c9dc5;
  for (let pos = start; pos < end; pos++) hash = Math.imul(hash ^ bytes[pos]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

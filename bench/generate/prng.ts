/**
 * Seeded randomness of the benchmark data: sfc32 (Chris Doty-Humphrey's small fast counting
 * generator, 128 bits of state). The same seed gives the same data on every machine.
 */
export class Prng {
  #a = 0;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#b = seed | 0;
    this.#c = 0x9e3779b9 | 0;
    // The first outputs still show the seed; the generator's author recommends a dozen rounds.
    for (let i = 0; i < 12; i++) this.next32();
  }

  /** The next 32 random bits, as an unsigned number. */
  next32(): number {
    const out = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) | 0;
    return out >>> 0;
  }

  /** An unsigned number of `count` random bits, 0 <= count <= 52. */
  bits(count: number): number {
    if (count === 0) return 0;
    if (count <= 32) return this.next32() >>> (32 - count);
    return this.next32() * 2 ** (count - 32) + this.bits(count - 32);
  }

  /** A number in [0, 1) with 52 random bits. */
  real(): number {
    return this.bits(52) / 2 ** 52;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.bits(16) % list.length] as T;
  }
}

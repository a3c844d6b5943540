/** Seeded randomness for tests: print the seed, and a failure can be had again. */

/** Numbers in [0, 1), the same for the same seed (a linear congruence with an output hash). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x45d9f3b);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 0x100000000;
  };
}

/** Sizes from 1 to `most`. */
export function randomSizes(seed: number, most: number): () => number {
  const next = random(seed);
  return () => 1 + Math.floor(next() * most);
}

/** Nodes of skiplists: their levels are random, so they are counted as is to be expected (memory-model.md §2). */
import type { SizeClass } from './allocator.js';

/** A level more has a node with this probability (ZSKIPLIST_P). */
const P = 1 / 4;
const MAX_LEVEL = 32;
/** A node without its levels. */
const NODE = 24;
const LEVEL_BYTES = 16;

/** What a node takes that asks for `bytes` beside its levels: Σ P(L)·S(bytes + 16·L). */
export function expectedNode(bytes: number, sizeClass: SizeClass): number {
  let expected = 0;
  let probability = 1 - P;
  for (let level = 1; level < MAX_LEVEL; level++) {
    expected += probability * sizeClass(bytes + LEVEL_BYTES * level);
    probability *= P;
  }
  return expected;
}

/** The node at the head, which has all levels there may be: 64 in 5.0, 32 before and after (ZSKIPLIST_MAXLEVEL). */
export function skiplistHeader(levels: number, sizeClass: SizeClass): number {
  return sizeClass(NODE + LEVEL_BYTES * levels);
}

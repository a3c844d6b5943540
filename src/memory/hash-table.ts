/** Redis's table, the dict, with its buckets (memory-model.md §3.1). */
import { nextPowerOfTwo } from './allocator.js';

/** Bytes of a bucket. */
const POINTER = 8;
const LEAST_BUCKETS = 4;

/** Bytes of the buckets of a dict that was given room for `count` entries. */
export function presizedBuckets(count: number): number {
  return count === 0 ? 0 : POINTER * Math.max(LEAST_BUCKETS, nextPowerOfTwo(count));
}

/**
 * A dict that is filled one by one: it doubles when it is full, and each insert moves one bucket of the old table that is not
 * empty (dictAdd, _dictRehashStep: all servers with a dict, while they load). Both tables count until all have moved. How many
 * buckets are empty depends on hash values, whose seed each server draws at its start: here they are as many as can be
 * expected.
 */
export class GrowingDict {
  private used = 0;
  /** Of the table being left; 0 where there is none. */
  private oldSize = 0;
  private size: number;
  /** Buckets with entries that are still to be moved. */
  private oldBuckets = 0;

  constructor(size: number) {
    this.size = Math.max(LEAST_BUCKETS, nextPowerOfTwo(size));
  }

  get bytes(): number {
    return POINTER * (this.size + this.oldSize);
  }

  insert(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.oldSize > 0) this.move();
      if (this.oldSize === 0 && this.used >= this.size) this.moveTo(nextPowerOfTwo(this.used + 1));
      this.used++;
    }
  }

  /** Room for `count` entries, unless a move is under way. */
  expand(count: number): void {
    const size = Math.max(LEAST_BUCKETS, nextPowerOfTwo(count));
    if (this.oldSize === 0 && count >= this.used && size !== this.size) this.moveTo(size);
  }

  private moveTo(size: number): void {
    const { used } = this;
    // An empty table is replaced at once.
    this.oldSize = used === 0 ? 0 : this.size;
    this.oldBuckets = bucketsInUse(this.size, used);
    this.size = size;
  }

  private move(): void {
    this.oldBuckets--;
    if (this.oldBuckets <= 0) this.oldSize = 0;
  }
}

/** Buckets of `size` that hold one of `used` entries which fall into them at random: s·(1 − (1 − 1/s)^u) is expected. */
function bucketsInUse(size: number, used: number): number {
  const buckets = Math.round(size - size * (1 - 1 / size) ** used);
  return Math.min(used, size, Math.max(1, buckets));
}

/** Entries that share a bucket of a dict with `buckets` (memory-model.md §8). */
export function chainedEntries(count: number): number {
  if (count === 0) return 0;
  const buckets = Math.max(LEAST_BUCKETS, nextPowerOfTwo(count));
  return count - buckets * (1 - Math.exp(-count / buckets));
}

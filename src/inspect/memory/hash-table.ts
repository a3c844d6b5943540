/** Tables: Redis's dict with its buckets, and Valkey's hashtable (memory-model.md §3.1, §6). */
import { nextPowerOfTwo } from './allocator.js';

/** Bytes of the pointer of a bucket, and of one of Valkey's buckets of seven entries. */
const POINTER = 8;
const VALKEY_BUCKET = 64;
const LEAST_BUCKETS = 4;

/** Bytes of the buckets of a dict that was given room for `count` entries. */
export function presizedBuckets(count: number): number {
  return count === 0 ? 0 : POINTER * Math.max(LEAST_BUCKETS, nextPowerOfTwo(count));
}

/**
 * A dict that is filled one by one: it doubles when it is full, and each insert moves `steps` buckets of the old table that
 * are not empty. Both tables count until all have moved. Chance decides how many buckets are empty; here they are as many as
 * can be expected.
 */
export class GrowingDict {
  private used = 0;
  /** Of the table being left; 0 where there is none. */
  private oldSize = 0;
  private size: number;
  /** Buckets that are still to be moved, and what is in each of them. */
  private oldBuckets = 0;

  constructor(
    size: number,
    private readonly steps: number,
  ) {
    this.size = Math.max(LEAST_BUCKETS, nextPowerOfTwo(size));
  }

  get bytes(): number {
    return POINTER * (this.size + this.oldSize);
  }

  insert(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.oldSize > 0) this.move();
      else if (this.used >= this.size) this.moveTo(nextPowerOfTwo(this.used + 1));
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
    this.oldSize = this.size;
    this.oldBuckets = this.size * (1 - (1 - 1 / this.size) ** used);
    this.size = size;
    if (used === 0) this.oldSize = 0;
  }

  private move(): void {
    this.oldBuckets -= this.steps;
    if (this.oldBuckets > 0) return;
    this.oldSize = 0;
  }
}

/** Seven entries fit a bucket; six, and the way to the next one, where it overflows. */
const VALKEY_BUCKET_ENTRIES = 7;
const VALKEY_OVERFLOW_ENTRIES = 6;

/** Bytes of the buckets of a Valkey hashtable of `count` entries after a load, overflow as it is to be expected. */
export function valkeyBuckets(count: number): number {
  if (count === 0) return 0;
  const buckets = nextPowerOfTwo(Math.ceil((5 * count) / 32));
  return VALKEY_BUCKET * (buckets + buckets * expectedOverflow(count / buckets));
}

/** Overflow buckets for each bucket where it has `mean` entries on the average: Σ P(X > 7 + 6j), X by Poisson. */
function expectedOverflow(mean: number): number {
  let probability = Math.exp(-mean);
  let atMost = probability;
  let overflow = 0;
  let next = VALKEY_BUCKET_ENTRIES;
  for (let entries = 0; entries < 64; ) {
    if (entries === next) {
      overflow += 1 - atMost;
      next += VALKEY_OVERFLOW_ENTRIES;
    }
    entries++;
    probability *= mean / entries;
    atMost += probability;
  }
  return overflow;
}

/** Entries that share a bucket of a dict with `buckets` (memory-model.md §8). */
export function chainedEntries(count: number): number {
  if (count === 0) return 0;
  const buckets = Math.max(LEAST_BUCKETS, nextPowerOfTwo(count));
  return count - buckets * (1 - Math.exp(-count / buckets));
}

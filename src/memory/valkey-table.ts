/** Valkey's table: buckets of 64 bytes with seven entries, and more of them behind those that overflow (memory-model.md §6). */
import { nextPowerOfTwo } from './allocator.js';

const BUCKET = 64;
/** Seven entries fit a bucket; six, and the way to the next one, where it overflows. */
const BUCKET_ENTRIES = 7;
const OVERFLOW_ENTRIES = 6;
/** No bucket of a table that is filled as it should be has more entries. */
const MOST_ENTRIES = 64;

/** Bytes of the buckets of a table of `count` entries that was given room for them, overflow as it is to be expected. */
export function valkeyBuckets(count: number): number {
  return count === 0 ? 0 : bytesOf(bucketsFor(count), count);
}

/**
 * A table that is filled one by one: when its buckets would be full on the average it gets the buckets that it needs, and from
 * then on each insert moves one bucket. Both tables count until all have moved.
 */
export class GrowingValkeyTable {
  private used = 0;
  /** Buckets of the table being left, 0 where there is none; those that have moved; and what it held. */
  private oldSize = 0;
  private moved = 0;
  private oldUsed = 0;
  private size: number;

  constructor(count: number) {
    this.size = count === 0 ? 0 : bucketsFor(count);
  }

  get bytes(): number {
    const left = this.oldSize === 0 ? 0 : 1 - this.moved / this.oldSize;
    const old = this.oldSize === 0 ? 0 : BUCKET * this.oldSize * (1 + left * overflow(this.oldUsed, this.oldSize));
    return old + bytesOf(this.size, Math.round(this.used - left * this.oldUsed));
  }

  insert(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.oldSize === 0 && this.used + 1 > BUCKET_ENTRIES * this.size) this.moveTo(bucketsFor(this.used + 1));
      if (this.oldSize > 0 && ++this.moved === this.oldSize) this.oldSize = 0;
      this.used++;
    }
  }

  /** Room for `count` entries, unless a move is under way. */
  expand(count: number): void {
    if (this.oldSize === 0 && count >= this.used && bucketsFor(count) !== this.size) this.moveTo(bucketsFor(count));
  }

  private moveTo(size: number): void {
    this.oldSize = this.used === 0 ? 0 : this.size;
    this.moved = 0;
    this.oldUsed = this.used;
    this.size = size;
  }
}

/** BUCKET_FACTOR and BUCKET_DIVISOR. */
function bucketsFor(count: number): number {
  return nextPowerOfTwo(Math.ceil((5 * count) / 32));
}

function bytesOf(buckets: number, count: number): number {
  return BUCKET * buckets * (1 + overflow(count, buckets));
}

/** Overflow buckets for each bucket: Σ P(X > 7 + 6j), where X of the `count` entries are in it, each by chance. */
function overflow(count: number, buckets: number): number {
  if (buckets === 1) return Math.max(0, Math.ceil((count - BUCKET_ENTRIES) / OVERFLOW_ENTRIES));
  const odds = 1 / (buckets - 1);
  let probability = (1 - 1 / buckets) ** count;
  let atMost = probability;
  let expected = 0;
  let next = BUCKET_ENTRIES;
  for (let entries = 0; entries < Math.min(count, MOST_ENTRIES); ) {
    if (entries === next) {
      expected += 1 - atMost;
      next += OVERFLOW_ENTRIES;
    }
    probability *= ((count - entries) * odds) / (entries + 1);
    entries++;
    atMost += probability;
  }
  return expected;
}

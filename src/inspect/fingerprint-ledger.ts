/**
 * A list of 64-bit fingerprints in bounded memory, looked through for equal ones at the end of a pass over the input.
 *
 * Compared with a hash table that is asked each time, this writes memory in sequence only: four times as fast where there
 * are millions. The price is that it tells which fingerprints are equal, not where they came from.
 *
 *     open     lo, hi, lo, hi … as they come
 *     store    runs of the same, each sorted by bucket: the upper ten bits of `hi`
 *
 * When too many are held, the ledger narrows: it drops its upper buckets, and another pass covers those.
 */

const BUCKET_BITS = 10;
const BUCKETS = 1 << BUCKET_BITS;
const BUCKET_SHIFT = 32 - BUCKET_BITS;
/** Fingerprints per run, at the most: 4 MB. */
const RUN = 1 << 19;
/** The open part grows to that by and by. */
const FIRST_RUN = 1 << 12;

/** Held by default: 64 MB. */
export const DEFAULT_MAX_FINGERPRINTS = 16 * RUN;

/** A sealed run of the store. */
interface Run {
  /** Where it begins. */
  readonly at: number;
  /** Where each bucket begins, counted in pairs from the beginning of the run; one more than there are buckets. */
  readonly starts: Int32Array;
}

export class FingerprintLedger {
  /** The fingerprint of the last {@link hash}. */
  lo = 0;
  hi = 0;
  /** Buckets `[from, to)` are looked at in this pass. */
  private from = 0;
  private to = BUCKETS;
  private open: Int32Array;
  /** Numbers of a run. The open part does not shrink when the ledger narrows, so it must be small beside the rest. */
  private readonly runSize: number;
  private used = 0;
  private store = new Int32Array(0);
  private stored = 0;
  private runs: Run[] = [];

  /** The seed decides only which bytes collide; tests pass one. */
  constructor(
    private readonly maxFingerprints = DEFAULT_MAX_FINGERPRINTS,
    readonly seed = (Math.random() * 0x100000000) | 0,
  ) {
    this.runSize = 2 * Math.min(RUN, Math.ceil(maxFingerprints / 8));
    this.open = new Int32Array(Math.min(2 * FIRST_RUN, this.runSize));
  }

  /** Adds the bytes `[start, end)` under the number `scope`, such as a database. */
  add(scope: number, bytes: Uint8Array, start: number, end: number): void {
    this.hash(scope, bytes, start, end);
    this.put(this.lo, this.hi);
  }

  /** Adds fingerprints that the kernel has computed: `count` pairs, lo and hi. */
  addPairs(pairs: Int32Array, count: number): void {
    if (this.from > 0 || this.to < BUCKETS) {
      for (let at = 0; at < 2 * count; at += 2) this.put(pairs[at]!, pairs[at + 1]!);
      return;
    }
    for (let at = 0; at < 2 * count; ) {
      if (this.used === this.open.length) this.makeRoom();
      const size = Math.min(2 * count - at, this.open.length - this.used);
      this.open.set(pairs.subarray(at, at + size), this.used);
      this.used += size;
      at += size;
    }
  }

  private put(lo: number, hi: number): void {
    const bucket = hi >>> BUCKET_SHIFT;
    if (bucket >= this.to || bucket < this.from) return;
    if (this.used === this.open.length) this.makeRoom();
    this.open[this.used] = lo;
    this.open[this.used + 1] = hi;
    this.used += 2;
  }

  /** Computes `lo` and `hi`. */
  hash(scope: number, bytes: Uint8Array, start: number, end: number): void {
    let lo = this.seed ^ Math.imul(scope, 0x9e3779b1);
    let hi = (end - start) ^ Math.imul(scope, 0x85ebca6b);
    let pos = start;
    for (; pos + 4 <= end; pos += 4) {
      const word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
      lo = Math.imul(lo ^ word, 0x9e3779b1);
      hi = Math.imul((hi ^ (lo >>> 15)) + word, 0x85ebca6b);
      lo ^= hi >>> 13;
    }
    let tail = 1;
    for (; pos < end; pos++) tail = (tail << 8) | bytes[pos]!;
    lo = Math.imul(lo ^ tail, 0xc2b2ae35);
    hi = Math.imul(hi ^ (lo >>> 15) ^ tail, 0x27d4eb2f);
    lo = Math.imul(lo ^ (hi >>> 16), 0x85ebca6b);
    this.lo = lo ^ (lo >>> 13);
    this.hi = Math.imul(hi ^ (lo >>> 16), 0x9e3779b1);
  }

  /** Ends a pass: the `lo` halves of fingerprints that came more than once, `max` at the most. */
  repeated(max: number): Set<number> {
    this.seal();
    const found = new Set<number>();
    let table = new Int32Array(0);
    for (let bucket = 0; bucket < this.to - this.from && found.size < max; bucket++) {
      const count = this.runs.reduce((sum, { starts }) => sum + starts[bucket + 1]! - starts[bucket]!, 0);
      const slots = tableSize(count);
      if (table.length < 2 * slots) table = new Int32Array(2 * slots);
      else table.fill(0, 0, 2 * slots);
      for (const { at, starts } of this.runs) {
        findRepeated(this.store, at + 2 * starts[bucket]!, at + 2 * starts[bucket + 1]!, table, slots, found);
      }
    }
    return found;
  }

  /** Goes on to the buckets that this pass has left out. False where it has covered the last. */
  next(): boolean {
    const width = this.to - this.from;
    this.from = this.to;
    this.to = Math.min(BUCKETS, this.from + width);
    this.runs = [];
    this.stored = 0;
    this.used = 0;
    return this.from < BUCKETS;
  }

  /** Share of all fingerprints that the passes so far have covered, this one included. */
  get share(): number {
    return this.to / BUCKETS;
  }

  private makeRoom(): void {
    if (this.open.length === this.runSize) {
      this.seal();
      return;
    }
    const larger = new Int32Array(Math.min(this.open.length * 4, this.runSize));
    larger.set(this.open);
    this.open = larger;
  }

  /** Counting sort of the open part by bucket, into the store. */
  private seal(): void {
    while (this.stored + this.used > 2 * this.maxFingerprints && this.to - this.from > 1) this.narrow();
    this.enlargeStore();
    const { open, used, from, to, store, stored: at } = this;
    const starts = new Int32Array(to - from + 1);
    // What the ledger has narrowed away since it came is left behind.
    for (let pos = 1; pos < used; pos += 2) {
      const bucket = open[pos]! >>> BUCKET_SHIFT;
      if (bucket < to) starts[bucket - from + 1]!++;
    }
    for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!;
    const next = starts.slice();
    for (let pos = 0; pos < used; pos += 2) {
      const hi = open[pos + 1]!;
      const bucket = hi >>> BUCKET_SHIFT;
      if (bucket >= to) continue;
      const place = at + 2 * next[bucket - from]!++;
      store[place] = open[pos]!;
      store[place + 1] = hi;
    }
    this.runs.push({ at, starts });
    this.stored = at + 2 * starts[to - from]!;
    this.used = 0;
  }

  /**
   * Room for what is open: for just that as long as it is all, then for all that can be held, since memory that is never
   * touched costs nothing. One store for all runs and passes.
   */
  private enlargeStore(): void {
    const wanted = this.stored + this.used;
    if (wanted <= this.store.length) return;
    const larger = new Int32Array(this.used < this.runSize ? wanted : Math.max(wanted, 2 * this.maxFingerprints));
    larger.set(this.store.subarray(0, this.stored));
    this.store = larger;
  }

  /** A quarter is dropped: with more, the last pass would hold less than it could, and there would be more passes. */
  private narrow(): void {
    const width = Math.floor(((this.to - this.from) * 3) / 4);
    this.to = this.from + width;
    let at = 0;
    this.runs = this.runs.map((run) => {
      const kept = { at, starts: run.starts.slice(0, width + 1) };
      const size = 2 * run.starts[width]!;
      this.store.copyWithin(at, run.at, run.at + size);
      at += size;
      return kept;
    });
    this.stored = at;
  }
}

/** A power of two with room to spare. */
function tableSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(count * 2 + 2));
}

/** Puts pairs `[at, end)` into an open hash table; what is there already goes to `found`. */
function findRepeated(
  pairs: Int32Array,
  start: number,
  end: number,
  table: Int32Array,
  slots: number,
  found: Set<number>,
): void {
  const mask = 2 * slots - 2;
  for (let at = start; at < end; at += 2) {
    const lo = pairs[at]!;
    // Both halves zero would look like an empty slot: rarer than any collision, and compared by bytes as those are.
    const hi = pairs[at + 1]! | (lo === 0 ? 1 : 0);
    let slot = (lo << 1) & mask;
    while ((table[slot] !== 0 || table[slot + 1] !== 0) && !(table[slot] === lo && table[slot + 1] === hi)) {
      slot = (slot + 2) & mask;
    }
    if (table[slot + 1] === hi && table[slot] === lo) found.add(lo);
    table[slot] = lo;
    table[slot + 1] = hi;
  }
}

/**
 * A list of 64-bit fingerprints in bounded memory, looked through for equal ones at the end of a pass over the input.
 *
 * Compared with a hash table that is asked each time, this writes memory in sequence only: four times as fast where there
 * are millions. The price is that it tells which fingerprints are equal, not where they came from.
 *
 *     open      lo, hi, lo, hi … as they come
 *     sealed    the same, sorted by bucket: the upper ten bits of `hi`
 *
 * When too many are held, the ledger narrows: it drops the upper half of its buckets, and another pass covers those.
 */

const BUCKET_BITS = 10;
const BUCKETS = 1 << BUCKET_BITS;
const BUCKET_SHIFT = 32 - BUCKET_BITS;
/** Fingerprints per chunk: 4 MB. */
const CHUNK = 1 << 19;
/** The first chunk grows to that by and by. */
const FIRST_CHUNK = 1 << 12;

/** Held by default: 64 MB. */
export const DEFAULT_MAX_FINGERPRINTS = 16 * CHUNK;

interface SealedChunk {
  readonly pairs: Int32Array;
  /** Where each bucket begins, counted in pairs from bucket `from` on; one more than there are buckets. */
  readonly starts: Int32Array;
}

export class FingerprintLedger {
  /** The fingerprint of the last {@link hash}. */
  lo = 0;
  hi = 0;
  /** Buckets `[from, to)` are looked at in this pass. */
  private from = 0;
  private to = BUCKETS;
  private open = new Int32Array(2 * FIRST_CHUNK);
  private used = 0;
  private sealed: SealedChunk[] = [];
  private held = 0;

  /** The seed decides only which bytes collide; tests pass one. */
  constructor(
    private readonly maxFingerprints = DEFAULT_MAX_FINGERPRINTS,
    private readonly seed = (Math.random() * 0x100000000) | 0,
  ) {}

  /** Adds the bytes `[start, end)` under the number `scope`, such as a database. */
  add(scope: number, bytes: Uint8Array, start: number, end: number): void {
    this.hash(scope, bytes, start, end);
    const bucket = this.hi >>> BUCKET_SHIFT;
    if (bucket >= this.to || bucket < this.from) return;
    if (this.used === this.open.length) this.makeRoom();
    this.open[this.used] = this.lo;
    this.open[this.used + 1] = this.hi;
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
      const count = this.sealed.reduce((sum, { starts }) => sum + starts[bucket + 1]! - starts[bucket]!, 0);
      const slots = tableSize(count);
      if (table.length < 2 * slots) table = new Int32Array(2 * slots);
      else table.fill(0, 0, 2 * slots);
      for (const { pairs, starts } of this.sealed) {
        findRepeated(pairs, 2 * starts[bucket]!, 2 * starts[bucket + 1]!, table, slots, found);
      }
    }
    return found;
  }

  /** Goes on to the buckets that this pass has left out. False where it has covered the last. */
  next(): boolean {
    const width = this.to - this.from;
    this.from = this.to;
    this.to = Math.min(BUCKETS, this.from + width);
    this.sealed = [];
    this.held = 0;
    this.used = 0;
    return this.from < BUCKETS;
  }

  /** Share of all fingerprints that the passes so far have covered, this one included. */
  get share(): number {
    return this.to / BUCKETS;
  }

  private makeRoom(): void {
    if (this.open.length < 2 * CHUNK) {
      const larger = new Int32Array(this.open.length * 2);
      larger.set(this.open);
      this.open = larger;
      return;
    }
    this.seal();
    while (this.held >= this.maxFingerprints && this.to - this.from > 1) this.narrow();
  }

  /** Counting sort of the open chunk by bucket. */
  private seal(): void {
    const { open, used, from, to } = this;
    const starts = new Int32Array(to - from + 1);
    for (let at = 1; at < used; at += 2) starts[(open[at]! >>> BUCKET_SHIFT) - from + 1]!++;
    for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!;
    const next = starts.slice();
    const pairs = new Int32Array(used);
    for (let at = 0; at < used; at += 2) {
      const hi = open[at + 1]!;
      const place = 2 * next[(hi >>> BUCKET_SHIFT) - from]!++;
      pairs[place] = open[at]!;
      pairs[place + 1] = hi;
    }
    this.sealed.push({ pairs, starts });
    this.held += used / 2;
    this.used = 0;
  }

  private narrow(): void {
    const width = (this.to - this.from) >> 1;
    this.to = this.from + width;
    this.sealed = this.sealed.map(({ pairs, starts }) => ({
      pairs: pairs.slice(0, 2 * starts[width]!),
      starts: starts.slice(0, width + 1),
    }));
    this.held = this.sealed.reduce((sum, { pairs }) => sum + pairs.length / 2, 0);
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

/**
 * Counts how often keys occur, in bounded memory: exactly while they fit, and beyond that the frequent ones, with a bound
 * on the error (Misra and Gries, pruned in batches as by Anderson et al., "A High-Performance Algorithm for Identifying
 * Frequent Items in Data Streams", 2017).
 *
 * Keys are told apart by 64 bits of hash. What counting a known key needs lies in four words, apart from the rest, since
 * the time goes into waiting for memory.
 */
import { HASH_START_HI, HASH_START_LO, hashHi, hashLo } from '../key-hash.js';

/** One key and its counts. */
export interface KeyCount {
  /** Its first {@link MAX_HELD_KEY} bytes at the most. */
  readonly key: Uint8Array;
  readonly db: number;
  /** Of the whole key. */
  readonly sizeBytes: number;
  /** How often it was added, less {@link KeyCount.missed} at the most. */
  readonly count: number;
  /** Sum of what was added with it, as far as it was counted. */
  readonly bytes: number;
  /** How many occurrences may be missing from `count`. */
  readonly missed: number;
}

/** A key, or the beginning of a long one, with how often it was counted, and with how many bytes. */
export type VisitKey = (text: Uint8Array, start: number, end: number, times: number, bytes: number) => void;

/** Of longer keys the beginning is kept. */
export const MAX_HELD_KEY = 256;

/** Words of a slot in `hot`. A COUNT of 0 says that it is free; sums of bytes go on in `cold`. */
const WORDS = 4;
const LO = 0;
const HI = 1;
const COUNT = 2;
const BYTES = 3;
/** Words of the same slot in `cold`. */
const TEXT = 0;
const SIZE = 1;
const DB = 2;
const BYTES_ABOVE = 3;

/** What BYTES holds stays below. */
const CARRY = 0x40000000;
const MAX_COUNT = 0x7fffffff;
const MIN_SLOTS = 1 << 10;

/** Keys that are counted together. */
const BATCH = 64;

class PendingKeys {
  count = 0;
  readonly lo = new Int32Array(BATCH);
  readonly hi = new Int32Array(BATCH);
  readonly size = new Int32Array(BATCH);
  readonly db = new Int32Array(BATCH);
  readonly times = new Int32Array(BATCH);
  readonly bytes = new Float64Array(BATCH);
  readonly text = new Uint8Array(BATCH * MAX_HELD_KEY);
}

export class FrequentKeys {
  private readonly pending = new PendingKeys();
  private hot = new Int32Array(MIN_SLOTS * WORDS);
  private cold = new Int32Array(MIN_SLOTS * WORDS);
  private mask = MIN_SLOTS - 1;
  private used = 0;
  private text = new Uint8Array(MIN_SLOTS * 16);
  private textEnd = 0;
  /** Means nothing, and keeps the reads of {@link touch} from being left out. */
  private touched = 0;
  /** What pruning has taken from every count at the most. */
  private missed = 0;

  /**
   * Holds up to three quarters of `maxSlots`, a power of two from 1,024 on, and `maxTextBytes` of keys. `onPruned` hears
   * of all that is taken from counts, so that nothing is lost that is summed up otherwise.
   */
  constructor(
    private readonly maxSlots: number,
    private readonly maxTextBytes: number,
    private readonly onPruned?: VisitKey,
  ) {}

  /** Whether nothing was pruned. */
  get isExact(): boolean {
    this.settle();
    return this.missed === 0;
  }

  /** Keys that are held: all different ones, while {@link isExact}. */
  get size(): number {
    this.settle();
    return this.used;
  }

  /** Counts the key `source[start, end)` so many times, with a number of bytes in all. */
  add(source: Uint8Array, start: number, end: number, db: number, times: number, addedBytes: number): void {
    const { pending } = this;
    const { text } = pending;
    const at = pending.count++;
    const size = end - start;
    const shift = at * MAX_HELD_KEY - start;
    const heldEnd = Math.min(end, start + MAX_HELD_KEY);
    let lo = HASH_START_LO;
    let hi = HASH_START_HI;
    let pos = start;
    for (; pos < heldEnd; pos++) {
      const byte = source[pos]!;
      text[shift + pos] = byte;
      lo = hashLo(lo, byte);
      hi = hashHi(hi, byte);
    }
    for (; pos < end; pos++) {
      lo = hashLo(lo, source[pos]!);
      hi = hashHi(hi, source[pos]!);
    }
    const mixed = Math.imul(hi ^ (hi >>> 16) ^ size, 0x85ebca6b) ^ lo;
    pending.hi[at] = mixed;
    pending.lo[at] = Math.imul(lo ^ (lo >>> 15) ^ db, 0x7feb352d) ^ (mixed >>> 13);
    pending.size[at] = size;
    pending.db[at] = db;
    pending.times[at] = times;
    pending.bytes[at] = addedBytes;
    if (pending.count === BATCH) this.settle();
  }

  /** What every key that is held was counted for. */
  visit(visit: VisitKey): void {
    this.settle();
    const { hot, cold, text } = this;
    for (let slot = 0; slot < hot.length; slot += WORDS) {
      if (hot[slot + COUNT] === 0) continue;
      const start = cold[slot + TEXT]!;
      visit(text, start, start + Math.min(cold[slot + SIZE]!, MAX_HELD_KEY), hot[slot + COUNT]!, this.bytesAt(slot));
    }
  }

  /**
   * Counts what was added. In a batch, since then the processor looks for the next keys while it still waits for the
   * memory of the first.
   */
  private settle(): void {
    const { pending } = this;
    const { lo, hi, bytes, times, count } = pending;
    this.touched += touch(this.hot, lo, count, this.mask);
    for (let at = 0; at < count; at++) {
      const { hot, mask } = this;
      const low = lo[at]!;
      let index = (low ^ (low >>> 16)) & mask;
      for (;;) {
        const slot = index * WORDS;
        const seen = hot[slot + COUNT]!;
        if (seen === 0) {
          this.insert(at);
          break;
        }
        if (hot[slot + LO] === low && hot[slot + HI] === hi[at]) {
          hot[slot + COUNT] = Math.min(seen + times[at]!, MAX_COUNT);
          this.addBytes(slot, bytes[at]!);
          break;
        }
        index = (index + 1) & mask;
      }
    }
    pending.count = 0;
  }

  /** The most frequent keys, at most `limit`, the most frequent first; among equals, in order of their bytes. */
  top(limit: number): KeyCount[] {
    this.settle();
    const { hot } = this;
    const chosen: KeyCount[] = [];
    let least = 1;
    for (let slot = 0; slot < hot.length; slot += WORDS) {
      if (hot[slot + COUNT]! < least) continue;
      chosen.push(this.entryAt(slot));
      // Sorting now and then costs less than keeping order.
      if (chosen.length < limit * 2 + 64) continue;
      chosen.sort(byCount).splice(limit);
      least = chosen.at(-1)?.count ?? Infinity;
    }
    return chosen.sort(byCount).slice(0, limit);
  }

  private entryAt(slot: number): KeyCount {
    const { hot, cold, text } = this;
    const start = cold[slot + TEXT]!;
    const sizeBytes = cold[slot + SIZE]!;
    return {
      key: text.slice(start, start + Math.min(sizeBytes, MAX_HELD_KEY)),
      db: cold[slot + DB]!,
      sizeBytes,
      count: hot[slot + COUNT]!,
      bytes: this.bytesAt(slot),
      missed: this.missed,
    };
  }

  private bytesAt(slot: number): number {
    return this.cold[slot + BYTES_ABOVE]! * CARRY + this.hot[slot + BYTES]!;
  }

  private addBytes(slot: number, added: number): void {
    const sum = this.hot[slot + BYTES]! + added;
    if (sum < CARRY) {
      this.hot[slot + BYTES] = sum;
    } else {
      this.hot[slot + BYTES] = sum % CARRY;
      this.cold[slot + BYTES_ABOVE]! += Math.floor(sum / CARRY);
    }
  }

  private insert(at: number): void {
    const { pending } = this;
    const size = pending.size[at]!;
    const held = Math.min(size, MAX_HELD_KEY);
    if (this.isFull || this.textEnd + held > this.text.length) this.makeRoom(held);
    const slot = this.freeSlot(pending.lo[at]!);
    const { hot, cold, text, textEnd } = this;
    hot[slot + LO] = pending.lo[at]!;
    hot[slot + HI] = pending.hi[at]!;
    hot[slot + COUNT] = pending.times[at]!;
    hot[slot + BYTES] = 0;
    cold[slot + TEXT] = textEnd;
    cold[slot + SIZE] = size;
    cold[slot + DB] = pending.db[at]!;
    cold[slot + BYTES_ABOVE] = 0;
    this.addBytes(slot, pending.bytes[at]!);
    const from = at * MAX_HELD_KEY;
    for (let offset = 0; offset < held; offset++) text[textEnd + offset] = pending.text[from + offset]!;
    this.textEnd = textEnd + held;
    this.used++;
  }

  private get isFull(): boolean {
    return this.used * 4 >= (this.mask + 1) * 3;
  }

  private freeSlot(lo: number): number {
    const { hot, mask } = this;
    let index = (lo ^ (lo >>> 16)) & mask;
    while (hot[index * WORDS + COUNT] !== 0) index = (index + 1) & mask;
    return index * WORDS;
  }

  /** Grows up to the bounds; beyond them, lets go of the rarer half. */
  private makeRoom(textBytes: number): void {
    const { isFull } = this;
    const slots = this.mask + 1;
    const canGrow = isFull ? slots < this.maxSlots : this.text.length < this.maxTextBytes;
    if (!canGrow) this.prune();
    else if (isFull) this.rebuild(slots * 4 <= this.maxSlots ? slots * 4 : slots * 2, 0);
    while (this.textEnd + textBytes > this.text.length && this.text.length < this.maxTextBytes) {
      const text = new Uint8Array(Math.min(this.text.length * 2, this.maxTextBytes));
      text.set(this.text.subarray(0, this.textEnd));
      this.text = text;
    }
  }

  private prune(): void {
    const { hot } = this;
    const counts = new Int32Array(this.used);
    let at = 0;
    for (let slot = COUNT; slot < hot.length; slot += WORDS) if (hot[slot]! > 0) counts[at++] = hot[slot]!;
    const median = counts.sort()[counts.length >> 1]!;
    this.missed += median;
    if (this.onPruned !== undefined) this.tellPruned(median, this.onPruned);
    this.rebuild(this.mask + 1, median);
  }

  private tellPruned(taken: number, visit: VisitKey): void {
    const { hot, cold, text } = this;
    for (let slot = 0; slot < hot.length; slot += WORDS) {
      const count = hot[slot + COUNT]!;
      if (count === 0) continue;
      const start = cold[slot + TEXT]!;
      const end = start + Math.min(cold[slot + SIZE]!, MAX_HELD_KEY);
      // Who stays keeps its bytes.
      if (count > taken) visit(text, start, end, taken, 0);
      else visit(text, start, end, count, this.bytesAt(slot));
    }
  }

  /** Moves what has more than `taken` to new slots, and their keys together. */
  private rebuild(slots: number, taken: number): void {
    const { hot: oldHot, cold: oldCold, text: oldText } = this;
    this.hot = new Int32Array(slots * WORDS);
    this.cold = new Int32Array(slots * WORDS);
    this.mask = slots - 1;
    this.used = 0;
    if (taken > 0) {
      this.text = new Uint8Array(oldText.length);
      this.textEnd = 0;
    }
    for (let from = 0; from < oldHot.length; from += WORDS) {
      if (oldHot[from + COUNT]! <= taken) continue;
      const to = this.freeSlot(oldHot[from + LO]!);
      for (let word = 0; word < WORDS; word++) {
        this.hot[to + word] = oldHot[from + word]!;
        this.cold[to + word] = oldCold[from + word]!;
      }
      this.hot[to + COUNT]! -= taken;
      this.used++;
      if (taken > 0) this.moveText(oldText, to);
    }
  }

  private moveText(from: Uint8Array, slot: number): void {
    const { cold, text, textEnd } = this;
    const start = cold[slot + TEXT]!;
    const held = Math.min(cold[slot + SIZE]!, MAX_HELD_KEY);
    text.set(from.subarray(start, start + held), textEnd);
    cold[slot + TEXT] = textEnd;
    this.textEnd = textEnd + held;
  }
}

/** Reads a word of every slot: loads that do not wait for one another, so that the loop behind finds them in the cache. */
function touch(hot: Int32Array, lo: Int32Array, count: number, mask: number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) {
    const low = lo[at]!;
    sum = (sum + hot[((low ^ (low >>> 16)) & mask) * WORDS]!) | 0;
  }
  return sum;
}

function byCount(a: KeyCount, b: KeyCount): number {
  return b.count - a.count || compareBytes(a.key, b.key) || a.db - b.db || a.sizeBytes - b.sizeBytes;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}

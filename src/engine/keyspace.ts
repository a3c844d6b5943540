/**
 * The keys of one database, with their values and expiries: a hash table of its own, which is asked with the bytes of a log
 * as well as with a string.
 *
 * A key that is there is found by its bytes and given out as the one string that is kept, and the place is remembered: what
 * a command then does with that string looks nothing up. Entries stand in the order in which they came, in chunks; what is
 * gone leaves a gap until there are more gaps than entries. Nothing here is copied as a whole but the table of slots, eight
 * bytes each.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { hashOf, hashOfBytes } from './key-hash-words.js';
import type { Keys } from './keys.js';
import { isBefore, type UnixMs } from './unix-ms.js';
import { type StoredValue, typeOf } from './values/stored-value.js';

/** Entries in a chunk, whose array has two elements of each. */
const CHUNK_BITS = 11;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;
const FEWEST_SLOTS = 16;
/** Places that are tried before keys are counted. */
const MOST_GUESSES = 64;
/** In a slot that was never used, and in one whose key is gone. */
const FREE = 0;
const GONE = -1;

export class Keyspace implements Keys {
  /** Keys that are there. */
  size = 0;
  /** Those that have an expiry. */
  expiring = 0;
  /** In turn the hash of a key and one more than its place. */
  private slots = new Int32Array(FEWEST_SLOTS * 2);
  private mask = FEWEST_SLOTS - 1;
  /** Slots that are not free, those whose keys are gone included. */
  private used = 0;
  /** Key and value in turn, both undefined in a gap. */
  private chunks: (StoredValue | undefined)[][] = [];
  /** By chunk; NaN where a key has none, infinite where it stands in {@link exact}. Missing where no key ever had one. */
  private times: (Float64Array | undefined)[] = [];
  /** By chunk, a word for each key that has one (access.ts); missing where no key has. */
  private words: (Uint32Array | undefined)[] = [];
  private exact: Map<ByteString, bigint> | undefined;
  /** Places that are taken, gaps included. */
  private places = 0;
  /** Of those who count on places. */
  private holders = 0;
  /** What was asked for last, and its place; −1 where it was not there. */
  private lastKey: ByteString | undefined;
  private lastPlace = -1;

  find(bytes: Uint8Array, start: number, end: number): ByteString | undefined {
    const { slots, mask } = this;
    const hash = hashOfBytes(bytes, start, end);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot * 2 + 1]! - 1;
      if (place === FREE - 1) return undefined;
      if (slots[slot * 2] !== hash || place < 0) continue;
      const key = this.keyAt(place);
      if (!isSame(key, bytes, start, end)) continue;
      this.lastKey = key;
      this.lastPlace = place;
      return key;
    }
  }

  get(key: ByteString): StoredValue | undefined {
    const place = this.placeOf(key);
    return place < 0 ? undefined : this.valueAt(place);
  }

  has(key: ByteString): boolean {
    return this.placeOf(key) >= 0;
  }

  typeOf(key: ByteString): string | undefined {
    const value = this.get(key);
    return value === undefined ? undefined : typeOf(value);
  }

  set(key: ByteString, value: StoredValue): void {
    const place = this.placeOf(key);
    if (place < 0) {
      this.insert(key, value);
      return;
    }
    this.chunks[place >>> CHUNK_BITS]![(place & CHUNK_MASK) * 2 + 1] = value;
  }

  delete(key: ByteString): boolean {
    const slot = this.search(key);
    if (slot < 0) return false;
    const place = this.slots[slot * 2 + 1]! - 1;
    this.clearTime(key, place);
    const chunk = this.chunks[place >>> CHUNK_BITS]!;
    const at = (place & CHUNK_MASK) * 2;
    chunk[at] = undefined;
    chunk[at + 1] = undefined;
    this.slots[slot * 2 + 1] = GONE;
    this.size--;
    this.forget();
    return true;
  }

  expiryOf(key: ByteString): UnixMs | undefined {
    const place = this.expiring === 0 ? -1 : this.placeOf(key);
    if (place < 0) return undefined;
    const time = this.times[place >>> CHUNK_BITS]?.[place & CHUNK_MASK];
    if (time === undefined || Number.isNaN(time)) return undefined;
    return time === Infinity ? this.exact!.get(key) : time;
  }

  setExpiry(key: ByteString, atMs: UnixMs): void {
    const place = this.placeOf(key);
    this.clearTime(key, place);
    const index = place >>> CHUNK_BITS;
    this.times[index] ??= new Float64Array(CHUNK_SIZE).fill(Number.NaN);
    this.times[index][place & CHUNK_MASK] = typeof atMs === 'number' ? atMs : Infinity;
    if (typeof atMs === 'bigint') {
      this.exact ??= new Map();
      this.exact.set(key, atMs);
    }
    this.expiring++;
  }

  deleteExpiry(key: ByteString): boolean {
    const place = this.expiring === 0 ? -1 : this.placeOf(key);
    return place >= 0 && this.clearTime(key, place);
  }

  accessOf(key: ByteString): number | undefined {
    const place = this.placeOf(key);
    const word = place < 0 ? 0 : this.words[place >>> CHUNK_BITS]?.[place & CHUNK_MASK];
    return word === 0 ? undefined : word;
  }

  setAccess(key: ByteString, word: number): void {
    const place = this.placeOf(key);
    const index = place >>> CHUNK_BITS;
    this.words[index] ??= new Uint32Array(CHUNK_SIZE);
    this.words[index][place & CHUNK_MASK] = word;
  }

  clear(): void {
    this.size = 0;
    this.expiring = 0;
    this.slots = new Int32Array(FEWEST_SLOTS * 2);
    this.mask = FEWEST_SLOTS - 1;
    this.used = 0;
    this.chunks = [];
    this.times = [];
    this.words = [];
    this.exact = undefined;
    this.places = 0;
    this.forget();
  }

  get arrived(): number {
    return this.places;
  }

  arrivalOf(key: ByteString): number {
    return this.placeOf(key);
  }

  keyFrom(place: number, end: number): ByteString | undefined {
    for (let at = place; at < end; at++) if (this.valueAt(at) !== undefined) return this.remembered(at);
    return undefined;
  }

  keyWhere(place: number, end: number, isWanted: (value: StoredValue) => boolean): ByteString | undefined {
    for (let at = place; at < end; at++) {
      const value = this.valueAt(at);
      if (value !== undefined && isWanted(value)) return this.remembered(at);
    }
    return undefined;
  }

  dueFrom(place: number, end: number, nowMs: number): ByteString | undefined {
    let at = place;
    while (at < end) {
      const times = this.times[at >>> CHUNK_BITS];
      const stop = Math.min(end, (at | CHUNK_MASK) + 1);
      // Nothing in this chunk has one.
      if (times === undefined) at = stop;
      for (; at < stop; at++) {
        const time = times![at & CHUNK_MASK]!;
        if (time < nowMs) return this.remembered(at);
        if (time === Infinity && isBefore(this.exact!.get(this.keyAt(at))!, nowMs)) return this.remembered(at);
      }
    }
    return undefined;
  }

  /** Gaps are left open. */
  hold(): void {
    this.holders++;
  }

  letGo(): void {
    this.holders--;
  }

  *entries(): Generator<[ByteString, StoredValue], void, void> {
    for (let place = 0; place < this.places; place++) {
      const value = this.valueAt(place);
      if (value === undefined) continue;
      yield [this.remembered(place), value];
    }
  }

  *keys(): Generator<ByteString, void, void> {
    for (let place = 0; place < this.places; place++) if (this.valueAt(place) !== undefined) yield this.keyAt(place);
  }

  randomKey(random: () => number): ByteString | undefined {
    if (this.size === 0) return undefined;
    for (let left = MOST_GUESSES; left > 0; left--) {
      const place = Math.floor(random() * this.places);
      if (this.valueAt(place) !== undefined) return this.remembered(place);
    }
    // Gaps are left open while somebody counts on places.
    let left = Math.floor(random() * this.size);
    for (const key of this.keys()) if (left-- === 0) return key;
    return undefined;
  }

  /**
   * Visits the keys of one bucket and returns the cursor of the next, 0 at the end (SCAN): whoever goes on until then has
   * seen every key that was there all the time, whatever has come and gone, some perhaps twice. Buckets come in the order of
   * their numbers with the bits reversed, so that a table that has grown or shrunk goes on where another one left off.
   */
  scan(cursor: number, visit: (key: ByteString) => void): number {
    const { slots, mask } = this;
    const bucket = cursor & mask;
    for (let slot = bucket; ; slot = (slot + 1) & mask) {
      const place = slots[slot * 2 + 1]! - 1;
      if (place === FREE - 1) break;
      // Further on lie keys of other buckets, which were pushed on.
      if (place >= 0 && (slots[slot * 2]! & mask) === bucket) visit(this.keyAt(place));
    }
    return nextBucket(cursor, mask);
  }

  /** −1 where the key is not there. */
  private placeOf(key: ByteString): number {
    // The same string, nearly always: the comparison ends at once.
    if (key === this.lastKey) return this.lastPlace;
    const slot = this.search(key);
    this.lastKey = key;
    this.lastPlace = slot < 0 ? -1 : this.slots[slot * 2 + 1]! - 1;
    return this.lastPlace;
  }

  /** The slot of a key; −1 where it is not there. */
  private search(key: ByteString): number {
    const { slots, mask } = this;
    const hash = hashOf(key);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot * 2 + 1]! - 1;
      if (place === FREE - 1) return -1;
      if (slots[slot * 2] === hash && place >= 0 && this.keyAt(place) === key) return slot;
    }
  }

  /** There is a key, of which more may be asked next. */
  private remembered(place: number): ByteString {
    const key = this.keyAt(place);
    this.lastKey = key;
    this.lastPlace = place;
    return key;
  }

  /** There is a key. */
  private keyAt(place: number): ByteString {
    return this.chunks[place >>> CHUNK_BITS]![(place & CHUNK_MASK) * 2] as ByteString;
  }

  private valueAt(place: number): StoredValue | undefined {
    return this.chunks[place >>> CHUNK_BITS]![(place & CHUNK_MASK) * 2 + 1];
  }

  /** A key that is not there. */
  private insert(key: ByteString, value: StoredValue): void {
    if (this.holders === 0 && this.places - this.size > this.size + CHUNK_SIZE) this.closeGaps();
    if ((this.used + 1) * 4 > (this.mask + 1) * 3) this.resize(slotsFor(this.size + 1));
    const place = this.places++;
    append(this.chunks, key, value);
    this.takeSlot(hashOf(key), place);
    this.size++;
    this.lastKey = key;
    this.lastPlace = place;
  }

  private takeSlot(hash: number, place: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot * 2 + 1]! > 0) slot = (slot + 1) & mask;
    if (slots[slot * 2 + 1] === FREE) this.used++;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = place + 1;
  }

  private resize(count: number): void {
    const before = this.slots;
    this.slots = new Int32Array(count * 2);
    this.mask = count - 1;
    this.used = 0;
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1]! > 0) this.takeSlot(before[at]!, before[at + 1]! - 1);
  }

  /** Entries move together; slots learn their new places. */
  private closeGaps(): void {
    const { chunks, times, words, places, slots } = this;
    const moved = new Int32Array(places);
    this.chunks = [];
    this.times = [];
    this.words = [];
    this.places = 0;
    for (let place = 0; place < places; place++) {
      const chunk = chunks[place >>> CHUNK_BITS]!;
      const at = (place & CHUNK_MASK) * 2;
      const value = chunk[at + 1];
      if (value === undefined) continue;
      const to = this.places++;
      moved[place] = to;
      append(this.chunks, chunk[at] as ByteString, value);
      const word = words[place >>> CHUNK_BITS]?.[place & CHUNK_MASK] ?? 0;
      if (word !== 0) {
        this.words[to >>> CHUNK_BITS] ??= new Uint32Array(CHUNK_SIZE);
        this.words[to >>> CHUNK_BITS]![to & CHUNK_MASK] = word;
      }
      const time = times[place >>> CHUNK_BITS]?.[place & CHUNK_MASK];
      if (time === undefined || Number.isNaN(time)) continue;
      this.times[to >>> CHUNK_BITS] ??= new Float64Array(CHUNK_SIZE).fill(Number.NaN);
      this.times[to >>> CHUNK_BITS]![to & CHUNK_MASK] = time;
    }
    for (let at = 1; at < slots.length; at += 2) if (slots[at]! > 0) slots[at] = moved[slots[at]! - 1]! + 1;
  }

  /** False where there was none. */
  private clearTime(key: ByteString, place: number): boolean {
    if (this.expiring === 0) return false;
    const times = this.times[place >>> CHUNK_BITS];
    const at = place & CHUNK_MASK;
    if (times === undefined || Number.isNaN(times[at]!)) return false;
    if (times[at] === Infinity) this.exact!.delete(key);
    times[at] = Number.NaN;
    this.expiring--;
    return true;
  }

  private forget(): void {
    this.lastKey = undefined;
    this.lastPlace = -1;
  }
}

/** One more, counted from the highest bit of the mask down. */
function nextBucket(cursor: number, mask: number): number {
  return reversed((reversed(cursor | ~mask) + 1) >>> 0);
}

/** The 32 bits of a number the other way round. */
function reversed(bits: number): number {
  let left = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  left = ((left >>> 2) & 0x33333333) | ((left & 0x33333333) << 2);
  left = ((left >>> 4) & 0x0f0f0f0f) | ((left & 0x0f0f0f0f) << 4);
  left = ((left >>> 8) & 0x00ff00ff) | ((left & 0x00ff00ff) << 8);
  return ((left >>> 16) | (left << 16)) >>> 0;
}

/** Behind what is there. A chunk that is full gives back what its array has in reserve. */
function append(chunks: (StoredValue | undefined)[][], key: ByteString, value: StoredValue): void {
  const last = chunks.length - 1;
  const chunk = chunks[last];
  if (chunk !== undefined && chunk.length < CHUNK_SIZE * 2) {
    chunk.push(key, value);
    return;
  }
  if (chunk !== undefined) chunks[last] = chunk.slice();
  chunks.push([key, value]);
}

/** Twice the keys at least: the table is at most three quarters full before it is made anew. */
function slotsFor(keys: number): number {
  let count = FEWEST_SLOTS;
  while (count < keys * 2) count *= 2;
  return count;
}

function isSame(key: ByteString, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let at = 0; at < key.length; at++) if (key.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

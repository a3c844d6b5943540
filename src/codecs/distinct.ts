/**
 * Finds elements that occur twice in one value: fields of a hash, members of a set or sorted set.
 *
 * A hash table with open addressing over 32-bit hashes and a full comparison of bytes, kept from value to value. It
 * allocates nothing per element, and clearing costs what the value costs, not what the largest value before it did.
 *
 *     slots    0: empty; otherwise 1 + the element's number in the low bits, the upper bits of its hash above them
 *     elements per element: hash, place, size
 *     place    ≥ 0: offset from the first stable element; < 0: ~offset in the arena of copied elements
 */
import { LimitError } from '../bytes/errors.js';

/** Slots of the smallest table. */
const MIN_SLOTS = 16;
/** An announced count above this is not believed before the elements have come. */
const MAX_EXPECTED = 1 << 20;
/** Tables beyond these sizes are let go when a smaller value comes. */
const KEEP_SLOTS = 1 << 18;
const KEEP_ARENA = 1 << 20;
const MIN_ARENA = 4096;
const MAX_OFFSET = 0x7fffffff;
/**
 * So long a chain does not happen by chance at a load of one half: somebody chose the elements to collide, and the keyed
 * hash takes over, which nobody can predict.
 */
const MAX_PROBES = 256;

const NO_BYTES = new Uint8Array(0);
const NO_INTS = new Int32Array(0);
/** Numbers per element in `elements`. */
const STRIDE = 3;

/**
 * Usage: {@link reset} before each value, then {@link add} per element. The ranges handed in as stable must keep their
 * bytes until the next reset.
 */
export class DistinctSet {
  private slots = NO_INTS;
  private elements = NO_INTS;
  private count = 0;
  /** Slots in use, minus one. The rest of the array is left over from a larger value. */
  private mask = 0;
  private arena: Uint8Array = NO_BYTES;
  private arenaSize = 0;
  private stable: Uint8Array = NO_BYTES;
  private stableBase = -1;
  private keyed = false;

  /** The key decides only which elements collide, never a result; tests pass one. */
  constructor(
    private readonly key0 = (Math.random() * 0x100000000) | 0,
    private readonly key1 = (Math.random() * 0x100000000) | 0,
  ) {}

  /** Forgets everything; about `expected` elements will come (more are welcome). */
  reset(expected: number): void {
    const slots = slotsFor(Math.min(expected, MAX_EXPECTED));
    if (this.slots.length > Math.max(slots, KEEP_SLOTS)) {
      this.slots = NO_INTS;
      this.elements = NO_INTS;
    }
    if (this.arena.length > KEEP_ARENA) this.arena = NO_BYTES;
    this.count = 0;
    this.arenaSize = 0;
    this.stable = NO_BYTES;
    this.stableBase = -1;
    this.keyed = false;
    this.setSlots(slots);
  }

  /**
   * Adds the bytes `[start, end)`; false when the same bytes were added since the last {@link reset}.
   * With `stable`, only where they lie is remembered: they stay as they are until the next reset. Otherwise they are copied.
   * Throws LIMIT_MEMORY where more than 2 GiB would have to be copied.
   */
  add(bytes: Uint8Array, start: number, end: number, stable: boolean): boolean {
    const hash = this.keyed ? keyedHash(bytes, start, end, this.key0, this.key1) : quickHash(bytes, start, end);
    const { slots, mask } = this;
    let index = hash & mask;
    let probes = 0;
    for (let slot = slots[index]!; slot !== 0; slot = slots[index]!) {
      // The bits above the mask tell most strangers apart without a look at them.
      if (((slot ^ hash) & ~mask) === 0 && this.isElement((slot & mask) - 1, hash, bytes, start, end)) return false;
      index = (index + 1) & mask;
      if (++probes > MAX_PROBES && !this.keyed) {
        this.becomeKeyed();
        return this.add(bytes, start, end, stable);
      }
    }
    const at = this.count * STRIDE;
    if (at + STRIDE > this.elements.length) this.growElements();
    this.elements[at] = hash;
    this.elements[at + 1] = this.place(bytes, start, end, stable);
    this.elements[at + 2] = end - start;
    this.count++;
    slots[index] = (hash & ~mask) | this.count;
    if (this.count * 2 > mask + 1) {
      this.setSlots((mask + 1) * 2);
      this.refill();
    }
    return true;
  }

  private isElement(number: number, hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = number * STRIDE;
    const { elements } = this;
    if (elements[at] !== hash || elements[at + 2] !== ((end - start) | 0)) return false;
    const place = elements[at + 1]!;
    const other = place < 0 ? this.arena : this.stable;
    let otherPos = place < 0 ? ~place : this.stableBase + place;
    for (let pos = start; pos < end; pos++) {
      if (bytes[pos] !== other[otherPos++]) return false;
    }
    return true;
  }

  private place(bytes: Uint8Array, start: number, end: number, stable: boolean): number {
    if (!stable) return this.copy(bytes, start, end);
    if (this.stableBase < 0) {
      this.stable = bytes;
      this.stableBase = start;
    }
    const offset = start - this.stableBase;
    // One array and 31 bits of offset serve every real value; whatever else comes is copied.
    return bytes === this.stable && offset >= 0 && offset <= MAX_OFFSET ? offset : this.copy(bytes, start, end);
  }

  private copy(bytes: Uint8Array, start: number, end: number): number {
    const at = this.arenaSize;
    const next = at + end - start;
    if (next > this.arena.length) this.growArena(next, start);
    const { arena } = this;
    if (end - start > 64) arena.set(bytes.subarray(start, end), at);
    else for (let pos = start, to = at; pos < end; pos++) arena[to++] = bytes[pos]!;
    this.arenaSize = next;
    return ~at;
  }

  private growArena(size: number, pos: number): void {
    if (size > MAX_OFFSET) throw new LimitError('LIMIT_MEMORY', 'a value whose elements take more than 2 GiB', pos);
    const arena = new Uint8Array(Math.min(MAX_OFFSET, Math.max(MIN_ARENA, size, this.arena.length * 2)));
    arena.set(this.arena.subarray(0, this.arenaSize));
    this.arena = arena;
  }

  private growElements(): void {
    const elements = new Int32Array(Math.max(MIN_SLOTS * STRIDE, this.elements.length * 2));
    elements.set(this.elements);
    this.elements = elements;
  }

  /** Makes `size` slots, a power of two, empty and ready. */
  private setSlots(size: number): void {
    if (this.slots.length < size) this.slots = new Int32Array(size);
    else this.slots.fill(0, 0, size);
    this.mask = size - 1;
  }

  /** Enters every element into the empty slots. */
  private refill(): void {
    const { slots, elements, mask, count } = this;
    for (let number = 0; number < count; number++) {
      const hash = elements[number * STRIDE]!;
      let index = hash & mask;
      while (slots[index] !== 0) index = (index + 1) & mask;
      slots[index] = (hash & ~mask) | (number + 1);
    }
  }

  private becomeKeyed(): void {
    const { elements } = this;
    this.keyed = true;
    for (let at = 0; at < this.count * STRIDE; at += STRIDE) {
      const place = elements[at + 1]!;
      const start = place < 0 ? ~place : this.stableBase + place;
      const bytes = place < 0 ? this.arena : this.stable;
      elements[at] = keyedHash(bytes, start, start + (elements[at + 2]! >>> 0), this.key0, this.key1);
    }
    this.setSlots(this.mask + 1);
    this.refill();
  }
}

/** The power of two that holds `count` elements at a load of at most one half. */
function slotsFor(count: number): number {
  let slots = MIN_SLOTS;
  while (slots < count * 2) slots *= 2;
  return slots;
}

/** Multiplies and folds four bytes at a time: fast and well spread, but anyone can construct collisions. */
function quickHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let pos = start;
  for (; pos + 4 <= end; pos += 4) {
    const word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; pos < end; pos++) hash = Math.imul(hash ^ bytes[pos]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** HalfSipHash-1-3: collisions cannot be constructed without the key. */
function keyedHash(bytes: Uint8Array, start: number, end: number, key0: number, key1: number): number {
  let v0 = key0;
  let v1 = key1;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const blocks = (end - start) >>> 2;
  // One round per block and one for the tail, then three to finish.
  for (let round = 0; round < blocks + 4; round++) {
    const word = round < blocks ? wordAt(bytes, start + 4 * round) : round === blocks ? tailWord(bytes, start, end) : 0;
    if (round === blocks + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function wordAt(bytes: Uint8Array, pos: number): number {
  return bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
}

/** The last zero to three bytes, with the size on top. */
function tailWord(bytes: Uint8Array, start: number, end: number): number {
  let word = (end - start) << 24;
  for (let pos = end - ((end - start) & 3), shift = 0; pos < end; pos++, shift += 8) word |= bytes[pos]! << shift;
  return word;
}

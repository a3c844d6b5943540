/**
 * Where the keys of one database lie in a dump: eleven bytes for each in columns, eight more in chunks in which keys have an
 * expiry, six of hash slots. No string and no object is kept for a key, so millions of them take no more than that.
 *
 * Places are added in the order of the file; {@link PlaceTable.finish} then makes the slots, when their number is known.
 */
import type { UnixMs } from '../../engine/unix-ms.js';

const CHUNK_BITS = 13;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;
const FEWEST_PLACES = 64;
const FEWEST_SLOTS = 16;
/** Slots for each key: two thirds of them are taken. */
const SPREAD = 1.5;
const UINT32 = 2 ** 32;
/** Offsets are kept in 48 bits, places in 31. */
const MAX_PLACES = 2 ** 31 - 2;
/** In a head: the name does not begin so near. */
const FAR = 0xff;

/** Columns of places; a database that has few keys takes little. */
class Chunk {
  low = new Uint32Array(FEWEST_PLACES);
  high = new Uint16Array(FEWEST_PLACES);
  hash = new Int32Array(FEWEST_PLACES);
  /** From the record's beginning to its name, as far as a byte says. */
  head = new Uint8Array(FEWEST_PLACES);
  /** NaN where a key has none, infinite where it stands in `exact`. Missing where no key has one. */
  times: Float64Array | undefined;

  get size(): number {
    return this.low.length;
  }

  grow(size: number): void {
    const { low, high, hash, head, times } = this;
    this.low = new Uint32Array(size);
    this.low.set(low);
    this.high = new Uint16Array(size);
    this.high.set(high);
    this.hash = new Int32Array(size);
    this.hash.set(hash);
    this.head = new Uint8Array(size);
    this.head.set(head);
    if (times === undefined) return;
    this.times = new Float64Array(size).fill(Number.NaN);
    this.times.set(times);
  }
}

export class PlaceTable {
  /** Places, those of keys that come again further on included. */
  count = 0;
  /** Keys: of several records of one name the last counts, as for a server. */
  size = 0;
  /** Of those, such as have an expiry. */
  expiring = 0;
  /** Where the last record ends. */
  private end = 0;
  private readonly chunks: Chunk[] = [];
  private readonly exact = new Map<number, bigint>();
  /** Heads that a byte does not hold. */
  private readonly far = new Map<number, number>();
  /** One more than a place; 0 where there is none. */
  private slots = new Int32Array(FEWEST_SLOTS);
  /** A bit for each place whose key comes again; missing where none does. */
  private gone: Uint8Array | undefined;

  /** `keyOffset` is where the name's string begins, `end` where the record ends or is known to have got to. */
  add(hash: number, offset: number, keyOffset: number, end: number): void {
    const place = this.count;
    if (place >= MAX_PLACES) throw new RangeError('more than 2^31 keys in one database');
    if ((place & CHUNK_MASK) === 0) this.chunks.push(new Chunk());
    const chunk = this.chunks[place >>> CHUNK_BITS]!;
    const at = place & CHUNK_MASK;
    if (at === chunk.size) chunk.grow(place < CHUNK_SIZE ? at * 2 : CHUNK_SIZE);
    chunk.low[at] = offset;
    chunk.high[at] = Math.floor(offset / UINT32);
    chunk.hash[at] = hash;
    const head = keyOffset - offset;
    chunk.head[at] = Math.min(head, FAR);
    if (head >= FAR) this.far.set(place, head);
    this.end = end;
    this.count++;
  }

  /** The record that was added last goes on up to here. */
  extendTo(end: number): void {
    this.end = end;
  }

  /** Of the place that was added last. */
  setExpiry(atMs: UnixMs): void {
    const place = this.count - 1;
    const chunk = this.chunks[place >>> CHUNK_BITS]!;
    chunk.times ??= new Float64Array(chunk.size).fill(Number.NaN);
    chunk.times[place & CHUNK_MASK] = typeof atMs === 'number' ? atMs : Infinity;
    if (typeof atMs === 'bigint') this.exact.set(place, atMs);
  }

  offsetOf(place: number): number {
    const chunk = this.chunks[place >>> CHUNK_BITS]!;
    const at = place & CHUNK_MASK;
    return chunk.high[at]! * UINT32 + chunk.low[at]!;
  }

  /** Where the record ends; something that is no key of this database may stand in front of that. */
  endOf(place: number): number {
    return place + 1 < this.count ? this.offsetOf(place + 1) : this.end;
  }

  keyOffsetOf(place: number): number {
    const head = this.chunks[place >>> CHUNK_BITS]!.head[place & CHUNK_MASK]!;
    return this.offsetOf(place) + (head === FAR ? this.far.get(place)! : head);
  }

  expiryOf(place: number): UnixMs | undefined {
    const time = this.chunks[place >>> CHUNK_BITS]!.times?.[place & CHUNK_MASK];
    if (time === undefined || Number.isNaN(time)) return undefined;
    return time === Infinity ? this.exact.get(place)! : time;
  }

  /** Whether the key comes again further on. */
  isGone(place: number): boolean {
    return this.gone !== undefined && (this.gone[place >> 3]! & (1 << (place & 7))) !== 0;
  }

  /** Makes the slots; `isSame` says of two places with one hash whether they are those of one key. */
  finish(isSame: (first: number, second: number) => boolean): void {
    this.slots = new Int32Array(Math.max(FEWEST_SLOTS, Math.ceil(this.count * SPREAD)));
    for (let place = 0; place < this.count; place++) this.takeSlot(place, isSame);
    for (let place = 0; place < this.count; place++) {
      if (this.isGone(place)) continue;
      this.size++;
      if (this.expiryOf(place) !== undefined) this.expiring++;
    }
  }

  /** The place with this hash of which `isWanted` holds; −1 where there is none. */
  search(hash: number, isWanted: (place: number) => boolean): number {
    const { slots } = this;
    for (let slot = this.firstSlot(hash); ; slot = slot + 1 === slots.length ? 0 : slot + 1) {
      const place = slots[slot]! - 1;
      if (place < 0) return -1;
      if (this.hashOf(place) === hash && isWanted(place)) return place;
    }
  }

  private takeSlot(place: number, isSame: (first: number, second: number) => boolean): void {
    const { slots } = this;
    const hash = this.hashOf(place);
    let slot = this.firstSlot(hash);
    for (; slots[slot] !== 0; slot = slot + 1 === slots.length ? 0 : slot + 1) {
      const other = slots[slot]! - 1;
      if (this.hashOf(other) !== hash || !isSame(other, place)) continue;
      this.gone ??= new Uint8Array((this.count + 7) >> 3);
      this.gone[other >> 3]! |= 1 << (other & 7);
      break;
    }
    slots[slot] = place + 1;
  }

  private hashOf(place: number): number {
    return this.chunks[place >>> CHUNK_BITS]!.hash[place & CHUNK_MASK]!;
  }

  private firstSlot(hash: number): number {
    return Math.floor(((hash >>> 0) / UINT32) * this.slots.length);
  }
}

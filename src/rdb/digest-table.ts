/**
 * A table of keys known by their digests, in bounded memory: records of fixed size, found by the digest.
 *
 *     h0 h1 h2 h3     digest of database and key
 *     bucket          see {@link bucketOf}
 *     …               as many words as the user asks for
 *
 * When as many records are held as may be, the table *narrows*: it drops its upper buckets, and the user goes over the
 * input once more for those.
 */
import { LimitError } from '../bytes/errors.js';
import { BUCKETS, type KeyedHash } from './keyed-hash.js';

const BUCKET = 4;
const HEAD_WORDS = 5;
/** Records per chunk: memory comes in steps of about a megabyte. */
const CHUNK_BITS = 14;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;
const MIN_SLOTS = 1 << 12;

export class DigestTable {
  /** Records that are held; their numbers are 0 to `count` − 1. */
  count = 0;
  /** Buckets `[from, to)` are covered by this pass. */
  private from = 0;
  private to = BUCKETS;
  private readonly words: number;
  private readonly chunks: Int32Array[] = [];
  /** Record number plus one; 0 is an empty slot. */
  private slots = new Int32Array(MIN_SLOTS);
  private mask = MIN_SLOTS - 1;

  /** `words`: 32-bit numbers per record beside its digest. */
  constructor(
    words: number,
    private readonly maxRecords: number,
  ) {
    this.words = HEAD_WORDS + words;
  }

  /** Whether keys of this bucket are looked at in this pass. */
  covers(bucket: number): boolean {
    return bucket >= this.from && bucket < this.to;
  }

  /** Goes on to the buckets that are left, with no records. False where there are none. */
  next(): boolean {
    const width = this.to - this.from;
    this.from = this.to;
    this.to = Math.min(BUCKETS, this.from + width);
    this.count = 0;
    this.slots.fill(0);
    return this.from < BUCKETS;
  }

  /** The number of the record with this key digest, or −1. */
  find(key: KeyedHash): number {
    const { slots, mask, chunks, words } = this;
    for (let slot = key.v0 & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const record = slots[slot]! - 1;
      const chunk = chunks[record >>> CHUNK_BITS]!;
      const at = (record & CHUNK_MASK) * words;
      if (chunk[at] === key.v0 && chunk[at + 1] === key.v1 && chunk[at + 2] === key.v2 && chunk[at + 3] === key.v3)
        return record;
    }
    return -1;
  }

  /**
   * Adds a record and returns its number, or −1 where making room left its bucket uncovered. Records change their numbers
   * then. Throws LimitError (LIMIT_MEMORY) where no more buckets can be dropped.
   */
  add(key: KeyedHash, bucket: number): number {
    while (this.count >= this.maxRecords) this.narrow();
    if (!this.covers(bucket)) return -1;
    const { words, chunks } = this;
    const record = this.count++;
    if (record >>> CHUNK_BITS === chunks.length) chunks.push(new Int32Array(words << CHUNK_BITS));
    const chunk = chunks[record >>> CHUNK_BITS]!;
    const at = (record & CHUNK_MASK) * words;
    chunk[at] = key.v0;
    chunk[at + 1] = key.v1;
    chunk[at + 2] = key.v2;
    chunk[at + 3] = key.v3;
    chunk[at + BUCKET] = bucket;
    if (this.count * 8 > this.slots.length * 5) this.enlargeIndex();
    else this.place(record, key.v0);
    return record;
  }

  /** One of the user's words, 0 to `words` − 1. */
  get(record: number, word: number): number {
    return this.chunks[record >>> CHUNK_BITS]![(record & CHUNK_MASK) * this.words + HEAD_WORDS + word]!;
  }

  set(record: number, word: number, value: number): void {
    this.chunks[record >>> CHUNK_BITS]![(record & CHUNK_MASK) * this.words + HEAD_WORDS + word] = value;
  }

  /** A file offset in two words. */
  getOffset(record: number, word: number): number {
    return this.get(record, word) * 0x100000000 + (this.get(record, word + 1) >>> 0);
  }

  setOffset(record: number, word: number, offset: number): void {
    this.set(record, word, Math.floor(offset / 0x100000000));
    this.set(record, word + 1, offset | 0);
  }

  bucketOf(record: number): number {
    return this.get(record, BUCKET - HEAD_WORDS);
  }

  private enlargeIndex(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    this.mask = this.slots.length - 1;
    this.index();
  }

  private index(): void {
    for (let record = 0; record < this.count; record++) this.place(record, this.get(record, -HEAD_WORDS));
  }

  private place(record: number, hash: number): void {
    const { slots, mask } = this;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = record + 1;
  }

  /** Drops a quarter of the buckets: with more, the last pass would hold less than it could. */
  private narrow(): void {
    const width = this.to - this.from;
    if (width === 1) {
      throw new LimitError('LIMIT_MEMORY', `more than ${this.maxRecords} keys fall into one part of the table`, 0);
    }
    this.to = this.from + Math.floor((width * 3) / 4);
    const { words, chunks } = this;
    let kept = 0;
    for (let record = 0; record < this.count; record++) {
      if (this.bucketOf(record) >= this.to) continue;
      const source = chunks[record >>> CHUNK_BITS]!;
      const from = (record & CHUNK_MASK) * words;
      const target = chunks[kept >>> CHUNK_BITS]!;
      const at = (kept & CHUNK_MASK) * words;
      for (let word = 0; word < words; word++) target[at + word] = source[from + word]!;
      kept++;
    }
    this.count = kept;
    this.slots.fill(0);
    this.index();
  }
}

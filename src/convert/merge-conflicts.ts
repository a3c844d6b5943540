/**
 * Finds the keys that stand more than once in several files, and says which of them lose.
 *
 * Keys are known by digests in a table of bounded size. Where a digest comes again, the name of the earlier key is read
 * from its file and compared, so two different keys are never taken for one. Losers are marked by their number in their
 * file: one bit each. Keys that do not fit in the table are covered by further passes over all files.
 */
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { readString } from '../codecs/string.js';
import { DigestTable } from '../rdb/digest-table.js';
import type { RdbDriver } from '../rdb/driver.js';
import { bucketOf, KeyedHash, randomHashKey } from '../rdb/keyed-hash.js';

export type ConflictPolicy = 'error' | 'first' | 'last';

/** A key that stands in two places: numbers count the files. */
export interface MergeConflict {
  readonly db: number;
  readonly key: Uint8Array;
  readonly first: number;
  readonly second: number;
}

/** Keys that are held at once by default: 200 MB. */
export const DEFAULT_MAX_MERGE_KEYS = 1 << 22;
/** Conflicts that are kept to be shown. */
export const MAX_SHOWN_CONFLICTS = 10;

/** Words of a record: number of the file, number of the key in it, where the key's string stands. */
const FILE = 0;
const ORDINAL = 1;
const KEY_OFFSET = 2;
const WORDS = 4;
/** A key's string is longer by no more than its length, up to nine bytes, and the sizes of LZF. */
const MAX_STRING_HEAD = 32;

export class ConflictFinder {
  /** Keys that stand in more than one place, each time counted that one comes again. */
  count = 0;
  readonly shown: MergeConflict[] = [];
  private readonly table: DigestTable;
  private readonly hash = new KeyedHash(randomHashKey());
  private readonly losers: KeyBits[];
  private readonly key = new Slice();
  private readonly other = new Slice();
  /** The file that is being read, and the number of its next key. */
  private file = 0;
  private ordinal = 0;

  constructor(
    private readonly sources: readonly ByteSource[],
    private readonly policy: ConflictPolicy,
    private readonly mapDb: (db: number) => number,
    maxKeys = DEFAULT_MAX_MERGE_KEYS,
  ) {
    this.table = new DigestTable(WORDS, maxKeys);
    this.losers = sources.map(() => new KeyBits());
  }

  /** The rows that follow are those of a file from its start. */
  begin(file: number): void {
    this.file = file;
    this.ordinal = 0;
  }

  /** After a pass over all files. False where no other is needed. */
  next(): boolean {
    return this.table.next();
  }

  /** Looks at the next key of the file. */
  add(driver: RdbDriver, row: number): void {
    const { table, hash, key } = this;
    const ordinal = this.ordinal++;
    const db = this.mapDb(driver.rows.db[row]!);
    driver.readKey(row, key);
    const bucket = bucketOf(db, key.bytes, key.start, key.end);
    if (!table.covers(bucket)) return;
    hash.reset();
    hash.word(db);
    hash.bytes(key.bytes, key.start, key.end);
    hash.finish();
    const keyOffset = driver.offsetOf(driver.rows.keyPos[row]!);
    const known = table.find(hash);
    if (known < 0) {
      this.set(table.add(hash, bucket), ordinal, keyOffset);
      return;
    }
    this.checkSame(known, driver.limits.maxBlobBytes);
    this.settle(known, db, ordinal, keyOffset);
  }

  /** Whether the key of this number is left out of the merged file. */
  isLoser(file: number, ordinal: number): boolean {
    return this.losers[file]!.has(ordinal);
  }

  private settle(known: number, db: number, ordinal: number, keyOffset: number): void {
    const { table, losers, file } = this;
    const first = table.get(known, FILE);
    const isLast = this.policy === 'last';
    // A pass that had to narrow the table sees some keys once more: what is marked already has been counted.
    const isNew = isLast ? losers[first]!.add(table.get(known, ORDINAL) >>> 0) : losers[file]!.add(ordinal);
    if (isNew) this.report({ db, key: this.key.copy(), first, second: file });
    if (isLast) this.set(known, ordinal, keyOffset);
  }

  private report(conflict: MergeConflict): void {
    this.count++;
    if (this.shown.length < MAX_SHOWN_CONFLICTS) this.shown.push(conflict);
  }

  private set(record: number, ordinal: number, keyOffset: number): void {
    if (record < 0) return;
    this.table.set(record, FILE, this.file);
    this.table.set(record, ORDINAL, ordinal | 0);
    this.table.setOffset(record, KEY_OFFSET, keyOffset);
  }

  /** Reads the key of a record and compares it with the one in hand. */
  private checkSame(record: number, maxBytes: number): void {
    const { table, key, other } = this;
    const source = this.sources[table.get(record, FILE)]!;
    const offset = table.getOffset(record, KEY_OFFSET);
    let size = key.length + MAX_STRING_HEAD;
    other.set(NO_BYTES, 0, 0);
    for (;;) {
      const bytes = new Uint8Array(size);
      const got = readFully(source, offset, bytes);
      const end = readString(bytes, 0, got, other, maxBytes);
      if (end <= got || got < size) break;
      // A longer string than the key in hand, as one with LZF may be that expands to less.
      size = end;
    }
    if (isEqual(key, other)) return;
    throw new TypeError('two keys with one digest of 128 bits: run it again, the digests will be others');
  }
}

/** A set of numbers that are mostly not in it. */
class KeyBits {
  private readonly pages = new Map<number, Uint8Array>();

  /** False where it was there. */
  add(number: number): boolean {
    const page = Math.floor(number / PAGE_KEYS);
    let bits = this.pages.get(page);
    if (bits === undefined) {
      bits = new Uint8Array(PAGE_KEYS / 8);
      this.pages.set(page, bits);
    }
    const at = number % PAGE_KEYS;
    const mask = 1 << (at & 7);
    if ((bits[at >>> 3]! & mask) !== 0) return false;
    bits[at >>> 3]! |= mask;
    return true;
  }

  has(number: number): boolean {
    const bits = this.pages.get(Math.floor(number / PAGE_KEYS));
    if (bits === undefined) return false;
    const at = number % PAGE_KEYS;
    return (bits[at >>> 3]! & (1 << (at & 7))) !== 0;
  }
}

const NO_BYTES = new Uint8Array(0);
const PAGE_KEYS = 1 << 16;

function readFully(source: ByteSource, offset: number, bytes: Uint8Array): number {
  let size = 0;
  while (size < bytes.length) {
    const count = source.readAt!(offset + size, bytes, size, bytes.length - size);
    if (count === 0) break;
    size += count;
  }
  return size;
}

function isEqual(left: Slice, right: Slice): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) {
    if (left.bytes[left.start + at] !== right.bytes[right.start + at]) return false;
  }
  return true;
}

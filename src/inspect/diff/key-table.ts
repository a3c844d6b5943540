/**
 * The keys of one file, by their digests, with the digests of their values:
 *
 *     d0 d1 d2 d3     digest of the value
 *     expiry hi lo    Unix ms; −1 without expiry
 *     offset hi lo    where the value stands in the file
 *     meta            digest of the key's metadata, 0 without
 *     db
 *     info            type byte | type << 8 | seen << 12
 */
import { DigestTable } from '../../rdb/digest-table.js';
import { VALUE_TYPES } from '../../rdb/filter.js';
import type { KeyedHash } from '../../rdb/keyed-hash.js';
import type { ValueType } from '../../rdb/model.js';

/** Keys that are held by default: 256 MB of records and 32 MB of index. */
export const DEFAULT_MAX_KEYS = 1 << 22;

const WORDS = 11;
const DIGEST = 0;
const EXPIRY = 4;
const OFFSET = 6;
const META = 8;
const DB = 9;
const INFO = 10;
const SEEN = 1 << 12;

/** What is known of a key beside its name. */
export interface KeyFacts {
  db: number;
  rdbType: number;
  type: ValueType;
  /** −1 without expiry. */
  expireHi: number;
  expireLo: number;
  /** File offset of the value. */
  valueOffset: number;
  meta: number;
  bucket: number;
}

export class KeyTable extends DigestTable {
  constructor(maxKeys = DEFAULT_MAX_KEYS) {
    super(WORDS, maxKeys);
  }

  /** Adds a key of a bucket that is covered; the table may then cover fewer. Throws as {@link DigestTable.add}. */
  addKey(key: KeyedHash, digest: KeyedHash, facts: KeyFacts): void {
    const record = this.add(key, facts.bucket);
    if (record < 0) return;
    this.set(record, DIGEST, digest.v0);
    this.set(record, DIGEST + 1, digest.v1);
    this.set(record, DIGEST + 2, digest.v2);
    this.set(record, DIGEST + 3, digest.v3);
    this.set(record, EXPIRY, facts.expireHi);
    this.set(record, EXPIRY + 1, facts.expireLo);
    this.setOffset(record, OFFSET, facts.valueOffset);
    this.set(record, META, facts.meta);
    this.set(record, DB, facts.db);
    this.set(record, INFO, facts.rdbType | (VALUE_TYPES.indexOf(facts.type) << 8));
  }

  sameDigest(record: number, digest: KeyedHash): boolean {
    return (
      this.get(record, DIGEST) === digest.v0 &&
      this.get(record, DIGEST + 1) === digest.v1 &&
      this.get(record, DIGEST + 2) === digest.v2 &&
      this.get(record, DIGEST + 3) === digest.v3
    );
  }

  sameExpiry(record: number, facts: KeyFacts): boolean {
    return this.get(record, EXPIRY) === facts.expireHi && this.get(record, EXPIRY + 1) === facts.expireLo;
  }

  sameMeta(record: number, facts: KeyFacts): boolean {
    return this.get(record, META) === facts.meta;
  }

  /** Marks a record as found in the other file; false where it was before. */
  see(record: number): boolean {
    const info = this.get(record, INFO);
    this.set(record, INFO, info | SEEN);
    return (info & SEEN) === 0;
  }

  isSeen(record: number): boolean {
    return (this.get(record, INFO) & SEEN) !== 0;
  }

  facts(record: number): KeyFacts {
    const info = this.get(record, INFO);
    return {
      db: this.get(record, DB),
      rdbType: info & 0xff,
      type: VALUE_TYPES[(info >>> 8) & 0xf]!,
      expireHi: this.get(record, EXPIRY),
      expireLo: this.get(record, EXPIRY + 1),
      valueOffset: this.getOffset(record, OFFSET),
      meta: this.get(record, META),
      bucket: this.bucketOf(record),
    };
  }
}

/** A pass over a dump that takes the digest of every key that is asked for, with its value. */
import { formatQuoted } from '../../bytes/quote.js';
import { Slice } from '../../bytes/slice.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import { bucketOf, type HashKey, KeyedHash } from '../../rdb/keyed-hash.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { ModuleItem, RdbRecord, RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import { decodeKeyMeta } from '../../rdb/records.js';
import { ROW_EXPIRY, type RowTable } from '../../rdb/rows.js';
import type { KeyFacts } from './key-table.js';
import { type DigestOptions, ValueDigest } from './value-digest.js';

/** Who is told about the keys of a pass. */
export interface ScanVisitor {
  record(record: RdbRecord): void;
  /** A key that the filter lets through: `keyHash` and `facts` are there. Whether the digest of its value is wanted. */
  wants(scan: DigestScan): boolean;
  /** A key that was wanted: `digest` is there. */
  key(scan: DigestScan): void;
  warning(warning: RdbWarning): void;
  /** True asks for a pause. */
  full(): boolean;
}

export class DigestScan implements RowHandler {
  driver!: RdbDriver;
  readonly keyHash: KeyedHash;
  readonly digest: ValueDigest;
  /** Of the key in hand: reused from key to key. */
  readonly facts: KeyFacts = {
    db: 0,
    rdbType: 0,
    type: 'string',
    expireHi: -1,
    expireLo: -1,
    valueOffset: 0,
    meta: 0,
    bucket: 0,
  };
  private readonly slice = new Slice();
  private readonly metaHash: KeyedHash;
  /** The key of a large value: the window moves on under the slice. */
  private largeKey: Uint8Array | undefined;
  private isLargeWanted = false;

  constructor(
    hashKey: HashKey,
    options: DigestOptions,
    private readonly filter: RowFilter | undefined,
    private readonly visitor: ScanVisitor,
  ) {
    this.keyHash = new KeyedHash(hashKey);
    this.metaHash = new KeyedHash(hashKey);
    this.digest = new ValueDigest(hashKey, options);
  }

  /** A copy of the key in hand. */
  copyKey(): Uint8Array {
    return this.largeKey ?? this.slice.copy();
  }

  record(record: RdbRecord): void {
    this.visitor.record(record);
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { driver, digest, visitor } = this;
    if (this.filter !== undefined && !this.filter.accepts(driver, row)) return;
    this.readFacts(rows, row, bytes);
    if (!visitor.wants(this)) return;
    digest.begin(this.facts.type);
    driver.readValue(row, 'element', digest);
    digest.end();
    visitor.key(this);
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    const { driver, digest } = this;
    this.isLargeWanted = false;
    if (this.filter !== undefined && !this.filter.acceptsLarge(driver, row)) return { level: 'skip', sink: NO_SINK };
    this.readFacts(rows, row, bytes);
    this.isLargeWanted = this.visitor.wants(this);
    if (!this.isLargeWanted) return { level: 'skip', sink: NO_SINK };
    this.largeKey = this.slice.copy();
    digest.begin(this.facts.type);
    return { level: 'element', sink: digest };
  }

  largeEnd(): void {
    if (!this.isLargeWanted) return;
    this.digest.end();
    this.visitor.key(this);
    this.largeKey = undefined;
  }

  warning(warning: RdbWarning): void {
    this.visitor.warning(warning);
  }

  full(): boolean {
    return this.visitor.full();
  }

  private readFacts(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { driver, facts, slice, keyHash } = this;
    const db = rows.db[row]!;
    driver.readKey(row, slice);
    keyHash.reset();
    keyHash.word(db);
    keyHash.bytes(slice.bytes, slice.start, slice.end);
    keyHash.finish();
    const expires = (rows.flags[row]! & ROW_EXPIRY) !== 0;
    facts.db = db;
    facts.rdbType = rows.kind[row]!;
    facts.type = rows.codecOf(row).type;
    // A stored −1 is no expiry (rdb-format.md §6.1).
    facts.expireHi = expires ? rows.expireHi[row]! : -1;
    facts.expireLo = expires ? rows.expireLo[row]! : -1;
    facts.valueOffset = driver.offsetOf(rows.valuePos[row]!);
    facts.bucket = bucketOf(db, slice.bytes, slice.start, slice.end);
    facts.meta = rows.metaPos[row]! < 0 ? 0 : this.hashMeta(bytes, rows.metaPos[row]!, rows.keyPos[row]! - 1);
  }

  /** Never 0. */
  private hashMeta(bytes: Uint8Array, start: number, end: number): number {
    const { metaHash, driver } = this;
    metaHash.reset();
    driver.cursor.bytes = bytes;
    for (const { name, version, flags, items } of decodeKeyMeta(driver.cursor, start, end)) {
      // Few keys have metadata: their items may as well be text.
      const text = utf8.encode(`${name} ${version} ${flags} ${items.map(itemText).join(' ')}`);
      metaHash.bytes(text, 0, text.length);
    }
    metaHash.finish();
    return metaHash.v0 | 1;
  }
}

const utf8 = new TextEncoder();

function itemText({ kind, value }: ModuleItem): string {
  return `${kind} ${value instanceof Uint8Array ? formatQuoted(value) : String(value)}`;
}

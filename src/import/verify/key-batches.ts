/** Rows of the source into batches of keys. */
import { moduleName } from '../../convert/rdb-to-commands/module-name.js';
import type { DigestRules } from '../../engine/digest-rules.js';
import { ValueDigest } from '../../engine/digest-value.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { FunctionEntry, RdbRecord, RdbWarning, ValueType } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import type { KeyRenamer } from '../source/rename.js';
import { BatchKey, KeyBatch } from './key-batch.js';
import type { KeySet } from './key-set.js';
import { SinkPair } from './sink-pair.js';
import { ValueFacts } from './value-facts.js';

export interface KeyBatchesOptions {
  readonly filter: RowFilter | undefined;
  readonly renamer: KeyRenamer | undefined;
  /** Where all keys are, whatever their database in the source is. */
  readonly onlyDb: number | undefined;
  /** Of the target's DEBUG DIGEST-VALUE; undefined where it is not asked for. */
  readonly digestRules: DigestRules | undefined;
  /** The target's digest says nothing of expiries of fields, and it has them. */
  readonly hidesFieldExpiry: boolean;
  /** Gets every key. */
  readonly known: KeySet | undefined;
  readonly maxKeys: number;
  readonly maxBytes: number;
  /** Hears of function libraries. */
  readonly onFunction: (entry: FunctionEntry) => void;
  readonly onWarning: ((warning: RdbWarning) => void) | undefined;
}

/** Hashes that may have fields with an expiry. */
const TIMED_HASHES: ReadonlySet<number> = new Set([
  TYPE.R_HASH_METADATA_PRE_GA,
  TYPE.R_HASH_LISTPACK_EX_PRE_GA,
  TYPE.HASH_METADATA,
  TYPE.HASH_LISTPACK_EX,
]);
/** Types with something beside their elements. */
const DEEP_TYPES: ReadonlySet<ValueType> = new Set<ValueType>(['stream', 'array', 'pathhash', 'cron']);
/** What no TYPE is known of. */
const UNNAMED_TYPES: ReadonlySet<ValueType> = new Set<ValueType>(['pathhash', 'cron']);

export class KeyBatches implements RowHandler {
  driver!: RdbDriver;
  private batch: KeyBatch;
  private readonly spare: KeyBatch[] = [];
  private readonly info = new RowKeyInfo();
  private readonly digest: ValueDigest | undefined;
  /** The large value that is on its way. */
  private large: ValueFacts | undefined;
  /** The key in hand. */
  private readonly next = new BatchKey();

  constructor(private readonly options: KeyBatchesOptions) {
    this.batch = new KeyBatch(options.maxKeys);
    this.digest = options.digestRules && new ValueDigest(options.digestRules);
  }

  record(record: RdbRecord): void {
    if (record.kind === 'function') this.options.onFunction(record);
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { driver, digest, info, next } = this;
    if (this.options.filter?.accepts(driver, row) === false) return;
    this.open(rows, row, false);
    if (digest !== undefined && !next.isDeep) {
      digest.begin(info.type, info.encoding);
      driver.readValue(row, 'element', digest);
      digest.end(info.expireAt !== undefined);
      next.isDeep = digest.unknown !== undefined;
    }
    this.batch.add(next, info.key, bytes, rows.valuePos[row]!, rows.end[row]!, digest?.words);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    const { driver, options, info, digest } = this;
    if (options.filter?.acceptsLarge(driver, row) === false) return { level: 'skip', sink: NO_SINK };
    this.open(rows, row, true);
    // The window moves on under the key.
    const name = info.key.copy();
    info.key.set(name, 0, name.length);
    const facts = new ValueFacts();
    facts.begin(info.type, info.encoding);
    this.large = facts;
    if (digest === undefined) return { level: 'element', sink: facts };
    digest.begin(info.type, info.encoding);
    return { level: 'element', sink: new SinkPair(facts, digest) };
  }

  largeEnd(): void {
    const { large: facts, digest, info, next } = this;
    if (facts === undefined) return;
    this.large = undefined;
    facts.end();
    digest?.end(info.expireAt !== undefined);
    next.isDeep ||= digest?.unknown !== undefined || facts.timed.size > 0;
    this.batch.addLarge(next, info.key, facts, digest?.words);
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  /** No further key can pass the filter. */
  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && this.large === undefined;
  }

  full(): boolean {
    const { batch, options } = this;
    return (
      options.filter?.exhausted === true ||
      batch.count >= options.maxKeys ||
      batch.valueBytes >= options.maxBytes ||
      batch.large.size > 0
    );
  }

  /** What has been gathered, if anything has; the caller gives it back by {@link release}. */
  take(): KeyBatch | undefined {
    const { batch } = this;
    if (batch.count === 0) return undefined;
    this.batch = this.spare.pop() ?? new KeyBatch(this.options.maxKeys);
    return batch;
  }

  release(batch: KeyBatch): void {
    batch.clear();
    this.spare.push(batch);
  }

  /** Reads the key of a row, and gives it its name on the target. */
  private open(rows: RowTable, row: number, isLarge: boolean): void {
    const { info, driver, options, next } = this;
    info.read(driver, row, isLarge);
    options.renamer?.apply(info.key);
    const { type, rdbType, key } = info;
    const { window } = driver;
    const pos = rows.valuePos[row]!;
    const isModule = type === 'module';
    const module = isModule ? moduleName(window.bytes, pos, window.end) : '';
    const isHidden = type === 'hash' && options.hidesFieldExpiry;
    next.db = options.onlyDb ?? info.db;
    next.rdbType = rdbType;
    next.codec = rows.codecOf(row);
    next.typeName = isModule ? module || undefined : UNNAMED_TYPES.has(type) ? undefined : type;
    next.expireAt = info.expireAt;
    next.valueOffset = driver.offsetOf(pos);
    next.isDeep =
      DEEP_TYPES.has(type) || TIMED_HASHES.has(rdbType) || isHidden || (isModule && module !== VECTORSET_MODULE);
    next.isNew = options.known?.add(next.db, key.bytes, key.start, key.end) ?? true;
  }
}

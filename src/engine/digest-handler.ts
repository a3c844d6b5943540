/** The digest of a dump as its rows come by: nothing is kept of a key once it has gone in. */
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { RowFilter } from '../rdb/filter.js';
import { RowKeyInfo } from '../rdb/key-info.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { EndEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import { NO_SINK } from '../rdb/no-sink.js';
import type { RowTable } from '../rdb/rows.js';
import { SourceTarget } from '../rdb/source-target.js';
import type { Target } from '../rdb/versions.js';
import type { KeyInfo } from '../rdb/visitor.js';
import { DatasetDigest } from './digest-dataset.js';
import { fileRules } from './digest-rules.js';
import { ValueDigest } from './digest-value.js';

export interface DigestHandlerOptions {
  /** What this server says once it has loaded the dump. Default: what the server said that wrote it. */
  readonly target?: Target | undefined;
  /** Keys, and on Valkey fields, whose expiry lies before this are left out. Unix ms. Default: none are. */
  readonly atMs?: number | undefined;
  readonly filter?: RowFilter | undefined;
  /** Told of the digest of each key (DEBUG DIGEST-VALUE), instead of the dataset's. Both are void after the call. */
  readonly onKey?: ((key: KeyInfo, digest: ValueDigest) => void) | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
  /** Whoever takes the digests of keys must be waited for. */
  readonly isBehind?: (() => boolean) | undefined;
}

/** Receives the rows of a dump; set {@link driver} first. */
export class DigestHandler implements RowHandler {
  driver!: RdbDriver;
  readonly dataset = new DatasetDigest();
  /** Keys that were left out because they had expired. */
  expired = 0;
  ending: EndEntry | undefined;
  private readonly source = new SourceTarget();
  private readonly info = new RowKeyInfo();
  /** Made for the first key: what says who wrote the dump stands before it. */
  private value: ValueDigest | undefined;
  private takesLarge = false;

  constructor(private readonly options: DigestHandlerOptions) {}

  /** The server whose digest it is; known once the header has been read. */
  get target(): Target {
    return this.options.target ?? this.source.resolve();
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') this.source.start(record);
    else if (record.kind === 'aux') this.source.aux(record);
    else if (record.kind === 'command') this.dataset.addUnknown('commands that stand in the dump');
    else if (record.kind === 'end') this.ending = record;
  }

  key(rows: RowTable, row: number): void {
    const { driver, info } = this;
    if (this.options.filter?.accepts(driver, row) === false) return;
    info.read(driver, row, false);
    if (this.hasExpired()) return;
    driver.readValue(row, 'element', this.beginValue());
    this.endValue(rows.end[row]! - rows.valuePos[row]!);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    const { driver, info, options } = this;
    const isWanted = options.filter?.acceptsLarge(driver, row) !== false;
    info.read(driver, row, true);
    this.takesLarge = isWanted && !this.hasExpired();
    if (!this.takesLarge) return { level: 'skip', sink: NO_SINK };
    const key = info.key.copy();
    info.key.set(key, 0, key.length);
    return { level: 'element', sink: this.beginValue() };
  }

  largeEnd(valueBytes: number): void {
    if (this.takesLarge) this.endValue(valueBytes);
    this.takesLarge = false;
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  /** No further key can pass the filter. */
  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && !this.takesLarge;
  }

  full(): boolean {
    return this.options.filter?.exhausted === true || this.options.isBehind?.() === true;
  }

  /** As the server loads: strictly before. */
  private hasExpired(): boolean {
    const { atMs } = this.options;
    const { expireAt } = this.info;
    if (atMs === undefined || expireAt === undefined || expireAt.toNumber() >= atMs) return false;
    this.expired++;
    return true;
  }

  private beginValue(): ValueDigest {
    const { info, options } = this;
    this.value ??= this.createValue();
    const { bytes, start, end } = info.key;
    if (options.onKey !== undefined) this.value.begin(info.type, info.encoding);
    else this.value.beginKey(bytes, start, end, info.type, info.encoding);
    return this.value;
  }

  private endValue(valueBytes: number): void {
    const { info, dataset, options } = this;
    const value = this.value!;
    if (!value.end(info.expireAt !== undefined)) {
      this.expired++;
      return;
    }
    dataset.add(info.db, value.words);
    if (value.unknown !== undefined) dataset.addUnknown(value.unknown);
    info.valueBytes = valueBytes;
    options.onKey?.(info, value);
  }

  private createValue(): ValueDigest {
    const { target, atMs } = this.options;
    return new ValueDigest(fileRules(this.target, target !== undefined, atMs));
  }
}

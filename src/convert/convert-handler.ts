/**
 * Rows to the rows of another file: what the target loads is copied as it stands, everything else is decoded, adapted and
 * encoded again (rdb-format.md §12).
 *
 * Rows that follow one another and stay as they are make one run, which is copied at once. A run ends with the table of
 * rows at the latest, since the window moves on behind it.
 *
 * Where the policy is to stop at a loss, the rest of the file is still looked at, so that the error can say how much there
 * is; nothing is written any more.
 */
import { Int64 } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import type { WriteBytes } from '../bytes/writer.js';
import { decodeLength64 } from '../codecs/length.js';
import { decodeModuleId } from '../codecs/module-id.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { RowFilter } from '../rdb/filter.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { EndEntry, HeaderEntry, RdbRecord, RdbWarning, ValueType } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import type { Target } from '../rdb/versions.js';
import type { PartLoss } from './adapt-hash.js';
import { mayHaveNewLayout, missingType } from './adapt-value.js';
import { BoundaryScan } from './boundary.js';
import { ConvertContext, placeOf } from './convert-context.js';
import { convertRecord, type LastKey, settleTail } from './convert-records.js';
import { DbMap, type DbPairs } from './db-map.js';
import { type ExpiryAction, ExpiryMover, KEEP_EXPIRY } from './expiry-action.js';
import { LargeConverter } from './large-converter.js';
import {
  COPY,
  COPY_MODULE,
  COPY_UNLESS_BOUNDARY,
  COPY_UNLESS_LONG,
  hasLongLength,
  REWRITE,
  REWRITE_ANYWAY,
  rawRules,
  targetOfSource,
} from './loadable.js';
import { type LossEntry, LossLedger, lossError, type UnsupportedPolicy } from './loss.js';
import { isExpiredBefore, RowAttributes } from './row-attributes.js';
import { isEmptied, ValueRewriter } from './value-rewriter.js';

export interface ConvertHandlerOptions {
  /** Default: the oldest target that writes the version of the source. */
  readonly target?: Target | undefined;
  /** Default: `error`. */
  readonly onUnsupported?: UnsupportedPolicy | undefined;
  readonly filter?: RowFilter | undefined;
  readonly dbMap?: DbPairs | undefined;
  /** For expiries of keys and of hash fields. Default: keep. */
  readonly setTtl?: ExpiryAction | undefined;
  /** Keys and fields that expired before this are left out, Unix ms. */
  readonly skipExpiredBeforeMs?: number | undefined;
  readonly dropModules?: boolean | undefined;
  /** Unix ms. */
  readonly nowMs: number;
  /** Takes the new file; undefined: it is only found out what would be lost. */
  readonly write?: WriteBytes | undefined;
  /** Where this file is one of several that become one. */
  readonly part?: ConvertPart | undefined;
  readonly onLoss?: ((entry: LossEntry) => void) | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
}

/** What the files that become one have in common. */
export interface ConvertPart {
  /** Takes the keys; it is for its owner to end it. */
  readonly encoder: RdbEncoder;
  readonly ledger: LossLedger;
  /** The target is that of the newest of them: it has what they have. */
  readonly isSameVersion: boolean;
}

/** Output after which {@link ConvertHandler.full} asks for a pause. */
const PAUSE_BYTES = 1024 * 1024;

/** Whatever the target, some form of it holds all that these say. */
const LOSSLESS_TYPES: ReadonlySet<ValueType> = new Set<ValueType>(['string', 'list', 'set', 'zset']);

/**
 * Writes another file from what a driver reads: give it to an RdbDriver, set {@link driver} (and {@link source}, which
 * very large values may be read ahead in), drive to the end, then call {@link finish}.
 *
 * Throws EncodeError where databases collide or expiries cannot be rebased.
 */
export class ConvertHandler implements RowHandler {
  driver!: RdbDriver;
  source: ByteSource | undefined;
  /** Set once the header has been read. */
  context: ConvertContext | undefined;
  /** The end of the source, once it has been reached. */
  ending: EndEntry | undefined;
  readonly ledger: LossLedger;
  keysRead = 0;
  keysWritten = 0;
  /** Of those written: not copied but encoded anew. */
  keysRewritten = 0;
  bytesWritten = 0;
  /** Everything is read, to the end: trailing records and the checksum count. */
  readonly isFinished = false;

  private readonly mover: ExpiryMover;
  private readonly skipBeforeMs: number;
  private rules!: Uint8Array;
  private attributes!: RowAttributes;
  private rewriter!: ValueRewriter;
  private scan!: BoundaryScan;
  private large: LargeConverter | undefined;
  private readonly keySlice = new Slice();
  private readonly moduleId = new Int64();
  private losses: PartLoss[] = [];
  private lastKey: LastKey | undefined;
  private wasWritten = false;
  private pausedAt = 0;

  /** The run: rows of the window that are copied as they are. */
  private runStart = 0;
  private runEnd = -1;
  private runKeys = 0;
  private runDb = -1;
  /** The last database that was mapped, and its new number. */
  private sourceDb = -1;
  private targetDb = -1;

  constructor(private readonly options: ConvertHandlerOptions) {
    this.ledger = options.part?.ledger ?? new LossLedger(options.onLoss ?? (() => undefined));
    this.mover = new ExpiryMover(options.setTtl ?? KEEP_EXPIRY, options.nowMs);
    this.skipBeforeMs = options.skipExpiredBeforeMs ?? -Infinity;
  }

  record(record: RdbRecord): void {
    this.flushRun();
    if (record.kind === 'header') {
      if (this.context === undefined) this.begin(record);
    } else if (record.kind === 'end') {
      this.ending = record;
      settleTail(this.context!, record);
      this.end();
    } else {
      this.convertRecord(record, this.lastKey);
    }
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    this.keysRead++;
    this.wasWritten = this.accepts(rows, row, false) && this.convertKey(rows, row, bytes);
    // What comes next may be a record about this key, or bytes that have not been read.
    if (row + 1 === rows.count || rows.isKey[row + 1] === 0) {
      this.flushRun();
      this.lastKey = { ...placeOf(this.driver, row), isWritten: this.wasWritten };
    }
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    this.flushRun();
    this.keysRead++;
    this.large ??= new LargeConverter(this.driver, this.source, this.context!);
    const request = this.requestLarge(this.large, rows, row);
    this.lastKey = { ...placeOf(this.driver, row), isWritten: this.large.isWritten };
    return request;
  }

  largeEnd(): void {
    const large = this.large!;
    large.finish();
    if (large.isWritten) this.keysWritten++;
    if (large.isRewritten) this.keysRewritten++;
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  full(): boolean {
    if (this.bytesWritten - this.pausedAt < PAUSE_BYTES) return false;
    this.pausedAt = this.bytesWritten;
    return true;
  }

  /** Everything has been read. Throws EncodeError for losses under the policy `error`. */
  finish(): void {
    const { context, ledger } = this;
    if (context?.isBlocked) throw lossError(`${context.target.name} does not hold everything`, ledger);
  }

  /** Sets {@link context}. Called with the header that is read, where nobody has called it before. */
  begin(header: HeaderEntry): void {
    const { options, mover, ledger, skipBeforeMs } = this;
    const { filter, dbMap, dropModules = false, onUnsupported = 'error', nowMs, part } = options;
    const target = options.target ?? targetOfSource(header);
    const dbs = new DbMap(dbMap ?? new Map(), part !== undefined);
    const skips = skipBeforeMs !== -Infinity;
    const rules = {
      target,
      expiry: mover,
      skipExpiredBeforeMs: skipBeforeMs,
      nowMs,
      dropModules,
      isSameVersion: part?.isSameVersion ?? options.target === undefined,
    };
    const losesKeys = filter !== undefined || skips || dropModules || part !== undefined;
    const isAltered = losesKeys || !dbs.isIdentity || mover.isActive;
    const encoder = part?.encoder ?? (options.write && this.createEncoder(options.write, target));
    this.context = new ConvertContext(
      header,
      target,
      onUnsupported,
      rules,
      mover,
      dbs,
      ledger,
      isAltered,
      !losesKeys,
      encoder,
    );
    this.rules = rawRules(header, target, mover.isActive || skips);
    this.attributes = new RowAttributes(target, mover, dropModules, ledger);
    this.rewriter = new ValueRewriter(rules);
    this.scan = new BoundaryScan(target.boundaryBacklen);
  }

  /** Values of these types are written anew, whatever the target loads. */
  protected rewriteAll(types: readonly number[]): void {
    for (const type of types) if (this.rules[type] !== REWRITE) this.rules[type] = REWRITE_ANYWAY;
  }

  protected convertRecord(record: RdbRecord, lastKey: LastKey | undefined): void {
    convertRecord(this.context!, record, lastKey);
  }

  /** Everything has been written. */
  protected end(): void {
    this.context!.encoder?.end();
  }

  private createEncoder(write: WriteBytes, target: Target): RdbEncoder {
    const counted: WriteBytes = (bytes, start, end) => {
      this.bytesWritten += end - start;
      write(bytes, start, end);
    };
    return new RdbEncoder(counted, { target });
  }

  /** Whether a key is to be written, as far as it depends on the key. */
  protected accepts(rows: RowTable, row: number, isLarge: boolean): boolean {
    const { filter } = this.options;
    const { driver } = this;
    if (filter !== undefined && !(isLarge ? filter.acceptsLarge(driver, row) : filter.accepts(driver, row))) {
      this.ledger.omit('filtered keys');
      return false;
    }
    if (!isExpiredBefore(rows, row, this.skipBeforeMs)) return true;
    this.ledger.omit('expired keys');
    return false;
  }

  private requestLarge(large: LargeConverter, rows: RowTable, row: number): LargeRequest {
    if (!this.accepts(rows, row, true)) return large.pass();
    this.losses = [];
    this.attributes.read(this.driver, row, this.dbOf(rows.db[row]!), this.losses);
    return large.start(row, this.rules[rows.kind[row]!]!, this.attributes, this.losses);
  }

  /** True where the key is written, or would be. */
  private convertKey(rows: RowTable, row: number, bytes: Uint8Array): boolean {
    const db = this.dbOf(rows.db[row]!);
    const rule = this.rules[rows.kind[row]!]!;
    if (rule !== COPY && !this.mayCopy(rule, row, bytes)) return this.rewrite(row, db, rule);
    if (this.attributes.mayStay(rows, row, bytes)) {
      this.extendRun(rows.start[row]!, rows.end[row]!, db);
      return true;
    }
    return this.copyValue(rows, row, bytes, db);
  }

  private mayCopy(rule: number, row: number, bytes: Uint8Array): boolean {
    const { rows } = this.driver;
    const valuePos = rows.valuePos[row]!;
    switch (rule) {
      case COPY_UNLESS_BOUNDARY:
        return !this.scan.finds(this.driver, row);
      case COPY_UNLESS_LONG:
        return !hasLongLength(bytes, rows.keyPos[row]!) && !hasLongLength(bytes, valuePos);
      case COPY_MODULE: {
        decodeLength64(bytes, valuePos, this.moduleId);
        const { name } = decodeModuleId(this.moduleId.hi, this.moduleId.lo);
        const { rules } = this.context!;
        if (missingType('module', { module: name }, rules) !== undefined) return false;
        this.context!.need(name);
        return !mayHaveNewLayout(name, rules);
      }
      default:
        return false;
    }
  }

  private extendRun(start: number, end: number, db: number): void {
    this.keysWritten++;
    if (start !== this.runEnd || db !== this.runDb) {
      this.flushRun();
      this.runStart = start;
      this.runDb = db;
    }
    this.runEnd = end;
    this.runKeys++;
  }

  private flushRun(): void {
    if (this.runEnd < 0) return;
    const { encoder } = this.context!;
    encoder?.rawRecords(this.runDb, this.driver.window.bytes, this.runStart, this.runEnd, this.runKeys);
    this.runEnd = -1;
    this.runKeys = 0;
  }

  /** The value as it stands, behind other attributes. */
  private copyValue(rows: RowTable, row: number, bytes: Uint8Array, db: number): boolean {
    const { attributes, driver } = this;
    this.losses = [];
    attributes.read(driver, row, db, this.losses);
    if (!this.context!.settleKey(this.losses, true, driver, row)) return false;
    this.write(row, rows.kind[row]!, bytes, rows.valuePos[row]!, rows.end[row]!);
    return true;
  }

  private rewrite(row: number, db: number, rule: number): boolean {
    const { driver, attributes, rewriter } = this;
    const context = this.context!;
    this.losses = [];
    attributes.read(driver, row, db, this.losses);
    if (context.encoder === undefined && LOSSLESS_TYPES.has(driver.rows.codecOf(row).type)) {
      if (!context.settleKey(this.losses, true, driver, row)) return false;
      this.countChange(row, rule);
      this.keysWritten++;
      this.keysRewritten++;
      return true;
    }
    const { value, rdbType, losses, expired } = rewriter.adapt(driver, row);
    if (expired > 0) this.ledger.omit('expired fields', expired);
    this.losses.push(...losses);
    if (!context.settleKey(this.losses, value !== undefined, driver, row) || value === undefined) return false;
    if (isEmptied(value)) {
      this.ledger.omit(expired > 0 ? 'expired keys' : 'empty keys');
      return false;
    }
    const impossible = rewriter.encode(value, rdbType);
    if (impossible !== undefined) return context.settleKey([impossible], false, driver, row);
    this.keysRewritten++;
    this.countChange(row, rule);
    this.write(row, rewriter.rdbType, rewriter.bytes, 0, rewriter.end);
    return true;
  }

  private countChange(row: number, rule: number): void {
    if (rule === REWRITE_ANYWAY) return;
    const { driver, ledger } = this;
    const change = ledger.change('type', driver.rows.kind[row]!);
    if (change !== undefined) change.examples.push(placeOf(driver, row));
  }

  private write(row: number, rdbType: number, bytes: Uint8Array, start: number, end: number): void {
    const { driver, attributes, keySlice } = this;
    this.keysWritten++;
    this.flushRun();
    driver.readKey(row, keySlice);
    this.context!.encoder?.rawKey(attributes, keySlice, rdbType, bytes, start, end);
  }

  private dbOf(db: number): number {
    if (db !== this.sourceDb) {
      const context = this.context!;
      this.targetDb = context.dbs.map(db);
      this.sourceDb = db;
      context.needs.databases = Math.max(context.needs.databases, this.targetDb + 1);
    }
    return this.targetDb;
  }
}

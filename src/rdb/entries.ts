/** Turns rows into entries, in batches: what the iterators of read.ts hand out. */
import { Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import type { RdbDriver, RowHandler } from './driver.js';
import type { RowFilter } from './filter.js';
import { RowKeyInfo } from './key-info.js';
import type { LargeRequest } from './large-value.js';
import { countFromHead, NO_COUNT } from './measure.js';
import type { KeyEntry, KeyMeta, RdbEntry, RdbRecord, RdbValue, RdbWarning } from './model.js';
import { decodeKeyMeta } from './records.js';
import type { RowTable } from './rows.js';
import { ValueBuilder } from './value-builder.js';

const MAX_BATCH_ROWS = 1024;
/** Batches of many large collections survive the young generation and double the work: cap them by bytes as well. */
const MAX_BATCH_BYTES = 256 * 1024;

export class EntryHandler implements RowHandler {
  driver!: RdbDriver;
  /** Entries since the last {@link takeBatch}. The last one may be large: then `largeOpen` is true. */
  private batch: RdbEntry[] = [];
  private batchBytes = 0;
  /** A large value is being streamed into the builder. */
  largeOpen = false;
  /** It has ended, and its last piece has not been taken: nothing may be read before it is. */
  private lastPieceWaits = false;

  private readonly info = new RowKeyInfo();
  private readonly builder = new ValueBuilder();
  /** For large values alone: the next batch may begin before the last piece has been taken. */
  private readonly pieces = new ValueBuilder();

  constructor(
    private readonly filter: RowFilter | undefined,
    private readonly onWarning: (warning: RdbWarning) => void,
    /** Makes the iterable of a large value's pieces. */
    private readonly openParts: () => AsyncIterable<RdbValue>,
    /** Whoever takes the exact times of keys and fields need not hear of those that saturate. */
    private readonly takesExactTimes = false,
  ) {}

  takeBatch(): RdbEntry[] {
    const batch = this.batch;
    this.batch = [];
    this.batchBytes = 0;
    return batch;
  }

  /** The elements of the open large value that have arrived since the last call. */
  takePiece(): RdbValue {
    this.lastPieceWaits = false;
    return this.pieces.take();
  }

  record(record: RdbRecord): void {
    this.batch.push(record);
  }

  key(rows: RowTable, row: number): void {
    if (this.filter !== undefined && !this.filter.accepts(this.driver, row)) return;
    const { info, builder, driver } = this;
    info.read(driver, row, false);
    builder.begin(info.type, info.encoding, () => this.warnSaturated(row));
    driver.readValue(row, 'element', builder);
    this.batch.push(this.entry(row, builder.take(), undefined));
    this.batchBytes += rows.end[row]! - rows.start[row]!;
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    const { driver, info, pieces } = this;
    const sink = Object.assign(pieces, { raw: ignoreRaw });
    if (this.filter !== undefined && !this.filter.acceptsLarge(driver, row)) return { level: 'skip', sink };
    info.read(driver, row, true);
    pieces.begin(info.type, info.encoding, () => undefined);
    this.largeOpen = true;
    const count = countFromHead(rows.codecOf(row), info.rdbType, bytes, rows.valuePos[row]!, driver.window.end);
    const entry = {
      ...this.entry(row, pieces.take(), this.openParts()),
      ...(count !== NO_COUNT && { elementCount: count }),
    };
    this.batch.push(entry);
    return { level: 'element', sink };
  }

  largeEnd(): void {
    this.lastPieceWaits = this.largeOpen;
    this.largeOpen = false;
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  /** The filter's limit is reached: no further key can pass. */
  get exhausted(): boolean {
    return this.filter?.exhausted === true && !this.largeOpen;
  }

  full(): boolean {
    if (this.filter?.exhausted) return true;
    return (
      this.largeOpen || this.lastPieceWaits || this.batch.length >= MAX_BATCH_ROWS || this.batchBytes >= MAX_BATCH_BYTES
    );
  }

  private entry(row: number, value: RdbValue, parts: AsyncIterable<RdbValue> | undefined): KeyEntry {
    const { info, builder, driver } = this;
    const metaPos = driver.rows.metaPos[row]!;
    const { expireAt } = info;
    const isFar = expireAt !== undefined && !expireAt.isSafe();
    if (isFar) this.warnSaturated(row);
    return {
      kind: 'key',
      db: info.db,
      key: builder.copy(info.key),
      ...(expireAt !== undefined && { expireAtMs: expireAt.toNumber() }),
      ...(isFar && { expireAt: Int64.copyOf(expireAt) }),
      ...(info.idleSeconds !== undefined && { idleSeconds: info.idleSeconds }),
      ...(info.freq !== undefined && { freq: info.freq }),
      ...(metaPos >= 0 && { meta: this.readMeta(row, metaPos) }),
      rdbType: info.rdbType,
      offset: info.offset,
      ...(info.valueBytes !== undefined && { valueBytes: info.valueBytes }),
      value,
      ...(parts !== undefined && { parts }),
    };
  }

  private readMeta(row: number, metaPos: number): KeyMeta[] {
    const { cursor, window, rows } = this.driver;
    // The value of a large row has not been begun: the cursor may still see an earlier window.
    cursor.bytes = window.bytes;
    return decodeKeyMeta(cursor, metaPos, rows.keyPos[row]! - 1);
  }

  private warnSaturated(row: number): void {
    if (this.takesExactTimes && this.info.type !== 'cron') return;
    this.driver.warn(
      'TIME_SATURATED',
      'a time beyond ±2^53 ms is given as the nearest safe number',
      this.driver.rows.start[row]!,
    );
  }
}

function ignoreRaw(_chunk: Slice): void {
  // Entries never ask for level `raw`.
}

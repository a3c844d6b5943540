/** One pass over a dump: where its keys lie, and everything else that it says. */
import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import { EmptyKeys } from '../../engine/empty-keys.js';
import { hashOfBytes } from '../../engine/key-hash-words.js';
import { unixMsOf } from '../../engine/unix-ms.js';
import type { RdbDriver } from '../../rdb/driver.js';
import { isDependent } from '../../rdb/key-index/collect.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { EndEntry, FunctionEntry, HeaderEntry, RdbRecord, RdbWarning, ValueType } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowHandler } from '../../rdb/row-handler.js';
import { ROW_EXPIRY, type RowTable } from '../../rdb/rows.js';
import { SourceTarget } from '../../rdb/source-target.js';
import { STRING } from '../../rdb/types/string.js';
import { PlaceTable } from './place-table.js';

/** Values of more bytes are not looked at: an empty one is a count of 0, or an empty structure. */
const MAX_EMPTY_BYTES = 32;
const NEVER_EMPTY: ReadonlySet<ValueType> = new Set(['list', 'set', 'zset', 'hash']);

export class PlaceHandler implements RowHandler {
  driver!: RdbDriver;
  header: HeaderEntry | undefined;
  /** Once it has been read. */
  ending: EndEntry | undefined;
  /** By the number of the database. */
  readonly tables = new Map<number, PlaceTable>();
  readonly functions: FunctionEntry[] = [];
  readonly source = new SourceTarget();
  /** Why keys cannot be read one by one; undefined where they can. */
  obstacle: string | undefined;
  private table = new PlaceTable();
  private db = -1;
  private readonly name = new Slice();
  private readonly time = new Int64();
  private readonly emptyKeys = new EmptyKeys();
  private readonly counter = new ElementCounter();

  constructor(private readonly onWarning: (warning: RdbWarning) => void) {}

  record(record: RdbRecord): void {
    if (record.kind === 'header') {
      this.header = record;
      this.source.start(record);
    } else if (record.kind === 'aux') this.source.aux(record);
    else if (record.kind === 'function') this.functions.push(record);
    else if (record.kind === 'command') this.obstacle ??= 'commands stand among its keys';
    else if (record.kind === 'end') {
      this.ending = record;
      this.emptyKeys.end(this.driver);
      if (record.trailing === 'aof') this.obstacle ??= 'commands follow it';
    }
  }

  /** Rows of keys are most of the file. */
  bulk(rows: RowTable, from: number, to: number): number {
    for (let row = from; row < to; row++) {
      if (rows.isKey[row] === 0) return row;
      try {
        this.add(rows, row, rows.end[row]!);
      } catch {
        // It is looked at once more, by key(), where the error is told with its place.
        return row;
      }
    }
    return to;
  }

  key(rows: RowTable, row: number): void {
    this.add(rows, row, rows.end[row]!);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    this.add(rows, row, rows.valuePos[row]!);
    this.largeOffset = this.driver.offsetOf(rows.valuePos[row]!);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(valueBytes: number): void {
    this.table.extendTo(this.largeOffset + valueBytes);
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  full(): boolean {
    return false;
  }

  private largeOffset = 0;

  private add(rows: RowTable, row: number, end: number): void {
    const { driver, name } = this;
    driver.readKey(row, name);
    if (this.isEmpty(rows, row, end - rows.valuePos[row]!)) {
      this.emptyKeys.add(driver, name.copy(), rows.start[row]!);
      return;
    }
    if (rows.db[row] !== this.db) this.select(rows.db[row]!);
    const base = driver.offsetOf(0);
    const hash = hashOfBytes(name.bytes, name.start, name.end);
    this.table.add(hash, base + rows.start[row]!, base + rows.keyPos[row]!, base + end);
    if (rows.flags[row]! & ROW_EXPIRY) this.addExpiry(rows.expireHi[row]!, rows.expireLo[row]!);
    if (this.obstacle === undefined && isDependent(rows, row, driver.window.bytes))
      this.obstacle = 'what it says of some keys stands elsewhere in it';
  }

  /** No server keeps a collection without elements. `valueBytes`: 0 for a value that is not in the window as a whole. */
  private isEmpty(rows: RowTable, row: number, valueBytes: number): boolean {
    if (valueBytes === 0 || valueBytes > MAX_EMPTY_BYTES) return false;
    const codec = rows.codecOf(row);
    if (codec === STRING || !NEVER_EMPTY.has(codec.type)) return false;
    try {
      return countElements(this.driver, row, this.counter) === 0;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return false; // Whoever asks for the value is told what is wrong with it.
    }
  }

  private addExpiry(hi: number, lo: number): void {
    const { time } = this;
    time.set(hi, lo);
    // To a server −1 is no expiry.
    if (time.isAllOnes()) return;
    this.table.setExpiry(time.isSafe() ? time.toNumber() : unixMsOf({ expireAt: time })!);
  }

  private select(db: number): void {
    this.db = db;
    this.table = this.tables.get(db) ?? new PlaceTable();
    this.tables.set(db, this.table);
  }
}

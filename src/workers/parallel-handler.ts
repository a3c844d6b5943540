/**
 * The main thread's side: takes rows from its driver, gives ranges of them to workers, and puts the results together in the
 * order of the file.
 *
 *     rows of keys        copied to the range that is open; a full one goes to a worker
 *     anything else       closes the range, and is taken by a task of this thread
 *     the queue           what was given away and what was taken here, in order; results leave it at its head
 */

import { TYPE } from '../rdb/constants.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { errorFromData } from './error-data.js';
import type { Answer, WorkerPool } from './pool.js';
import type { Task, TaskHandler } from './task.js';

/** A range ends with the record that fills it. */
const RANGE_BYTES = 1024 * 1024;
/** Memory for a range and its results, in ranges: text grows where it is decompressed and escaped. */
const ROOM = 4;
/** A longer record stays here: the memory for some of them at a time would be too much. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** As many as a driver tells of one file. */
const MAX_WARNINGS = 100;
/** Values whose meaning depends on values before them. */
const DEPENDENT: ReadonlySet<number> = new Set([
  TYPE.HASH_TMPL_LP,
  TYPE.HASH_TMPL_LP_REF,
  TYPE.HASH_TMPL_ARRAY,
  TYPE.HASH_TMPL_ARRAY_REF,
]);

/** Of a range that was given away, or of what was taken here. */
interface Entry<Result> {
  /** Undefined: it is here. */
  readonly answer: Answer | undefined;
  readonly results: readonly Result[];
  readonly warnings: readonly RdbWarning[];
}

/** Who takes results and warnings, in the order of the file. */
export interface Collector<Result> {
  result(result: Result): void;
  warning(warning: RdbWarning): void;
  /** Records that are no keys, as they are read: results of keys in front of them may still be on their way. */
  record?(record: RdbRecord): void;
}

export class ParallelHandler<Result> implements TaskHandler {
  private core!: RdbDriver;
  private readonly queue: Entry<Result>[] = [];
  /** Those in front of all keys, for workers: they say which server wrote the file. */
  private readonly records: RdbRecord[] = [];
  private ticket = 0;
  /** The range that is open. */
  private bytes: ArrayBuffer | undefined;
  private used = 0;
  private offset = 0;
  private db = 0;
  /** This thread's task has had something since its results were taken. */
  private isLocal = false;
  private isInLarge = false;
  private localWarnings: RdbWarning[] = [];
  private hasKeys = false;
  /** The last row was a record that is no key. */
  private isBehindRecord = false;
  private hasFailed = false;
  private told = 0;
  private readonly toldTypes = new Set<string>();

  constructor(
    private readonly task: Task<Result>,
    private readonly pool: WorkerPool,
    private readonly collector: Collector<Result>,
    private readonly rangeBytes = RANGE_BYTES,
  ) {}

  get driver(): RdbDriver {
    return this.core;
  }

  set driver(driver: RdbDriver) {
    this.core = driver;
    this.task.handler.driver = driver;
  }

  record(record: RdbRecord): void {
    this.isBehindRecord = true;
    this.takeHere();
    if (!this.hasKeys) this.records.push(record);
    this.collector.record?.(record);
    this.task.handler.record(record);
  }

  bulk(rows: RowTable, from: number, to: number): number {
    const { bytes, base } = this.core.window;
    let row = from;
    while (row < to && !this.pool.isSaturated) {
      const next = this.run(rows, row, to);
      if (next === row) break;
      this.seeKey();
      this.add(bytes, rows.start[row]!, rows.end[next - 1]!, base, rows.db[row]!);
      row = next;
    }
    return row;
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    this.seeKey();
    this.takeHere();
    this.task.handler.key(rows, row, bytes);
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    this.seeKey();
    this.takeHere();
    this.isInLarge = true;
    return this.task.handler.largeStart(rows, row, bytes);
  }

  largeEnd(valueBytes: number): void {
    this.takeHere();
    this.isInLarge = false;
    this.task.handler.largeEnd(valueBytes);
  }

  warning(warning: RdbWarning): void {
    this.takeHere();
    this.localWarnings.push(warning);
  }

  full(): boolean {
    return this.pool.isSaturated || (this.isLocal && this.task.handler.full());
  }

  /** In a pause: hands over the results that are there, and waits for more where there is nothing else to do. */
  async settle(): Promise<void> {
    this.takeLocal(false);
    await this.drain(() => this.pool.isSaturated || this.queue.some(({ answer }) => answer === undefined));
  }

  /**
   * Everything has been read, or reading `hasFailed`: waits for all results. Throws what workers threw; nothing comes behind
   * that, so once it has been thrown there is nothing left to wait for.
   */
  async finish(hasFailed: boolean): Promise<void> {
    if (this.hasFailed) return;
    this.publish();
    this.takeLocal(hasFailed);
    await this.drain(() => true);
  }

  /** The row behind those that go to one range in one piece. */
  private run(rows: RowTable, from: number, to: number): number {
    const { isKey, kind, start, end, db, flags } = rows;
    let row = from;
    let size = this.used;
    for (; row < to && isKey[row] !== 0 && db[row] === db[from]; row++) {
      if (row > from && (start[row] !== end[row - 1] || size >= this.rangeBytes)) break;
      const recordBytes = end[row]! - start[row]!;
      if (recordBytes > MAX_RECORD_BYTES || DEPENDENT.has(kind[row]!)) break;
      // An expiry or the like may stand in front of the record that is in front of the key: not in the range then.
      if (row === from && this.isBehindRecord && flags[row] !== 0) break;
      size += recordBytes;
    }
    return row;
  }

  private add(bytes: Uint8Array, start: number, end: number, base: number, db: number): void {
    const size = end - start;
    const isNext = db === this.db && base + start === this.offset + this.used;
    if (this.bytes !== undefined && (!isNext || this.used + size > this.bytes.byteLength)) this.publish();
    if (this.bytes === undefined) {
      if (this.task.keysFollow?.()) this.isLocal = true;
      this.takeLocal(false);
      this.bytes = this.pool.lend(Math.max(ROOM * this.rangeBytes, size));
      this.offset = base + start;
      this.db = db;
    }
    new Uint8Array(this.bytes).set(bytes.subarray(start, end), this.used);
    this.used += size;
    if (this.used >= this.rangeBytes) this.publish();
  }

  private publish(): void {
    const { bytes, used: size, offset, db, pool, records } = this;
    if (bytes === undefined) return;
    this.bytes = undefined;
    this.used = 0;
    const header = this.core.header as HeaderEntry;
    const answer = pool.run({ ticket: this.ticket++, header, db, offset, bytes, size }, records);
    this.queue.push({ answer, results: [], warnings: [] });
  }

  private seeKey(): void {
    this.hasKeys = true;
    this.isBehindRecord = false;
  }

  /** What comes now is taken by this thread's task. */
  private takeHere(): void {
    this.publish();
    this.isLocal = true;
  }

  private takeLocal(hasFailed: boolean): void {
    if (!this.isLocal) return;
    // Pieces of a large value come to the task without our hearing of them.
    this.isLocal = this.isInLarge && !hasFailed;
    const warnings = this.localWarnings;
    this.localWarnings = [];
    this.queue.push({ answer: undefined, results: [this.task.take(hasFailed)], warnings });
  }

  private async drain(mustWait: () => boolean): Promise<void> {
    try {
      for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
        const { answer } = head;
        if (answer !== undefined && !answer.isReady && !mustWait()) return;
        if (answer === undefined) this.hand(head.results, head.warnings);
        else if (!(await this.handNext(answer))) continue;
        this.queue.shift();
      }
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }

  /** True where nothing more comes. */
  private async handNext(answer: Answer): Promise<boolean> {
    const { results, warnings, end } = await answer.next();
    this.hand(results as readonly Result[], warnings);
    if (end === undefined) {
      answer.more();
      return false;
    }
    this.pool.giveBack(end.bytes);
    if (end.error !== undefined) throw errorFromData(end.error);
    return true;
  }

  private hand(results: readonly Result[], warnings: readonly RdbWarning[]): void {
    for (const result of results) this.collector.result(result);
    for (const warning of warnings) this.tell(warning);
  }

  /** As a single driver would have told them: so many, and an unconfirmed type once. */
  private tell(warning: RdbWarning): void {
    if (warning.code === 'UNCONFIRMED_LAYOUT') {
      if (this.toldTypes.has(warning.message)) return;
      this.toldTypes.add(warning.message);
    }
    if (this.told++ < MAX_WARNINGS) this.collector.warning(warning);
  }
}

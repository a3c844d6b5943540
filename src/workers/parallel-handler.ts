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
import type { WorkerPool } from './pool.js';
import type { ResultMessage, Task, TaskHandler } from './task.js';

/** A range ends with the record that fills it. */
const RANGE_BYTES = 1024 * 1024;
/** As many as a driver tells of one file. */
const MAX_WARNINGS = 100;
/** The smallest opcode; an expiry or the like in front of a key is one. */
const FIRST_OPCODE = 0xf2;
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
  readonly answer: Promise<ResultMessage> | undefined;
  isReady: boolean;
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
  /** For workers: they may want to know which server wrote the file. */
  private readonly records: RdbRecord[] = [];
  private ticket = 0;
  /** The range that is open. */
  private bytes: ArrayBuffer | undefined;
  private used = 0;
  private offset = 0;
  private db = 0;
  /** This thread's task has had something since its results were taken. */
  private isLocal = false;
  private localWarnings: RdbWarning[] = [];
  private told = 0;
  private readonly toldTypes = new Set<string>();

  constructor(
    private readonly task: Task<Result>,
    private readonly pool: WorkerPool,
    private readonly collector: Collector<Result>,
  ) {}

  get driver(): RdbDriver {
    return this.core;
  }

  set driver(driver: RdbDriver) {
    this.core = driver;
    this.task.handler.driver = driver;
  }

  record(record: RdbRecord): void {
    this.takeHere();
    this.records.push(record);
    this.collector.record?.(record);
    this.task.handler.record(record);
  }

  bulk(rows: RowTable, from: number, to: number): number {
    const { bytes, base } = this.core.window;
    let row = from;
    while (row < to && !this.isBusy) {
      const next = this.run(rows, row, to, bytes);
      if (next === row) break;
      this.add(bytes, rows.start[row]!, rows.end[next - 1]!, base, rows.db[row]!);
      row = next;
    }
    return row;
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    this.takeHere();
    this.task.handler.key(rows, row, bytes);
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    this.takeHere();
    return this.task.handler.largeStart(rows, row, bytes);
  }

  largeEnd(valueBytes: number): void {
    this.takeHere();
    this.task.handler.largeEnd(valueBytes);
  }

  warning(warning: RdbWarning): void {
    this.takeHere();
    this.localWarnings.push(warning);
  }

  full(): boolean {
    return this.isBusy || (this.isLocal && this.task.handler.full());
  }

  /** In a pause: hands over the results that are there, and waits for more where there is nothing else to do. */
  async settle(): Promise<void> {
    this.takeLocal();
    await this.drain(() => this.isBusy || this.queue.some(({ answer }) => answer === undefined));
  }

  /** Everything has been read, or reading has failed: waits for all results. Throws what workers threw. */
  async finish(): Promise<void> {
    this.publish();
    this.takeLocal();
    await this.drain(() => true);
  }

  /** Nothing more should be given away: results that are ready wait behind a range that is not. */
  private get isBusy(): boolean {
    return this.pool.isSaturated || this.queue.length >= this.pool.mostAnswers;
  }

  /** The row behind those that go to one range in one piece. */
  private run(rows: RowTable, from: number, to: number, bytes: Uint8Array): number {
    const { isKey, kind, start, end, db, flags } = rows;
    let row = from;
    let size = this.used;
    for (; row < to && isKey[row] !== 0 && db[row] === db[from]; row++) {
      if (row > from && (start[row] !== end[row - 1] || size >= RANGE_BYTES)) break;
      // What belongs to a key may stand in front of another record: then it does not stand in the range.
      const hasAttributes = bytes[start[row]!]! >= FIRST_OPCODE;
      if (DEPENDENT.has(kind[row]!) || (flags[row] !== 0 && !hasAttributes)) break;
      size += end[row]! - start[row]!;
    }
    return row;
  }

  private add(bytes: Uint8Array, start: number, end: number, base: number, db: number): void {
    const size = end - start;
    const isNext = db === this.db && base + start === this.offset + this.used;
    if (this.bytes !== undefined && (!isNext || this.used + size > this.bytes.byteLength)) this.publish();
    if (this.bytes === undefined) {
      this.takeLocal();
      this.bytes = this.pool.buffer(Math.max(2 * RANGE_BYTES, size));
      this.offset = base + start;
      this.db = db;
    }
    new Uint8Array(this.bytes).set(bytes.subarray(start, end), this.used);
    this.used += size;
    if (this.used >= RANGE_BYTES) this.publish();
  }

  private publish(): void {
    const { bytes, used: size, offset, db, pool, records } = this;
    if (bytes === undefined) return;
    this.bytes = undefined;
    this.used = 0;
    const header = this.core.header as HeaderEntry;
    const answer = pool.run({ ticket: this.ticket++, header, db, offset, bytes, size }, records);
    const entry: Entry<Result> = { answer, isReady: false, results: [], warnings: [] };
    const ready = (): void => {
      entry.isReady = true;
    };
    // A failure is told when its turn comes.
    answer.then(ready, ready);
    this.queue.push(entry);
  }

  /** What comes now is taken by this thread's task. */
  private takeHere(): void {
    this.publish();
    this.isLocal = true;
  }

  private takeLocal(): void {
    if (!this.isLocal) return;
    this.isLocal = false;
    const warnings = this.localWarnings;
    this.localWarnings = [];
    this.queue.push({ answer: undefined, isReady: true, results: [this.task.take()], warnings });
  }

  private async drain(mustWait: () => boolean): Promise<void> {
    for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
      if (!head.isReady && !mustWait()) return;
      const answer = await head.answer;
      this.queue.shift();
      for (const result of (answer?.results ?? head.results) as readonly Result[]) {
        this.collector.result(result);
        if (this.task.reuse !== undefined) this.pool.reuse(this.task.transfer(result));
      }
      for (const warning of answer?.warnings ?? head.warnings) this.tell(warning);
      if (answer?.error !== undefined) throw errorFromData(answer.error);
    }
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

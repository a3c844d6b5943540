/** The worker's side: ranges in, results out. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Window } from '../bytes/window.js';
import { shareKernels } from '../kernels/workspace.js';
import { RdbDriver } from '../rdb/driver.js';
import type { RdbRecord, RdbWarning } from '../rdb/model.js';
import { errorToData } from './error-data.js';
import type { RangeMessage, ResultMessage, Task, TaskHandler, TaskMessage, TaskTable, WorkerStart } from './task.js';

/** Memory of results beyond which a range waits until they have been used: what is packed may expand a hundredfold. */
const HELD_BYTES = 8 * 1024 * 1024;

/** Serves ranges until the main thread ends this one. */
export async function serveRanges(tasks: TaskTable): Promise<void> {
  const port = parentPort!;
  const start = workerData as WorkerStart;
  const inbox = new Inbox(port);
  shareKernels(start.kernels);
  const create = tasks[start.spec.name];
  if (create === undefined) throw new TypeError(`there is no task ${start.spec.name}`);
  const worker = new RangeWorker(await create(start.spec.options as never), start, inbox, port);
  for (;;) await worker.run(await inbox.range());
}

/** Messages wait here until somebody wants them. */
class Inbox {
  private readonly ranges: RangeMessage[] = [];
  private mayGoOn = false;
  private wake: () => void = () => undefined;

  constructor(port: MessagePort) {
    port.on('message', (message: TaskMessage) => {
      if (message === 'more') this.mayGoOn = true;
      else this.ranges.push(message);
      this.wake();
    });
  }

  async range(): Promise<RangeMessage> {
    while (this.ranges.length === 0) await this.next();
    return this.ranges.shift()!;
  }

  /** The results so far have been used. */
  async more(): Promise<void> {
    while (!this.mayGoOn) await this.next();
    this.mayGoOn = false;
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }
}

class RangeWorker {
  private readonly window = Window.for(undefined);
  private readonly handler: RangeHandler;
  private results: unknown[] = [];
  /** That of the range, as long as it is here. */
  private lent = new ArrayBuffer(0);
  /** That of the results. */
  private readonly memory = new Set<ArrayBuffer>();
  private heldBytes = 0;

  constructor(
    private readonly task: Task<unknown>,
    private readonly start: WorkerStart,
    private readonly inbox: Inbox,
    private readonly port: MessagePort,
  ) {
    this.handler = new RangeHandler(task.handler);
  }

  async run(message: RangeMessage): Promise<void> {
    const { ticket } = message;
    let error: unknown;
    try {
      await this.read(message);
    } catch (thrown) {
      error = thrown;
    }
    this.take(error !== undefined);
    this.memory.add(this.lent);
    this.send(ticket, { error: error === undefined ? undefined : errorToData(error), bytes: this.lent });
  }

  private async read(message: RangeMessage): Promise<void> {
    const { task, inbox } = this;
    for (const record of message.records) task.learn(record);
    const driver = this.open(message);
    task.handler.driver = driver;
    while (driver.advance() === 'pause') {
      this.take(false);
      if (this.heldBytes < HELD_BYTES) continue;
      this.memory.add(this.lent);
      this.send(message.ticket, undefined);
      // The memory of the range has gone with them.
      this.lend(new ArrayBuffer(0));
      await inbox.more();
    }
    if (driver.window.available > 0) throw new TypeError('a range that does not end with a record');
  }

  private open({ header, db, offset, bytes, size }: RangeMessage): RdbDriver {
    const { window, start } = this;
    window.restart(offset);
    window.room(size);
    window.append(new Uint8Array(bytes, 0, size), 0);
    // It has been copied: its memory is free for results.
    this.lend(bytes);
    const options = { checksum: false, deep: start.deep, limits: start.limits, resume: { header, db } };
    return new RdbDriver(window, this.handler, options);
  }

  private lend(memory: ArrayBuffer): void {
    this.lent = memory;
    this.task.lend?.(memory);
  }

  private take(hasFailed: boolean): void {
    const { task, memory } = this;
    const result = task.take(hasFailed);
    this.results.push(result);
    for (const buffer of task.memoryOf(result)) {
      if (!memory.has(buffer)) this.heldBytes += buffer.byteLength;
      memory.add(buffer);
    }
  }

  private send(ticket: number, end: ResultMessage['end']): void {
    const { results, memory, handler, port } = this;
    const message: ResultMessage = { ticket, results, warnings: handler.takeWarnings(), end };
    port.postMessage(message, [...memory]);
    this.results = [];
    memory.clear();
    this.heldBytes = 0;
  }
}

/** Keeps the warnings of a driver, which are told in the order of the file by the main thread. */
class RangeHandler {
  private warnings: RdbWarning[] = [];

  constructor(private readonly handler: TaskHandler) {
    if (handler.bulk !== undefined) this.bulk = (rows, from, to) => handler.bulk!(rows, from, to);
  }

  bulk?: NonNullable<TaskHandler['bulk']>;

  record(record: RdbRecord): void {
    this.handler.record(record);
  }

  key(...row: Parameters<TaskHandler['key']>): void {
    this.handler.key(...row);
  }

  largeStart(...row: Parameters<TaskHandler['largeStart']>): ReturnType<TaskHandler['largeStart']> {
    return this.handler.largeStart(...row);
  }

  largeEnd(valueBytes: number): void {
    this.handler.largeEnd(valueBytes);
  }

  warning(warning: RdbWarning): void {
    this.warnings.push(warning);
  }

  full(): boolean {
    return this.handler.full();
  }

  takeWarnings(): RdbWarning[] {
    const { warnings } = this;
    this.warnings = [];
    return warnings;
  }
}

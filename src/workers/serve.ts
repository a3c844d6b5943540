/** The worker's side: ranges in, results out. */
import { parentPort, workerData } from 'node:worker_threads';
import { Window } from '../bytes/window.js';
import { shareKernels } from '../kernels/workspace.js';
import { RdbDriver } from '../rdb/driver.js';
import type { RdbRecord, RdbWarning } from '../rdb/model.js';
import { errorToData } from './error-data.js';
import type { RangeMessage, ResultMessage, Task, TaskHandler, TaskTable, WorkerStart } from './task.js';

/** Serves ranges until the main thread ends this one. */
export function serveRanges(tasks: TaskTable): void {
  const port = parentPort!;
  const start = workerData as WorkerStart;
  shareKernels(start.kernels);
  const create = tasks[start.spec.name];
  if (create === undefined) throw new TypeError(`there is no task ${start.spec.name}`);
  const worker = new RangeWorker(create(start.spec.options as never), start);
  port.on('message', (message: RangeMessage) => {
    const { answer, transfer } = worker.run(message);
    port.postMessage(answer, transfer);
  });
}

class RangeWorker {
  private readonly window = new Window();
  private readonly handler: RangeHandler;

  constructor(
    private readonly task: Task<unknown>,
    private readonly start: WorkerStart,
  ) {
    this.handler = new RangeHandler(task.handler);
  }

  run(message: RangeMessage): { answer: ResultMessage; transfer: ArrayBuffer[] } {
    const { task, handler } = this;
    const results: unknown[] = [];
    let error: unknown;
    task.reuse?.(message.spare);
    try {
      for (const record of message.records) task.handler.record(record);
      const driver = this.open(message);
      task.handler.driver = driver;
      while (driver.advance() === 'pause') results.push(task.take());
      if (driver.window.available > 0) throw new Error('a range that does not end with a record');
    } catch (thrown) {
      error = thrown;
    }
    results.push(task.take());
    const warnings = handler.takeWarnings();
    const failure = error === undefined ? undefined : errorToData(error);
    const answer = { ticket: message.ticket, results, warnings, error: failure, bytes: message.bytes };
    return { answer, transfer: [message.bytes, ...results.flatMap((result) => task.transfer(result))] };
  }

  private open({ header, db, offset, bytes, size }: RangeMessage): RdbDriver {
    const { window, start } = this;
    window.restart(offset);
    window.room(size);
    window.append(new Uint8Array(bytes, 0, size), 0);
    const options = { checksum: false, deep: start.deep, limits: start.limits, resume: { header, db } };
    return new RdbDriver(window, this.handler, options);
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

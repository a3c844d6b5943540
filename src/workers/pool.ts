/**
 * Worker threads of one run: each has a few ranges at a time, and answers in the order in which it was given them.
 *
 * Ranges lie in a fixed number of buffers, and a buffer is free again when all results of its range have been used: so
 * neither ranges nor results pile up behind one that takes long.
 */
import { Worker } from 'node:worker_threads';
import type { RangeMessage, ResultMessage, TaskMessage, WorkerStart } from './task.js';
import { WorkerError } from './worker-error.js';

/** Ranges that a worker is given before its first answer: one at work, one waiting. */
const AHEAD = 2;

/** The results of one range, as they come. */
export class Answer {
  private readonly messages: ResultMessage[] = [];
  private failure: WorkerError | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly thread: Worker) {}

  /** {@link next} has something to say. */
  get isReady(): boolean {
    return this.messages.length > 0 || this.failure !== undefined;
  }

  /** Throws WorkerError where the thread has ended without an answer. */
  async next(): Promise<ResultMessage> {
    while (!this.isReady) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const message = this.messages.shift();
    if (message === undefined) throw this.failure;
    return message;
  }

  /** What {@link next} said last has been used, and was not the end. */
  more(): void {
    this.thread.postMessage('more' satisfies TaskMessage);
  }

  add(message: ResultMessage): void {
    this.messages.push(message);
    this.wake();
  }

  fail(failure: WorkerError): void {
    this.failure = failure;
    this.wake();
  }
}

class PoolWorker {
  readonly waiting = new Map<number, Answer>();
  /** How many of the records this worker has been told of. */
  recordsTold = 0;
  private failure: WorkerError | undefined;

  constructor(readonly thread: Worker) {
    thread.on('message', (message: ResultMessage) => {
      this.waiting.get(message.ticket)?.add(message);
      if (message.end !== undefined) this.waiting.delete(message.ticket);
    });
    thread.on('error', (error) => this.fail(failureOf(error)));
    thread.on('messageerror', (error) => this.fail(failureOf(error)));
    thread.on('exit', (code) => this.fail(new WorkerError(`a worker thread ended with exit code ${code}`)));
  }

  send(message: RangeMessage): Answer {
    const answer = new Answer(this.thread);
    if (this.failure !== undefined) {
      answer.fail(this.failure);
      return answer;
    }
    this.waiting.set(message.ticket, answer);
    this.thread.postMessage(message satisfies TaskMessage, [message.bytes]);
    return answer;
  }

  private fail(failure: WorkerError): void {
    this.failure ??= failure;
    for (const answer of this.waiting.values()) answer.fail(this.failure);
    this.waiting.clear();
  }
}

export class WorkerPool {
  private readonly workers: PoolWorker[];
  private readonly spare: ArrayBuffer[] = [];
  /** Buffers that are in use. */
  private lent = 0;
  private readonly mostLent: number;

  constructor(file: URL, jobs: number, start: WorkerStart) {
    this.workers = Array.from({ length: jobs }, () => new PoolWorker(new Worker(file, { workerData: start })));
    this.mostLent = AHEAD * jobs + 1;
  }

  /** No range should be begun before results have been used. */
  get isSaturated(): boolean {
    return this.lent >= this.mostLent;
  }

  /** Memory for a range of at least `size` bytes and for its results, which is to be given back. */
  lend(size: number): ArrayBuffer {
    this.lent++;
    const found = this.spare.findIndex(({ byteLength }) => byteLength >= size);
    return found < 0 ? new ArrayBuffer(size) : this.spare.splice(found, 1)[0]!;
  }

  giveBack(memory: ArrayBuffer): void {
    this.lent--;
    this.spare.push(memory);
    // Those that are too small for what comes must not stay for ever.
    if (this.spare.length > this.mostLent) this.spare.shift();
  }

  /** Gives a range to a worker. `records`: all of the file so far; the worker is told those that it does not know. */
  run(message: Omit<RangeMessage, 'records'>, records: RangeMessage['records']): Answer {
    const worker = this.workers.reduce((least, one) => (one.waiting.size < least.waiting.size ? one : least));
    const news = records.slice(worker.recordsTold);
    worker.recordsTold = records.length;
    return worker.send({ ...message, records: news });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(({ thread }) => thread.terminate()));
  }
}

function failureOf(error: unknown): WorkerError {
  const what = error instanceof Error ? error.message : String(error);
  return new WorkerError(`a worker thread has failed: ${what}`, { cause: error });
}

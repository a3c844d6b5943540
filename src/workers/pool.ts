/** Worker threads of one run: each has a few ranges at a time, and answers in the order in which it was given them. */
import { Worker } from 'node:worker_threads';
import type { RangeMessage, ResultMessage, WorkerStart } from './task.js';

/** Ranges that a worker is given before its first answer: one at work, one waiting. */
const AHEAD = 2;

/** Pieces that go back with one range. */
const MOST_PIECES = 16;

interface Waiting {
  readonly resolve: (answer: ResultMessage) => void;
  readonly reject: (error: unknown) => void;
}

class PoolWorker {
  readonly waiting = new Map<number, Waiting>();
  /** How many of the records this worker has been told of. */
  recordsTold = 0;
  private failure: unknown;

  constructor(readonly thread: Worker) {
    thread.on('message', (answer: ResultMessage) => {
      const waiting = this.waiting.get(answer.ticket);
      this.waiting.delete(answer.ticket);
      waiting?.resolve(answer);
    });
    thread.on('error', (error) => this.fail(error));
    thread.on('exit', (code) => this.fail(new Error(`a worker thread ended with exit code ${code}`)));
  }

  send(message: RangeMessage): Promise<ResultMessage> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) {
        reject(this.failure);
        return;
      }
      this.waiting.set(message.ticket, { resolve, reject });
      this.thread.postMessage(message, [message.bytes, ...message.spare]);
    });
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
  }
}

export class WorkerPool {
  private readonly workers: PoolWorker[];
  private readonly spare: ArrayBuffer[] = [];
  /** Memory of results. */
  private readonly pieces: ArrayBuffer[] = [];

  constructor(file: URL, jobs: number, start: WorkerStart) {
    this.workers = Array.from({ length: jobs }, () => new PoolWorker(new Worker(file, { workerData: start })));
  }

  /** All workers have as many ranges as they should. */
  get isSaturated(): boolean {
    return this.workers.every(({ waiting }) => waiting.size >= AHEAD);
  }

  /** Ranges that may have been given away and not been put in order yet. */
  get mostAnswers(): number {
    return this.workers.length * (AHEAD + 1);
  }

  /** Memory for a range of at least `size` bytes. */
  buffer(size: number): ArrayBuffer {
    const found = this.spare.findIndex(({ byteLength }) => byteLength >= size);
    return found < 0 ? new ArrayBuffer(size) : this.spare.splice(found, 1)[0]!;
  }

  /** The answer, once it is there. `records`: all of the file so far; the worker is told those that it does not know. */
  async run(
    message: Omit<RangeMessage, 'records' | 'spare'>,
    records: RangeMessage['records'],
  ): Promise<ResultMessage> {
    const worker = this.workers.reduce((least, one) => (one.waiting.size < least.waiting.size ? one : least));
    const news = records.slice(worker.recordsTold);
    worker.recordsTold = records.length;
    const spare = this.pieces.splice(0, MOST_PIECES);
    const answer = await worker.send({ ...message, records: news, spare });
    this.spare.push(answer.bytes);
    return answer;
  }

  /** Memory of results goes back to the workers with the next ranges. */
  reuse(memory: readonly ArrayBuffer[]): void {
    this.pieces.push(...memory);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map(({ thread }) => thread.terminate()));
  }
}

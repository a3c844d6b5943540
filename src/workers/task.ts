/**
 * What is done with the keys of a range, on whichever thread: a handler that takes rows, and what has come of them.
 *
 * The main thread skims and cuts the file into ranges of whole records; workers run a task over a range each; results are
 * put together in the order of the file. Whatever is no plain key, such as records and values that are streamed, the main
 * thread's own task takes, so that its results stand between those of the workers.
 */
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';

/** A handler that must know its driver. */
export interface TaskHandler extends RowHandler {
  driver: RdbDriver;
}

/** `Result` is data: it crosses threads. */
export interface Task<Result> {
  /** Takes the rows. Its `full` asks for a pause, in which {@link take} is called. */
  readonly handler: TaskHandler;
  /** What has come together since the last call. */
  take(): Result;
  /** Memory of the result that may be handed over to another thread, not copied. */
  transfer(result: Result): ArrayBuffer[];
  /** Memory of results that nobody needs any more. */
  reuse?(memory: readonly ArrayBuffer[]): void;
}

/** Which task, and what it is made with; everything in it is data. */
export interface TaskSpec {
  readonly name: string;
  readonly options: unknown;
}

/** Makes tasks by their name. */
export type TaskTable = Readonly<Record<string, (options: never) => Task<unknown>>>;

/** What a worker is started with. */
export interface WorkerStart {
  readonly spec: TaskSpec;
  readonly limits: Readonly<Record<string, number>>;
  readonly deep: boolean;
  readonly kernels: WebAssembly.Module | undefined;
}

/** Main thread to worker. */
export interface RangeMessage {
  readonly ticket: number;
  readonly header: HeaderEntry;
  readonly db: number;
  /** Offset of the range in the file. */
  readonly offset: number;
  readonly bytes: ArrayBuffer;
  readonly size: number;
  /** Records that are no keys, since the last range that this worker was given. */
  readonly records: readonly RdbRecord[];
  /** For the task to use again. */
  readonly spare: readonly ArrayBuffer[];
}

/** Worker to main thread. */
export interface ResultMessage {
  readonly ticket: number;
  readonly results: readonly unknown[];
  readonly warnings: readonly RdbWarning[];
  /** What ended the range before its end; its results come first. */
  readonly error: ErrorData | undefined;
  /** The bytes of the range, to be used again. */
  readonly bytes: ArrayBuffer;
}

/** An error as data (error-data.ts). */
export interface ErrorData {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly offset: number | undefined;
  readonly innerOffset: number | undefined;
  readonly trail: readonly string[];
}

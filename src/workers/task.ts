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
  /** A record that is no key, and that another thread has taken: what it says of the file may matter, nothing comes of it. */
  learn(record: RdbRecord): void;
  /** What has come together since the last call. `hasFailed`: nothing follows, and what has been begun will not be whole. */
  take(hasFailed: boolean): Result;
  /** Memory of the result that may be handed over to another thread, not copied. */
  memoryOf(result: Result): readonly ArrayBuffer[];
  /** Keys come now, which somebody else takes. True: something has come together that belongs in front of them. */
  keysFollow?(): boolean;
  /** Memory for results, until this is called again: it goes away with them, and is nobody else's before that. */
  lend?(memory: ArrayBuffer): void;
}

/** Which task, and what it is made with; everything in it is data. */
export interface TaskSpec {
  readonly name: string;
  readonly options: unknown;
}

/** Makes tasks by their name; each loads what it needs. */
export type TaskTable = Readonly<Record<string, (options: never) => Promise<Task<unknown>>>>;

/** What a worker is started with. */
export interface WorkerStart {
  readonly spec: TaskSpec;
  readonly limits: Readonly<Record<string, number>>;
  readonly deep: boolean;
  readonly kernels: WebAssembly.Module | undefined;
}

/** Main thread to worker: a range, or leave to go on with the one that it was given. */
export type TaskMessage = RangeMessage | 'more';

export interface RangeMessage {
  readonly ticket: number;
  readonly header: HeaderEntry;
  readonly db: number;
  /** Offset of the range in the file. */
  readonly offset: number;
  /** The range, and room behind it. */
  readonly bytes: ArrayBuffer;
  readonly size: number;
  /** Records in front of all keys that this worker has not been told of. */
  readonly records: readonly RdbRecord[];
}

/** Worker to main thread: all results of a range, or, where they are many, the next of them. */
export interface ResultMessage {
  readonly ticket: number;
  readonly results: readonly unknown[];
  readonly warnings: readonly RdbWarning[];
  /** Undefined: more comes once the main thread has used these. */
  readonly end: RangeEnd | undefined;
}

export interface RangeEnd {
  /** What ended the range before its end; its results come first. */
  readonly error: ErrorData | undefined;
  /** The memory of the range, in which results may lie: to be used again after them. */
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

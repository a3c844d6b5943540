/** One pass over a dump by several threads. */
import type { Limits } from '../bytes/limits.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { compiledKernels } from '../kernels/workspace.js';
import { drive } from '../rdb/drive.js';
import { type DriverOptions, RdbDriver } from '../rdb/driver.js';
import { type Collector, ParallelHandler } from './parallel-handler.js';
import { WorkerPool } from './pool.js';
import type { Task, TaskSpec } from './task.js';
import { workerFile } from './worker-file.js';

export interface ParallelOptions<Result> {
  readonly source: ByteSource;
  /** Worker threads beside this one. */
  readonly jobs: number;
  /** File of the workers, counting from the package's `dist`. */
  readonly file: string;
  readonly spec: TaskSpec;
  /** The same task, for this thread. */
  readonly task: Task<Result>;
  readonly collector: Collector<Result>;
  readonly driver: DriverOptions;
  /** In each pause, when results have been handed over: for output that is behind. */
  readonly onPause?: (() => Promise<void>) | undefined;
  /** Bytes of a range, at the least. Default: 1 MiB. */
  readonly rangeBytes?: number | undefined;
  /** Once it is aborted, what is on its way is not waited for. */
  readonly signal?: AbortSignal | undefined;
}

export class ParallelReader<Result> {
  readonly driver: RdbDriver;
  private readonly pool: WorkerPool;
  private readonly handler: ParallelHandler<Result>;

  /** Starts the threads: call {@link run}, which ends them. */
  constructor(private readonly options: ParallelOptions<Result>) {
    const { source, jobs, file, spec, task, collector, rangeBytes } = options;
    const { limits, deep = false } = options.driver;
    const start = { spec, limits: { ...limits } satisfies Partial<Limits>, deep, kernels: compiledKernels() };
    this.pool = new WorkerPool(workerFile(file), jobs, start);
    this.handler = new ParallelHandler(task, this.pool, collector, rangeBytes);
    const window = Window.for(source.sizeBytes);
    this.driver = new RdbDriver(window, this.handler, options.driver);
    this.handler.driver = this.driver;
  }

  /** Reads to the end. Results and errors come as from one thread that reads record by record. */
  async run(): Promise<void> {
    const { handler } = this;
    try {
      await this.read();
      await handler.finish(false);
    } catch (error) {
      // What stands before it in the file comes first, be it results or another error.
      if (this.options.signal?.aborted !== true) await handler.finish(true);
      throw error;
    } finally {
      await this.pool.close();
    }
  }

  private async read(): Promise<void> {
    const { source, onPause } = this.options;
    while ((await drive(source, this.driver)) === 'pause') {
      await this.handler.settle();
      await onPause?.();
    }
  }
}

/** The loop of commands that write while several threads read. */
import type { ShardFilter } from '../convert/shard-filter.js';
import type { RdbRecord, RdbWarning } from '../rdb/model.js';
import { ParallelReader } from '../workers/parallel-reader.js';
import type { Task, TaskSpec } from '../workers/task.js';
import type { Output } from './output.js';
import type { Session } from './session.js';
import type { SourceSpec } from './source.js';

export interface ParallelReading<Result> {
  readonly specs: readonly SourceSpec[];
  readonly jobs: number;
  /** File of the workers, counting from the package's `dist`. */
  readonly file: string;
  readonly spec: TaskSpec;
  /** The same task, for this thread. */
  readonly task: Task<Result>;
  readonly filter: ShardFilter | undefined;
  /** Takes what has come together, in order. */
  readonly take: (result: Result) => void;
  readonly signal: AbortSignal;
}

/** Every source in turn, each by several threads. */
export async function readParallel<Result>(
  reading: ParallelReading<Result>,
  session: Session,
  output: Pick<Output, 'drain'>,
): Promise<void> {
  const { specs, jobs, file, spec, task, filter, take, signal } = reading;
  const { checksum, limits } = session;
  // What stands above all rows.
  take(task.take(false));
  for (const one of specs) {
    await session.read(one, async (source) => {
      filter?.next(source);
      const reader = new ParallelReader({
        source,
        jobs,
        file,
        spec,
        task,
        collector: {
          result: take,
          warning: (warning: RdbWarning) => session.warn(warning, one),
          record: (record: RdbRecord) => {
            if (record.kind === 'end') session.warnTail(record, one);
          },
        },
        driver: { checksum, limits },
        onPause: () => output.drain(),
        signal,
      });
      await reader.run();
    });
  }
}

/** `memory` line by line, by several threads: the same bytes as by one. */
import { ShardFilter } from '../../convert/shard-filter.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { type MemoryForm, type MemoryPieces, MemoryTask } from '../memory-task.js';
import { filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readParallel } from '../read-parallel.js';
import type { Session } from '../session.js';
import type { SourceSpec } from '../source.js';
import type { MemoryCommandOptions } from './memory.js';

export async function memoryParallel(
  specs: readonly SourceSpec[],
  jobs: number,
  form: MemoryForm,
  { server, allocator, ...options }: MemoryCommandOptions,
  session: Session,
  output: Output,
  { signal }: Invocation,
): Promise<number> {
  const asked = filterOf(options);
  const filter = asked && new ShardFilter(asked, session.nowMs);
  const model = { ...(server && { server }), ...(allocator && { allocator }) };
  const task = { ...model, form, filter: asked, nowMs: session.nowMs };
  const take = (pieces: MemoryPieces): void => {
    for (const piece of pieces) output.write(piece);
  };
  await readParallel(
    {
      specs,
      jobs,
      file: 'cli/worker',
      spec: { name: 'memory', options: task },
      task: new MemoryTask(task, true, filter),
      filter,
      take,
      signal,
    },
    session,
    output,
  );
  return EXIT.OK;
}

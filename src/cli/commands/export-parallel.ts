/** `export` to JSON by several threads: the same bytes as by one. */
import { type JsonPieces, JsonTask, type JsonTaskOptions } from '../../convert/json/json-task.js';
import type { ShardFilter } from '../../convert/shard-filter.js';
import type { Invocation } from '../invocation.js';
import type { Output } from '../output.js';
import { readParallel } from '../read-parallel.js';
import type { Session } from '../session.js';
import type { SourceSpec } from '../source.js';

const ARRAY_START = 0x5b;

export async function exportParallel(
  specs: readonly SourceSpec[],
  jobs: number,
  options: JsonTaskOptions,
  filter: ShardFilter | undefined,
  session: Session,
  output: Output,
  { signal }: Invocation,
): Promise<void> {
  const task = new JsonTask(options, filter);
  let isEmpty = true;
  const write = (piece: Uint8Array): void => {
    // Nobody but us knows which object of an array is the first: all come with a comma in front.
    if (isEmpty && options.format === 'json') piece[0] = ARRAY_START;
    isEmpty = false;
    output.write(piece);
  };
  // Records that are no keys are this thread's.
  const spec = { name: 'json', options: { ...options, all: false } };
  const take = (pieces: JsonPieces): void => pieces.forEach(write);
  await readParallel({ specs, jobs, file: 'worker', spec, task, filter, take, signal }, session, output);
  if (isEmpty && options.format === 'json') output.byte(ARRAY_START);
  task.finish();
  for (const piece of task.take(false)) output.write(piece);
}

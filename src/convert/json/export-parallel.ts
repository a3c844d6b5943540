/** A dump as JSON by several threads: the same bytes as by one. */
import { copyBytes } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { compileFilter } from '../../rdb/filter.js';
import { piecesInOrder } from '../../workers/pieces-in-order.js';
import type { JsonExportOptions } from './export.js';
import { JsonTask, type JsonTaskOptions } from './json-task.js';

const ARRAY_START = 0x5b;

export async function* exportJsonBySeveral(
  source: ByteSource,
  jobs: number,
  { format, encoding, all, filter, nowMs = Date.now(), checksum = true, limits, onWarning }: JsonExportOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const options: JsonTaskOptions = {
    filter,
    nowMs,
    ...(format && { format }),
    ...(encoding && { encoding }),
    ...(all !== undefined && { all }),
  };
  const task = new JsonTask(options, filter && compileFilter(filter, nowMs, source));
  const isArray = format === 'json';
  let isEmpty = true;
  const first = (piece: Uint8Array): Uint8Array => {
    // Each object comes with a comma in front; which one is the first is known here alone.
    if (isEmpty && isArray) piece[0] = ARRAY_START;
    isEmpty = false;
    return piece;
  };
  yield* piecesInOrder({
    source,
    jobs,
    file: 'worker',
    // Records that are no keys are this thread's.
    spec: { name: 'json', options: { ...options, all: false } },
    task,
    piecesOf: (pieces) => pieces.map((piece) => first(copyBytes(piece, 0, piece.length))),
    warning: onWarning ?? (() => undefined),
    driver: { checksum, ...(limits && { limits }) },
  });
  if (isEmpty && isArray) yield Uint8Array.of(ARRAY_START);
  task.finish();
  yield* task.take(false);
}

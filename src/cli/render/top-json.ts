/** `top` for programs. */
import type { MemoryModel } from '../../inspect/memory/memory-model.js';
import type { TopKey, TopOrder, TopReport } from '../../inspect/top/top-collector.js';
import { modelJson } from './memory-json.js';
import { type Row, rowJson } from './report-rows.js';

/** `model`: what memory was measured with. */
export function topJson(
  sources: readonly string[],
  report: TopReport,
  model: MemoryModel | undefined,
): Record<string, unknown> {
  const { by, limit, keys, keysWithout, sum, top } = report;
  return {
    schema: 'rdb-inspect/top@1',
    sources,
    by,
    ...(model && modelJson(model)),
    limit,
    keys,
    ...(keysWithout > 0 && { keysWithout }),
    sum,
    top: top.map((key) => rowJson(topRow(key, by, sources))),
  };
}

export function topRows(sources: readonly string[], { top, by }: TopReport): Row[] {
  return top.map((key) => topRow(key, by, sources));
}

/** What is known of the key; the source is named where there are several. */
export function topRow(key: TopKey, by: TopOrder, sources: readonly string[]): Row {
  const { elements, largestElementBytes, memoryBytes, memoryEncoding, idleSeconds, freq } = key;
  return {
    ...(sources.length > 1 && { source: sources[key.file] }),
    db: key.db,
    key: key.key,
    type: key.type,
    encoding: key.encoding,
    ...(memoryEncoding !== '' && { memoryEncoding }),
    ...((by === 'memory' || memoryBytes > 0) && { memory: memoryBytes }),
    size: key.valueBytes,
    ...((by === 'elements' || elements > 0) && { elements }),
    ...((by === 'element-size' || largestElementBytes > 0) && { largestElement: largestElementBytes }),
    ...(by === 'idle' && { idle: idleSeconds }),
    ...(by === 'freq' && { freq }),
    expireAt: expiryOf(key),
  };
}

/** Unix ms; beyond what a number holds exactly, the text of it. */
function expiryOf({ expireAt }: TopKey): number | string | null {
  if (expireAt === undefined) return null;
  return expireAt.isSafe() ? expireAt.toNumber() : String(expireAt.signed());
}

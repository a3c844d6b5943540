/** `verify@1` (cli.md §2). */
import type { VerifyDifference, VerifyResult } from '../../import/verify/model.js';
import { jsonBytes } from './bytes-text.js';

/** `verify@1`; differences are the first 100. */
export function verifyJson(source: string, target: string, result: VerifyResult): object {
  const { server, kind, counts, extra, differences, method, unknown, elapsedMs } = result;
  return {
    schema: 'rdb-inspect/verify@1',
    source,
    target,
    server,
    kind,
    same: counts.missing + counts.different + (extra ?? 0) === 0 && unknown === 0,
    counts,
    extra: extra ?? null,
    differences: differences.map(differenceJson),
    method,
    unknown,
    ms: Math.round(elapsedMs),
  };
}

export function differenceJson({ kind, db, key, what, detail }: VerifyDifference): object {
  return { kind, db, key: jsonBytes(key), what, detail };
}

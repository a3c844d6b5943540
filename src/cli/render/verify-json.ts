/** `verify@1` (cli.md §2). */
import type { VerifyResult } from '../../import/verify/model.js';
import { jsonBytes } from './bytes-text.js';

export type VerifyDifference = VerifyResult['differences'][number];

/** `verify@1`; of differences the first 100 of each kind. `extra` and `functions`: null where they were not looked at. */
export function verifyJson(source: string, target: string, result: VerifyResult): object {
  const { server, kind, isSame, counts, extra, unknown, functions, differences, method, elapsedMs } = result;
  return {
    schema: 'rdb-inspect/verify@1',
    source,
    target,
    server,
    kind,
    same: isSame,
    method,
    counts,
    unknown,
    extra: extra ?? null,
    functions: functions ?? null,
    differences: differences.map(differenceJson),
    ms: Math.round(elapsedMs),
  };
}

export function differenceJson({ kind, db, key, what, detail }: VerifyDifference): object {
  return { kind, db, key: jsonBytes(key), what, detail };
}

/** `import@1` (cli.md §2). */
import type { ImportResult, KeyFailure } from '../../import/model.js';
import { jsonBytes } from './bytes-text.js';
import { lossCountJson } from './convert-json.js';

/** `import@1`; failures are the first 100, all of them are in the file of `--report`. */
export function importJson(source: string, target: string, result: ImportResult): Record<string, unknown> {
  const { server, kind, mode, counts, failures, lost, asCommands, sentBytes, requests, retries } = result;
  const { elapsedMs, isResumed, plan } = result;
  return {
    schema: 'rdb-inspect/import@1',
    source,
    target,
    server,
    kind,
    mode,
    counts,
    failures: failures.map(failureJson),
    lost: lost.map(lossCountJson),
    asCommands,
    bytes: sentBytes,
    requests,
    retries,
    ms: Math.round(elapsedMs),
    resumed: isResumed,
    ...(plan !== undefined && { plan: { ...plan, estimatedMs: Math.round(plan.estimatedMs) } }),
  };
}

/** One key or library that was not written. */
export function failureJson({ kind, db, key, code, message }: KeyFailure): object {
  return { kind, db, key: jsonBytes(key), code, message };
}

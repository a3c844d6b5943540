/** `convert@1` and `compat@1` (cli.md §2). */
import type { Compatibility, ConvertSummary } from '../../convert/convert.js';
import type { ChangeCount, KeyPlace, LossCount, LossEntry } from '../../convert/loss.js';
import { jsonBytes } from './bytes-text.js';

/** One loss on a line of its own. */
export function lossJson({ what, db, key, policy, detail }: LossEntry): object {
  return { what, db: db ?? null, key: key === undefined ? null : jsonBytes(key), policy, detail };
}

/** `convert@1` without the single losses. */
export function convertJson(source: string, summary: ConvertSummary): Record<string, unknown> {
  const { magic, version } = summary.source;
  return {
    schema: 'rdb-inspect/convert@1',
    source,
    magic,
    version,
    target: summary.target,
    keysRead: summary.keysRead,
    keysWritten: summary.keysWritten,
    keysRewritten: summary.keysRewritten,
    bytes: summary.bytesWritten,
    lost: summary.lost.map(lossCountJson),
    changes: summary.changes.map(changeJson),
    omitted: summary.omitted,
    needs: summary.needs,
  };
}

/** `compat@1`. */
export function compatJson(source: string, compat: Compatibility): object {
  const { magic, version } = compat.source;
  return {
    schema: 'rdb-inspect/compat@1',
    source,
    magic,
    version,
    target: compat.target,
    loads: compat.loads,
    convertible: compat.convertible,
    keys: compat.keysRead,
    lost: compat.lost.map(lossCountJson),
    changes: compat.changes.map(changeJson),
    needs: compat.needs,
  };
}

/** All losses of one kind. */
export function lossCountJson({ what, scope, count, dropped, converted, detail, examples }: LossCount): object {
  return { what, scope, count, dropped, converted, detail, examples: examples.map(placeJson) };
}

function changeJson({ kind, code, count, examples }: ChangeCount): object {
  return { kind, code, count, examples: examples.map(placeJson) };
}

function placeJson({ db, key }: KeyPlace): object {
  return { db, key: jsonBytes(key) };
}

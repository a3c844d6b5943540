/** `info@1` (cli.md §2). */
import type { RdbSummary } from '../../inspect/summary.js';
import { jsonBytes } from './bytes-text.js';

/** One object per dump. What the file does not have is empty; members that say nothing are absent. */
export function infoJson(source: string, summary: RdbSummary): object {
  const { magic, version, compression, bytes, keys, expires, dbs, functions, modules, end, warnings } = summary;
  return {
    schema: 'rdb-inspect/info@1',
    source,
    format: 'rdb',
    magic,
    version,
    aux: Object.fromEntries(summary.aux.map(({ name, value }) => [nameText(name), jsonBytes(value)])),
    dbs,
    types: countByType(summary),
    functions: functions.map(({ name = null, engine = null, bytes: size }) => ({ name, engine, bytes: size })),
    modules: modules.map(({ name, version: encver, keys: count, auxRecords }) => ({
      name,
      version: encver,
      keys: count,
      auxRecords,
    })),
    checksum: end?.checksum ?? null,
    keys,
    expires,
    bytes,
    encodings: summary.types,
    ...(compression && { compression }),
    ...(summary.scripts > 0 && { scripts: summary.scripts }),
    ...(summary.slots > 0 && { slots: summary.slots }),
    ...(summary.keysWithMeta > 0 && { keysWithMeta: summary.keysWithMeta }),
    ...(end?.trailing && { trailing: { kind: end.trailing, bytes: end.trailingBytes } }),
    ...(summary.stopped && { stopped: true }),
    warnings,
  };
}

function countByType(summary: RdbSummary): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, keys } of summary.types) counts[type] = (counts[type] ?? 0) + keys;
  return counts;
}

/** A member's name must be text: what is none has one character per byte. */
function nameText(name: Uint8Array): string {
  const text = jsonBytes(name);
  return typeof text === 'string' ? text : Buffer.from(name).toString('latin1');
}

/** `ttl` for programs. */
import type { PrefixNode } from '../../inspect/prefix/prefix-report.js';
import type { TtlCount, TtlReport, TtlShare } from '../../inspect/ttl/ttl-collector.js';
import { jsonBytes } from './bytes-text.js';
import type { Row } from './report-rows.js';

export function ttlJson(
  sources: readonly string[],
  report: TtlReport,
  prefixes: readonly PrefixNode[],
): Record<string, unknown> {
  const { atMs, atIs, createdAtMs, bins, dbs, types } = report;
  return {
    schema: 'rdb-inspect/ttl@1',
    sources,
    at: atMs,
    atIs,
    createdAt: createdAtMs ?? null,
    ...shareJson(report),
    bins: bins.map(({ name, label, ...count }) => ({ bin: name, label, ...countJson(count) })),
    dbs: dbs.map(({ db, ...share }) => ({ db, ...shareJson(share) })),
    types: types.map(({ type, ...share }) => ({ type, ...shareJson(share) })),
    prefixesWithoutTtl: prefixes.map(({ pattern, glob, keysWithoutTtl, keys, bytes }) => ({
      prefix: jsonBytes(pattern),
      glob: jsonBytes(glob),
      keysWithoutTtl,
      keys,
      bytes,
    })),
  };
}

/** The bins, keys without a TTL the last one. */
export function ttlRows({ bins, withoutTtl, all }: TtlReport): Row[] {
  return [...bins, { name: 'none', ...withoutTtl }].map(({ name, keys, bytes, memoryBytes }) => ({
    bin: name,
    keys,
    bytes,
    ...(all.memoryBytes > 0 && { memory: memoryBytes }),
    share: Number((keys / (all.keys || 1)).toPrecision(6)),
  }));
}

function shareJson({ all, withoutTtl, expired }: TtlShare): Record<string, unknown> {
  return {
    ...countJson(all),
    withoutTtl: countJson(withoutTtl),
    withoutTtlShare: Number((withoutTtl.keys / (all.keys || 1)).toPrecision(6)),
    expired: countJson(expired),
  };
}

function countJson({ keys, bytes, memoryBytes }: TtlCount): Record<string, number> {
  return { keys, bytes, ...(memoryBytes > 0 && { memory: memoryBytes }) };
}

/** `stats` for programs. */
import type { MemoryModel } from '../../inspect/memory/memory-model.js';
import type { FileFacts } from '../../inspect/stats/file-facts.js';
import type { KeyCounts } from '../../inspect/stats/key-counts.js';
import type { Distribution, KeyStats, Sizes, TypeStats } from '../../inspect/stats/key-stats.js';
import { MAX_RELATIVE_ERROR } from '../../inspect/stats/log-histogram.js';
import { modelJson } from './memory-json.js';
import { type Row, type RowValue, rowJson } from './report-rows.js';
import { topRow } from './top-json.js';

/** `model`: what memory was measured with. */
export function statsJson(
  sources: readonly string[],
  stats: KeyStats,
  model: MemoryModel | undefined,
): Record<string, unknown> {
  const { files, total, sizes, types, dbs, encodingsOf, ttl, largest, largestBy } = stats;
  const measured = measuredOf(stats);
  return {
    schema: 'rdb-inspect/stats@1',
    sources: sources.map((name, at) => ({ name, ...fileJson(files[at]) })),
    ...countsJson(total, measured),
    sizes: sizesJson(sizes),
    quantileError: MAX_RELATIVE_ERROR,
    ...(model && modelJson(model)),
    encodingsOf,
    types: types.map((type) => typeJson(type, total, measured)),
    dbs: dbs.map(({ db, ...counts }) => ({ db, ...countsJson(counts, measured) })),
    ttl: ttl.map(({ name, keys, bytes }) => ({ bin: name, keys, bytes })),
    largestBy,
    largest: largest.map((key) => rowJson(topRow(key, largestBy, sources))),
  };
}

/** One row for each line of the page: `row` says which part of it. */
export function statsRows(sources: readonly string[], stats: KeyStats): Row[] {
  const { files, total, sizes, types, dbs, ttl, largest, largestBy } = stats;
  const measured = measuredOf(stats);
  return [
    ...sources.map((name, at): Row => ({ row: 'source', name, ...fileJson(files[at]) })),
    { row: 'total', ...countsJson(total, measured) },
    ...Object.entries(sizesJson(sizes)).map(([of, size]): Row => ({ row: 'size', of, ...size })),
    ...types.flatMap(({ type, encodings, ...counts }): Row[] => [
      { row: 'type', type, ...countsJson(counts, measured), share: share(counts.keys, total.keys) },
      ...encodings.map(
        ({ encoding, ...of }): Row => ({
          row: 'encoding',
          type,
          encoding,
          ...countsJson(of, measured),
          share: share(of.keys, total.keys),
        }),
      ),
    ]),
    ...dbs.map(({ db, ...counts }): Row => ({ row: 'db', db, ...countsJson(counts, measured) })),
    ...ttl.map(
      ({ name, keys, bytes }): Row => ({ row: 'ttl', bin: name, keys, bytes, share: share(keys, total.keys) }),
    ),
    ...largest.map((key): Row => ({ row: 'largest', ...topRow(key, largestBy, sources) })),
  ];
}

interface Measured {
  readonly elements: boolean;
  readonly memory: boolean;
}

function measuredOf({ sizes }: KeyStats): Measured {
  return { elements: sizes.elements !== undefined, memory: sizes.memoryBytes !== undefined };
}

function fileJson(file: FileFacts | undefined): Record<string, RowValue> {
  // The limit of keys was reached before it was opened.
  if (file === undefined) return { read: false };
  const { magic, version, keys, server, bits, createdAtMs, usedMemoryBytes, isAofBase, functions, modules } = file;
  return {
    magic,
    version,
    server: server === undefined ? null : `${server.name}:${server.version}`,
    bits: bits ?? null,
    createdAt: createdAtMs ?? null,
    usedMemory: usedMemoryBytes ?? null,
    ...(isAofBase && { aofBase: true }),
    ...(file.replicationId !== undefined && { replicationId: file.replicationId }),
    ...(file.replicationOffset !== undefined && { replicationOffset: file.replicationOffset }),
    functions,
    modules,
    checksum: file.checksum ?? null,
    keys,
  };
}

function countsJson(counts: KeyCounts, { elements, memory }: Measured): Record<string, number> {
  return {
    keys: counts.keys,
    keysWithTtl: counts.keysWithTtl,
    expired: counts.expiredKeys,
    expiredNow: counts.expiredNowKeys,
    keyBytes: counts.keyBytes,
    bytes: counts.valueBytes,
    ...(elements && { elements: counts.elements }),
    ...(memory && { memory: counts.memoryBytes }),
  };
}

function typeJson(stats: TypeStats, total: KeyCounts, measured: Measured): Record<string, unknown> {
  const { type, encodings, sizes, ...counts } = stats;
  const shares = (of: KeyCounts): Record<string, number> => ({
    share: share(of.keys, total.keys),
    bytesShare: share(of.valueBytes, total.valueBytes),
    ...(measured.memory && { memoryShare: share(of.memoryBytes, total.memoryBytes) }),
  });
  return {
    type,
    ...countsJson(counts, measured),
    ...shares(counts),
    encodings: encodings.map(({ encoding, ...of }) => ({ encoding, ...countsJson(of, measured), ...shares(of) })),
    sizes: sizesJson(sizes),
  };
}

function sizesJson({ keyBytes, valueBytes, elements, memoryBytes }: Sizes): Record<string, Record<string, number>> {
  return {
    key: distributionJson(keyBytes),
    value: distributionJson(valueBytes),
    ...(elements && { elements: distributionJson(elements) }),
    ...(memoryBytes && { memory: distributionJson(memoryBytes) }),
  };
}

function distributionJson({ count, min, mean, p50, p90, p99, p999, max }: Distribution): Record<string, number> {
  return { count, min, mean: Number(mean.toPrecision(8)), p50, p90, p99, 'p99.9': p999, max };
}

function share(part: number, whole: number): number {
  return Number((part / (whole || 1)).toPrecision(6));
}

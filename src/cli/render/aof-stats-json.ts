/** `aof stats` as JSON. */
import type { KeyCount } from '../../aof/stats/frequent-keys.js';
import type { AofStats } from '../../aof/stats/stats.js';
import type { Timeline } from '../../aof/stats/stats-timeline.js';
import { jsonBytes } from './bytes-text.js';

export function aofStatsJson(name: string, stats: AofStats): Record<string, unknown> {
  const { timeline, failure, transactions } = stats;
  return {
    schema: 'rdb-inspect/aof-stats@1',
    source: name,
    commands: stats.commands,
    bytes: stats.commandBytes,
    annotations: stats.annotations,
    transactions,
    files: stats.files,
    dbs: stats.byDb,
    byCommand: stats.byCommand.map(({ isKnown, ...facts }) => ({ ...facts, ...(!isKnown && { unknown: true }) })),
    distinctPrefixes: stats.distinctPrefixes ?? null,
    prefixes: stats.prefixes.map((entry) => ({ prefix: keyJson(entry), ...countJson(entry) })),
    distinctKeys: stats.distinctKeys ?? null,
    hotKeys: stats.hotKeys.map((entry) => ({ db: entry.db, key: keyJson(entry), ...countJson(entry) })),
    largest: stats.largest.map(({ key, file, ...facts }) => ({
      ...facts,
      file: stats.files[file]?.name,
      ...(key !== undefined && { key: jsonBytes(key) }),
    })),
    timeline: timeline === undefined ? null : timelineJson(timeline),
    error: failure === undefined ? null : { code: failure.error.code, offset: failure.error.offset },
  };
}

function keyJson({ key }: KeyCount): ReturnType<typeof jsonBytes> {
  return jsonBytes(key);
}

function countJson({ count, bytes, missed, key, sizeBytes }: KeyCount): Record<string, number> {
  return {
    commands: count,
    bytes,
    ...(missed > 0 && { missed }),
    ...(sizeBytes > key.length && { keySize: sizeBytes }),
  };
}

function timelineJson({ widthSeconds, buckets, untimed, firstSeconds, lastSeconds }: Timeline): unknown {
  return {
    width: widthSeconds,
    first: firstSeconds,
    last: lastSeconds,
    untimed,
    buckets: buckets.map(({ startSeconds, commands: count, bytes }) => ({
      start: startSeconds,
      commands: count,
      bytes,
    })),
  };
}

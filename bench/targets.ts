const MB = 1_000_000;

/**
 * How many times as fast as redis-check-rdb or redis-check-aof a job must be, a replay as a server's load, by data set and
 * job, at scale 1.
 */
export const SPEED_TARGETS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  strings: { check: 1.5, 'check --deep': 1, 'export ndjson': 0.35, convert: 0.6 },
  mixed: { check: 1.5, 'check --deep': 1, convert: 1 },
  lzf: { 'check --deep': 1 },
  aof: { 'aof check': 6, 'aof stats': 3, 'aof cat ndjson': 0.5, replay: 0.5, 'convert aof': 0.5 },
};

/** Peak resident memory a job may reach on each generated file: a fixed part and a share of the file's size. */
export const MEMORY_LIMITS: Readonly<Record<string, { bytes: number; perFileByte?: number }>> = {
  dump: { bytes: 200 * MB },
  hash: { bytes: 300 * MB },
  set: { bytes: 300 * MB },
  zset: { bytes: 300 * MB },
  quicklist: { bytes: 300 * MB },
  'quicklist-ziplist': { bytes: 300 * MB },
  // The value once, and a constant for the process itself and its window.
  string: { bytes: 100 * MB, perFileByte: 1 },
};

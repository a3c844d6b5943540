const MB = 1_000_000;

/** A job of ours and one that it is compared with: the time of `peer` divided by the time of `job`, medians of one run. */
export interface Comparison {
  job: string;
  peer: string;
  /** The least ratio asked for at scale 1, by data set. */
  targets?: Readonly<Record<string, number>>;
}

/** All comparisons, in the order of the table. Without a target they are there for the reader. */
export const COMPARISONS: readonly Comparison[] = [
  { job: 'check', peer: 'redis-check-rdb', targets: { strings: 3, mixed: 3, lzf: 2 } },
  { job: 'check --deep', peer: 'redis-check-rdb', targets: { strings: 2, mixed: 2, lzf: 1 } },
  { job: 'check --deep', peer: 'redis-server load' },
  { job: 'export ndjson', peer: 'librdb json', targets: { strings: 8, mixed: 8, lzf: 8 } },
  { job: 'export ndjson', peer: 'librdb print' },
  { job: 'export ndjson', peer: 'hdt3213 json', targets: { strings: 3, mixed: 3, lzf: 3 } },
  { job: 'export ndjson', peer: 'redis-rdb-tools json' },
  { job: 'export ndjson --jobs 2', peer: 'export ndjson', targets: { mixed: 1.3 } },
  { job: 'export resp', peer: 'librdb resp' },
  { job: 'convert', peer: 'redis-check-rdb', targets: { strings: 0.6, mixed: 1 } },
  { job: 'keys', peer: 'redis-check-rdb' },
  { job: 'info', peer: 'redis-check-rdb' },
  { job: 'memory csv', peer: 'hdt3213 memory', targets: { strings: 4, mixed: 4, lzf: 3 } },
  { job: 'memory csv', peer: 'redis-rdb-tools memory' },
  { job: 'memory --total', peer: 'hdt3213 memory' },
  { job: 'top', peer: 'hdt3213 bigkey', targets: { strings: 4, mixed: 4, lzf: 3 } },
  { job: 'prefix', peer: 'hdt3213 prefix', targets: { strings: 3, mixed: 3, lzf: 3 } },
  { job: 'stats', peer: 'hdt3213 memory', targets: { strings: 3, mixed: 3, lzf: 3 } },
  { job: 'stats --memory', peer: 'hdt3213 memory' },
  { job: 'aof check', peer: 'redis-check-aof', targets: { aof: 10 } },
  { job: 'aof stats', peer: 'redis-check-aof', targets: { aof: 3 } },
  { job: 'aof cat ndjson', peer: 'redis-check-aof', targets: { aof: 0.5 } },
  { job: 'replay', peer: 'redis-server load', targets: { aof: 0.5 } },
  { job: 'convert aof', peer: 'redis-server load', targets: { aof: 0.5 } },
];

/** A job whose speed was once measured as a share of another one's, on the data of scale 1. */
export interface StandIn {
  /** The job that stands in when the peer is not at hand. */
  by: string;
  /** Speed of the peer divided by the speed of `by`, by data set. */
  speeds: Readonly<Record<string, number>>;
}

const HDT3213_REPORT: StandIn = { by: 'redis-check-rdb', speeds: { strings: 0.3, mixed: 0.54, lzf: 0.5 } };

/** What stands in for peers that are not at hand. HDT3213's reports all decode every value, as its memory report does. */
export const STAND_INS: Readonly<Record<string, StandIn>> = {
  'librdb json': { by: 'redis-check-rdb', speeds: { strings: 0.1, mixed: 0.18, lzf: 0.08 } },
  'hdt3213 json': { by: 'redis-check-rdb', speeds: { strings: 0.13, mixed: 0.26, lzf: 0.3 } },
  'hdt3213 memory': HDT3213_REPORT,
  'hdt3213 bigkey': HDT3213_REPORT,
  'hdt3213 prefix': HDT3213_REPORT,
};

/** Peak resident memory of our jobs. Replays hold what the log holds, as a server does. */
export const PEAK_RSS = { bytes: 150 * MB, except: ['replay', 'convert aof'] as readonly string[] };

/** How many times as long as `node -e 0` our `--version` may take. */
export const START_UP_TIMES = 1.6;

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

/** Commands a second of our server, as a share of redis-server's in the same run, with pipelines of 16. */
export const SERVE_SHARE = 0.25;

/** From the start of the process to the first reply out of a dump of 400 MB, and its memory then. */
export const FIRST_GET = { ms: 2000, rssBytes: 300 * MB } as const;

const TO_PIPE = { strings: 0.9, mixed: 0.9, lzf: 0.9 };
const TO_LIBRDB = { strings: 1, mixed: 1, lzf: 1 };

/** What imports are called in tables. */
export const IMPORT_NAMES = {
  auto: 'import',
  commands: 'import --mode commands',
  pipe: 'redis-cli --pipe',
  librdb: 'rdb-cli redis',
} as const;

/** Imports are compared with what loads the same data into the same server. */
export const IMPORT_COMPARISONS: readonly Comparison[] = [IMPORT_NAMES.auto, IMPORT_NAMES.commands].flatMap((job) => [
  { job, peer: IMPORT_NAMES.pipe, targets: TO_PIPE },
  { job, peer: IMPORT_NAMES.librdb, targets: TO_LIBRDB },
]);

/** Peak resident memory of an import, whatever the file holds. */
export const IMPORT_PEAK_RSS = 250 * MB;

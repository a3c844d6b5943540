import type { OurCommand } from './jobs.js';
import { median } from './measure.js';
import { BenchmarkedServer, type BenchmarkRun, ourServer, redisServer } from './serve-server.js';
import type { ServerSample } from './store-server.js';
import { type Column, formatRatio, formatTable, type TableStyle } from './table.js';
import { SERVE_SHARE } from './targets.js';

export interface ServeOptions {
  our: OurCommand;
  server: string;
  redisBenchmark: string;
  scale: number;
  rounds: number;
  log: (line: string) => void;
}

interface ServeJob extends Omit<BenchmarkRun, 'keySpace'> {
  /** Whether keys have to be there before. */
  isRead: boolean;
  /** The least share of redis-server's speed that is asked for. */
  target: number | undefined;
}

/** One job, what redis-benchmark has found in every round. */
export interface ServeRow extends ServeJob {
  ours: readonly ServerSample[];
  theirs: readonly ServerSample[];
  failure: string | undefined;
}

const KEY_SPACE = 100_000;
const PIPELINED = { clients: 50, pipeline: 16, target: SERVE_SHARE };
const ONE_BY_ONE = { clients: 50, pipeline: 1, target: undefined };

const JOBS: readonly ServeJob[] = [
  { ...PIPELINED, test: 'get', isRead: true, commands: 1_000_000 },
  { ...PIPELINED, test: 'set', isRead: false, commands: 1_000_000 },
  { ...PIPELINED, test: 'lpush', isRead: false, commands: 1_000_000 },
  { ...PIPELINED, test: 'lrange_100', isRead: false, commands: 100_000 },
  { ...ONE_BY_ONE, test: 'get', isRead: true, commands: 200_000 },
  { ...ONE_BY_ONE, test: 'set', isRead: false, commands: 200_000 },
];

const COLUMNS: readonly Column[] = [
  { title: 'test', align: 'left' },
  { title: '-P', align: 'right' },
  { title: 'ours k/s', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'p50 ms', align: 'right' },
  { title: 'p99 ms', align: 'right' },
  { title: 'server k/s', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'p50 ms', align: 'right' },
  { title: 'p99 ms', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '', align: 'left' },
];

export const SERVE_NOTE =
  'Thousands of commands a second that `redis-benchmark -c 50 -r 100000` finds at `rdb-inspect serve` and at redis-server, over TCP on ' +
  'this machine, neither with a log or save points: two processes on its cores, in turn. Keys of GET are there; LRANGE_100 reads ' +
  'the first 100 elements of a list. p50 and p99 are of the time from a command to its reply.';

/** Measures all jobs, ours and the server's in turn. */
export async function measureServe(options: ServeOptions, jobs: readonly ServeJob[] = JOBS): Promise<ServeRow[]> {
  const rows: ServeRow[] = [];
  for (const job of jobs) {
    options.log(`measuring ${job.test.toUpperCase()}, ${job.pipeline} at a time`);
    rows.push(await measureJob({ ...job, commands: Math.ceil(job.commands * options.scale) }, options));
  }
  return rows;
}

async function measureJob(job: ServeJob, options: ServeOptions): Promise<ServeRow> {
  try {
    return { ...job, ...(await runRounds(job, options)), failure: undefined };
  } catch (error) {
    return { ...job, ours: [], theirs: [], failure: error instanceof Error ? error.message : String(error) };
  }
}

/** A run that does not count comes first: the code is compiled then. */
async function runRounds(
  job: ServeJob,
  { our, server, redisBenchmark, rounds }: ServeOptions,
): Promise<{ ours: ServerSample[]; theirs: ServerSample[] }> {
  const found = { ours: [] as ServerSample[], theirs: [] as ServerSample[] };
  const own = await BenchmarkedServer.start(ourServer(our), redisBenchmark);
  let other: BenchmarkedServer | undefined;
  try {
    other = await BenchmarkedServer.start(redisServer(server), redisBenchmark);
    for (let round = -1; round < rounds; round++) {
      for (const [one, samples] of [[own, found.ours] as const, [other, found.theirs] as const]) {
        await one.clear();
        const run = { ...job, keySpace: KEY_SPACE };
        if (job.isRead) await one.run({ ...run, test: 'set', pipeline: PIPELINED.pipeline, commands: 5 * KEY_SPACE });
        const sample = await one.run(run);
        if (round >= 0) samples.push(sample);
      }
    }
  } finally {
    await own.stop();
    await other?.stop();
  }
  return found;
}

/** The table people read. */
export function formatServe(rows: readonly ServeRow[], style: TableStyle): string {
  const cells = rows.map(({ test, pipeline, ours, theirs, target, failure }) => {
    const ratio = ratioOf(ours, theirs);
    return [
      test.toUpperCase(),
      String(pipeline),
      ...figures(ours),
      ...figures(theirs),
      formatRatio(ratio),
      target === undefined ? '' : `>= ${target}x`,
      failure === undefined ? verdict(ratio, target) : 'failed',
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

/** Medians of the same run, ours by theirs. */
function ratioOf(ours: readonly ServerSample[], theirs: readonly ServerSample[]): number | undefined {
  const [own, other] = [ours, theirs].map((samples) => median(samples.map(({ perSecond }) => perSecond)));
  return own === undefined || other === undefined ? undefined : own / other;
}

function verdict(ratio: number | undefined, target: number | undefined): string {
  if (ratio === undefined || target === undefined) return '';
  return ratio >= target ? 'ok' : 'MISS';
}

function figures(samples: readonly ServerSample[]): string[] {
  const speeds = samples.map(({ perSecond }) => perSecond);
  const middle = median(speeds);
  if (middle === undefined) return ['–', '', '', '', ''];
  const times = [samples.map(({ p50Ms }) => p50Ms), samples.map(({ p99Ms }) => p99Ms)];
  return [
    ...[middle, Math.min(...speeds), Math.max(...speeds)].map((speed) => (speed / 1000).toFixed(0)),
    ...times.map((ms) => (median(ms) ?? 0).toFixed(2)),
  ];
}

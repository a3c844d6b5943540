import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AppendFsync, StoreOptions } from '../src/store/index.js';
import { median } from './measure.js';
import type { EngineModule } from './store-engine.js';
import { eventLoopTurn, type Load, StoreLoad } from './store-load.js';
import { LoadedServer } from './store-server.js';
import { type Column, formatRatio, formatTable, type TableStyle } from './table.js';

/** What is kept of commands: `off` is no log at all. */
export type LogPolicy = AppendFsync | 'off';

/** How replies are waited for: `flush` once for all commands of a turn, or each by a promise of its own. */
type Waiting = 'flush' | 'send';

interface StoreJob extends Load {
  policy: LogPolicy;
  waiting: Waiting;
  /** Of one run; of a job as it stands in the table, at scale 1. */
  commands: number;
}

/** One job, ours and the server's, commands a second in every round. */
export interface StoreRow extends StoreJob {
  ours: readonly number[];
  /** Empty where there is no redis-benchmark. */
  server: readonly number[];
  failure: string | undefined;
}

export interface StoreRunOptions {
  engine: EngineModule;
  server: string;
  /** Undefined where there is none: ours is measured alone then. */
  redisBenchmark: string | undefined;
  /** The logs of both are written in here: on a disk, as that is what is measured. */
  directory: string;
  scale: number;
  rounds: number;
  log: (line: string) => void;
}

export const LOG_POLICIES: readonly LogPolicy[] = ['off', 'no', 'everysec', 'always'];

const MANY: Load = { clients: 50, pipeline: 16, keySpace: 100_000 };
const ONE: Load = { ...MANY, clients: 1 };

/** Under `always` each turn waits for the disk, so there are fewer. */
const JOBS: readonly StoreJob[] = LOG_POLICIES.flatMap((policy) => {
  const isSlow = policy === 'always';
  const many: StoreJob = { ...MANY, policy, waiting: 'flush', commands: isSlow ? 400_000 : 1_000_000 };
  const sent: StoreJob = { ...many, waiting: 'send' };
  const one: StoreJob = { ...ONE, policy, waiting: 'flush', commands: isSlow ? 24_000 : 400_000 };
  return [many, sent, one];
});

const COLUMNS: readonly Column[] = [
  { title: 'appendfsync', align: 'left' },
  { title: 'clients', align: 'right' },
  { title: 'replies by', align: 'left' },
  { title: 'ours k/s', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'server k/s', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'ratio', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: '', align: 'left' },
];

export const STORE_NOTE =
  'Thousands of SET a second: 16 commands of each client in turn, 3-byte values, 100,000 keys, which are all there. Ours runs in ' +
  'the process that asks: there is no socket in between and no protocol, and the time in which the commands are made is in it. ' +
  'redis-server is asked by `redis-benchmark -t set -P 16 -r 100000` over a Unix socket, two processes on two cores. The logs of ' +
  'both are on the same disk. `flush`: the commands of a turn of the event loop, then one Store.flush; `send`: a promise for ' +
  'each command.';

/** Measures SET under the policies that are wanted, ours and the server's in turn. */
export async function measureStore(
  policies: readonly LogPolicy[],
  options: StoreRunOptions,
  all: readonly StoreJob[] = JOBS,
): Promise<StoreRow[]> {
  const jobs = all.filter(({ policy }) => policies.includes(policy));
  const rows: StoreRow[] = [];
  for (const job of jobs) {
    options.log(`measuring SET, appendfsync ${job.policy}, ${job.clients} clients, ${job.waiting}`);
    rows.push(await measureJob(job, options));
  }
  return rows;
}

async function measureJob(job: StoreJob, options: StoreRunOptions): Promise<StoreRow> {
  mkdirSync(options.directory, { recursive: true });
  const directory = mkdtempSync(join(options.directory, 'store-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  const batch = job.clients * job.pipeline;
  const scaled = { ...job, commands: Math.max(1, Math.round((job.commands * options.scale) / batch)) * batch };
  try {
    return { ...scaled, ...(await runRounds(scaled, directory, options)), failure: undefined };
  } catch (error) {
    return { ...scaled, ours: [], server: [], failure: error instanceof Error ? error.message : String(error) };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** A run that does not count comes first: all keys are there then, and the code is compiled. */
async function runRounds(
  job: StoreJob,
  directory: string,
  { engine, server: binary, redisBenchmark, rounds }: StoreRunOptions,
): Promise<{ ours: number[]; server: number[] }> {
  const [own, theirs] = ['ours', 'server'].map((name) => join(directory, name)) as [string, string];
  for (const made of [own, theirs]) mkdirSync(made);
  const store = await engine.openStore({ dir: own, ...storeOptions(job.policy) });
  const server =
    redisBenchmark === undefined
      ? undefined
      : await LoadedServer.start(binary, redisBenchmark, theirs, serverOptions(job.policy));
  const load = new StoreLoad(store, job);
  const found = { ours: [] as number[], server: [] as number[] };
  try {
    for (let round = -1; round < rounds; round++) {
      const ours = await runStore(load, job);
      const sample = await server?.run(job, job.commands);
      if (round < 0) continue;
      found.ours.push(ours);
      if (sample !== undefined) found.server.push(sample.perSecond);
    }
  } finally {
    await server?.stop();
    if (!store.hasEnded) store.abandon();
  }
  return found;
}

/** Commands a second. */
async function runStore(load: StoreLoad, { waiting, commands }: StoreJob): Promise<number> {
  const turns = commands / load.batch;
  const started = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    if (waiting === 'send') await load.sendTurn();
    else {
      load.turn();
      await eventLoopTurn();
    }
  }
  return commands / ((performance.now() - started) / 1000);
}

/** Neither writes a dump or rewrites its log meanwhile. */
function storeOptions(policy: LogPolicy): Omit<StoreOptions, 'dir'> {
  const common = { save: '', autoAofRewritePercentage: 0, appendonly: policy !== 'off' };
  return policy === 'off' ? common : { ...common, appendfsync: policy };
}

function serverOptions(policy: LogPolicy): string[] {
  if (policy === 'off') return ['--appendonly', 'no'];
  return ['--appendonly', 'yes', '--appendfsync', policy, '--auto-aof-rewrite-percentage', '0'];
}

/** The table people read. */
export function formatStore(rows: readonly StoreRow[], style: TableStyle): string {
  const cells = rows.map(({ policy, clients, waiting, ours, server, failure }, r) => [
    rows[r - 1]?.policy === policy ? '' : policy === 'off' ? 'no log' : policy,
    String(clients),
    waiting,
    ...spread(ours, formatThousands),
    ...spread(server, formatThousands),
    formatRatio(ratioOf(median(ours), median(server))),
    ...extremes(
      server.map((theirs, round) => ratioOf(ours[round], theirs)),
      formatRatio,
    ),
    failure === undefined ? '' : 'failed',
  ]);
  return formatTable(COLUMNS, cells, style);
}

function ratioOf(ours: number | undefined, theirs: number | undefined): number | undefined {
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

function spread(values: readonly number[], format: (value: number) => string): string[] {
  const middle = median(values);
  return [middle === undefined ? '–' : format(middle), ...extremes(values, format)];
}

function extremes(values: readonly (number | undefined)[], format: (value: number) => string): string[] {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return ['', ''];
  return [format(Math.min(...known)), format(Math.max(...known))];
}

function formatThousands(perSecond: number): string {
  return (perSecond / 1000).toFixed(perSecond < 99_950 ? 1 : 0);
}

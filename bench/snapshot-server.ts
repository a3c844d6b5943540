import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './measure.js';
import type { MeasuredPhase } from './snapshot.js';
import type { SnapshotRun } from './snapshot-plan.js';
import type { Load } from './store-load.js';
import { LoadedServer, type ServerSample } from './store-server.js';

const POLL_MS = 10;
/** Of one run of redis-benchmark: short, so that few of them are sent when the snapshot has ended. */
const COMMANDS = 100_000;
/** Runs without a snapshot. */
const RUNS_ALONE = 5;

/** The same phases with a redis-server, which loads the dump or the log that our store has left in the directory. */
export async function measureServerSnapshots({
  kind,
  directory,
  keys,
  keyCount,
  clients,
  server: binary,
  redisBenchmark,
}: SnapshotRun & { keyCount: number; server: string; redisBenchmark: string }): Promise<MeasuredPhase[]> {
  const options = ['--appendonly', kind === 'save' ? 'no' : 'yes', '--auto-aof-rewrite-percentage', '0'];
  const loaded = await LoadedServer.start(binary, redisBenchmark, directory, options);
  try {
    while (!(await says(loaded, /^loading:0/m))) await sleep(POLL_MS);
    const there = Number(await loaded.server.command('DBSIZE'));
    if (there !== keyCount) throw new Error(`${there} keys in the server, ${keyCount} in what the store has left`);
    const phases: MeasuredPhase[] = [];
    for (const count of clients) {
      const load: Load = { clients: count, pipeline: 16, keySpace: keys };
      if (count > 0) phases.push(await alonePhase(loaded, load));
      phases.push(await snapshotPhase(kind, loaded, load));
    }
    return phases;
  } finally {
    await loaded.stop();
  }
}

async function alonePhase(loaded: LoadedServer, load: Load): Promise<MeasuredPhase> {
  const samples: ServerSample[] = [];
  for (let run = 0; run < RUNS_ALONE; run++) samples.push(await loaded.run(load, COMMANDS));
  return { clients: load.clients, isSnapshot: false, ...summary(samples) };
}

async function snapshotPhase(kind: SnapshotRun['kind'], loaded: LoadedServer, load: Load): Promise<MeasuredPhase> {
  const { server } = loaded;
  const { clients } = load;
  const name = kind === 'save' ? 'rdb' : 'aof';
  const isOver = new RegExp(`^${kind === 'save' ? 'rdb_bgsave' : 'aof_rewrite'}_in_progress:0`, 'm');
  const samples: ServerSample[] = [];
  const started = performance.now();
  await server.command(kind === 'save' ? 'BGSAVE' : 'BGREWRITEAOF');
  while (!(await says(loaded, isOver))) {
    if (clients > 0) samples.push(await loaded.run(load, COMMANDS));
    else await sleep(POLL_MS);
  }
  const snapshotMs = performance.now() - started;
  const copied = new RegExp(`^${name}_last_cow_size:(\\d+)`, 'm').exec(await server.command('INFO', 'persistence'));
  return { clients, isSnapshot: true, snapshotMs, ...summary(samples), copiedBytes: Number(copied?.[1]) };
}

function summary(samples: readonly ServerSample[]): Pick<MeasuredPhase, 'perSecond' | 'gapsMs'> {
  const perSecond = median(samples.map((sample) => sample.perSecond));
  if (perSecond === undefined) return { perSecond: undefined, gapsMs: undefined };
  const p50 = median(samples.map(({ p50Ms }) => p50Ms)) ?? 0;
  const p99 = median(samples.map(({ p99Ms }) => p99Ms)) ?? 0;
  return { perSecond, gapsMs: { p50, p99, max: Math.max(...samples.map(({ maxMs }) => maxMs)) } };
}

async function says({ server }: LoadedServer, what: RegExp): Promise<boolean> {
  return what.test(await server.command('INFO', 'persistence'));
}

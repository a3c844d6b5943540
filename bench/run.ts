import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DatasetOptions, SPEED_SETS } from './dataset.js';
import { formatMemory, MEMORY_SETS, type MemoryRow, measureMemory } from './memory.js';
import { isStandIn, type Job, ourJobs, peerJobs } from './peers.js';
import { serverVersion } from './server.js';
import { buildCommand, findServer } from './setup.js';
import { formatSpeed, measureSpeed, type SpeedRow } from './speed.js';

const HELP = `Usage: npm run bench -- [options]

Makes benchmark data with a redis-server (REDIS_SERVER, PATH, or fetched as for the tests) and measures whole processes on it,
redis-check-rdb, redis-check-aof and a server that loads a log beside rdb-inspect. Ratios compare medians of the same run; above 1 is faster.

  --only a,b      data sets: ${SPEED_SETS.join(', ')};
                  with --memory: ${MEMORY_SETS.join(', ')}
  --jobs a,b      only these of our jobs: ${ourJobs()
    .map(({ name }) => name)
    .join(', ')}
  --scale n       size of the data, 1 by default, which the targets are for
  --rounds n      runs of each job, 5 by default
  --memory        measure peak memory on files of 0.4-2 GB (7.4 GB of disk) instead of speed
  --data dir      where data is kept and reused, bench/data by default
  --markdown      print the table as Markdown
  --json          print one JSON object

Environment: REDIS_SERVER, REDIS_CHECK_RDB, REDIS_CHECK_AOF; RDB_INSPECT (the command to measure in place of this
checkout's); RDB_CLI (librdb) and HDT_RDB (HDT3213/rdb) add peers.
`;

interface BenchOptions extends DatasetOptions {
  only: readonly string[] | undefined;
  jobs: readonly string[] | undefined;
  rounds: number;
  memory: boolean;
  json: boolean;
  style: 'text' | 'markdown';
}

/** Where and with what a run was made. */
interface Setting {
  scale: number;
  rounds: number;
  node: string;
  redis: string | undefined;
  cpu: string;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // An orderly exit, so that whatever was started ends too.
  process.once(signal, () => process.exit(1));
}
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const options = await readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (!isStandIn()) await buildCommand(options.log);
  const failures = options.memory ? await runMemory(options) : await runSpeed(options);
  for (const failure of failures) process.stderr.write(`failed: ${failure}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

async function runSpeed(options: BenchOptions): Promise<string[]> {
  const jobs = [...peerJobs(options.server), ...chosenJobs(options)];
  const rows: SpeedRow[] = [];
  for (const set of checkNames(options.only ?? SPEED_SETS, SPEED_SETS))
    rows.push(...(await measureSpeed(set, jobs, options.rounds, options)));
  if (rows.length > 0) print('speed', rows, formatSpeed(rows, options.style), settingOf(options), options);
  return failuresOf(rows);
}

async function runMemory(options: BenchOptions): Promise<string[]> {
  const jobs = chosenJobs(options).filter(({ input }) => input === 'dump');
  const rows: MemoryRow[] = [];
  for (const set of checkNames(options.only ?? MEMORY_SETS, MEMORY_SETS)) {
    rows.push(...(await measureMemory(set, jobs, options)));
  }
  print('memory', rows, formatMemory(rows, options.style), settingOf({ ...options, rounds: 1 }), options);
  return failuresOf(rows);
}

function print(kind: string, rows: readonly object[], table: string, setting: Setting, options: BenchOptions): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ schema: 'rdb-inspect/bench@1', kind, ...setting, rows }, null, 2)}\n`);
    return;
  }
  const parts = [`scale ${setting.scale}`, `${setting.rounds} rounds`, `Node ${setting.node}`];
  if (setting.redis !== undefined) parts.push(`Redis ${setting.redis}`);
  process.stdout.write(`${[...parts, setting.cpu].join(', ')}\n\n${table}`);
}

async function readOptions(): Promise<BenchOptions | undefined> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      jobs: { type: 'string' },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      memory: { type: 'boolean', default: false },
      data: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  return {
    only: listOf(values.only),
    jobs: listOf(values.jobs),
    scale: positive('--scale', values.scale),
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    memory: values.memory,
    directory: values.data ?? join(dirname(fileURLToPath(import.meta.url)), 'data'),
    // The large files are made without a server.
    server: values.memory ? undefined : await findServer(log),
    json: values.json,
    style: values.markdown ? 'markdown' : 'text',
    log,
  };
}

function chosenJobs({ jobs }: BenchOptions): Job[] {
  const all = ourJobs();
  if (jobs === undefined) return all;
  checkNames(
    jobs,
    all.map((job) => job.name),
  );
  return all.filter((job) => jobs.includes(job.name));
}

function checkNames(chosen: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(', ')}`);
  return chosen;
}

function settingOf({ scale, rounds, server }: BenchOptions): Setting {
  const cores = cpus();
  const redis = server === undefined ? undefined : serverVersion(server);
  const cpu = `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown CPU'}`;
  return { scale, rounds, node: process.version, redis, cpu };
}

function failuresOf(rows: readonly { set: string; job: string; failure: string | undefined }[]): string[] {
  return rows.flatMap(({ set, job, failure }) => (failure === undefined ? [] : [`${job} on ${set}: ${failure}`]));
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} must be a number above 0`);
  return value;
}

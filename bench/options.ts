import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DatasetOptions, SPEED_SETS } from './dataset.js';
import { OUR_JOB_NAMES } from './jobs.js';
import { MEMORY_SETS } from './memory.js';
import { SERVE_PARTS } from './serve-report.js';
import { findServer } from './setup.js';
import { SIZED_JOBS, SIZED_SETS } from './sizes.js';
import { STORE_PARTS } from './store-report.js';

export const HELP = `Usage: npm run bench -- [options]

Makes benchmark data with a redis-server (REDIS_SERVER, PATH, or fetched as for the tests) and measures whole processes on it:
rdb-inspect, and beside it, in turn, every peer that is found. Ratios compare medians of the same run; above 1 is faster.

  --only a,b      data sets: ${SPEED_SETS.join(', ')};
                  with --sizes: ${SIZED_SETS.join(', ')} (strings by default);
                  with --memory: ${MEMORY_SETS.join(', ')}
                  with --store, parts of it: ${STORE_PARTS.join(', ')};
                  with --serve: ${SERVE_PARTS.join(', ')}
  --jobs a,b      only these of our jobs:
${OUR_JOB_NAMES.map((name) => `                    ${name}\n`).join('')}                  with --sizes by default: ${SIZED_JOBS.join(', ')}
  --scale n       size of the data, 1 by default, which the targets are for
  --rounds n      runs of each job, 5 by default
  --sizes a,b     files of so many MB (10,100,1000) instead: cost per key and per byte, peak memory
  --memory        peak memory on files of 0.4-2 GB (7.4 GB of disk) instead
  --store         the store in rdb-inspect/engine instead: SET by appendfsync beside redis-server with redis-benchmark
                  (REDIS_BENCHMARK, beside the server, or in PATH), and what a save or rewrite in the background costs
  --serve         the server instead: GET, SET, LPUSH and LRANGE_100 of redis-benchmark at \`rdb-inspect serve\` and at redis-server, and
                  how soon and in how much memory a dump of 400 MB answers its first GET
  --data dir      where data is kept and reused, bench/data by default; another scale has a folder of its own in it
  --write         write the tables into bench/RESULTS.md, and the plot bench/ratios.svg
  --plot file     write the plot to another file
  --markdown      print tables as Markdown
  --json          print one JSON object

Peers: redis-check-rdb and redis-check-aof (REDIS_CHECK_RDB, REDIS_CHECK_AOF, beside the server, or in PATH), the server as it
loads the file, librdb's rdb-cli (RDB_CLI, or in PATH), and the two commands called rdb: HDT3213's (HDT_RDB, or in PATH) and that of
redis-rdb-tools (RDB_TOOLS, or in PATH). Where librdb or HDT3213 is missing, redis-check-rdb stands in at the speed that the
missing one had in relation to it, and the table says so. RDB_INSPECT names a command to measure in place of this checkout's,
RDB_INSPECT_ENGINE a module in place of rdb-inspect/engine.
`;

export interface BenchOptions extends DatasetOptions {
  only: readonly string[] | undefined;
  jobs: readonly string[] | undefined;
  rounds: number;
  /** Sizes in MB; undefined unless asked for. */
  sizes: readonly number[] | undefined;
  memory: boolean;
  store: boolean;
  serve: boolean;
  write: boolean;
  plot: string | undefined;
  json: boolean;
  style: 'text' | 'markdown';
}

/** What the command line says; undefined when it asks for help. Looks for a server where one may be needed. */
export async function readOptions(args: readonly string[]): Promise<BenchOptions | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      jobs: { type: 'string' },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      sizes: { type: 'string' },
      memory: { type: 'boolean', default: false },
      store: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
      data: { type: 'string' },
      write: { type: 'boolean', default: false },
      plot: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const kinds = ['memory', 'store', 'serve', 'sizes'] as const;
  const runs = kinds.filter((kind) => values[kind]).map((kind) => `--${kind}`);
  if (runs.length > 1) throw new Error(`${runs.join(' and ')} are ${runs.length} runs`);
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const scale = positive('--scale', values.scale);
  const data = values.data ?? join(dirname(fileURLToPath(import.meta.url)), 'data');
  return {
    only: listOf(values.only),
    jobs: listOf(values.jobs),
    scale,
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    sizes: listOf(values.sizes)?.map((size) => positive('--sizes', size)),
    memory: values.memory,
    store: values.store,
    serve: values.serve,
    directory: scale === 1 ? data : join(data, `scale-${scale}`),
    // The large files are made without a server.
    server: values.memory ? undefined : await findServer(log),
    write: values.write,
    plot: values.plot,
    json: values.json,
    style: values.markdown ? 'markdown' : 'text',
    log,
  };
}

/** `chosen` itself, when all of it is known. */
export function checkNames(chosen: readonly string[], known: readonly string[]): readonly string[] {
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${known.join(', ')}`);
  return chosen;
}

/** The names between commas. */
export function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}

/** A number above 0; throws with the name of the option. */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} must be a number above 0`);
  return value;
}

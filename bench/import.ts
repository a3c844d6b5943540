import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, type SpeedRow } from './compare.js';
import { type DatasetOptions, ensureDataset } from './dataset.js';
import { formatImports, type ImportOptions, measureImports } from './import-runs.js';
import { ourImporters, peerImporters } from './importers.js';
import { isStandIn } from './jobs.js';
import { describeSetting, settingOf } from './machine.js';
import { runMain } from './main.js';
import { ensureLargeFile, formatMemory, MEMORY_SETS, type MemoryRow } from './memory.js';
import { checkNames, listOf, positive } from './options.js';
import type { Peer } from './peers.js';
import { type Section, writeSection } from './results.js';
import { buildCommand, findServer } from './setup.js';
import { SIZED_SETS, scaleOf } from './sizes.js';
import type { TableStyle } from './table.js';
import { IMPORT_COMPARISONS, IMPORT_PEAK_RSS } from './targets.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const RESULTS = join(HERE, 'RESULTS.md');
const MB = 1_000_000;
const SPEED_DEFAULT = ['strings', 'mixed'];
/** A dump of many keys, in MB; the large files of one value each stand beside it. */
const MANY_KEYS = { set: 'strings', megabytes: 1000 };
const MEMORY_DEFAULT = ['hash', 'quicklist', 'string', MANY_KEYS.set];
const MEMORY_KNOWN = [...MEMORY_SETS, MANY_KEYS.set];

const HELP = `Usage: npm run bench:import -- [options]

Measures whole imports into a redis-server of its own on loopback (REDIS_SERVER, PATH, or fetched as for the tests), which is
emptied before each: rdb-inspect import, and beside it, in turn, redis-cli --pipe with a ready file of the same commands
(REDIS_CLI, beside the server, or in PATH) and librdb's rdb-cli (RDB_CLI, or in PATH). Ratios compare medians of the same run; above
1 is faster. RDB_INSPECT names a command to measure in place of this checkout's.

  --sets a,b      data sets: ${SIZED_SETS.join(', ')} (${SPEED_DEFAULT.join(', ')} by default);
                  with --memory: ${MEMORY_KNOWN.join(', ')}
                  (${MEMORY_DEFAULT.join(', ')} by default)
  --files a,b     these dumps instead; none of their keys may have expired
  --scale n       size of the data, 1 by default, which the targets are for
  --rounds n      runs of each import, 5 by default
  --memory        peak memory of one import each of files of 0.4-1 GB instead; the server takes as much memory
  --data dir      where data is kept and reused, bench/data by default; another scale has a folder of its own in it
  --write         write the table into bench/RESULTS.md
  --markdown      print the table as Markdown
`;

interface Options extends DatasetOptions, ImportOptions {
  server: string;
  sets: readonly string[] | undefined;
  files: readonly string[] | undefined;
  memory: boolean;
  write: boolean;
  style: TableStyle;
}

/** What a run found. */
interface Report {
  section: Section;
  peers: readonly Peer[];
  rows: readonly (SpeedRow | MemoryRow)[];
  /** Paragraphs and tables. */
  format: (style: TableStyle) => string[];
}

await runMain(main);

async function main(): Promise<void> {
  const options = await readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (!isStandIn()) await buildCommand(options.log);
  const { section, peers, rows, format } = options.memory ? await memoryReport(options) : await speedReport(options);
  const { scale, rounds, server } = options;
  const setting = describeSetting(settingOf({ scale, rounds, server, peers }));
  const text = (style: TableStyle): string =>
    [style === 'markdown' ? `${setting}.` : setting, ...format(style)].map((part) => part.trimEnd()).join('\n\n');
  process.stdout.write(`${text(options.style)}\n`);
  if (options.write) writeSection(RESULTS, section, text('markdown'));
  const ours = ourImporters().map(({ name }) => name);
  for (const { job, set, failure } of rows) {
    if (failure === undefined) continue;
    process.stderr.write(`failed: ${job} on ${set}: ${failure}\n`);
    if (ours.includes(job)) process.exitCode = 1;
  }
}

async function speedReport(options: Options): Promise<Report> {
  const { importers, peers } = peerImporters(options.server);
  const sources = await filesOf(options);
  const rows: SpeedRow[] = [];
  for (const { set, file } of sources) {
    rows.push(...(await measureImports(set, file, [...importers, ...ourImporters()], options)));
  }
  const note =
    'Ratios are the times of redis-cli --pipe and of rdb-cli divided by ours. At least 0.9x and 1x are asked for.';
  return {
    section: 'Import',
    peers,
    rows,
    format: (style) => [describeFound(peers), formatImports(rows, compare(rows, IMPORT_COMPARISONS, {}), style), note],
  };
}

async function memoryReport(options: Options): Promise<Report> {
  const rows: MemoryRow[] = [];
  for (const { set, file } of await filesOf(options)) {
    const measured = await measureImports(set, file, ourImporters(), { ...options, rounds: 1 });
    rows.push(...measured.map((row) => ({ ...row, limitBytes: IMPORT_PEAK_RSS })));
  }
  return {
    section: 'Import memory',
    peers: [],
    rows,
    format: (style) => [
      'Peak memory of one import each: one giant value of each kind, and a dump of many strings.',
      formatMemory(rows, style),
    ],
  };
}

/** The dumps that are asked for, made where they are missing. */
async function filesOf(options: Options): Promise<{ set: string; file: string }[]> {
  if (options.files !== undefined) return options.files.map((file) => ({ set: basename(file), file }));
  const known = options.memory ? MEMORY_KNOWN : SIZED_SETS;
  const sets = checkNames(options.sets ?? (options.memory ? MEMORY_DEFAULT : SPEED_DEFAULT), known);
  const found: { set: string; file: string }[] = [];
  for (const set of sets) {
    found.push({ set, file: options.memory ? await largeFile(set, options) : await dumpOf(set, options) });
  }
  return found;
}

async function largeFile(set: string, options: Options): Promise<string> {
  if (set !== MANY_KEYS.set) return ensureLargeFile(set, options);
  const directory = join(options.directory, `${MANY_KEYS.megabytes}MB`);
  const scale = scaleOf(set, MANY_KEYS.megabytes * MB * options.scale);
  return dumpOf(set, { ...options, directory, scale });
}

async function dumpOf(set: string, options: DatasetOptions): Promise<string> {
  const [file = ''] = await ensureDataset(set, options);
  return file;
}

function describeFound(peers: readonly Peer[]): string {
  const found = peers.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`));
  const missing = ['redis-cli', 'librdb'].filter((name) => peers.every((peer) => peer.name !== name));
  const there = `Peers: ${found.length === 0 ? 'none' : found.join(', ')}.`;
  return missing.length === 0 ? there : `${there} Not found here: ${missing.join(', ')}.`;
}

/** What the command line says; undefined when it asks for help. */
async function readOptions(args: readonly string[]): Promise<Options | undefined> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sets: { type: 'string' },
      files: { type: 'string' },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      memory: { type: 'boolean', default: false },
      data: { type: 'string' },
      write: { type: 'boolean', default: false },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.files !== undefined && values.sets !== undefined) throw new Error('--files and --sets are two choices');
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const scale = positive('--scale', values.scale);
  const data = values.data ?? join(HERE, 'data');
  const server = await findServer(log);
  if (server === undefined) throw new Error('there is no redis-server to import into (set REDIS_SERVER)');
  return {
    sets: listOf(values.sets),
    files: listOf(values.files),
    scale,
    rounds: values.memory ? 1 : Math.ceil(positive('--rounds', values.rounds ?? '5')),
    memory: values.memory,
    directory: scale === 1 ? data : join(data, `scale-${scale}`),
    server,
    write: values.write,
    style: values.markdown ? 'markdown' : 'text',
    log,
  };
}

/**
 * `npm run bench:import`: whole imports into a server of its own on loopback, beside `redis-cli --pipe`, fed with a ready file of
 * the same commands, and librdb's `rdb-cli … redis` where it is at hand (RDB_CLI, or in PATH). Each round empties the server and
 * runs every one of them; ratios are of medians of the same run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureDataset } from './dataset.js';
import { ourCommand } from './jobs.js';
import { type Command, type Measurement, runOnce, type Sample, summarize, warmCache } from './measure.js';
import { BenchServer, serverVersion } from './server.js';
import { buildCommand, findServer } from './setup.js';
import { type Column, formatMegabytes, formatRatio, formatSeconds, formatTable } from './table.js';

interface Importer {
  readonly name: string;
  readonly isOurs: boolean;
  readonly command: Command;
}

const COLUMNS: readonly Column[] = [
  { title: 'data', align: 'left' },
  { title: 'MB', align: 'right' },
  { title: 'import', align: 'left' },
  { title: 'time s', align: 'right' },
  { title: 'spread', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: 'to --pipe', align: 'right' },
  { title: 'to rdb-cli', align: 'right' },
];
const PIPE = 'redis-cli --pipe';
const RDB_CLI = 'rdb-cli redis';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sets: { type: 'string', default: 'strings,mixed' },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      files: { type: 'string' },
    },
  });
  await buildCommand(log);
  const server = await findServer(log);
  if (server === undefined) throw new Error('there is no redis-server to import into');
  const directory = join(dirname(fileURLToPath(import.meta.url)), 'data');
  const options = { directory, scale: Number(values.scale), server, log };
  const work = mkdtempSync(join(tmpdir(), 'rdb-bench-import-'));
  const rows: string[][] = [];
  try {
    if (values.files !== undefined) {
      for (const file of values.files.split(','))
        rows.push(...(await measure(file, file, server, work, Number(values.rounds))));
    } else {
      for (const set of values.sets.split(',')) {
        const [file] = await ensureDataset(set, options);
        rows.push(...(await measure(set, file!, server, work, Number(values.rounds))));
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.stdout.write(`${formatTable(COLUMNS, rows, 'markdown')}\nredis-server ${serverVersion(server)}\n`);
}

/** One data set: lines of the table. */
async function measure(set: string, file: string, binary: string, work: string, rounds: number): Promise<string[][]> {
  log(`measuring imports of ${set}`);
  const port = await freePort();
  const server = await BenchServer.start(binary, ['--port', String(port), '--bind', '127.0.0.1']);
  try {
    const importers = importersOf(file, binary, port, work);
    const samples: Sample[][] = importers.map(() => []);
    warmCache(file);
    let keys: string | undefined;
    for (let round = 0; round < rounds; round++) {
      for (const [index, { command, name }] of importers.entries()) {
        await server.command('FLUSHALL', 'SYNC');
        const sample = await runOnce(command);
        const found = await server.command('DBSIZE');
        keys ??= found;
        const failure = sample.failure ?? (found === keys ? undefined : `${found} keys, not ${keys}`);
        if (failure !== undefined) log(`${name}: ${failure}`);
        samples[index]!.push({ ...sample, failure });
      }
    }
    return table(set, statSync(file).size, importers, samples.map(summarize));
  } finally {
    await server.stop();
  }
}

function importersOf(file: string, binary: string, port: number, work: string): Importer[] {
  const { program, first } = ourCommand();
  const commands = join(work, 'commands.resp');
  execFileSync(program, [...first, 'export', '-q', '-f', 'resp', file, '-o', commands]);
  warmCache(commands);
  const cli = existsSync(join(dirname(binary), 'redis-cli')) ? join(dirname(binary), 'redis-cli') : 'redis-cli';
  const piped = `exec "${cli}" -p ${port} --pipe < "${commands}"`;
  const ours = (...more: readonly string[]): Command => ({
    program,
    args: [...first, 'import', file, '-p', String(port), '-q', ...more],
  });
  const rdbCli = findRdbCli();
  return [
    { name: PIPE, isOurs: false, command: { program: 'sh', args: ['-c', piped] } },
    { name: 'import', isOurs: true, command: ours() },
    { name: 'import --mode commands', isOurs: true, command: ours('--mode', 'commands') },
    ...(rdbCli === undefined
      ? []
      : [
          {
            name: RDB_CLI,
            isOurs: false,
            command: { program: rdbCli, args: [file, 'redis', '-h', '127.0.0.1', '-p', String(port)] },
          },
        ]),
  ];
}

function findRdbCli(): string | undefined {
  const named = process.env.RDB_CLI;
  if (named !== undefined && named !== '') return named;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'rdb-cli')).find((path) => existsSync(path));
}

function table(set: string, sizeBytes: number, importers: readonly Importer[], measured: Measurement[]): string[][] {
  const timeOf = (name: string): number | undefined =>
    measured[importers.findIndex((importer) => importer.name === name)]?.wallMs;
  return importers.map(({ name, isOurs }, index) => {
    const { wallMs, minWallMs, maxWallMs, peakRssBytes, failure } = measured[index]!;
    const to = (peer: string): string => {
      const time = timeOf(peer);
      return isOurs && time !== undefined ? formatRatio(time / wallMs) : '';
    };
    return [
      index === 0 ? set : '',
      index === 0 ? formatMegabytes(sizeBytes) : '',
      failure === undefined ? name : `${name}: ${failure}`,
      formatSeconds(wallMs),
      `${formatSeconds(minWallMs)}–${formatSeconds(maxWallMs)}`,
      formatMegabytes(peakRssBytes),
      to(PIPE),
      to(RDB_CLI),
    ];
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

await main();

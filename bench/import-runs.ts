import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ratio, SpeedRow } from './compare.js';
import { exportCommands, HOST, type Importer, type ImportRun } from './importers.js';
import { type OurCommand, ourCommand } from './jobs.js';
import { runOnce, type Sample, summarize, warmCache } from './measure.js';
import { BenchServer } from './server.js';
import { countKeys } from './sizes.js';
import { TIME_COLUMNS } from './speed.js';
import { type Column, formatMegabytes, formatRatio, formatSeconds, formatTable, type TableStyle } from './table.js';
import { IMPORT_NAMES, IMPORT_PEAK_RSS } from './targets.js';

const COLUMNS: readonly Column[] = [
  ...TIME_COLUMNS.slice(0, -1),
  { title: 'to --pipe', align: 'right' },
  { title: 'to rdb-cli', align: 'right' },
  { title: '', align: 'left' },
];

export interface ImportOptions {
  /** The redis-server that is started for a data set and takes all imports of it. */
  server: string;
  rounds: number;
  log: (line: string) => void;
}

/**
 * Runs every importer once per round, in the given order, each into the same server, which is emptied before and must have all
 * keys of the dump after. One that fails once is not run again. Emptying, and the file of commands, are not in the times.
 */
export async function measureImports(
  set: string,
  file: string,
  importers: readonly Importer[],
  options: ImportOptions,
  our: OurCommand = ourCommand(),
): Promise<SpeedRow[]> {
  const directory = mkdtempSync(join(tmpdir(), 'rdb-bench-import-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const commandsFile = join(directory, 'commands.resp');
    if (importers.some(({ readsCommands }) => readsCommands)) {
      options.log(`writing the commands of ${set}`);
      const { failure } = await runOnce(exportCommands(file, commandsFile, our));
      if (failure !== undefined) throw new Error(`export of ${file}: ${failure}`);
      warmCache(commandsFile);
    }
    warmCache(file);
    options.log(`measuring ${importers.length} imports of ${set}, ${options.rounds} rounds`);
    const samples = await runRounds({ file, commandsFile }, countKeys(our, file), importers, options);
    const fileBytes = statSync(file).size;
    return importers.map(({ name, isOurs }, i) => {
      return { set, fileBytes, job: name, isOurs, ...summarize(samples[i] ?? []) };
    });
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function runRounds(
  source: Omit<ImportRun, 'port'>,
  keys: number,
  importers: readonly Importer[],
  { server: binary, rounds }: ImportOptions,
): Promise<Sample[][]> {
  const port = await freePort();
  const server = await BenchServer.start(binary, ['--port', String(port), '--bind', HOST, '--appendonly', 'no']);
  try {
    const samples = importers.map((): Sample[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, importer] of importers.entries()) {
        const own = samples[i] ?? [];
        if (own.some(({ failure }) => failure !== undefined)) continue;
        await server.command('FLUSHALL', 'SYNC');
        const sample = await runOnce(importer.command({ ...source, port }));
        const there = keysOf(await server.command('INFO', 'keyspace'));
        const lost = there === keys ? undefined : `${there} keys in the server, ${keys} in the dump`;
        own.push({ ...sample, failure: sample.failure ?? lost });
      }
    }
    return samples;
  } finally {
    await server.stop();
  }
}

/** Keys in all databases, of what `INFO keyspace` says. DBSIZE would tell of one only. */
export function keysOf(keyspace: string): number {
  return [...keyspace.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, keys]) => sum + Number(keys), 0);
}

/** The table people read: times, memory, and how many times as fast as the peers, with a mark where something is asked for. */
export function formatImports(rows: readonly SpeedRow[], ratios: readonly Ratio[], style: TableStyle): string {
  const cells = rows.map((row, r) => {
    const isFirst = rows[r - 1]?.set !== row.set;
    const times = [row.wallMs, row.minWallMs, row.maxWallMs, row.cpuMs].map(formatSeconds);
    const to = (peer: string): string =>
      markedRatio(ratios.find((ratio) => ratio.set === row.set && ratio.job === row.job && ratio.peer === peer));
    return [
      isFirst ? row.set : '',
      isFirst ? formatMegabytes(row.fileBytes) : '',
      row.job,
      ...(row.failure === undefined ? times : times.map(() => '–')),
      formatMegabytes(row.peakRssBytes),
      to(IMPORT_NAMES.pipe),
      to(IMPORT_NAMES.librdb),
      row.failure === undefined ? peakNote(row) : 'failed',
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

function markedRatio(ratio: Ratio | undefined): string {
  if (ratio?.verdict === undefined) return formatRatio(ratio?.ratio);
  return `${formatRatio(ratio.ratio)} ${ratio.verdict === 'met' ? '✓' : '✗'}`;
}

/** A peak above the limit is what a reader must see. */
function peakNote({ isOurs, peakRssBytes }: SpeedRow): string {
  const isAbove = isOurs && peakRssBytes !== undefined && peakRssBytes > IMPORT_PEAK_RSS;
  return isAbove ? `✗ peak <= ${formatMegabytes(IMPORT_PEAK_RSS)} MB` : '';
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, HOST, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { rssVerdict, type SpeedRow } from './compare.js';
import { type DatasetOptions, ensureDataset } from './dataset.js';
import type { Job, OurCommand } from './jobs.js';
import { type Measurement, measureInterleaved, warmCache } from './measure.js';
import { type Column, formatMegabytes, formatSeconds, formatTable, type TableStyle } from './table.js';
import { PEAK_RSS } from './targets.js';

const MB = 1_000_000;

/** Size of each dump at scale 1, as Redis 7.0 writes it: the scale for a size is worked out from it. */
const BYTES_AT_SCALE_1: Readonly<Record<string, number>> = {
  strings: 205_700_000,
  mixed: 406_200_000,
  lzf: 304_200_000,
};

/** The data sets that come in sizes. */
export const SIZED_SETS: readonly string[] = Object.keys(BYTES_AT_SCALE_1);

/** What is measured at every size, unless jobs are named. */
export const SIZED_JOBS: readonly string[] = ['check', 'check --deep', 'export ndjson', 'memory csv', 'top', 'prefix'];

/** One job on one size of a data set. */
export interface SizeRow extends SpeedRow {
  keys: number;
  /** What the start of the command took in the same rounds; part of `wallMs`. */
  startUpMs: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'data', align: 'left' },
  { title: 'job', align: 'left' },
  { title: 'MB', align: 'right' },
  { title: 'keys', align: 'right' },
  { title: 'time s', align: 'right' },
  { title: 'min s', align: 'right' },
  { title: 'max s', align: 'right' },
  { title: 'ns per key', align: 'right' },
  { title: 'ns per byte', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: '', align: 'left' },
];

/** The scale at which the dump of a set has about so many bytes. */
export function scaleOf(set: string, bytes: number): number {
  const atScale1 = BYTES_AT_SCALE_1[set];
  if (atScale1 === undefined) throw new Error(`${set} does not come in sizes: ${SIZED_SETS.join(', ')} do`);
  return Number((bytes / atScale1).toPrecision(6));
}

/** Measures jobs on one data set in several sizes, given in MB; each is made in a folder of its own when it is missing. */
export async function measureSizes(
  set: string,
  sizesMb: readonly number[],
  jobs: readonly Job[],
  our: OurCommand,
  rounds: number,
  options: DatasetOptions,
): Promise<SizeRow[]> {
  const rows: SizeRow[] = [];
  for (const megabytes of sizesMb) {
    const directory = join(options.directory, `${megabytes}MB`);
    const scale = scaleOf(set, megabytes * MB);
    const [file = ''] = await ensureDataset(set, { ...options, directory, scale });
    options.log(`measuring ${jobs.length} jobs on ${megabytes} MB of ${set}, ${rounds} rounds`);
    warmCache(file);
    const keys = countKeys(our, file);
    const startUp = { program: our.program, args: [...our.first, '--version'] };
    const [start, ...measured] = await measureInterleaved([startUp, ...jobs.map((job) => job.command(file))], rounds);
    const fileBytes = statSync(file).size;
    for (const [j, job] of jobs.entries()) {
      const own: Measurement | undefined = measured[j];
      if (own === undefined) continue;
      rows.push({ set, fileBytes, keys, job: job.name, isOurs: true, startUpMs: start?.wallMs ?? 0, ...own });
    }
  }
  return rows;
}

/** The table people read: each job's sizes one below the other. */
export function formatSizes(rows: readonly SizeRow[], style: TableStyle): string {
  const order = [...new Set(rows.map((row) => `${row.set}\n${row.job}`))];
  const sorted = order.flatMap((name) => rows.filter((row) => `${row.set}\n${row.job}` === name));
  const cells = sorted.map((row, r) => {
    const before = sorted[r - 1];
    const isNewSet = before?.set !== row.set;
    const times = [row.wallMs, row.minWallMs, row.maxWallMs].map(formatSeconds);
    const isGood = row.failure === undefined;
    return [
      isNewSet ? row.set : '',
      isNewSet || before.job !== row.job ? row.job : '',
      formatMegabytes(row.fileBytes),
      row.keys.toLocaleString('en'),
      ...(isGood ? times : times.map(() => '–')),
      isGood ? beyondStartUpNs(row, row.keys).toFixed(0) : '–',
      isGood ? beyondStartUpNs(row, row.fileBytes).toFixed(2) : '–',
      formatMegabytes(row.peakRssBytes),
      isGood ? (rssVerdict(row, PEAK_RSS) ?? '') : 'failed',
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

/** One sentence: how much more memory the job whose peak grows most takes for its largest file than for its smallest. */
export function describeGrowth(rows: readonly SizeRow[]): string {
  const growths = rows.flatMap((row) => {
    const smallest = rows
      .filter(({ set, job }) => set === row.set && job === row.job)
      .reduce((least, other) => (other.fileBytes < least.fileBytes ? other : least));
    if (row.peakRssBytes === undefined || smallest.peakRssBytes === undefined || row === smallest) return [];
    return [{ row, smallest, bytes: row.peakRssBytes - smallest.peakRssBytes }];
  });
  const [most] = growths.toSorted((a, b) => b.bytes - a.bytes);
  if (most === undefined) return 'How peak memory grows with the file was not measured.';
  const { row, smallest, bytes } = most;
  if (bytes < MB) return 'Peak memory does not grow with the file.';
  const files = `from ${formatMegabytes(smallest.fileBytes)} to ${formatMegabytes(row.fileBytes)} MB of ${row.set}`;
  return `Peak memory grows by ${formatMegabytes(bytes)} MB at most (${row.job}, ${files}).`;
}

/** Time beyond the start-up of the command, for each of `count` keys or bytes. */
export function beyondStartUpNs({ wallMs, startUpMs }: SizeRow, count: number): number {
  return ((wallMs - startUpMs) * 1e6) / count;
}

/** Asked of the command that is measured: stamps of older data do not tell. */
export function countKeys({ program, first }: OurCommand, file: string): number {
  const { stdout, stderr, status } = spawnSync(program, [...first, 'info', '--json', file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`info of ${file}: ${stderr}`);
  return (JSON.parse(stdout) as { keys: number }).keys;
}

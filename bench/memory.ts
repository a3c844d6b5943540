import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetOptions, findDataset, stampDataset } from './dataset.js';
import { LARGE_SHAPES } from './generate/large.js';
import type { Job } from './jobs.js';
import { type Measurement, measureInterleaved, warmCache } from './measure.js';
import { type Column, formatMegabytes, formatSeconds, formatTable, type TableStyle } from './table.js';
import { MEMORY_LIMITS } from './targets.js';

/** Raise when `generate/large.ts` changes what it writes. */
const GENERATION = 1;

/** Names of the large files. */
export const MEMORY_SETS: readonly string[] = Object.keys(LARGE_SHAPES);

/** One line of the memory table. */
export interface MemoryRow extends Measurement {
  set: string;
  fileBytes: number;
  job: string;
  limitBytes?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'file', align: 'left' },
  { title: 'MB', align: 'right' },
  { title: 'job', align: 'left' },
  { title: 'peak MB', align: 'right' },
  { title: 'limit MB', align: 'right' },
  { title: '', align: 'left' },
  { title: 'time s', align: 'right' },
];

/** Measures all jobs once on one large file, which is made when it is missing. */
export async function measureMemory(set: string, jobs: readonly Job[], options: DatasetOptions): Promise<MemoryRow[]> {
  const file = ensureLargeFile(set, options);
  const fileBytes = statSync(file).size;
  options.log(`measuring ${jobs.length} jobs on ${set}, ${formatMegabytes(fileBytes)} MB`);
  warmCache(file);
  const commands = jobs.map((job) => job.command(file));
  const measured = await measureInterleaved(commands, 1);
  const limit = MEMORY_LIMITS[set];
  return jobs.flatMap((job, j) => {
    const own = measured[j];
    if (own === undefined) return [];
    const row: MemoryRow = { set, fileBytes, job: job.name, ...own };
    if (limit !== undefined && job.isOurs) row.limitBytes = limit.bytes + (limit.perFileByte ?? 0) * fileBytes;
    return [row];
  });
}

/** The table people read. */
export function formatMemory(rows: readonly MemoryRow[], style: TableStyle): string {
  const cells = rows.map((row, r) => {
    const isFirst = rows[r - 1]?.set !== row.set;
    return [
      isFirst ? row.set : '',
      isFirst ? formatMegabytes(row.fileBytes) : '',
      row.job,
      formatMegabytes(row.peakRssBytes),
      row.limitBytes === undefined ? '' : `<= ${formatMegabytes(row.limitBytes)}`,
      verdict(row),
      row.failure === undefined ? formatSeconds(row.wallMs) : '–',
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

/** The path of a large file, which is made when it is missing. */
export function ensureLargeFile(set: string, options: DatasetOptions): string {
  const shape = LARGE_SHAPES[set];
  if (shape === undefined) throw new Error(`there is no large file called ${set}`);
  const name = `large-${set}`;
  const stamp = { generation: GENERATION, scale: options.scale, server: 'none' };
  const present = findDataset(name, options.directory, stamp)?.[0];
  if (present !== undefined) return present;
  const sizeBytes = Math.ceil(shape.sizeBytes * options.scale);
  options.log(`writing ${name}.rdb, ${formatMegabytes(sizeBytes)} MB`);
  mkdirSync(options.directory, { recursive: true });
  rmSync(join(options.directory, `${name}.stamp.json`), { force: true });
  const file = `${name}.rdb`;
  shape.write(join(options.directory, file), sizeBytes);
  stampDataset(name, options.directory, stamp, [file]);
  return join(options.directory, file);
}

function verdict(row: MemoryRow): string {
  if (row.failure !== undefined) return 'failed';
  if (row.limitBytes === undefined || row.peakRssBytes === undefined) return '';
  return row.peakRssBytes <= row.limitBytes ? 'ok' : 'MISS';
}

import { statSync } from 'node:fs';
import { type DatasetOptions, ensureDataset, inputOf } from './dataset.js';
import { type Measurement, measureInterleaved, warmCache } from './measure.js';
import { type Job, REFERENCE_JOBS } from './peers.js';
import { type Column, formatMegabytes, formatRatio, formatSeconds, formatTable, type TableStyle } from './table.js';
import { SPEED_TARGETS } from './targets.js';

/** One line of the speed table. */
export interface SpeedRow extends Measurement {
  set: string;
  fileBytes: number;
  job: string;
  isOurs: boolean;
  /**
   * Time of redis-check-rdb or redis-check-aof, or of a server's load for a replay, divided by the time of this job, medians
   * of the same run; absent without that peer.
   */
  ratio?: number;
  /** The least ratio asked for. */
  target?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'data', align: 'left' },
  { title: 'MB', align: 'right' },
  { title: 'job', align: 'left' },
  { title: 'time s', align: 'right' },
  { title: 'min s', align: 'right' },
  { title: 'CPU s', align: 'right' },
  { title: 'x peer', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '', align: 'left' },
  { title: 'peak MB', align: 'right' },
];

/** Measures all jobs on one data set, which is made when it is missing. */
export async function measureSpeed(
  set: string,
  allJobs: readonly Job[],
  rounds: number,
  options: DatasetOptions,
): Promise<SpeedRow[]> {
  const input = inputOf(set);
  const jobs = allJobs.filter((job) => job.input === input);
  const [file = ''] = await ensureDataset(set, options);
  options.log(`measuring ${jobs.length} jobs on ${set}, ${rounds} rounds`);
  warmCache(file);
  const commands = jobs.map((job) => job.command(file));
  const measured = await measureInterleaved(commands, rounds);
  const fileBytes = statSync(file).size;
  return jobs.flatMap((job, j) => {
    const own = measured[j];
    if (own === undefined) return [];
    const reference = measured[jobs.findIndex(({ name }) => name === (job.reference ?? REFERENCE_JOBS[input]))];
    const row: SpeedRow = { set, fileBytes, job: job.name, isOurs: job.isOurs, ...own };
    const target = job.isOurs ? SPEED_TARGETS[set]?.[job.name] : undefined;
    if (target !== undefined) row.target = target;
    const isComparable = reference !== undefined && reference.failure === undefined && own.failure === undefined;
    if (isComparable) row.ratio = reference.wallMs / own.wallMs;
    return [row];
  });
}

/** The table people read. */
export function formatSpeed(rows: readonly SpeedRow[], style: TableStyle): string {
  const cells = rows.map((row, r) => {
    const isFirst = rows[r - 1]?.set !== row.set;
    return [
      isFirst ? row.set : '',
      isFirst ? formatMegabytes(row.fileBytes) : '',
      row.job,
      ...(row.failure === undefined
        ? [formatSeconds(row.wallMs), formatSeconds(row.minWallMs), formatSeconds(row.cpuMs), formatRatio(row.ratio)]
        : ['–', '–', '–', '–']),
      row.target === undefined ? '' : `>= ${row.target}x`,
      verdict(row),
      formatMegabytes(row.peakRssBytes),
    ];
  });
  return formatTable(COLUMNS, cells, style);
}

function verdict(row: SpeedRow): string {
  if (row.failure !== undefined) return 'failed';
  if (row.target === undefined || row.ratio === undefined) return '';
  return row.ratio >= row.target ? 'ok' : 'MISS';
}

import { statSync } from 'node:fs';
import { type Ratio, rssVerdict, type SpeedRow } from './compare.js';
import { type DatasetOptions, ensureDataset, inputOf } from './dataset.js';
import type { Input, Job } from './jobs.js';
import { type Command, measureInterleaved, warmCache } from './measure.js';
import { type Column, formatMegabytes, formatRatio, formatSeconds, formatTable, type TableStyle } from './table.js';
import { PEAK_RSS } from './targets.js';

/** What was run, for the reader who wants to run it again. */
export interface CommandLine {
  job: string;
  input: Input;
  command: Command;
}

/** One data set's rows, and the commands they stand for. */
export interface SpeedRun {
  rows: SpeedRow[];
  commands: CommandLine[];
}

/** What is told of the runs of a job. */
export const TIME_COLUMNS: readonly Column[] = [
  { title: 'data', align: 'left' },
  { title: 'MB', align: 'right' },
  { title: 'job', align: 'left' },
  { title: 'time s', align: 'right' },
  { title: 'min s', align: 'right' },
  { title: 'max s', align: 'right' },
  { title: 'user+sys s', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: '', align: 'left' },
];

const RATIO_COLUMNS: readonly Column[] = [
  { title: 'data', align: 'left' },
  { title: 'job', align: 'left' },
  { title: 'against', align: 'left' },
  { title: 'ratio', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '', align: 'left' },
  { title: 'peer', align: 'left' },
];

/** Measures all jobs on one data set, which is made when it is missing. */
export async function measureSpeed(
  set: string,
  allJobs: readonly Job[],
  rounds: number,
  options: DatasetOptions,
): Promise<SpeedRun> {
  const input = inputOf(set);
  const jobs = allJobs.filter((job) => job.input === input);
  const [file = ''] = await ensureDataset(set, options);
  options.log(`measuring ${jobs.length} jobs on ${set}, ${rounds} rounds`);
  warmCache(file);
  const commands = jobs.map((job) => job.command(file));
  const measured = await measureInterleaved(commands, rounds);
  const fileBytes = statSync(file).size;
  const rows = jobs.flatMap(({ name, isOurs }, j) => {
    const own = measured[j];
    return own === undefined ? [] : [{ set, fileBytes, job: name, isOurs, ...own }];
  });
  const lines = jobs.flatMap(({ name }, j) => {
    const command = commands[j];
    return command === undefined ? [] : [{ job: name, input, command }];
  });
  return { rows, commands: lines };
}

/** What every job took. */
export function formatTimes(rows: readonly SpeedRow[], style: TableStyle): string {
  const cells = rows.map((row, r) => {
    const isFirst = rows[r - 1]?.set !== row.set;
    const times = [row.wallMs, row.minWallMs, row.maxWallMs, row.cpuMs].map(formatSeconds);
    return [
      isFirst ? row.set : '',
      isFirst ? formatMegabytes(row.fileBytes) : '',
      row.job,
      ...(row.failure === undefined ? times : times.map(() => '–')),
      formatMegabytes(row.peakRssBytes),
      row.failure === undefined ? rssNote(row) : 'failed',
    ];
  });
  return formatTable(TIME_COLUMNS, cells, style);
}

/** How our jobs compare, with what was asked for. */
export function formatRatios(ratios: readonly Ratio[], style: TableStyle): string {
  const cells = ratios.map((ratio, r) => [
    ratios[r - 1]?.set === ratio.set ? '' : ratio.set,
    ratio.job,
    ratio.peer,
    formatRatio(ratio.ratio),
    formatRatio(ratio.minRatio),
    formatRatio(ratio.maxRatio),
    ratio.target === undefined ? '' : `>= ${ratio.target}x`,
    ratio.verdict ?? '',
    ratio.standIn === undefined
      ? 'measured'
      : `stand-in: ${ratio.standIn.by} at ${ratio.standIn.speed.toFixed(2)} of its speed`,
  ]);
  return formatTable(RATIO_COLUMNS, cells, style);
}

/** A peak above the limit is what a reader must see; the others are told in one sentence. */
function rssNote(row: SpeedRow): string {
  return rssVerdict(row, PEAK_RSS) === 'missed' ? `missed: <= ${formatMegabytes(PEAK_RSS.bytes)} MB` : '';
}

/** One sentence about the memory of all jobs of ours. */
export function describePeaks(rows: readonly SpeedRow[]): string {
  const judged = rows.filter((row) => rssVerdict(row, PEAK_RSS) !== undefined);
  const limit = `${formatMegabytes(PEAK_RSS.bytes)} MB`;
  const [first] = judged.toSorted((a, b) => (b.peakRssBytes ?? 0) - (a.peakRssBytes ?? 0));
  if (first === undefined) return `Peak memory of our jobs, at most ${limit} asked for: not measured.`;
  const highest = `${formatMegabytes(first.peakRssBytes)} MB (${first.job} on ${first.set})`;
  const aside = PEAK_RSS.except.filter((job) => rows.some((row) => row.job === job));
  const ours =
    aside.length === 0 ? 'our jobs' : `our jobs (${aside.join(' and ')} aside, which hold what the log holds)`;
  return `Peak memory of ${ours}, at most ${limit} asked for: ${highest}, ${rssVerdict(first, PEAK_RSS)}.`;
}

/** How many threads a command uses. */
import * as fs from 'node:fs';
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { UsageError } from './failures.js';
import type { SourceSpec } from './source.js';

/** Below this, starting threads takes longer than they save. */
const AUTO_BYTES = 200_000_000;
/** More do not help: this thread cannot hand out ranges so fast. */
const MAX_AUTO_JOBS = 4;
const MAX_JOBS = 64;

export interface JobsOptions {
  /** Undefined: as many as pay. */
  readonly jobs?: number;
}

/** `lead`: what it is for, where the command does other things too. */
export function jobsOption(lead = ''): Option {
  return new Option(
    '-j, --jobs <n>',
    `${lead}worker threads; 1 is none (default: as many as there are cores, 4 at the most, from 200 MB on)`,
  ).argParser(parseJobs);
}

/** For what one thread does as fast as a file is read: scripts may say it there too. */
export function idleJobsOption(): Option {
  return new Option('-j, --jobs <n>', 'worker threads; this needs none, whatever is said').argParser(parseJobs);
}

function parseJobs(text: string): number | undefined {
  if (text === 'auto') return undefined;
  const jobs = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (jobs < 1 || jobs > MAX_JOBS) throw new UsageError(`--jobs ${text}: a number from 1 to ${MAX_JOBS}, or auto`);
  return jobs;
}

/** As asked for, or by the size of what is read. */
export function jobsFor({ jobs }: JobsOptions, specs: readonly SourceSpec[]): number {
  if (jobs !== undefined) return jobs;
  const bytes = Math.max(0, ...specs.map(({ path }) => (path === undefined ? 0 : sizeOf(path))));
  return bytes < AUTO_BYTES ? 1 : Math.min(availableParallelism(), MAX_AUTO_JOBS);
}

function sizeOf(path: string): number {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : 0;
}

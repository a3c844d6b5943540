import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

/** A dump, or an append-only file. */
export type Input = 'dump' | 'log';

/** One measured job: a whole process working on one file, its output thrown away. */
export interface Job {
  /** As shown in the table and named by `--jobs`; told apart by input as well. */
  name: string;
  /** True for our command, false for a peer. */
  isOurs: boolean;
  /** What it works on. */
  input: Input;
  command: (file: string) => Command;
}

type Arguments = (file: string) => string[];

const DUMP_JOBS: Readonly<Record<string, Arguments>> = {
  check: (file) => ['check', file],
  'check --deep': (file) => ['check', '--deep', file],
  'export ndjson': (file) => ['export', '-f', 'ndjson', file],
  'export resp': (file) => ['export', '-f', 'resp', file],
  // To standard output: how fast the disk is does not matter here.
  convert: (file) => ['convert', '-q', file],
  keys: (file) => ['keys', file],
  info: (file) => ['info', file],
  'memory csv': (file) => ['memory', '-f', 'csv', file],
  top: (file) => ['top', '--by', 'memory', file],
  prefix: (file) => ['prefix', file],
  stats: (file) => ['stats', file],
  'stats --memory': (file) => ['stats', '--memory', file],
  'memory --total': (file) => ['memory', '--total', file],
};

const LOG_JOBS: Readonly<Record<string, Arguments>> = {
  'aof check': (file) => ['aof', 'check', file],
  'aof stats': (file) => ['aof', 'stats', file],
  'aof cat ndjson': (file) => ['aof', 'cat', '-f', 'ndjson', file],
  // The first key of what the log holds: all of the replay, and next to nothing else.
  replay: (file) => ['keys', '-l', '1', file],
  'convert aof': (file) => ['convert', '-q', file],
};

/** The jobs that are also measured with two worker threads, where the command has them. */
const WITH_TWO_JOBS = ['export ndjson'];

/** Program and first arguments of the command that is measured. */
export interface OurCommand {
  program: string;
  first: readonly string[];
}

/** Whether RDB_INSPECT puts another command in place of this checkout's. */
export function isStandIn(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment.RDB_INSPECT ?? '').trim() !== '';
}

/** RDB_INSPECT (program and arguments, blanks between), or the command of this checkout. */
export function ourCommand(environment: NodeJS.ProcessEnv = process.env): OurCommand {
  const [program, ...first] = isStandIn(environment) ? (environment.RDB_INSPECT ?? '').trim().split(/\s+/) : [];
  if (program !== undefined) return { program, first };
  const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'rdb-inspect.js');
  return { program: process.execPath, first: [entry] };
}

/** The names that `ourJobs` may have. */
export const OUR_JOB_NAMES: readonly string[] = [
  ...Object.keys(DUMP_JOBS),
  ...WITH_TWO_JOBS.map(twoJobsName),
  ...Object.keys(LOG_JOBS),
];

/**
 * Our jobs, on one thread: a command that knows `--jobs` would take several on its own for a large dump. Those with two threads
 * are there only where `--help` of the command knows `--jobs`.
 */
export function ourJobs(our: OurCommand = ourCommand()): Job[] {
  const job = (name: string, input: Input, args: Arguments): Job => ({
    name,
    isOurs: true,
    input,
    command: (file) => ({ program: our.program, args: [...our.first, ...args(file)] }),
  });
  const withWorkers = commandsWithJobs(our);
  const onDumps = Object.entries(DUMP_JOBS).flatMap(([name, args]) => {
    if (!withWorkers.has(args('')[0] ?? '')) return [job(name, 'dump', args)];
    const one = job(name, 'dump', (file) => [...args(file), '--jobs', '1']);
    if (!WITH_TWO_JOBS.includes(name)) return [one];
    return [one, job(twoJobsName(name), 'dump', (file) => [...args(file), '--jobs', '2'])];
  });
  return [...onDumps, ...Object.entries(LOG_JOBS).map(([name, args]) => job(name, 'log', args))];
}

function twoJobsName(name: string): string {
  return `${name} --jobs 2`;
}

/** The subcommands on dumps whose help tells of `--jobs`. */
function commandsWithJobs({ program, first }: OurCommand): ReadonlySet<string> {
  const commands = new Set(Object.values(DUMP_JOBS).map((args) => args('')[0] ?? ''));
  const knows = (command: string): boolean => {
    const help = spawnSync(program, [...first, command, '--help'], { encoding: 'utf8' });
    if (help.error !== undefined) throw help.error;
    return help.status === 0 && /(^|\s)--jobs(?=[\s,=]|$)/m.test(help.stdout);
  };
  return new Set([...commands].filter(knows));
}

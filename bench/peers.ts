import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

/** One measured job: a whole process working on one file, its output thrown away. */
export interface Job {
  /** As shown in the table and named by `--jobs`. */
  name: string;
  /** True for our command, false for a peer. */
  isOurs: boolean;
  command: (file: string) => Command;
}

/** Every ratio is the time of this job divided by the time of the row. */
export const REFERENCE_JOB = 'redis-check-rdb';

const OUR_JOBS: Readonly<Record<string, (file: string) => string[]>> = {
  check: (file) => ['check', file],
  'check --deep': (file) => ['check', '--deep', file],
  'export ndjson': (file) => ['export', '-f', 'ndjson', file],
  // To standard output: how fast the disk is does not matter here.
  convert: (file) => ['convert', '-q', file],
  keys: (file) => ['keys', file],
  info: (file) => ['info', file],
};

/** Whether RDB_INSPECT puts another command in place of this checkout's. */
export function isStandIn(): boolean {
  return (process.env.RDB_INSPECT ?? '').trim() !== '';
}

/** Our jobs; RDB_INSPECT (program and arguments, blanks between) replaces the command of this checkout. */
export function ourJobs(): Job[] {
  const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'rdb-inspect.js');
  const words = isStandIn() ? (process.env.RDB_INSPECT ?? '').trim().split(/\s+/) : [process.execPath, entry];
  const [program, ...first] = words;
  return Object.entries(OUR_JOBS).map(([name, args]) => ({
    name,
    isOurs: true,
    command: (file) => ({ program: program ?? process.execPath, args: [...first, ...args(file)] }),
  }));
}

/**
 * The peers found: the redis-check-rdb of `server` or another one; librdb's rdb-cli (RDB_CLI) and
 * the Go tool of HDT3213 (HDT_RDB) only when the environment names them.
 */
export function peerJobs(server: string | undefined): Job[] {
  const jobs: Job[] = [];
  const checker = findChecker(server);
  if (checker !== undefined) {
    jobs.push({ name: REFERENCE_JOB, isOurs: false, command: (file) => ({ ...checker, args: [file] }) });
  }
  const librdb = fromEnvironment('RDB_CLI');
  if (librdb !== undefined) {
    jobs.push({ name: 'librdb json', isOurs: false, command: (file) => ({ program: librdb, args: [file, 'json'] }) });
  }
  const go = fromEnvironment('HDT_RDB');
  if (go !== undefined) {
    for (const kind of ['json', 'memory']) {
      const args = ['-c', kind, '-o', '/dev/null'];
      jobs.push({
        name: `hdt3213 ${kind}`,
        isOurs: false,
        command: (file) => ({ program: go, args: [...args, file] }),
      });
    }
  }
  return jobs;
}

/** redis-check-rdb and redis-server are one binary, which goes by the name it is called with. */
function findChecker(server: string | undefined): { program: string; name?: string } | undefined {
  const beside = server === undefined ? undefined : join(dirname(server), REFERENCE_JOB);
  const own =
    fromEnvironment('REDIS_CHECK_RDB') ??
    (beside !== undefined && existsSync(beside) ? beside : fromPath(REFERENCE_JOB));
  if (own !== undefined) return { program: own };
  return server === undefined ? undefined : { program: server, name: REFERENCE_JOB };
}

function fromEnvironment(name: string): string | undefined {
  const path = process.env[name];
  if (path === undefined || path === '') return undefined;
  if (!isExecutable(path)) throw new Error(`${name} names ${path}, which cannot be run`);
  return path;
}

function fromPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

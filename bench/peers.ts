import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './measure.js';

/** A dump, or an append-only file. */
export type Input = 'dump' | 'log';

/** One measured job: a whole process working on one file, its output thrown away. */
export interface Job {
  /** As shown in the table and named by `--jobs`. */
  name: string;
  /** True for our command, false for a peer. */
  isOurs: boolean;
  /** What it works on. */
  input: Input;
  /** The job that it is compared with, where that is not the checker. */
  reference?: string;
  command: (file: string) => Command;
}

/** Every ratio is the time of the peer divided by the time of the row. */
export const REFERENCE_JOBS: Readonly<Record<Input, string>> = { dump: 'redis-check-rdb', log: 'redis-check-aof' };

const DUMP_JOBS: Readonly<Record<string, (file: string) => string[]>> = {
  check: (file) => ['check', file],
  'check --deep': (file) => ['check', '--deep', file],
  'export ndjson': (file) => ['export', '-f', 'ndjson', file],
  // To standard output: how fast the disk is does not matter here.
  convert: (file) => ['convert', '-q', file],
  keys: (file) => ['keys', file],
  info: (file) => ['info', file],
};

const LOG_JOBS: Readonly<Record<string, (file: string) => string[]>> = {
  'aof check': (file) => ['aof', 'check', file],
  'aof stats': (file) => ['aof', 'stats', file],
  'aof cat ndjson': (file) => ['aof', 'cat', '-f', 'ndjson', file],
  // The first key of what the log holds: all of the replay, and next to nothing else.
  replay: (file) => ['keys', '-l', '1', file],
  'convert aof': (file) => ['convert', '-q', file],
};

/** A server that starts with the log: what a replay is measured by. */
const SERVER_LOAD = 'redis-server load';
const REPLAYING: ReadonlySet<string> = new Set(['replay', 'convert aof']);

/** Whether RDB_INSPECT puts another command in place of this checkout's. */
export function isStandIn(): boolean {
  return (process.env.RDB_INSPECT ?? '').trim() !== '';
}

/** Our jobs; RDB_INSPECT (program and arguments, blanks between) replaces the command of this checkout. */
export function ourJobs(): Job[] {
  const entry = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'rdb-inspect.js');
  const words = isStandIn() ? (process.env.RDB_INSPECT ?? '').trim().split(/\s+/) : [process.execPath, entry];
  const [program, ...first] = words;
  const jobsOn = (input: Input, jobs: typeof DUMP_JOBS): Job[] =>
    Object.entries(jobs).map(([name, args]) => ({
      name,
      isOurs: true,
      input,
      ...(REPLAYING.has(name) && { reference: SERVER_LOAD }),
      command: (file) => ({ program: program ?? process.execPath, args: [...first, ...args(file)] }),
    }));
  return [...jobsOn('dump', DUMP_JOBS), ...jobsOn('log', LOG_JOBS)];
}

/**
 * The peers found: redis-check-rdb and redis-check-aof of `server` or others; librdb's rdb-cli (RDB_CLI) and
 * the Go tool of HDT3213 (HDT_RDB) only when the environment names them.
 */
export function peerJobs(server: string | undefined): Job[] {
  const jobs: Job[] = [];
  for (const input of ['dump', 'log'] as const) {
    const name = REFERENCE_JOBS[input];
    const checker = findChecker(server, name);
    if (checker === undefined) continue;
    jobs.push({ name, isOurs: false, input, command: (file) => ({ ...checker, args: [file] }) });
  }
  if (server !== undefined) {
    jobs.push({ name: SERVER_LOAD, isOurs: false, input: 'log', command: (file) => loadCommand(server, file) });
  }
  const librdb = fromEnvironment('RDB_CLI');
  if (librdb !== undefined) {
    jobs.push({
      name: 'librdb json',
      isOurs: false,
      input: 'dump',
      command: (file) => ({ program: librdb, args: [file, 'json'] }),
    });
  }
  const go = fromEnvironment('HDT_RDB');
  if (go !== undefined) {
    for (const kind of ['json', 'memory']) {
      const args = ['-c', kind, '-o', '/dev/null'];
      jobs.push({
        name: `hdt3213 ${kind}`,
        isOurs: false,
        input: 'dump',
        command: (file) => ({ program: go, args: [...args, file] }),
      });
    }
  }
  return jobs;
}

/** A server on a directory of its own in which the log is the base. Its standard output says when it has loaded it. */
function loadCommand(server: string, file: string): Command {
  const directory = mkdtempSync(join(tmpdir(), 'rdb-bench-load-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const logs = join(directory, 'appendonlydir');
  mkdirSync(logs);
  const name = 'appendonly.aof';
  symlinkSync(resolve(file), join(logs, `${name}.1.base.aof`));
  writeFileSync(join(logs, `${name}.manifest`), `file ${name}.1.base.aof seq 1 type b\n`);
  const place = ['--port', '0', '--unixsocket', join(directory, 'redis.sock'), '--dir', directory, '--save', ''];
  const log = ['--appendonly', 'yes', '--aof-load-truncated', 'no', '--auto-aof-rewrite-percentage', '0'];
  return { program: server, args: [...place, ...log], until: 'DB loaded from append only file' };
}

/** The checkers and redis-server are one binary, which goes by the name it is called with. */
function findChecker(server: string | undefined, name: string): { program: string; name?: string } | undefined {
  const beside = server === undefined ? undefined : join(dirname(server), name);
  const own =
    fromEnvironment(name.toUpperCase().replaceAll('-', '_')) ??
    (beside !== undefined && existsSync(beside) ? beside : fromPath(name));
  if (own !== undefined) return { program: own };
  return server === undefined ? undefined : { program: server, name };
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

import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Input, Job } from './jobs.js';
import type { Command } from './measure.js';
import { serverVersion } from './server.js';

const PROBE_TIMEOUT_MS = 10_000;
/** Entries of a report by a peer that has no such bound of its own: as many as ours has. */
const REPORT_LENGTH = '50';
const REPORT_DEPTH = '3';

/** A program that is measured beside ours. */
export interface Peer {
  /** What it is called in tables. */
  name: string;
  program: string;
  /** Undefined where it does not tell. */
  version: string | undefined;
  jobs: readonly Job[];
}

/**
 * The peers that can be run here: redis-check-rdb, redis-check-aof and loading by `server`; librdb's rdb-cli; the two programs
 * called rdb, told apart by their help. Variables come before PATH: REDIS_CHECK_RDB, REDIS_CHECK_AOF, RDB_CLI, HDT_RDB, RDB_TOOLS.
 * `log` is told of an rdb that is neither.
 */
export function findPeers(
  server: string | undefined,
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Peer[] {
  const found = [
    checker(server, 'redis-check-rdb', 'dump', environment),
    checker(server, 'redis-check-aof', 'log', environment),
    server === undefined ? undefined : loading(server),
    librdb(environment),
    ...programsCalledRdb(log, environment),
  ];
  return found.filter((peer) => peer !== undefined);
}

function checker(
  server: string | undefined,
  name: string,
  input: Input,
  environment: NodeJS.ProcessEnv,
): Peer | undefined {
  const program = findChecker(server, name, environment);
  if (program === undefined) return undefined;
  // redis-check-aof takes --version for a file; both are the server's own code.
  const version = server === undefined ? undefined : serverVersion(server);
  return { name, program, version, jobs: [peerJob(name, input, (file) => ({ program, args: [file] }))] };
}

function loading(server: string): Peer {
  const name = 'redis-server load';
  const jobs = [
    peerJob(name, 'dump', (file) => loadCommand(server, 'dump', file)),
    peerJob(name, 'log', (file) => loadCommand(server, 'log', file)),
  ];
  return { name, program: server, version: serverVersion(server), jobs };
}

/** librdb's rdb-cli: RDB_CLI, or in PATH. */
export function findLibrdb(
  environment: NodeJS.ProcessEnv,
): { program: string; version: string | undefined; formats: readonly string[] } | undefined {
  const program = fromEnvironment('RDB_CLI', environment) ?? fromPath('rdb-cli', environment)[0];
  if (program === undefined) return undefined;
  // Without arguments it tells its version and the formats that it has: print is not in every release.
  const usage = probe(program, []);
  const formats = /\{([a-z|]+)\}/.exec(usage)?.[1]?.split('|') ?? [];
  return { program, version: /\[v([^\]]+)\]/.exec(usage)?.[1], formats };
}

function librdb(environment: NodeJS.ProcessEnv): Peer | undefined {
  const found = findLibrdb(environment);
  if (found === undefined) return undefined;
  const { program, version, formats } = found;
  const jobs = ['json', 'resp', 'print']
    .filter((format) => formats.includes(format))
    .map((format) =>
      // It would leave its log in the working directory, and tells of errors on standard output.
      peerJob(`librdb ${format}`, 'dump', (file) => ({ program, args: [file, '-l', '/dev/null', format] })),
    );
  return { name: 'librdb', program, version, jobs };
}

/** HDT3213's rdb and redis-rdb-tools' rdb: the first of each. */
function programsCalledRdb(log: (line: string) => void, environment: NodeJS.ProcessEnv): Peer[] {
  const found = new Map<string, Peer>();
  const named = [fromEnvironment('HDT_RDB', environment), fromEnvironment('RDB_TOOLS', environment)];
  for (const program of [...named, ...fromPath('rdb', environment)]) {
    if (program === undefined) continue;
    const help = probe(program, ['--help']);
    const peer = isHdt3213(help) ? hdt3213(program) : isRdbTools(help) ? rdbTools(program) : undefined;
    if (peer === undefined) log(`${program} is neither HDT3213's rdb nor that of redis-rdb-tools`);
    else if (!found.has(peer.name)) found.set(peer.name, peer);
  }
  return [...found.values()];
}

/** The flags of a Go program: one dash, and what the first of them says in every release. */
function isHdt3213(help: string): boolean {
  return /^\s*-c string\b/m.test(help) && /command for rdb/.test(help);
}

function isRdbTools(help: string): boolean {
  return /--command\b/.test(help) && /--largest\b/.test(help);
}

function hdt3213(program: string): Peer {
  // Without a command it lists those that it has; the first releases had the first two only.
  const commands = /-c command, including: (\S+)/.exec(probe(program, []))?.[1]?.split('/') ?? ['json', 'memory'];
  const options: Readonly<Record<string, readonly string[]>> = {
    json: [],
    memory: [],
    bigkey: ['-n', REPORT_LENGTH],
    prefix: ['-n', REPORT_LENGTH, '-max-depth', REPORT_DEPTH],
  };
  const jobs = Object.entries(options)
    .filter(([command]) => commands.includes(command))
    .map(([command, more]) =>
      peerJob(`hdt3213 ${command}`, 'dump', (file) => ({
        program,
        args: ['-c', command, '-o', '/dev/null', ...more, file],
        // It exits with 0 whatever happens.
        complaint: /^(error: .*|unknown command|src file is required|open output .*)$/m,
      })),
    );
  return { name: 'hdt3213', program, version: goModuleVersion(program, 'github.com/hdt3213/rdb'), jobs };
}

function rdbTools(program: string): Peer {
  const jobs = ['json', 'memory'].map((command) =>
    peerJob(`redis-rdb-tools ${command}`, 'dump', (file) => ({ program, args: ['-c', command, file] })),
  );
  return { name: 'redis-rdb-tools', program, version: pythonPackageVersion(program, 'rdbtools'), jobs };
}

function peerJob(name: string, input: Input, command: Job['command']): Job {
  return { name, isOurs: false, input, command };
}

/** A server on a directory of its own in which the file is what it loads. Its standard output says when it has. */
function loadCommand(server: string, input: Input, file: string): Command {
  const directory = temporaryDirectory('load');
  const place = ['--port', '0', '--unixsocket', join(directory, 'redis.sock'), '--dir', directory, '--save', ''];
  if (input === 'dump') {
    symlinkSync(resolve(file), join(directory, 'dump.rdb'));
    const options = ['--appendonly', 'no', '--dbfilename', 'dump.rdb'];
    return { program: server, args: [...place, ...options], until: 'DB loaded from disk' };
  }
  const logs = join(directory, 'appendonlydir');
  mkdirSync(logs);
  const name = 'appendonly.aof';
  symlinkSync(resolve(file), join(logs, `${name}.1.base.aof`));
  writeFileSync(join(logs, `${name}.manifest`), `file ${name}.1.base.aof seq 1 type b\n`);
  const options = ['--appendonly', 'yes', '--aof-load-truncated', 'no', '--auto-aof-rewrite-percentage', '0'];
  return { program: server, args: [...place, ...options], until: 'DB loaded from append only file' };
}

/** The checkers and redis-server are one binary, which goes by the name it is called with. */
function findChecker(server: string | undefined, name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const named = fromEnvironment(name.toUpperCase().replaceAll('-', '_'), environment);
  if (named !== undefined) return named;
  const beside = server === undefined ? undefined : join(dirname(server), name);
  if (beside !== undefined && existsSync(beside)) return beside;
  const inPath = fromPath(name, environment)[0];
  if (inPath !== undefined || server === undefined) return inPath;
  const link = join(temporaryDirectory('checker'), name);
  symlinkSync(resolve(server), link);
  return link;
}

function temporaryDirectory(purpose: string): string {
  const directory = mkdtempSync(join(tmpdir(), `rdb-bench-${purpose}-`));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** All that a program prints, whatever its exit code; empty when it cannot be run. */
export function probe(program: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PROBE_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  return `${stdout ?? ''}\n${stderr ?? ''}`;
}

/** What the Go linker notes in a program; undefined for one built from a work tree. */
function goModuleVersion(program: string, module: string): string | undefined {
  const text = readFileSync(program, 'latin1');
  const at = text.indexOf(`mod\t${module}\t`);
  const version = at < 0 ? undefined : /^mod\t\S+\t(\S+)/.exec(text.slice(at, at + 200))?.[1];
  return version === '(devel)' ? undefined : version;
}

/** What the interpreter of a script says of a package. */
function pythonPackageVersion(script: string, name: string): string | undefined {
  const interpreter = /^#!\s*(\S*python\S*)\s*$/m.exec(readFileSync(script, 'latin1').split('\n', 1)[0] ?? '')?.[1];
  if (interpreter === undefined) return undefined;
  const said = probe(interpreter, ['-c', `import ${name}; print('version', ${name}.__version__)`]);
  return /^version (\S+)$/m.exec(said)?.[1];
}

/** The program that a variable names; throws when it cannot be run. */
export function fromEnvironment(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const path = environment[name];
  if (path === undefined || path === '') return undefined;
  if (!isExecutable(path)) throw new Error(`${name} names ${path}, which cannot be run`);
  return path;
}

/** Every program of that name in PATH, in its order. */
export function fromPath(program: string, environment: NodeJS.ProcessEnv): string[] {
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).filter(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

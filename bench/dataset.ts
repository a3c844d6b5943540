import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { aofCommands } from './generate/aof.js';
import type { CommandSource } from './generate/command.js';
import { lzfCommands } from './generate/lzf.js';
import { mixedCommands } from './generate/mixed.js';
import { stringCommands } from './generate/strings.js';
import type { Input } from './jobs.js';
import { BenchServer, serverVersion } from './server.js';

/** Raise when a generator changes what it writes: files of an older generation are made anew. */
const GENERATION = 1;

/** Data sets that are a dump of a server. */
const DUMPS: Readonly<Record<string, CommandSource>> = {
  strings: stringCommands,
  mixed: mixedCommands,
  lzf: lzfCommands,
};

const LOG_SET = 'aof';

/** Names of the data sets, in the order of the table. */
export const SPEED_SETS: readonly string[] = [...Object.keys(DUMPS), LOG_SET];

/** What the first file of a data set is. */
export function inputOf(set: string): Input {
  return set === LOG_SET ? 'log' : 'dump';
}

export interface DatasetOptions {
  /** Where data sets live and are looked for. */
  directory: string;
  /** 1 is the size the targets are for. */
  scale: number;
  /** The redis-server that makes missing sets. */
  server: string | undefined;
  /** Told what is being made, one line at a time. */
  log: (line: string) => void;
}

/** What a stamp file beside the data says; a set is reused only while all of it still holds. */
export interface Stamp {
  generation: number;
  scale: number;
  /** Version of the server that wrote the files; `none` when no server was needed. */
  server: string;
  /** Size of each file in bytes, by name. */
  files: Readonly<Record<string, number>>;
}

/**
 * Makes the data set `name` unless it is there, complete, of the same scale and server version.
 * Resolves with the paths of its files.
 */
export async function ensureDataset(name: string, options: DatasetOptions): Promise<string[]> {
  const version = options.server === undefined ? undefined : serverVersion(options.server);
  const wanted = { generation: GENERATION, scale: options.scale, server: version };
  const present = findDataset(name, options.directory, wanted);
  if (present !== undefined) return present;
  if (options.server === undefined || version === undefined) {
    throw new Error(`data set ${name} is missing and there is no redis-server to make it (set REDIS_SERVER)`);
  }
  options.log(`making ${name} at scale ${options.scale} with redis-server ${version}`);
  const started = Date.now();
  mkdirSync(options.directory, { recursive: true });
  rmSync(stampPath(name, options.directory), { force: true });
  const source = DUMPS[name];
  const counted = source === undefined ? await makeAof(options) : await makeDump(name, source, options);
  options.log(`  ${counted.commands} commands in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return stampDataset(name, options.directory, { ...wanted, server: version }, counted.files);
}

/** The paths of a data set's files when its stamp matches `wanted` and every file has the stamped size. */
export function findDataset(name: string, directory: string, wanted: Partial<Stamp>): string[] | undefined {
  if (!existsSync(stampPath(name, directory))) return undefined;
  const stamp = JSON.parse(readFileSync(stampPath(name, directory), 'utf8')) as Stamp;
  if (stamp.generation !== wanted.generation || stamp.scale !== wanted.scale) return undefined;
  if (wanted.server !== undefined && stamp.server !== wanted.server) return undefined;
  const paths: string[] = [];
  for (const [file, size] of Object.entries(stamp.files)) {
    const path = join(directory, file);
    if (!existsSync(path) || statSync(path).size !== size) return undefined;
    paths.push(path);
  }
  return paths;
}

/** Writes the stamp that makes `files` (names in `directory`) a complete data set; returns their paths. */
export function stampDataset(
  name: string,
  directory: string,
  made: Omit<Stamp, 'files'>,
  files: readonly string[],
): string[] {
  const sizes = Object.fromEntries(files.map((file) => [file, statSync(join(directory, file)).size]));
  writeFileSync(stampPath(name, directory), `${JSON.stringify({ ...made, files: sizes })}\n`);
  return files.map((file) => join(directory, file));
}

async function makeDump(
  name: string,
  source: CommandSource,
  options: DatasetOptions,
): Promise<{ commands: number; files: string[] }> {
  const server = await BenchServer.start(options.server ?? '', ['--appendonly', 'no']);
  try {
    const commands = await server.feed(source(options.scale));
    await server.command('SAVE');
    const file = `${name}.rdb`;
    place(join(server.directory, 'dump.rdb'), join(options.directory, file));
    return { commands, files: [file] };
  } finally {
    await server.stop();
  }
}

/** The log as written, the log as rewritten by the server, and the same state as a dump. */
async function makeAof(options: DatasetOptions): Promise<{ commands: number; files: string[] }> {
  const flags = ['--appendonly', 'yes', '--appendfsync', 'no', '--aof-use-rdb-preamble', 'no'];
  const server = await BenchServer.start(options.server ?? '', [...flags, '--auto-aof-rewrite-percentage', '0']);
  try {
    const commands = await server.feed(aofCommands(options.scale));
    const logs = join(server.directory, 'appendonlydir');
    place(join(logs, 'appendonly.aof.1.incr.aof'), join(options.directory, 'big.aof'));
    await server.command('BGREWRITEAOF');
    while (/aof_rewrite_(in_progress|scheduled):1/.test(await server.command('INFO', 'persistence'))) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    place(join(logs, 'appendonly.aof.2.base.aof'), join(options.directory, 'big-rewritten.aof'));
    await server.command('SAVE');
    place(join(server.directory, 'dump.rdb'), join(options.directory, 'big-aof-state.rdb'));
    return { commands, files: ['big.aof', 'big-rewritten.aof', 'big-aof-state.rdb'] };
  } finally {
    await server.stop();
  }
}

/** Copies rather than renames: the server's directory may lie on another file system, and a log is still open. */
function place(from: string, to: string): void {
  const unfinished = `${to}.part`;
  copyFileSync(from, unfinished);
  renameSync(unfinished, to);
}

function stampPath(name: string, directory: string): string {
  return join(directory, `${name}.stamp.json`);
}

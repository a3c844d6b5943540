import { dirname } from 'node:path';
import { type OurCommand, ourCommand } from './jobs.js';
import type { Command } from './measure.js';
import { findLibrdb, fromEnvironment, fromPath, type Peer, probe } from './peers.js';
import { IMPORT_NAMES } from './targets.js';

/** Where imports go: loopback only. */
export const HOST = '127.0.0.1';

/** What one import is made from, and where it goes. */
export interface ImportRun {
  /** The dump. */
  file: string;
  /** The same data as commands of RESP. */
  commandsFile: string;
  /** Of the server, on HOST. */
  port: number;
}

/** A program that puts a dump, or its commands, into a server. */
export interface Importer {
  /** One of IMPORT_NAMES. */
  name: string;
  isOurs: boolean;
  /** Whether it takes the commands in place of the dump. */
  readsCommands: boolean;
  command: (run: ImportRun) => Command;
}

/** Ours: as the server takes it best, and as commands only. */
export function ourImporters({ program, first }: OurCommand = ourCommand()): Importer[] {
  const importer = (name: string, ...more: readonly string[]): Importer => ({
    name,
    isOurs: true,
    readsCommands: false,
    command: ({ file, port }) => ({
      program,
      args: [...first, 'import', '-q', file, '--to', `redis://${HOST}:${port}`, ...more],
    }),
  });
  return [importer(IMPORT_NAMES.auto), importer(IMPORT_NAMES.commands, '--mode', 'commands')];
}

/**
 * The peers that are here: redis-cli (REDIS_CLI, beside `server`, or in PATH), and an rdb-cli that writes to servers (RDB_CLI, or
 * in PATH).
 */
export function peerImporters(
  server: string,
  environment: NodeJS.ProcessEnv = process.env,
): { importers: Importer[]; peers: Peer[] } {
  const found = [pipe(server, environment), librdb(environment)].filter((peer) => peer !== undefined);
  return { importers: found.map(({ importer }) => importer), peers: found.map(({ peer }) => peer) };
}

interface FoundImporter {
  importer: Importer;
  peer: Peer;
}

function pipe(server: string, environment: NodeJS.ProcessEnv): FoundImporter | undefined {
  const name = 'redis-cli';
  const beside = fromPath(name, { PATH: dirname(server) });
  const program = fromEnvironment('REDIS_CLI', environment) ?? [...beside, ...fromPath(name, environment)][0];
  if (program === undefined) return undefined;
  const version = /\bredis-cli (\d\S*)/.exec(probe(program, ['--version']))?.[1];
  const command = ({ commandsFile, port }: ImportRun): Command => ({
    // The shell gives way to the program, so that what is measured is that.
    program: '/bin/sh',
    args: ['-c', 'exec "$0" -h "$1" -p "$2" --pipe < "$3"', program, HOST, String(port), commandsFile],
  });
  return {
    importer: { name: IMPORT_NAMES.pipe, isOurs: false, readsCommands: true, command },
    peer: { name, program, version, jobs: [] },
  };
}

function librdb(environment: NodeJS.ProcessEnv): FoundImporter | undefined {
  const found = findLibrdb(environment);
  if (found === undefined || !found.formats.includes('redis')) return undefined;
  const { program, version } = found;
  const command = ({ file, port }: ImportRun): Command => ({
    program,
    // It would leave its log in the working directory.
    args: [file, '-l', '/dev/null', 'redis', '-h', HOST, '-p', String(port)],
  });
  return {
    importer: { name: IMPORT_NAMES.librdb, isOurs: false, readsCommands: false, command },
    peer: { name: 'librdb', program, version, jobs: [] },
  };
}

/** What redis-cli is fed with. */
export function exportCommands(
  file: string,
  commandsFile: string,
  { program, first }: OurCommand = ourCommand(),
): Command {
  return { program, args: [...first, 'export', '-q', '-f', 'resp', file, '-o', commandsFile] };
}

/** Which dumps a directory stands for (cli.md). */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { UnsupportedError } from '../bytes/errors.js';
import { withHint } from './failures.js';
import { formatAge, formatTime } from './render/quantity.js';

export type SourceKind = 'rdb' | 'aof';

/** The dumps to be read, and what to say about the choice. */
export interface DirectoryChoice {
  readonly paths: readonly string[];
  readonly note?: string;
  /** An append-only file or its directory, in place of dumps. */
  readonly log?: LogChoice;
}

export interface LogChoice {
  readonly path: string;
  readonly note: string | undefined;
  /** The server's dump beside it, if there is one. */
  readonly dump?: string | undefined;
}

interface Contents {
  /** `dump.rdb`, if it is there. */
  readonly dump: string | undefined;
  /** All `*.rdb`, by name. */
  readonly dumps: readonly string[];
  /** The append-only directory or file, if there is one. */
  readonly aof: string | undefined;
}

const DUMP = 'dump.rdb';
const AOF_DIRECTORY = 'appendonlydir';
const AOF_FILE = 'appendonly.aof';

/**
 * By the rules of a server: append-only files win over a dump, unless `kind` says otherwise. Without any, all `*.rdb`
 * are shards of one data set. Throws UnsupportedError (UNSUPPORTED_INPUT), errors of the system.
 */
export function chooseInDirectory(directory: string, kind: SourceKind | undefined): DirectoryChoice {
  const { aof, dump, dumps } = look(directory);
  if (aof !== undefined && kind !== 'rdb') {
    const note = dump === undefined ? undefined : noteOf(aof, dump);
    return { paths: [], log: { path: aof, note, dump } };
  }
  if (kind === 'aof') throw unsupported(`${directory} holds no append-only file`);
  if (aof !== undefined && dump !== undefined) return { paths: [dump], note: noteOf(dump, aof) };
  if (dumps.length === 0) {
    throw unsupported(
      `${directory} is a directory without a dump`,
      'name a file, or a directory that holds *.rdb files',
    );
  }
  return { paths: dumps };
}

function look(directory: string): Contents {
  const names = fs.readdirSync(directory).sort();
  const within = (name: string): string => join(directory, name);
  const hasManifest = (path: string): boolean => fs.readdirSync(path).some((name) => name.endsWith('.manifest'));
  const aofDirectory = within(AOF_DIRECTORY);
  let aof: string | undefined;
  if (names.some((name) => name.endsWith('.manifest'))) aof = directory;
  else if (names.includes(AOF_DIRECTORY) && isDirectory(aofDirectory) && hasManifest(aofDirectory)) aof = aofDirectory;
  else if (names.includes(AOF_FILE)) aof = within(AOF_FILE);
  return {
    dump: names.includes(DUMP) ? within(DUMP) : undefined,
    dumps: names.filter((name) => name.endsWith('.rdb')).map(within),
    aof,
  };
}

function noteOf(chosen: string, other: string): string {
  const written = formatTime(Math.floor(modifiedMs(chosen) / 1000) * 1000);
  return `reading ${chosen}, written ${written}, ${compareAge(chosen, other)}`;
}

function compareAge(chosen: string, other: string): string {
  const difference = modifiedMs(other) - modifiedMs(chosen);
  if (Math.abs(difference) < 1000) return `as old as ${other}`;
  return `${formatAge(Math.abs(difference))} ${difference > 0 ? 'older' : 'newer'} than ${other}`;
}

/** Of a directory: that of its youngest file. */
function modifiedMs(path: string): number {
  const stat = fs.statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(...fs.readdirSync(path).map((name) => fs.statSync(join(path, name)).mtimeMs));
}

function isDirectory(path: string): boolean {
  return fs.statSync(path).isDirectory();
}

function unsupported(message: string, hint?: string): UnsupportedError {
  return withHint(new UnsupportedError('UNSUPPORTED_INPUT', message, 0), hint);
}

/** What lies in and around the directory of a log, held against its manifest (aof-format.md §4.4). */
import type { Files } from '../../bytes/files.js';
import { joinPath } from '../../bytes/path.js';
import type { Manifest, ManifestEntry } from '../model.js';
import { incrFileName, type LeftoverKind, leftoverKind } from './manifest-name.js';

/** A file that lies in a directory of a log, or beside it. */
export interface DirectoryFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Unix ms. */
  readonly modifiedMs: number;
}

export interface LeftoverFile extends DirectoryFile {
  readonly kind: LeftoverKind;
}

/** What a server finds at its start (aof-format.md §4.4), beside the files that it loads. */
export interface AofDirectoryFacts {
  /**
   * `multi-part`: a manifest lists files. `upgrade`: the one file of a server before 7.0, which the next start moves into
   * the directory as base 1. `empty`: neither; a server starts without data and writes base 1 and incr 1.
   */
  readonly situation: 'multi-part' | 'upgrade' | 'empty';
  /** `appendfilename`. */
  readonly fileName: string;
  /** `dir` of the server. */
  readonly dataDirectory: string;
  /** The append-only directory; undefined where there is none. */
  readonly directory: string | undefined;
  /** Undefined where there is none. */
  readonly manifestPath: string | undefined;
  /** The manifest as it was read; `isLogCurrent` looks again. */
  readonly manifestBytes: Uint8Array | undefined;
  /** Names of base and incr files that are listed and not there: no server starts with such a directory. */
  readonly missing: readonly string[];
  /** Names that are listed as base or incr more than once: a server loads them as often. */
  readonly repeated: readonly string[];
  /** What is left of work that was not finished, in the directory and above it. */
  readonly leftovers: readonly LeftoverFile[];
  /** Files of the directory that the manifest does not list; a server ignores them, but for {@link staleNext}. */
  readonly unlisted: readonly DirectoryFile[];
  /**
   * An unlisted file with content that has the name of the first incr, where none is listed: the next start appends to
   * it, and the one after that replays it.
   */
  readonly staleNext: DirectoryFile | undefined;
  /** A file of a server before 7.0 that lies beside the directory and is ignored. */
  readonly ignored: DirectoryFile | undefined;
  /** `dump.rdb` in the data directory, which a server with `appendonly yes` ignores. */
  readonly dump: DirectoryFile | undefined;
}

/** Where the parts of a log lie. */
export interface LogPlaces {
  readonly dataDirectory: string;
  readonly directory: string | undefined;
  readonly fileName: string;
  readonly manifestName: string;
}

const DUMP = 'dump.rdb';

/** Everything of the facts that is not the manifest itself. */
export function surveyDirectory(
  places: LogPlaces,
  manifest: Manifest | undefined,
  files: Files,
): Omit<AofDirectoryFacts, 'manifestPath' | 'manifestBytes'> {
  const { dataDirectory, directory, fileName, manifestName } = places;
  const entries = manifest?.entries ?? [];
  const loaded = entries.filter(({ type }) => type !== 'history');
  const inside = directory === undefined ? [] : lookAll(directory, files.list(directory), files);
  const above = lookAll(dataDirectory, namesAbove(dataDirectory, fileName, files), files);
  const old = above.find(({ name }) => name === fileName)?.file;
  const isUpgrade = old !== undefined && upgrades(loaded, fileName, inside);
  const present = new Set(inside.map(({ name }) => name));
  const listed = new Set(entries.map(({ name }) => name));
  const isOther = ({ name }: NamedFile): boolean =>
    !listed.has(name) && name !== manifestName && leftoverKind(name, fileName) === undefined;
  const unlisted = inside.filter(isOther);
  const hasIncr = loaded.some(({ type }) => type === 'incr');
  const isStale = ({ name, file }: NamedFile): boolean => name === incrFileName(fileName, 1n) && file.sizeBytes > 0;
  return {
    situation: isUpgrade ? 'upgrade' : loaded.length === 0 ? 'empty' : 'multi-part',
    fileName,
    dataDirectory,
    directory,
    missing: isUpgrade ? [] : unique(loaded.map(({ name }) => name).filter((name) => !present.has(name))),
    repeated: unique(loaded.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at)),
    leftovers: [...leftoversIn(inside, fileName), ...leftoversIn(above, fileName)],
    unlisted: unlisted.map(({ file }) => file),
    staleNext: hasIncr ? undefined : unlisted.find(isStale)?.file,
    ignored: isUpgrade ? undefined : old,
    dump: above.find(({ name }) => name === DUMP)?.file,
  };
}

/**
 * Whether a server takes the old file F over: the directory has no base and no incr, or only a base named F that has not
 * been moved there yet.
 */
function upgrades(loaded: readonly ManifestEntry[], fileName: string, inside: readonly NamedFile[]): boolean {
  const [first] = loaded;
  if (first === undefined) return true;
  const isOldBase = loaded.length === 1 && first.type === 'base' && first.name === fileName;
  return isOldBase && !inside.some(({ name }) => name === fileName);
}

interface NamedFile {
  readonly name: string;
  readonly file: DirectoryFile;
}

function lookAll(directory: string, names: readonly string[], files: Files): NamedFile[] {
  return names.flatMap((name) => {
    const file = look(joinPath(directory, name), files);
    return file === undefined ? [] : [{ name, file }];
  });
}

/** The names that matter in a data directory, in which a great deal else may lie, and which may be closed to us. */
function namesAbove(directory: string, fileName: string, files: Files): string[] {
  const matters = (name: string): boolean =>
    name === fileName || name === DUMP || leftoverKind(name, fileName) !== undefined;
  try {
    return files.list(directory).filter(matters);
  } catch {
    return [];
  }
}

function look(path: string, files: Files): DirectoryFile | undefined {
  const stat = files.stat(path);
  return stat?.isFile ? { path, sizeBytes: stat.sizeBytes, modifiedMs: stat.modifiedMs } : undefined;
}

function leftoversIn(found: readonly NamedFile[], fileName: string): LeftoverFile[] {
  return found.flatMap(({ name, file }) => {
    const kind = leftoverKind(name, fileName);
    return kind === undefined ? [] : [{ ...file, kind }];
  });
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

/**
 * From a path to the log that a server would load from there: a single file, a manifest, the directory that holds it, or
 * the data directory above that (aof-format.md §4). Nothing is changed, and nothing that is wrong with the directory as
 * such is an error here: it becomes facts, for whoever reports them.
 */
import { UnsupportedError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import { baseName, joinPath, parentPath } from '../../bytes/path.js';
import type { AofLog, LogFile, Manifest, ManifestEntry } from '../model.js';
import { readWholeFile, startsAsManifest } from './directory-files.js';
import { type AofDirectoryFacts, type LogPlaces, surveyDirectory } from './directory-survey.js';
import { openLogFile } from './log-file.js';
import { parseManifest } from './manifest.js';
import {
  DEFAULT_DIRECTORY_NAME,
  DEFAULT_FILE_NAME,
  fileNameOfManifest,
  formerType,
  manifestFileName,
} from './manifest-name.js';

export interface AofOpenOptions {
  /** `appenddirname` of the server's configuration. Default: `appendonlydir`. */
  readonly directoryName?: string;
  /** `appendfilename`. Default: what the manifest's name says, or `appendonly.aof`. */
  readonly fileName?: string;
  /** Ends opening and reading of files with its reason. */
  readonly signal?: AbortSignal;
}

export type { AofDirectoryFacts, DirectoryFile, LeftoverFile } from './directory-survey.js';

/** A log, and what was seen on the way to it. */
export interface OpenedAofLog extends AofLog {
  /** Undefined for a single file that was named itself. */
  readonly facts: AofDirectoryFacts | undefined;
}

/**
 * The log at a path. A file that begins like a manifest is one; any other file is a log by itself, which may begin with a
 * dump. A directory with a manifest is an append-only directory; otherwise it is a data directory.
 *
 * Files that are listed but missing have no size, and throw MISSING_FILE when they are opened.
 *
 * Throws FormatError (BAD_MANIFEST), UnsupportedError (UNSUPPORTED_INPUT) for a directory without a log or with several
 * manifests, and the system's errors.
 */
export function openAofLog(path: string, files: Files, options: AofOpenOptions = {}): OpenedAofLog {
  const stat = files.stat(path);
  const isManifest = stat?.isFile && startsAsManifest(path, files);
  if (!stat?.isDirectory && !isManifest) return openSingle(path, files, options);
  for (let attempt = 1; ; attempt++) {
    const log = openDirectory(
      isManifest ? placeOfManifest(path) : placeOfDirectory(path, files, options),
      files,
      options,
    );
    // A server that rewrites its log right now removes what an older manifest lists.
    if (log.facts!.missing.length === 0 || attempt === MAX_ATTEMPTS || isLogCurrent(log, files)) return log;
  }
}

/** Where the configuration of a server says that its log is. */
export interface ServerLogPlace {
  /** `dir` */
  readonly dataDirectory: string;
  /** `appenddirname` */
  readonly directoryName: string;
  /** `appendfilename` */
  readonly fileName: string;
}

/** The log that a server with this configuration finds at its start; one without files where there is none. Throws as above. */
export function openServerLog(
  place: ServerLogPlace,
  files: Files,
): OpenedAofLog & { readonly facts: AofDirectoryFacts } {
  const within = joinPath(place.dataDirectory, place.directoryName);
  const directory = files.stat(within)?.isDirectory ? within : undefined;
  return openDirectory(placesOf(place.dataDirectory, directory, place.fileName), files, {});
}

/** Whether the manifest is still as it was when the log was opened; always true without one. */
export function isLogCurrent({ facts }: OpenedAofLog, files: Files): boolean {
  const { manifestPath, manifestBytes } = facts ?? {};
  if (manifestPath === undefined || manifestBytes === undefined) return true;
  if (files.stat(manifestPath) === undefined) return false;
  const now = readWholeFile(manifestPath, files);
  return now.length === manifestBytes.length && now.every((byte, at) => byte === manifestBytes[at]);
}

const MAX_ATTEMPTS = 3;

function openSingle(path: string, files: Files, options: AofOpenOptions): OpenedAofLog {
  const file = openLogFile(path, { role: 'single', seq: undefined }, files, options.signal);
  return { name: path, files: [file], history: [], manifest: undefined, facts: undefined };
}

function placeOfManifest(path: string): LogPlaces {
  const directory = parentPath(path);
  const manifestName = baseName(path);
  const fileName = fileNameOfManifest(manifestName) ?? DEFAULT_FILE_NAME;
  return { dataDirectory: parentPath(directory), directory, fileName, manifestName };
}

function placeOfDirectory(path: string, files: Files, options: AofOpenOptions): LogPlaces {
  const { directoryName = DEFAULT_DIRECTORY_NAME, fileName: fallback = DEFAULT_FILE_NAME } = options;
  const names = files.list(path);
  const own = findFileName(path, names, options);
  if (own !== undefined) return placesOf(parentPath(path), path, own);
  const within = joinPath(path, directoryName);
  if (names.includes(directoryName) && files.stat(within)?.isDirectory)
    return placesOf(path, within, findFileName(within, files.list(within), options) ?? fallback);
  if (names.includes(fallback)) return placesOf(path, undefined, fallback);
  // Without its manifest a directory is still known by its files.
  if (names.some((name) => formerType(name) !== undefined)) return placesOf(parentPath(path), path, fallback);
  throw new UnsupportedError('UNSUPPORTED_INPUT', `${path} is a directory without an append-only file`, 0);
}

function placesOf(dataDirectory: string, directory: string | undefined, fileName: string): LogPlaces {
  return { dataDirectory, directory, fileName, manifestName: manifestFileName(fileName) };
}

/** `appendfilename`, as the one manifest among the names tells it. */
function findFileName(directory: string, names: readonly string[], options: AofOpenOptions): string | undefined {
  const { fileName } = options;
  if (fileName !== undefined) return names.includes(manifestFileName(fileName)) ? fileName : undefined;
  const found = names.flatMap((name) => fileNameOfManifest(name) ?? []);
  // What a server left when it was stopped is named like the manifest of a log `temp-…`; that one would have files.
  const hasFiles = (name: string): boolean =>
    names.some((other) => other.startsWith(`${name}.`) && formerType(other) !== undefined);
  const lasting = found.filter((name) => !name.startsWith('temp-') || hasFiles(name));
  if (lasting.length < 2) return lasting[0];
  const listed = lasting.map(manifestFileName).join(', ');
  throw new UnsupportedError('UNSUPPORTED_INPUT', `${directory} holds several manifests: name one of ${listed}`, 0);
}

function openDirectory(
  places: LogPlaces,
  files: Files,
  { signal }: AofOpenOptions,
): OpenedAofLog & { readonly facts: AofDirectoryFacts } {
  const { dataDirectory, directory, fileName, manifestName } = places;
  const manifestPath = directory === undefined ? undefined : joinPath(directory, manifestName);
  const hasManifest = manifestPath !== undefined && files.stat(manifestPath) !== undefined;
  const manifestBytes = hasManifest ? readWholeFile(manifestPath, files) : undefined;
  const manifest = manifestBytes && parseManifest(manifestBytes);
  const known = { manifestPath: hasManifest ? manifestPath : undefined, manifestBytes };
  const facts: AofDirectoryFacts = { ...known, ...surveyDirectory(places, manifest, files) };
  const name = manifestPath !== undefined && hasManifest ? manifestPath : (directory ?? dataDirectory);
  const open = (entry: ManifestEntry): LogFile => {
    const role = entry.type;
    return openLogFile(joinPath(directory!, entry.name), { role, seq: entry.seq }, files, signal);
  };
  if (facts.situation === 'upgrade') {
    const old = openLogFile(joinPath(dataDirectory, fileName), { role: 'single', seq: undefined }, files, signal);
    return { name: old.path!, files: [old], history: [], manifest: undefined, facts };
  }
  const loaded = manifest === undefined ? [] : loadOrder(manifest);
  const history = manifest === undefined ? [] : historyOrder(manifest);
  return { name, files: loaded.map(open), history: history.map(open), manifest, facts };
}

/** Base, then the increments as they are listed (aof-format.md §4.3). */
export function loadOrder({ entries }: Manifest): ManifestEntry[] {
  return [...entries.filter(({ type }) => type === 'base'), ...entries.filter(({ type }) => type === 'incr')];
}

/**
 * Oldest first. Servers put what becomes history in front: first the base, then its increments from the last to the
 * first, so that each base is followed by its own when the list is read from its end.
 */
export function historyOrder({ entries }: Manifest): ManifestEntry[] {
  const ordered: ManifestEntry[] = [];
  let increments: ManifestEntry[] = [];
  const endGeneration = (): void => {
    ordered.push(...increments.sort((a, b) => (a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0)));
    increments = [];
  };
  for (const entry of entries.filter(({ type }) => type === 'history').reverse()) {
    if (formerType(entry.name) === 'incr') {
      increments.push(entry);
      continue;
    }
    endGeneration();
    ordered.push(entry);
  }
  endGeneration();
  return ordered;
}

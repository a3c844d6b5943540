/** From an argument to a log: a file, a manifest, a directory, standard input or a URL. */
import { type AofOpenOptions, type OpenedAofLog, openAofLog } from '../aof/directory/directory.js';
import { startsAsManifest } from '../aof/directory/directory-files.js';
import type { LogFile } from '../aof/model.js';
import type { Files } from '../bytes/files.js';
import { nodeFiles } from '../bytes/files-node.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { openRdbSource } from '../rdb/open.js';
import { inSource } from './failures.js';
import { type OpenedSource, type SourceSpec, standardInput, withoutCredentials } from './source.js';

/** Throws what openAofLog throws, as errors about this argument. */
export function openLogArgument(arg: string, options: AofOpenOptions = {}, files: Files = nodeFiles): OpenedAofLog {
  if (arg === '-') return streamLog('standard input', standardInput(), options);
  if (/^https?:\/\//i.test(arg)) return streamLog(withoutCredentials(arg), arg, options);
  try {
    return openAofLog(arg, files, options);
  } catch (error) {
    throw inSource(error, arg);
  }
}

/** The paths of its files, which no output may overwrite. */
export function logPaths({ files, history, facts }: OpenedAofLog): string[] {
  const manifest = facts?.manifestPath === undefined ? [] : [facts.manifestPath];
  return [...manifest, ...[...files, ...history].flatMap(({ path }) => path ?? [])];
}

/** Looks at the log anew; a stream can be read once. */
export type LogOpener = (files?: Files) => OpenedAofLog;

/**
 * How to open the log that an input is: a directory in which a server would take the log, a manifest, or, where it is
 * known that it holds commands, the file or the stream that was `opened`. Undefined for what is no log as far as its path
 * tells, and for a stream that has been read already.
 */
export function logOpener(
  spec: SourceSpec,
  signal: AbortSignal,
  holdsCommands?: OpenedSource | 'file',
): LogOpener | undefined {
  const isFile = spec.path !== undefined && nodeFiles.stat(spec.path)?.isFile === true;
  if (typeof holdsCommands === 'object' && !isFile) {
    const log = streamLog(spec.name, holdsCommands.source, { signal });
    return () => log;
  }
  const isLog = isFile && (holdsCommands !== undefined || isManifest(spec.path!));
  const path = spec.log?.path ?? (isLog ? spec.path : undefined);
  return path === undefined ? undefined : (files) => openLogArgument(path, { signal }, files);
}

function isManifest(path: string): boolean {
  try {
    return startsAsManifest(path, nodeFiles);
  } catch {
    return false; // Whoever opens it next says what is wrong.
  }
}

function streamLog(name: string, input: RdbInput | ByteSource, { signal }: AofOpenOptions): OpenedAofLog {
  const file: LogFile = {
    role: 'single',
    name,
    path: undefined,
    seq: undefined,
    sizeBytes: undefined,
    open: () => openRdbSource(input, signal === undefined ? {} : { signal }),
  };
  return { name, files: [file], history: [], manifest: undefined, facts: undefined };
}

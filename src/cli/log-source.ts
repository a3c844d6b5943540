/** From an argument to a log: a file, a manifest, a directory, standard input or a URL. */
import { type AofOpenOptions, type OpenedAofLog, openAofLog } from '../aof/directory.js';
import type { LogFile } from '../aof/model.js';
import { nodeFiles } from '../bytes/files-node.js';
import type { ByteSource, RdbInput } from '../bytes/source.js';
import { openRdbSource } from '../rdb/open.js';
import { inSource } from './failures.js';
import { standardInput, withoutCredentials } from './source.js';

/** Throws what openAofLog throws, as errors about this argument. */
export function openLogArgument(arg: string, options: AofOpenOptions = {}): OpenedAofLog {
  if (arg === '-') return streamLog('standard input', standardInput(), options);
  if (/^https?:\/\//i.test(arg)) return streamLog(withoutCredentials(arg), arg, options);
  try {
    return openAofLog(arg, nodeFiles, options);
  } catch (error) {
    throw inSource(error, arg);
  }
}

/** The paths of its files, which no output may overwrite. */
export function logPaths({ files, history }: OpenedAofLog): string[] {
  return [...files, ...history].flatMap(({ path }) => path ?? []);
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

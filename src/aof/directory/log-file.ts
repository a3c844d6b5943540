/** One file of a log on disk. */
import { FormatError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import { openRdbSource } from '../../rdb/open.js';
import type { LogFile, LogRole } from '../model.js';

/**
 * A file that is opened when somebody reads it. Its size is that of now; what is no regular file (a pipe) has none. A
 * missing file has none either, and opening it throws MISSING_FILE where a manifest lists it, else the system's error.
 */
export function openLogFile(
  path: string,
  { role, seq }: { readonly role: LogRole; readonly seq: bigint | undefined },
  files: Files,
  signal: AbortSignal | undefined,
): LogFile {
  const stat = files.stat(path);
  const options = signal === undefined ? {} : { signal };
  return {
    role,
    name: path,
    path,
    seq,
    sizeBytes: stat?.isFile ? stat.sizeBytes : undefined,
    open: async () => {
      const now = files.stat(path);
      if (now === undefined && role !== 'single')
        throw new FormatError('MISSING_FILE', `${path} is listed in the manifest and not there`, 0);
      // Pipes are beyond the interface of files, which never waits.
      const isWaiting = now !== undefined && !now.isFile && !now.isDirectory;
      return await openRdbSource(isWaiting ? path : files.open(path), options);
    },
  };
}

/** The files of a checkpoint: what goes wrong with writing one is about the output, not about the source. */
import type { Files } from '../bytes/files.js';
import { isSystemError } from './exit-codes.js';
import { OutputError } from './failures.js';

/** `files` for the state at `path`: errors of writing are OutputErrors. */
export function checkpointFiles(files: Files, path: string): Files {
  const writing = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw isSystemError(error) ? new OutputError(path, error) : error;
    }
  };
  const guarded = (file: ReturnType<Files['create']>): ReturnType<Files['create']> => ({
    get position() {
      return file.position;
    },
    write: (bytes, start, end) => writing(() => file.write(bytes, start, end)),
    sync: () => writing(() => file.sync()),
    syncAside: (done) => writing(() => file.syncAside(done)),
    syncData: () => writing(() => file.syncData()),
    syncDataAside: (done) => writing(() => file.syncDataAside(done)),
    truncate: (size) => writing(() => file.truncate(size)),
    close: () => writing(() => file.close()),
  });
  return {
    ...files,
    create: (name) => guarded(writing(() => files.create(name))),
    append: (name) => guarded(writing(() => files.append(name))),
    rename: (from, to) => writing(() => files.rename(from, to)),
    copyOwnership: (from, to) => writing(() => files.copyOwnership(from, to)),
    remove: (name) => writing(() => files.remove(name)),
    syncDirectory: (name) => writing(() => files.syncDirectory(name)),
  };
}

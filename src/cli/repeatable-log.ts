/** Logs that are read more than once: a stream is first copied to a temporary file that nobody else sees. */
import type { AofLog, LogFile } from '../aof/model.js';
import { RewoundSource } from '../bytes/rewound-source.js';
import { copyToTemporary } from './seekable-input.js';
import type { Session } from './session.js';

/** Runs with a log whose files can be opened again and again. Throws what reading throws; OutputError where there is no room. */
export async function withRepeatableLog<T>(
  log: AofLog,
  session: Session,
  run: (log: AofLog) => Promise<T>,
): Promise<T> {
  const isStream = (file: LogFile): boolean => file.path === undefined || file.sizeBytes === undefined;
  const [file] = log.files;
  // Only what was named itself can be a stream: a directory lists files, and one that is missing is found by opening it.
  if (file === undefined || file.role !== 'single' || !isStream(file)) return await run(log);
  const copy = await session.readLog(file, (source) => copyToTemporary(source, file.name));
  try {
    const again = RewoundSource.rewinder(copy)!;
    return await run({ ...log, files: [{ ...file, open: async () => again() }] });
  } finally {
    await copy.close();
  }
}

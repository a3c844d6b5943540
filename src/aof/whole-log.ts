/** Reading a log from its first file to its last, up to where a server would stop. */
import { FormatError, TruncatedError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { AofDriver, type AofDriverOptions, type AofHandler } from './driver.js';
import { openTransaction } from './log-state.js';
import type { AofLog, LogFile } from './model.js';

/** Where the reading of a log ended early, and why. */
export interface LogFailure {
  /** Index in {@link AofLog.files}. */
  readonly file: number;
  readonly error: FormatError;
  /**
   * A server with `aof-load-truncated yes` goes on: the last file ends inside a command or a transaction. Otherwise it
   * refuses the log.
   */
  readonly isTruncation: boolean;
  /** Offset behind the last whole item outside a transaction: what stands behind it never happened. */
  readonly okUpTo: number;
}

export interface WholeLogOptions extends AofDriverOptions {
  /** Opens a file and closes it behind `run`. Default: as it is. */
  readonly read?: <T>(file: LogFile, run: (source: ByteSource) => Promise<T>) => Promise<T>;
  /** Waited for when the handler is full. */
  readonly onPause?: () => void | Promise<void>;
  /** Asked after each pause and each file: true ends the reading. */
  readonly isFinished?: () => boolean;
  /** Hears of every file that has been read to its end, or as far as it goes. */
  readonly onFileEnd?: (file: LogFile, index: number, driver: AofDriver) => void;
}

/** Makes the handler of a file. */
export type CreateHandler = (file: LogFile, index: number, driver: () => AofDriver) => AofHandler;

/**
 * Reads every file. What is wrong with the log is returned, and ends the reading, so that an answer about what stands
 * before it can be given; what opening and reading throw is thrown.
 */
export async function readWholeLog(
  log: AofLog,
  createHandler: CreateHandler,
  options: WholeLogOptions = {},
): Promise<LogFailure | undefined> {
  const { read = readDirectly, isFinished = never, onFileEnd } = options;
  for (const [index, file] of log.files.entries()) {
    if (isFinished()) return undefined;
    const { driver, error } = await read(file, (source) =>
      readFile(source, (itself) => createHandler(file, index, itself), options),
    );
    onFileEnd?.(file, index, driver);
    if (isFinished()) return undefined;
    const failure = error ?? (driver.state.inTransaction ? openTransaction(driver.state) : undefined);
    if (failure === undefined) continue;
    const isCut = failure instanceof TruncatedError || failure.code === 'OPEN_TRANSACTION';
    // A dump at the head that is cut is damage to every server.
    const isHeadWhole = driver.rdb === undefined || driver.rdbBytes > 0;
    const isTruncation = isCut && isHeadWhole && index === log.files.length - 1;
    return { file: index, error: failure, isTruncation, okUpTo: driver.state.okUpTo };
  }
  return undefined;
}

async function readFile(
  source: ByteSource,
  createHandler: (driver: () => AofDriver) => AofHandler,
  options: WholeLogOptions,
): Promise<{ driver: AofDriver; error: FormatError | undefined }> {
  const { onPause, isFinished = never } = options;
  const window = Window.for(source.sizeBytes);
  const driver: AofDriver = new AofDriver(
    window,
    createHandler(() => driver),
    options,
  );
  try {
    while ((await drive(source, driver)) !== 'done') {
      await onPause?.();
      if (isFinished()) break;
    }
    return { driver, error: undefined };
  } catch (error) {
    if (error instanceof FormatError) return { driver, error };
    throw error;
  }
}

async function readDirectly<T>(file: LogFile, run: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await file.open();
  try {
    return await run(source);
  } finally {
    await source.close();
  }
}

function never(): boolean {
  return false;
}

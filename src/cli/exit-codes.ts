/** Exit codes (cli.md): the table, and which error leads to which. */
import { type ErrorCode, RedisFileError } from '../bytes/errors.js';
import {
  isTargetError,
  ListenError,
  NotFoundError,
  OutputError,
  StoppedBySignal,
  type StopSignal,
  UsageError,
} from './failures.js';

export const EXIT = {
  /** done, sound, same; also when the reader of our output has gone */
  OK: 0,
  /** bad or different: corruption, key not found */
  BAD: 1,
  USAGE: 2,
  /** not readable, not an RDB, or unsupported */
  UNREADABLE: 3,
  /** finished with loss; the report says which */
  LOSS: 4,
  /** target server, network or authentication; also where a server cannot listen */
  TARGET: 5,
  /** internal, or the output could not be written */
  INTERNAL: 70,
} as const;

/** 128 and the signal's number, as shells count. */
export const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Record<StopSignal, number>;

/** Everything that is not listed here is damage: {@link EXIT.BAD}. */
const UNREADABLE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_RDB',
  'NOT_AOF',
  'EMPTY_INPUT',
  'UNSUPPORTED_TYPE',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_INPUT',
  'UNSUPPORTED_OUTPUT',
  // Says nothing about the file: with a higher limit it may be sound.
  'LIMIT_BLOB',
  'LIMIT_MEMORY',
  // A script, or a command of a module: the log may be sound, and a server that has them loads it.
  'UNKNOWN_COMMAND',
  // Nor does this: what was asked for cannot be had of it, and nothing was written.
  'CANNOT_ENCODE',
]);

/** What an error with this code means for the exit code. */
export function codeToExitCode(code: ErrorCode): number {
  return UNREADABLE_CODES.has(code) ? EXIT.UNREADABLE : EXIT.BAD;
}

export function errorToExitCode(error: unknown): number {
  if (error instanceof RedisFileError) return codeToExitCode(error.code);
  if (error instanceof StoppedBySignal) return SIGNAL_EXIT[error.signal];
  if (error instanceof OutputError) return error.isClosedPipe ? EXIT.OK : EXIT.INTERNAL;
  if (error instanceof UsageError) return EXIT.USAGE;
  if (error instanceof NotFoundError) return EXIT.BAD;
  if (error instanceof ListenError) return EXIT.TARGET;
  if (isTargetError(error)) return error.code === 'BAD_URL' ? EXIT.USAGE : EXIT.TARGET;
  // The system's errors are about inputs here: those of outputs come wrapped.
  return isSystemError(error) ? EXIT.UNREADABLE : EXIT.INTERNAL;
}

/** An error of the operating system, such as ENOENT. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return false;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code);
}

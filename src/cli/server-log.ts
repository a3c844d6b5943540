/** What a server writes of itself while it runs: lines as those of redis-server, on standard output or in the file `logfile`. */
import * as fs from 'node:fs';
import { isSystemError } from './exit-codes.js';
import { OutputError, systemMessage } from './failures.js';
import { writeFully } from './sink.js';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

const MARKS: Readonly<Record<LogLevel, string>> = { debug: '.', verbose: '-', notice: '*', warning: '#' };
const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];
const STDOUT_FD = 1;

export class ServerLog {
  private readonly fd: number;

  /** `path`: empty for standard output. `least`: asked for each line, it may change. Throws OutputError. */
  constructor(
    path: string,
    private readonly least: () => LogLevel,
  ) {
    this.fd = path === '' ? STDOUT_FD : openToAppend(path);
  }

  notice(text: string): void {
    this.tell('notice', text);
  }

  warning(text: string, cause?: unknown): void {
    this.tell('warning', text, cause);
  }

  /** Nobody has to listen: a server goes on without its log. */
  tell(level: LogLevel, text: string, cause?: unknown): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.least())) return;
    const all = cause === undefined ? text : `${text}: ${reasonOf(cause)}`;
    const bytes = new TextEncoder().encode(`${process.pid}:M ${timeOf(new Date())} ${MARKS[level]} ${all}\n`);
    try {
      writeFully(this.fd, 'the log', bytes, 0, bytes.length);
    } catch {
      // There is no place left to say so.
    }
  }
}

function openToAppend(path: string): number {
  try {
    return fs.openSync(path, 'a');
  } catch (error) {
    throw isSystemError(error) ? new OutputError(`the log file ${path}`, error) : error;
  }
}

/** An error that should not have happened, with where it did. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (isSystemError(cause)) return systemMessage(cause);
  return cause.name === 'Error' || cause.name.endsWith('TypeError') ? (cause.stack ?? cause.message) : cause.message;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `27 Nov 2026 17:41:09.123`, of the machine's own time zone. */
function timeOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Checking a log: each file as redis-check-aof would, and the log as a server would start on it. */
import { TruncatedError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import type { AofLog, LogFile } from '../model.js';
import { type AofFileReport, checkFile, type FileCheckOptions } from './check-file.js';
import type { AofTrap } from './traps.js';

export interface AofCheckOptions extends Pick<FileCheckOptions, 'target' | 'limits' | 'checksum'> {
  /** To see whether a file is still being written; without it no file counts as such. */
  readonly files?: Pick<Files, 'stat'>;
  /** Unix ms. */
  readonly now?: () => number;
  /** Hears of each file before it is read. */
  readonly onFile?: (file: LogFile) => void;
}

/** The outcome of {@link checkLog}. */
export interface AofCheckReport {
  readonly name: string;
  /** Every file is sound, empty or still being written, and no trap is fatal. */
  readonly ok: boolean;
  readonly files: readonly AofFileReport[];
  /** Of the files, in the order of the log. */
  readonly traps: readonly AofTrap[];
}

/** A file that was written so recently may be in the middle of a command. */
export const WRITING_MS = 2000;

/**
 * Reads every file of a log. A last file that ends inside a command or a transaction and was written within two seconds,
 * or has grown meanwhile, is still being written: that is no damage. Throws what opening and reading throw, but for
 * damage and missing files, which are in the report.
 */
export async function checkLog(log: AofLog, options: AofCheckOptions = {}): Promise<AofCheckReport> {
  const files: AofFileReport[] = [];
  let firstLine = 1;
  for (const [index, file] of log.files.entries()) {
    options.onFile?.(file);
    const isLast = index === log.files.length - 1;
    const report = await checkFile(file, { ...options, isLast, firstLine });
    firstLine = report.okUpToLine;
    files.push(isLast && endsEarly(report) && isBeingWritten(file, report, options) ? asGrowing(report) : report);
  }
  const traps = files.flatMap((file) => file.traps);
  const isSound = files.every(({ verdict }) => verdict !== 'bad' && verdict !== 'missing');
  return { name: log.name, ok: isSound && !traps.some(({ severity }) => severity === 'fatal'), files, traps };
}

/** Whether what is wrong is only that something is missing at the end. */
export function endsEarly({ error, rdbBytes, head }: AofFileReport): boolean {
  if (error === undefined || (head !== undefined && rdbBytes === 0)) return false;
  return error instanceof TruncatedError || error.code === 'OPEN_TRANSACTION';
}

function isBeingWritten({ path }: LogFile, { sizeBytes }: AofFileReport, { files, now }: AofCheckOptions): boolean {
  const stat = path === undefined ? undefined : files?.stat(path);
  if (stat === undefined || !stat.isFile) return false;
  return stat.sizeBytes !== sizeBytes || (now !== undefined && now() - stat.modifiedMs < WRITING_MS);
}

/** What a cut leads to does not apply: the rest is on its way. */
function asGrowing(report: AofFileReport): AofFileReport {
  const ends: readonly string[] = ['CUT_TAIL', 'CUT_IN_TRANSACTION', 'UNENDED_ANNOTATION'];
  return { ...report, verdict: 'growing', traps: report.traps.filter(({ code }) => !ends.includes(code)) };
}

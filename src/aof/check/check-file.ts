/** Checking one file of a log: the verdict of redis-check-aof, and what a server would trip over. */
import { FormatError, TruncatedError } from '../../bytes/errors.js';
import type { Limits } from '../../bytes/limits.js';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import type { RdbWarning } from '../../rdb/model.js';
import type { Target } from '../../rdb/versions.js';
import { AofDriver } from '../driver.js';
import { HOLD_NAMES } from '../large-command.js';
import { openTransaction } from '../log-state.js';
import type { LogFile, LogRole } from '../model.js';
import { CheckHandler } from './check-handler.js';
import { type BrokenCommand, drain, readBrokenCommand } from './check-lines.js';
import { type AofTrap, describeTrap, type TrapCode } from './traps.js';

/** What {@link checkFile} needs to know of the log around the file. */
export interface FileCheckOptions {
  readonly target?: Target;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  /** Compare the CRC-64 of a dump at the head. Default: true. */
  readonly checksum?: boolean;
  /** No file follows in the log: it may end early. Default: true. */
  readonly isLast?: boolean;
  /** The number of its first line: redis-check-aof counts on from file to file. Default: 1. */
  readonly firstLine?: number;
}

/** `empty`: 0 bytes, which servers take as no data. `growing`: it ends early because somebody is writing to it. */
export type FileVerdict = 'ok' | 'empty' | 'bad' | 'growing' | 'missing';

export interface AofFileReport {
  readonly name: string;
  readonly role: LogRole;
  readonly seq: bigint | undefined;
  readonly verdict: FileVerdict;
  /** The first thing wrong with it. */
  readonly error: FormatError | undefined;
  /** As redis-check-aof has them: size, offset behind the last whole item outside a transaction, line where it stopped. */
  readonly sizeBytes: number;
  readonly okUpTo: number;
  readonly okUpToLine: number;
  /** Size in bytes of the dump at its head; 0 without. */
  readonly rdbBytes: number;
  readonly rdbKeys: number;
  readonly head: { readonly magic: 'REDIS' | 'VALKEY'; readonly version: number } | undefined;
  /** Commands that are whole, control commands included, also those behind {@link okUpTo} as far as they could be read. */
  readonly commands: number;
  /** Of these, behind {@link okUpTo}. */
  readonly commandsBehind: number;
  readonly transactions: number;
  readonly annotations: number;
  /** Of the first and the last `#TS`, Unix seconds. */
  readonly firstSeconds: number | undefined;
  readonly lastSeconds: number | undefined;
  readonly warnings: readonly RdbWarning[];
  readonly traps: readonly AofTrap[];
}

/**
 * Reads a file to its end or to what breaks it; a MULTI or EXEC at the wrong place, which servers pass over, is noted and
 * does not end the reading. Throws what opening and reading throw, but for the damage of the file, and a missing file.
 */
export async function checkFile(file: LogFile, options: FileCheckOptions = {}): Promise<AofFileReport> {
  let source: ByteSource;
  try {
    source = await file.open();
  } catch (error) {
    if (file.role === 'single' || !isMissing(error)) throw error;
    return new FileCheck(file, options).missing();
  }
  try {
    return await new FileCheck(file, options, source).run(source);
  } finally {
    await source.close();
  }
}

class FileCheck {
  private readonly window: Window;
  private readonly handler: CheckHandler;
  private readonly driver: AofDriver;
  private error: FormatError | undefined;
  private sizeBytes = 0;
  private okUpTo = 0;
  private lines = 0;
  private commandsBefore = 0;
  private readonly traps: AofTrap[] = [];

  constructor(
    private readonly file: LogFile,
    private readonly options: FileCheckOptions,
    source?: ByteSource,
  ) {
    this.window = Window.for(source?.sizeBytes);
    const { limits, checksum = true, target } = options;
    this.handler = new CheckHandler(target, () => this.driver, this.window);
    this.driver = new AofDriver(this.window, this.handler, {
      holding: HOLD_NAMES,
      checksum,
      ...(limits && { limits }),
    });
  }

  missing(): AofFileReport {
    const { name } = this.file;
    this.error = new FormatError('MISSING_FILE', `${name} is listed in the manifest and not there`, 0);
    return this.report('missing');
  }

  async run(source: ByteSource): Promise<AofFileReport> {
    const { window, driver, handler } = this;
    let failure: FormatError | undefined;
    let broken: BrokenCommand | undefined;
    try {
      await drive(source, driver);
      handler.end();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      failure = this.isNoLog(error) ? new FormatError('NOT_AOF', 'this is no append-only file', 0) : error;
      if (driver.rdb === undefined || driver.rdbBytes > 0) broken = await this.readBroken(source);
    }
    this.sizeBytes = await drain(source, window);
    if (this.sizeBytes === 0) return this.report('empty');
    const { state } = driver;
    const { misplaced } = handler;
    this.error = misplaced?.error ?? failure ?? (state.inTransaction ? openTransaction(state) : undefined);
    this.okUpTo = misplaced?.okUpTo ?? state.okUpTo;
    this.commandsBefore = misplaced?.commandsBefore ?? handler.commandsOutside;
    this.lines = misplaced?.lines ?? handler.lines + driver.linesOfLarge + (broken?.lines ?? 0);
    if (failure !== undefined) this.judgeFailure(failure, broken);
    if (handler.restartOffset >= 0 && failure === undefined && state.inTransaction) handler.noteHalf();
    this.judgeFile();
    return this.report(this.error === undefined ? 'ok' : 'bad');
  }

  private async readBroken(source: ByteSource): Promise<BrokenCommand | undefined> {
    const { driver, window } = this;
    // Of a large command the driver has read on as far as it goes.
    if (driver.linesOfLarge > 0 || window.bytes[window.pos] !== STAR) return undefined;
    return await readBrokenCommand(source, window);
  }

  /** A file by itself that begins like nothing that a log begins with. */
  private isNoLog(error: FormatError): boolean {
    const { window, file } = this;
    if (file.role !== 'single' || error.code !== 'BAD_COMMAND' || error.offset !== 0) return false;
    return window.bytes[window.pos] !== STAR;
  }

  private judgeFailure(failure: FormatError, broken: BrokenCommand | undefined): void {
    const { driver, options } = this;
    const { isLast = true } = options;
    if (failure.code === 'NOT_AOF') return;
    if (driver.rdb !== undefined && driver.rdbBytes === 0) {
      this.trap('DAMAGED_HEAD', failure.offset);
      return;
    }
    const isHuge = (broken?.number ?? 0) >= HUGE_LENGTH;
    if (isHuge) this.trap('HUGE_LENGTH', failure.offset);
    if (failure instanceof TruncatedError) {
      if (!isLast) this.trap('EARLIER_FILE_CUT', failure.offset);
      else if (driver.state.inTransaction) this.trap('CUT_IN_TRANSACTION', driver.state.multiOffset);
      else if (!isHuge) this.trap('CUT_TAIL', failure.offset);
      return;
    }
    if (broken?.at === 'line-end') this.trap('UNCHECKED_LINE_END', failure.offset);
    else if (broken?.at === 'number' && broken.lines <= 1 && isEmptyCommand(failure))
      this.trap('EMPTY_COMMAND', failure.offset);
    else if (isLast) this.trap('CORRUPT_TAIL', failure.offset);
  }

  private judgeFile(): void {
    const { handler, driver, options, file } = this;
    const { isLast = true } = options;
    if (this.error?.code === 'OPEN_TRANSACTION') {
      if (!isLast) this.trap('EARLIER_FILE_CUT', this.error.offset);
      else if (handler.restartOffset < 0) this.trap('CUT_TAIL', this.error.offset);
    }
    for (const { code, ...place } of handler.found()) this.trap(code, place.offset, place.count, place.subject);
    this.traps.push(...handler.judge.traps(file.name));
    const header = driver.rdb?.header;
    if (header === undefined) return;
    if (header.magic === 'VALKEY') this.trap('VALKEY_HEAD', 0);
    this.trap('PREAMBLE', 0);
    if (file.role === 'incr') this.trap('HEAD_IN_INCREMENT', 0);
    const unread = handler.rows.unread(header.magic, header.version);
    if (unread !== undefined) this.trap('HEAD_TOO_NEW', 0, 1, unread);
  }

  private trap(code: TrapCode, offset: number, count = 1, subject?: string): void {
    const trap = describeTrap(code, this.options.target, { file: this.file.name, offset, count, subject });
    if (trap !== undefined) this.traps.push(trap);
  }

  private report(verdict: FileVerdict): AofFileReport {
    const { file, driver, handler, options, error } = this;
    const { name, role, seq } = file;
    const header = driver.rdb?.header;
    return {
      name,
      role,
      seq,
      verdict,
      error,
      sizeBytes: this.sizeBytes,
      okUpTo: this.okUpTo,
      okUpToLine: (options.firstLine ?? 1) + this.lines,
      rdbBytes: driver.rdbBytes,
      rdbKeys: handler.rows.keys,
      head: header && { magic: header.magic, version: header.version },
      commands: driver.state.commands,
      commandsBehind: driver.state.commands - this.commandsBefore,
      transactions: handler.transactions,
      annotations: handler.annotations,
      firstSeconds: handler.firstSeconds,
      lastSeconds: driver.state.timeSeconds,
      warnings: handler.rows.warnings,
      traps: this.traps,
    };
  }
}

const STAR = 0x2a;
/** More than servers take from clients (proto-max-bulk-len), and more than a cut file is likely to miss. */
const HUGE_LENGTH = 2 ** 33;

function isEmptyCommand({ message }: FormatError): boolean {
  return message.startsWith('a command of 0 ') || message.startsWith('a negative number behind *');
}

function isMissing(error: unknown): boolean {
  if (error instanceof FormatError) return error.code === 'MISSING_FILE';
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

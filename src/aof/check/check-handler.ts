/** Follows the items of one file for the check: lines, transactions, times, and the traps that lie between items. */
import { FormatError } from '../../bytes/errors.js';
import type { Window } from '../../bytes/window.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import type { Target } from '../../rdb/versions.js';
import { CommandScan } from '../command-scan.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { decodeSelect, decodeTimestamp, type LogState } from '../log-state.js';
import { CommandJudge } from './check-commands.js';
import type { TrapCode } from './traps.js';

/** A MULTI or EXEC at the wrong place: what ends the file for redis-check-aof. */
export interface Misplaced {
  readonly error: FormatError;
  readonly okUpTo: number;
  /** Line ends before it, and in it as far as redis-check-aof reads. */
  readonly lines: number;
  readonly commandsBefore: number;
}

interface Noted {
  readonly code: TrapCode;
  readonly offset: number;
  count: number;
  readonly subject?: string | undefined;
}

export class CheckHandler implements AofHandler {
  readonly judge: CommandJudge;
  readonly rows: HeadRows;
  /** Line ends, as redis-check-aof counts them: not those of annotations and inside of arguments. */
  lines = 0;
  transactions = 0;
  annotations = 0;
  firstSeconds: number | undefined;
  misplaced: Misplaced | undefined;
  /** Whole commands outside of a transaction that is open. */
  commandsOutside = 0;
  /** Inside the open transaction: a SELECT of what is selected already, which servers write only when they have started. */
  restartOffset = -1;
  /** Passes the commands that the judge has nothing to say about. */
  private readonly scan: CommandScan | undefined;
  private readonly noted = new Map<TrapCode, Noted>();
  /** That of the driver, kept at hand: this is asked for every command. */
  private state: LogState | undefined;
  private unended = -1;
  private isLastUnended = false;

  constructor(
    target: Target | undefined,
    private readonly driver: () => AofDriver,
    window: Window,
  ) {
    this.scan = window.kernels && new CommandScan(window.kernels);
    this.judge = new CommandJudge(target, this.scan);
    this.rows = new HeadRows(target);
  }

  rdbHead(): RowHandler {
    return this.rows;
  }

  rdbOpened(_driver: RdbDriver): void {}

  command(view: CommandView): void {
    this.state ??= this.driver().state;
    const { state } = this;
    if (view.control !== CONTROL.NONE) this.control(view);
    this.judge.judge(view, state.multiOffset >= 0);
    this.lines += 1 + 2 * view.argc;
    if (state.multiOffset < 0 && view.control !== CONTROL.MULTI) this.commandsOutside++;
    this.isLastUnended = false;
  }

  bulk(window: Window, state: LogState): void {
    const { scan } = this;
    if (!scan?.run(window, state)) return;
    this.lines += scan.commands + 2 * scan.arguments;
    if (!state.inTransaction) this.commandsOutside += scan.commands;
    this.transactions += scan.transactions;
    this.isLastUnended = false;
  }

  annotation(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { state, window } = this.driver();
    this.annotations++;
    this.note('ANNOTATIONS', offset);
    this.isLastUnended = end === window.end && window.ended;
    this.unended = offset;
    if (bytes[start] !== 0x54 || bytes[start + 1] !== 0x53 || bytes[start + 2] !== 0x3a) return;
    const seconds = decodeTimestamp(bytes, start, end);
    if (this.isLastUnended) return;
    const isEnded = end + 1 < window.end && bytes[end] === 0x0d;
    if (seconds === undefined || !isEnded) this.note('MALFORMED_TIMESTAMP', offset);
    if (state.inTransaction) this.note('TIMESTAMP_IN_TRANSACTION', offset);
    if (seconds === undefined) return;
    if (state.timeSeconds !== undefined && seconds < state.timeSeconds) this.note('CLOCK_WENT_BACK', offset);
    this.firstSeconds ??= seconds;
  }

  odd(offset: number): void {
    this.note('ODD_FORM', offset);
  }

  full(): boolean {
    return false;
  }

  /** The file has been read to its end. */
  end(): void {
    if (this.isLastUnended) this.note('UNENDED_ANNOTATION', this.unended);
  }

  found(): readonly Noted[] {
    return [...this.noted.values()];
  }

  /** What is in the open transaction is half of an old one, and commands of a later run. */
  noteHalf(): void {
    this.note('HALF_TRANSACTION', this.driver().state.multiOffset);
  }

  private control(view: CommandView): void {
    const { state } = this.driver();
    if (view.control === CONTROL.SELECT) {
      const isRepeated = state.isSelected && decodeSelect(view) === state.db;
      if (state.inTransaction && this.restartOffset < 0 && isRepeated) this.restartOffset = view.offset;
    } else if (view.control === CONTROL.EXEC) {
      if (state.inTransaction) this.endTransaction();
      else this.misplace('STRAY_EXEC', 'EXEC outside of a transaction', view);
    } else if (state.inTransaction) {
      this.misplace('NESTED_MULTI', 'MULTI inside a transaction', view);
      if (this.restartOffset >= 0) this.noteHalf();
    } else {
      this.restartOffset = -1;
    }
  }

  private endTransaction(): void {
    this.transactions++;
    // Those between are known only now to be inside a whole transaction.
    this.commandsOutside = this.driver().state.commands + 1;
    this.restartOffset = -1;
  }

  private misplace(code: TrapCode, what: string, view: CommandView): void {
    const { state } = this.driver();
    this.note(code, view.offset);
    this.misplaced ??= {
      error: new FormatError('NESTED_TRANSACTION', what, view.offset),
      okUpTo: state.okUpTo,
      // Its own number, and the name's two.
      lines: this.lines + 3,
      commandsBefore: this.commandsOutside,
    };
  }

  private note(code: TrapCode, offset: number, subject?: string): void {
    const known = this.noted.get(code);
    if (known === undefined) this.noted.set(code, { code, offset, count: 1, subject });
    else known.count++;
  }
}

/** Counts the keys of a dump at the head, and says what of it the target does not read. */
class HeadRows implements RowHandler {
  keys = 0;
  readonly warnings: RdbWarning[] = [];
  private unreadType = -1;

  constructor(private readonly target: Target | undefined) {}

  record(): void {}

  key(rows: RowTable, row: number): void {
    this.keys++;
    this.look(rows, row);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    this.keys++;
    this.look(rows, row);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(warning: RdbWarning): void {
    this.warnings.push(warning);
  }

  full(): boolean {
    return false;
  }

  unread(magic: 'REDIS' | 'VALKEY', version: number): string | undefined {
    const { target, unreadType } = this;
    if (target === undefined || (magic === 'VALKEY' && target.magic === 'REDIS')) return undefined;
    if (magic === target.magic && version > target.version)
      return `it has version ${version}, and the server reads up to ${target.version}`;
    return unreadType < 0 ? undefined : `it has values of type ${unreadType}`;
  }

  private look(rows: RowTable, row: number): void {
    const { target } = this;
    if (target === undefined || this.unreadType >= 0) return;
    const type = rows.kind[row]!;
    if (!target.types.has(type)) this.unreadType = type;
  }
}

/** Finds where a file is to be cut: the handler under truncate.ts. */
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import { CONTROL, type CommandView } from '../command-view.js';
import type { AofDriver, AofHandler } from '../driver.js';
import { decodeTimestamp } from '../log-state.js';
import { NoSuchPointError, type TruncatePoint } from './truncate-point.js';

export class CutFinder implements AofHandler {
  /** Offset at which the file is cut, never inside a transaction; −1 where nothing in it is later than the point. */
  cutAt = -1;
  /** Whole commands before the cut. */
  commandsBefore = 0;
  /** Whole commands outside of a transaction that is open. */
  commandsOutside = 0;
  /** Matching commands so far, those of earlier files included. */
  found: number;
  /** Of the last annotation before the cut. */
  lastSeconds: number | undefined;
  /** Of an annotation with which the file begins. */
  headSeconds: number | undefined;
  hasTimes = false;
  private readonly head = new HeadRecords();

  constructor(
    private readonly point: TruncatePoint,
    /** An offset counts in this file. */
    private readonly isHere: boolean,
    found: number,
    private readonly driver: () => AofDriver,
  ) {
    this.found = found;
  }

  /** The `ctime` of a dump at the head, Unix seconds. */
  get createdSeconds(): number | undefined {
    return this.head.createdSeconds;
  }

  rdbHead(): RowHandler {
    return this.head;
  }

  rdbOpened(_driver: RdbDriver): void {}

  command(view: CommandView): void {
    const { state } = this.driver();
    if (this.cutAt >= 0) return;
    if (this.isLater(view)) this.cutBefore(view.offset);
    else if (view.control === CONTROL.EXEC && state.inTransaction) this.commandsOutside = state.commands + 1;
    else if (!state.inTransaction && view.control !== CONTROL.MULTI) this.commandsOutside++;
  }

  annotation(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { window } = this.driver();
    const seconds = decodeTimestamp(bytes, start, end);
    if (seconds !== undefined) {
      this.hasTimes = true;
      if (offset === 0) this.headSeconds = seconds;
    }
    if (this.cutAt >= 0) return;
    const { point } = this;
    if (point.kind === 'offset' && this.isHere && window.offset > point.offset) this.cutBefore(offset);
    else if (point.kind === 'time' && seconds !== undefined && seconds > point.seconds) this.cutBefore(offset);
    else this.lastSeconds = seconds ?? this.lastSeconds;
  }

  full(): boolean {
    return false;
  }

  /** The file has been read as far as it goes. */
  finish(): void {
    const { point, isHere } = this;
    if (point.kind !== 'offset' || !isHere) return;
    const { state, rdbBytes } = this.driver();
    if (point.offset < rdbBytes)
      throw new NoSuchPointError(
        `offset ${point.offset} is inside the dump at the head of the file`,
        `its commands begin at ${rdbBytes}`,
        'offset',
      );
    if (this.cutAt < 0) {
      this.cutAt = state.okUpTo;
      this.commandsBefore = this.commandsOutside;
    }
  }

  /** Before the item at `offset`, or before the transaction that it stands in. */
  private cutBefore(offset: number): void {
    const { state } = this.driver();
    this.cutAt = state.inTransaction ? state.multiOffset : offset;
    this.commandsBefore = state.inTransaction ? this.commandsOutside : state.commands;
  }

  private isLater(view: CommandView): boolean {
    const { point } = this;
    if (point.kind === 'offset') return this.isHere && view.endOffset > point.offset;
    if (point.kind !== 'command' || !this.matches(view, point.args)) return false;
    this.found++;
    return this.found === point.nth;
  }

  private matches(view: CommandView, args: readonly Uint8Array[]): boolean {
    if (view.argc < args.length) return false;
    return args.every((arg, index) => isEqual(view, index, arg, index === 0));
  }
}

function isEqual(view: CommandView, index: number, wanted: Uint8Array, inAnyCase: boolean): boolean {
  if (view.isElided(index) || view.size(index) !== wanted.length) return false;
  const start = view.start(index);
  for (let at = 0; at < wanted.length; at++) {
    const left = view.bytes[start + at]!;
    const right = wanted[at]!;
    if (left !== right && !(inAnyCase && isLetter(left) && (left ^ right) === 0x20)) return false;
  }
  return true;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Looks for the time at which a dump was made. */
class HeadRecords implements RowHandler {
  createdSeconds: number | undefined;

  record(record: RdbRecord): void {
    if (record.kind !== 'aux') return;
    const name = String.fromCharCode(...record.name.subarray(0, 16));
    if (name !== 'ctime') return;
    const seconds = Number(String.fromCharCode(...record.value.subarray(0, 16)));
    if (Number.isSafeInteger(seconds)) this.createdSeconds = seconds;
  }

  key(): void {}

  largeStart(): LargeRequest {
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}
  warning(): void {}

  full(): boolean {
    return false;
  }
}

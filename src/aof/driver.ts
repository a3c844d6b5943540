/**
 * The driver of an append-only file: window in, items out. As with the driver of dumps nothing in it waits: whoever feeds
 * it calls {@link AofDriver.advance} until it says `need`, refills the window, and calls again.
 *
 * A file may begin with a whole dump (aof-format.md §3); the dump's own driver reads that, over the same window.
 */
import { FormatError, TruncatedError } from '../bytes/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../bytes/limits.js';
import type { Window } from '../bytes/window.js';
import { type Progress, RdbDriver, type RowHandler } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import { NO_SINK } from '../rdb/no-sink.js';
import { CommandView } from './command-view.js';
import { HOLD_KEYS, type Holding, LargeCommand } from './large-command.js';
import { LogState } from './log-state.js';
import { controlOf, ITEM, ItemScanner } from './scanner.js';

/** Who receives items. `driver.state` is as it was before the item. */
export interface AofHandler {
  /** Valid during the call. */
  command(view: CommandView): void;
  /** The text of a line between commands, without `#` and line end: `bytes[start, end)`; it began at `offset`. */
  annotation(bytes: Uint8Array, start: number, end: number, offset: number): void;
  /**
   * Many at once: takes commands of which nothing has to be said from the window's position on, moves that, and the state by way of
   * {@link LogState.passed}. It stops in front of whatever else there is.
   */
  bulk?(window: Window, state: LogState): void;
  /** The file begins with a dump: who receives its rows. They are passed over, the checksum compared, where nobody does. */
  rdbHead?(): RowHandler | undefined;
  /** The driver that feeds the handler of {@link rdbHead}, before its first row. */
  rdbOpened?(driver: RdbDriver): void;
  /** A command or annotation in a form that no server writes, though it is read. */
  odd?(offset: number): void;
  /** True asks {@link AofDriver.advance} to return `pause`. */
  full(): boolean;
}

export interface AofDriverOptions {
  readonly holding?: Holding;
  readonly limits?: Partial<Limits>;
  /** Compare the CRC-64 of a dump at the head. Default: true. */
  readonly checksum?: boolean;
  /** Hold the values of a dump at the head against every rule. Default: false. */
  readonly deep?: boolean;
}

/** A command that takes more is not waited for as a whole. */
export const LARGE_COMMAND_BYTES = 1024 * 1024 - 64;
const MAGIC_BYTES = 6;
const HASH = 0x23;
const LF = 0x0a;

export class AofDriver {
  readonly state = new LogState();
  /** Bytes that must be in the window, from its position on, before {@link advance} can go on. */
  wanted = 1;
  /** The driver of the dump at the head, once it is known that there is one. */
  rdb: RdbDriver | undefined;
  /** Size in bytes of the dump at the head; 0 without. */
  rdbBytes = 0;

  private readonly scanner = new ItemScanner();
  private readonly view = new CommandView();
  private large: LargeCommand | undefined;
  private phase: 'head' | 'rdb' | 'items' | 'done' = 'head';

  constructor(
    readonly window: Window,
    private readonly handler: AofHandler,
    private readonly options: AofDriverOptions = {},
  ) {}

  /** Of a command larger than the window that was begun and is not whole: the lines that were read; 0 where none is open. */
  get linesOfLarge(): number {
    return this.large?.lines ?? 0;
  }

  /** File offset of the item that comes next, or that is not whole. */
  get itemOffset(): number {
    return this.large?.offset ?? this.window.offset;
  }

  /** Works on what the window holds. Throws FormatError and its kin, with file offsets. */
  advance(): Progress {
    for (;;) {
      const progress = this.advancePhase();
      if (progress !== undefined) return progress;
    }
  }

  private advancePhase(): Progress | undefined {
    switch (this.phase) {
      case 'head':
        return this.readHead();
      case 'rdb':
        return this.readRdb();
      case 'items':
        return this.large === undefined ? this.readItems() : this.readLarge(this.large);
      case 'done':
        return 'done';
    }
  }

  private readHead(): Progress | undefined {
    const { window, options } = this;
    if (window.available < MAGIC_BYTES && !window.ended) return this.need(MAGIC_BYTES);
    if (!isRdbMagic(window.bytes, window.pos, window.end)) {
      this.phase = 'items';
      return undefined;
    }
    const rows = this.handler.rdbHead?.() ?? new PassingRows();
    const { checksum = true, deep = false, limits = {} } = options;
    this.rdb = new RdbDriver(window, rows, { checksum, deep, limits, leavesTail: true });
    this.handler.rdbOpened?.(this.rdb);
    this.phase = 'rdb';
    return undefined;
  }

  private readRdb(): Progress | undefined {
    const rdb = this.rdb!;
    const progress = rdb.advance();
    if (progress === 'need') return this.need(rdb.wanted);
    if (progress === 'pause') return progress;
    this.rdbBytes = this.window.offset;
    this.state.okUpTo = this.rdbBytes;
    this.phase = 'items';
    return undefined;
  }

  private readItems(): Progress | undefined {
    const { window, scanner, view, handler, state } = this;
    for (;;) {
      handler.bulk?.(window, state);
      const { bytes, pos, end, base } = window;
      if (pos === end) {
        if (!window.ended) return this.need(1);
        this.phase = 'done';
        return 'done';
      }
      const item = this.scan(bytes, pos, end);
      if (item === ITEM.SHORT) return this.short();
      window.pos = scanner.next;
      if (item === ITEM.COMMAND) {
        view.offset = base + pos;
        view.endOffset = base + scanner.next;
        view.control = controlOf(view);
        if (scanner.isOdd) handler.odd?.(base + pos);
        handler.command(view);
        state.command(view);
      } else {
        handler.annotation(bytes, scanner.textStart, scanner.textEnd, base + pos);
        state.annotation(bytes, scanner.textStart, scanner.textEnd, base + scanner.next);
        if (bytes[scanner.next - 1] !== LF) state.unendedOffset = base + pos;
      }
      if (handler.full()) return 'pause';
    }
  }

  private scan(bytes: Uint8Array, pos: number, end: number): number {
    try {
      return this.scanner.scan(bytes, pos, end, this.window.ended, this.view);
    } catch (error) {
      throw this.located(error);
    }
  }

  /** The item at the window's position is not whole. */
  private short(): Progress | undefined {
    const { window, scanner } = this;
    const wanted = scanner.wanted - window.pos;
    // The last annotation of a file may do without its line end: whether it does is seen at the end.
    if (window.bytes[window.pos] === HASH) return this.need(wanted);
    this.expect(wanted, window.offset);
    if (wanted <= LARGE_COMMAND_BYTES) return this.need(wanted);
    const offset = window.offset;
    const argc = scanner.count(window.bytes, window.pos, window.end);
    if (argc < 0) return this.need(scanner.wanted - window.pos);
    window.pos = scanner.next;
    const { maxBlobBytes } = { ...DEFAULT_LIMITS, ...this.options.limits };
    const holding = this.options.holding ?? HOLD_KEYS;
    const bounded = { ...holding, maxBytes: Math.min(holding.maxBytes, maxBlobBytes) };
    this.large = new LargeCommand(window, scanner, this.view, argc, offset, bounded);
    return undefined;
  }

  private readLarge(large: LargeCommand): Progress | undefined {
    const { handler, view, state } = this;
    if (!this.stepLarge(large)) {
      this.expect(large.wanted, large.offset);
      return this.need(large.wanted);
    }
    this.large = undefined;
    view.control = controlOf(view);
    handler.command(view);
    state.command(view);
    return handler.full() ? 'pause' : undefined;
  }

  private stepLarge(large: LargeCommand): boolean {
    try {
      return large.step();
    } catch (error) {
      throw this.located(error);
    }
  }

  /** Throws where `wanted` bytes can never arrive; the item at `offset` is the one that is cut. */
  private expect(wanted: number, offset: number): void {
    const { window } = this;
    const left = window.ended ? window.available : (window.totalBytes ?? Infinity) - window.offset;
    if (wanted <= left) return;
    const size = window.ended ? window.base + window.end : window.totalBytes;
    throw new TruncatedError(`the log ends at ${size} inside a command`, offset);
  }

  private located(error: unknown): unknown {
    return error instanceof FormatError ? error.shift(this.window.base) : error;
  }

  private need(wanted: number): Progress {
    this.wanted = wanted;
    return 'need';
  }
}

/** Whether a file that begins with these bytes has a dump at its head (aof-format.md §3). */
export function isRdbMagic(bytes: Uint8Array, pos: number, end: number): boolean {
  return isText(bytes, pos, end, 'REDIS') || isText(bytes, pos, end, 'VALKEY');
}

function isText(bytes: Uint8Array, pos: number, end: number, text: string): boolean {
  if (end - pos < text.length) return false;
  for (let at = 0; at < text.length; at++) if (bytes[pos + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** Looks at nothing. */
class PassingRows implements RowHandler {
  record(): void {}
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

/**
 * A command that is larger than the window: read argument by argument, holding no more of it than somebody wants.
 *
 * What is held is copied together, so that the handler gets the same kind of view as for every other command.
 */
import { FormatError, LimitError } from '../bytes/errors.js';
import type { Window } from '../bytes/window.js';
import type { CommandView } from './command-view.js';
import type { ItemScanner } from './scanner.js';

const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const LINE_END_SIZE = 2;
/** What a line `$<size>\r\n` takes at most. */
const MAX_LINE = 128;

/** How much of a command beyond the window a reader wants to hold. */
export interface Holding {
  /** Longer arguments are elided. */
  readonly maxArgumentBytes: number;
  /** Where the arguments that are held take more than this, those that follow are only counted. */
  readonly maxBytes: number;
  /** A command that does not fit is a LimitError, in place of one of which something is missing. */
  readonly isStrict: boolean;
}

/** Names, keys and options: what most questions need. */
export const HOLD_KEYS: Holding = { maxArgumentBytes: 64 * 1024, maxBytes: 64 * 1024 * 1024, isStrict: false };
/** Only what a command is. */
export const HOLD_NAMES: Holding = { maxArgumentBytes: 1024, maxBytes: 64 * 1024, isStrict: false };

export class LargeCommand {
  /** Bytes that must be in the window, from its position on, before {@link step} can go on. */
  wanted = 1;
  /** File offset of the command. */
  readonly offset: number;
  private held = new Uint8Array(64 * 1024);
  private heldBytes = 0;
  private index = 0;
  private isFull = false;
  /** Of the argument in the middle of which we are, its line end included; −1 between arguments. */
  private left = -1;
  private isHolding = false;

  /** The window stands behind the line `*<argc>\r\n` that began at `offset`. */
  constructor(
    private readonly window: Window,
    private readonly scanner: ItemScanner,
    private readonly view: CommandView,
    argc: number,
    offset: number,
    private readonly holding: Holding,
  ) {
    this.offset = offset;
    view.argc = argc;
    view.held = 0;
  }

  /** Line ends so far, those inside of arguments not counted. */
  get lines(): number {
    return 1 + 2 * this.index + (this.left < 0 ? 0 : 1);
  }

  /** Reads on; true when the command is whole and the view set. False asks for {@link wanted} bytes. */
  step(): boolean {
    const { window, view } = this;
    for (;;) {
      if (this.left < 0) {
        if (this.index === view.argc) break;
        if (!this.beginArgument()) return false;
      }
      if (!this.readArgument()) return false;
    }
    view.bytes = this.held;
    view.offset = this.offset;
    view.endOffset = window.offset;
    return true;
  }

  private beginArgument(): boolean {
    const { window, scanner } = this;
    const size = scanner.number(window.bytes, window.pos, window.end, DOLLAR);
    if (size < 0) {
      this.wanted = Math.min(scanner.wanted - window.pos, MAX_LINE);
      return false;
    }
    window.pos = scanner.next;
    this.left = size + LINE_END_SIZE;
    this.note(size);
    return true;
  }

  /** Decides whether the argument is held, and notes where. */
  private note(size: number): void {
    const { view, holding } = this;
    this.isFull ||= this.heldBytes + Math.min(size, holding.maxArgumentBytes) > holding.maxBytes;
    this.isHolding = !this.isFull && size <= holding.maxArgumentBytes;
    if (holding.isStrict && !this.isHolding) {
      throw new LimitError(
        'LIMIT_BLOB',
        `a command of more than maxBlobBytes, ${holding.maxBytes} bytes`,
        this.window.pos,
      );
    }
    if (this.isFull) return;
    let { ranges } = view;
    const slot = this.index * 2;
    if (slot === ranges.length) ranges = view.grow();
    ranges[slot] = this.isHolding ? this.heldBytes : -1 - size;
    ranges[slot + 1] = this.heldBytes + (this.isHolding ? size : 0);
    view.held = this.index + 1;
  }

  private readArgument(): boolean {
    const { window } = this;
    const payload = Math.min(this.left - LINE_END_SIZE, window.available);
    if (payload > 0) {
      if (this.isHolding) this.hold(window.pos, window.pos + payload);
      window.pos += payload;
      this.left -= payload;
    }
    if (this.left > LINE_END_SIZE || window.available < LINE_END_SIZE) {
      // As much as comes: nobody needs the rest at once.
      this.wanted = this.left > LINE_END_SIZE ? 1 : LINE_END_SIZE;
      return false;
    }
    const { bytes, pos } = window;
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF)
      throw new FormatError('BAD_COMMAND', 'an argument that is not followed by CR LF', pos);
    window.pos += LINE_END_SIZE;
    this.left = -1;
    this.index++;
    return true;
  }

  private hold(start: number, end: number): void {
    const size = this.heldBytes + end - start;
    if (size > this.held.length) {
      const grown = new Uint8Array(Math.max(size, this.held.length * 2));
      grown.set(this.held.subarray(0, this.heldBytes));
      this.held = grown;
    }
    this.held.set(this.window.bytes.subarray(start, end), this.heldBytes);
    this.heldBytes = size;
  }
}

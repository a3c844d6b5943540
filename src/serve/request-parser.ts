/**
 * What clients send, taken apart: commands as RESP arrays of bulk strings, or in one line as people type them. Bytes come in
 * pieces of any size; what is there is parsed at once, and what is not whole waits.
 *
 * Limits and texts are the server's (networking.c of 7.0 as it answers; aof-format.md does not concern itself with clients).
 */
import { type ByteString, toByteString } from '../bytes/byte-string.js';
import { splitArguments } from '../bytes/split-arguments.js';
import { PieceText } from './piece-text.js';

/** A client has broken the protocol: it gets this as an error reply, and the connection ends. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

export interface RequestLimits {
  /** Until it has given a password a client may send little. */
  readonly connection: { readonly isAuthenticated: boolean };
  readonly config: {
    /** `proto-max-bulk-len` */
    readonly maxBulkBytes: number;
  };
}

/** A line of a request: a command typed, a count, a size. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_ARGUMENTS = 2 ** 31 - 1;
const MAX_UNKNOWN_ARGUMENTS = 10;
const MAX_UNKNOWN_BULK = 16 * 1024;
/** V8's longest string, which a server's longest bulk (512 MiB) exceeds by 24 bytes. */
const MAX_STRING = 2 ** 29 - 24;
/** Memory of less than this is not worth giving back while a part of it is in use. */
const SMALL_BYTES = 512;
/** The digits of the greatest count or size that there is, with a sign. */
const MAX_DIGITS = 20;

/** What an argument takes beside its bytes, at least: there may be millions of empty ones. */
const ARGUMENT_BYTES = 16;

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NOTHING = new Uint8Array(0);

export class RequestParser {
  /** Bytes that wait are `bytes[start, end)`. */
  private bytes: Uint8Array = NOTHING;
  private start = 0;
  private end = 0;
  /** The memory is ours to write to, not that of the last piece. */
  private isOwn = true;
  private readonly text = new PieceText();
  /** Of the command in hand: arguments that are still to come; −1 between commands. */
  private left = -1;
  private args: ByteString[] = [];
  private argBytes = 0;
  /** Size of the argument in hand; −1 before its line is there. */
  private bulk = -1;
  /** Of bytes that wait: those of the line in hand that hold no line end. */
  private searched = 0;
  /** Where the last command begins, or the one in hand. */
  private begun = 0;

  constructor(private readonly limits: RequestLimits) {}

  /** Bytes that wait for the rest of a command, and arguments that do. */
  get pendingBytes(): number {
    return this.end - this.start + this.argBytes;
  }

  /** As {@link pendingBytes}, with the command that was given last, as long as no other one was looked for. */
  get heldBytes(): number {
    return this.end - this.begun;
  }

  /** Takes bytes, which nobody may change afterwards: they are parsed where they are. */
  push(piece: Uint8Array): void {
    this.text.forget();
    if (this.start === this.end) {
      this.use(piece, piece.length, false);
      return;
    }
    this.reserve(piece.length);
    this.bytes.set(piece, this.end);
    this.end += piece.length;
    this.begun = this.start;
  }

  /** The next whole command, which is never empty; undefined while there is none. Throws ProtocolError. */
  next(): ByteString[] | undefined {
    this.begun = this.start;
    while (this.start < this.end) {
      if (this.left < 0 && this.bytes[this.start] !== STAR) {
        const args = this.inline();
        if (args === undefined) break;
        if (args.length > 0) return args;
        continue;
      }
      if (this.left < 0 && !this.beginArray()) break;
      if (this.left < 0) continue;
      if (!this.readArguments()) break;
      const { args } = this;
      this.args = [];
      this.argBytes = 0;
      this.left = -1;
      return args;
    }
    this.release();
    this.begun = this.start;
    return undefined;
  }

  /** A command in one line, perhaps an empty one; undefined while its line is not whole. */
  private inline(): ByteString[] | undefined {
    const { start } = this;
    const found = this.find(LF, 'too big inline request');
    if (found < 0) return undefined;
    this.start = found + 1;
    const end = found > start && this.bytes[found - 1] === CR ? found - 1 : found;
    const words = splitArguments(this.bytes.subarray(start, end));
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request');
    return words.map((word) => toByteString(word));
  }

  /** False where its line is not whole. An array of nothing is passed over. */
  private beginArray(): boolean {
    const count = this.integer('too big mbulk count string');
    if (count === undefined) return false;
    if (!(count <= MAX_ARGUMENTS)) throw new ProtocolError('invalid multibulk length');
    if (count > MAX_UNKNOWN_ARGUMENTS && !this.limits.connection.isAuthenticated)
      throw new ProtocolError('unauthenticated multibulk length');
    if (count > 0) this.left = count;
    return true;
  }

  /** False where not all are there. */
  private readArguments(): boolean {
    for (; this.left > 0; this.left--) {
      if (this.bulk < 0 && !this.beginBulk()) return false;
      const { bulk, start } = this;
      if (this.end - start < bulk + 2) return false;
      this.args.push(this.text.slice(this.bytes, start, start + bulk, this.end));
      this.argBytes += bulk + ARGUMENT_BYTES;
      this.start = start + bulk + 2;
      this.bulk = -1;
    }
    return true;
  }

  private beginBulk(): boolean {
    if (this.start === this.end) return false;
    const first = this.bytes[this.start]!;
    if (first !== DOLLAR) throw new ProtocolError(`expected '$', got '${String.fromCharCode(first)}'`);
    const size = this.integer('too big bulk count string');
    if (size === undefined) return false;
    const most = Math.min(this.limits.config.maxBulkBytes, MAX_STRING);
    if (!(size >= 0 && size <= most)) throw new ProtocolError('invalid bulk length');
    if (size > MAX_UNKNOWN_BULK && !this.limits.connection.isAuthenticated)
      throw new ProtocolError('unauthenticated bulk length');
    this.bulk = size;
    return true;
  }

  /**
   * The number behind the mark of the line at the start, which is passed; NaN where it is none, undefined while the line is not
   * whole. Its end is a CR and one more byte, whatever that is.
   */
  private integer(tooBig: string): number | undefined {
    const { bytes, start, end } = this;
    const most = Math.min(end - 1, start + MAX_DIGITS + 1);
    let at = start + 1;
    while (at < most && bytes[at] !== CR) at++;
    if (bytes[at] !== CR || at >= end) {
      at = this.find(CR, tooBig);
      if (at < 0) return undefined;
    }
    if (at + 2 > end) return undefined;
    this.searched = 0;
    this.start = at + 2;
    return integerIn(bytes, start + 1, at);
  }

  /** Where the byte is that ends the line at the start; negative while it is not there. Throws ProtocolError for a long line. */
  private find(byte: number, tooBig: string): number {
    const { bytes, start, end } = this;
    const found = bytes.subarray(0, end).indexOf(byte, start + this.searched);
    if (found < 0) {
      if (end - start > MAX_LINE_BYTES) throw new ProtocolError(tooBig);
      this.searched = end - start;
      return found;
    }
    this.searched = 0;
    return found;
  }

  /** Makes room behind what waits: twice as much each time, but no more than what is known to come. */
  private reserve(size: number): void {
    const waiting = this.end - this.start;
    const wanted = waiting + size;
    if (this.isOwn && this.end + size <= this.bytes.length) return;
    const expected = this.bulk < 0 ? Infinity : this.bulk + 2;
    const target = new Uint8Array(Math.max(wanted, Math.min(wanted * 2, expected)));
    target.set(this.bytes.subarray(this.start, this.end));
    this.use(target, waiting, true);
  }

  /** Gives back memory of which the greater part has been parsed, or all. */
  private release(): void {
    const waiting = this.end - this.start;
    if (waiting === 0) this.use(NOTHING, 0, true);
    else if (waiting * 2 < this.bytes.length && this.bytes.length > SMALL_BYTES && (!this.isOwn || this.start > 0))
      this.use(this.bytes.slice(this.start, this.end), waiting, true);
  }

  private use(bytes: Uint8Array, waiting: number, isOwn: boolean): void {
    this.text.forget();
    this.bytes = bytes;
    this.start = 0;
    this.end = waiting;
    this.isOwn = isOwn;
  }
}

/** `bytes[start, end)` as an integer as servers write them, without a sign that means nothing or zeros in front; NaN where it is none. */
function integerIn(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS && start < end;
  const first = isNegative ? start + 1 : start;
  if (first === end || end - first >= MAX_DIGITS) return Number.NaN;
  if (bytes[first] === ZERO && (isNegative || end - first > 1)) return Number.NaN;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

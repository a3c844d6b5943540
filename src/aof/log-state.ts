/** What a log's items say about those that follow: database, transaction, time (aof-format.md §1.1 to §1.3). */
import { FormatError } from '../bytes/errors.js';
import { CONTROL, type CommandView } from './command-view.js';

const ZERO = 0x30;

/**
 * The state of one file before the item that a handler is given. Every file begins anew (a transaction cannot span
 * files, and its database is 0).
 */
export class LogState {
  db = 0;
  /** A SELECT has said so; servers write one before the first command of every file. */
  isSelected = false;
  /** File offset of the MULTI of the transaction that is open; −1 outside. Nested ones, which servers ignore, do not count. */
  multiOffset = -1;
  /** Of the last `#TS` annotation, Unix seconds. */
  timeSeconds: number | undefined;
  /** Offset behind the last whole item outside a transaction: what redis-check-aof calls ok_up_to. */
  okUpTo = 0;
  /** Where an annotation begins that the file ends in, without a line end; −1 where there is none. Loaders let it pass. */
  unendedOffset = -1;
  /** Commands so far, control commands included. */
  commands = 0;

  get inTransaction(): boolean {
    return this.multiOffset >= 0;
  }

  /** Behind a command. */
  command(view: CommandView): void {
    this.commands++;
    if (view.control !== CONTROL.NONE) this.controlled(view);
    if (this.multiOffset < 0) this.okUpTo = view.endOffset;
  }

  /** Behind so many commands, transactions as a whole among them; `db` is the one that was selected last, or −1. */
  passed(commands: number, endOffset: number, db: number): void {
    this.commands += commands;
    if (db >= 0) {
      this.db = db;
      this.isSelected = true;
    }
    if (this.multiOffset < 0) this.okUpTo = endOffset;
  }

  /** Behind an annotation, whose text is `bytes[start, end)`. */
  annotation(bytes: Uint8Array, start: number, end: number, endOffset: number): void {
    const seconds = decodeTimestamp(bytes, start, end);
    if (seconds !== undefined) this.timeSeconds = seconds;
    if (this.multiOffset < 0) this.okUpTo = endOffset;
  }

  private controlled(view: CommandView): void {
    if (view.control === CONTROL.MULTI) {
      if (this.multiOffset < 0) this.multiOffset = view.offset;
    } else if (view.control === CONTROL.EXEC) {
      this.multiOffset = -1;
    } else {
      const db = decodeSelect(view);
      // What is no number is refused by the server, which stays where it is.
      if (db === undefined) return;
      this.db = db;
      this.isSelected = true;
    }
  }
}

/** That a file ends in the middle of a transaction: what servers drop. */
export function openTransaction({ multiOffset }: LogState): FormatError {
  return new FormatError('OPEN_TRANSACTION', 'the log ends inside a transaction, which never happened', multiOffset);
}

/** The Unix seconds of `TS:<seconds>`, an annotation's text; undefined for others, also malformed ones. */
export function decodeTimestamp(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (bytes[start] !== 0x54 || bytes[start + 1] !== 0x53 || bytes[start + 2] !== 0x3a) return undefined;
  return decodeDigits(bytes, start + 3, end);
}

/** The database that a SELECT names; undefined for what is none. */
export function decodeSelect(view: CommandView): number | undefined {
  return view.argc === 2 && !view.isElided(1) ? decodeDigits(view.bytes, view.start(1), view.end(1)) : undefined;
}

function decodeDigits(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end <= start || end - start > 15) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

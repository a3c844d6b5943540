/** One command of a log, as handlers see it. */
import { copyBytes } from '../bytes/slice.js';
import type { CommandWords } from './command-words.js';

/** What matters to whoever keeps the state of a log. */
export const CONTROL = { NONE: 0, MULTI: 1, EXEC: 2, SELECT: 3 } as const;
export type Control = (typeof CONTROL)[keyof typeof CONTROL];

/**
 * A command, borrowed: argument `i`, the name being 0, is `bytes[starts(i), ends(i))`, valid during the call only.
 *
 * A command larger than the window is not held whole: arguments longer than the reader asked for are *elided*, which
 * leaves them their size but no bytes, and beyond the reader's budget arguments are only counted (`held` < `argc`).
 */
export class CommandView implements CommandWords {
  bytes: Uint8Array = new Uint8Array(0);
  /** Arguments, the name included. */
  argc = 0;
  /** Arguments of which {@link start} and {@link end} may be asked: all of them, but for giants. */
  held = 0;
  /** Start and end of each argument in turn; an elided one has its start at −1 − size. */
  ranges: Int32Array<ArrayBuffer> = new Int32Array(128);
  /** File offset of the `*`. */
  offset = 0;
  /** File offset behind the command. */
  endOffset = 0;
  control: Control = CONTROL.NONE;

  start(index: number): number {
    return this.ranges[index * 2]!;
  }

  end(index: number): number {
    return this.ranges[index * 2 + 1]!;
  }

  /** Size in bytes of an argument, elided or not. */
  size(index: number): number {
    const start = this.ranges[index * 2]!;
    return start < 0 ? -1 - start : this.ranges[index * 2 + 1]! - start;
  }

  isElided(index: number): boolean {
    return index >= this.held || this.ranges[index * 2]! < 0;
  }

  /** Whether every argument is there. */
  get isWhole(): boolean {
    if (this.held < this.argc) return false;
    for (let index = 0; index < this.held; index++) if (this.ranges[index * 2]! < 0) return false;
    return true;
  }

  /** Bytes that the command takes in the file. */
  get sizeBytes(): number {
    return this.endOffset - this.offset;
  }

  /** A copy of an argument, which the caller may keep. */
  copy(index: number): Uint8Array {
    return copyBytes(this.bytes, this.start(index), this.end(index));
  }

  /** Whether an argument is this word, in any case; `word` is upper case. */
  is(index: number, word: string): boolean {
    if (index >= this.held) return false;
    const start = this.ranges[index * 2]!;
    if (start < 0 || this.ranges[index * 2 + 1]! - start !== word.length) return false;
    for (let at = 0; at < word.length; at++) {
      const byte = this.bytes[start + at]!;
      const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
      if (upper !== word.charCodeAt(at)) return false;
    }
    return true;
  }

  /** A whole number as an argument; 0 for anything else. */
  count(index: number): number {
    if (this.isElided(index)) return 0;
    const end = this.end(index);
    let value = 0;
    for (let at = this.start(index); at < end; at++) {
      const digit = this.bytes[at]! - 0x30;
      if (digit < 0 || digit > 9 || value > 0x7fffffff) return 0;
      value = value * 10 + digit;
    }
    return value;
  }

  /** The name in upper case, for tables and messages; bytes beyond ASCII as Latin-1, at most 64 of them. */
  name(): string {
    if (this.isElided(0)) return '?';
    let name = '';
    const stop = Math.min(this.end(0), this.start(0) + MAX_NAME);
    for (let at = this.start(0); at < stop; at++) name += String.fromCharCode(this.bytes[at]!);
    return name.toUpperCase();
  }

  /** Room for one more pair in {@link ranges}. */
  grow(): Int32Array<ArrayBuffer> {
    const grown = new Int32Array(this.ranges.length * 2);
    grown.set(this.ranges);
    this.ranges = grown;
    return grown;
  }
}

const MAX_NAME = 64;

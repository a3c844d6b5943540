/**
 * The items of an append-only file: commands and annotations (aof-format.md §1).
 *
 *     *2\r\n$3\r\nGET\r\n$1\r\nk\r\n      a command: RESP array of bulk strings
 *     2a 32 0d 0a 24 33 0d 0a …
 *     #TS:1700000000\r\n                  an annotation
 *
 * Writers emit numbers without sign or padding and CRLF everywhere, and that is what the fast path reads. What
 * redis-check-aof takes beside it (blanks, a plus sign, leading zeros, an empty size) is read too, and marked as odd.
 * What it refuses is an error here; so is a command without arguments, which it takes and every server refuses.
 */
import { FormatError } from '../bytes/errors.js';
import { CONTROL, type CommandView, type Control } from './command-view.js';

const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const HASH = 0x23;
const DOLLAR = 0x24;
const STAR = 0x2a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;

/** `short`: the bytes end inside the item, and {@link ItemScanner.wanted} is the least position that must be there. */
export const ITEM = { SHORT: 0, COMMAND: 1, ANNOTATION: 2 } as const;
export type Item = (typeof ITEM)[keyof typeof ITEM];

/** A number's line has at most this: redis-check-aof reads into 128 bytes, one of which ends the text. */
const MAX_NUMBER_LINE = 127;
/** Annotations likewise: 1,024 bytes, one of which ends the text. */
export const MAX_ANNOTATION_LINE = 1023;
/** `$` and the digits that a safe integer has, and the line end. */
const FAST_LINE = 18;
const MAX_COUNT = 0x7fffffff;
const NO_BYTES = new Uint8Array(0);
/** `$d\r\n` and `$dd\r` as words, little endian, the digits left out. */
const ONE_DIGIT = 0x0a0d0024;
const ONE_DIGIT_MASK = 0xffff00ff | 0;
const TWO_DIGITS = 0x0d000024;
const TWO_DIGITS_MASK = 0xff0000ff | 0;

export class ItemScanner {
  /** Position behind the item. */
  next = 0;
  wanted = 0;
  /** The last item of {@link scan} was a command in a form that no server writes. */
  isOdd = false;
  /** Of an annotation: its text, `[textStart, textEnd)`, without `#` and line end. */
  textStart = 0;
  textEnd = 0;
  /** The number of the last line that was read. */
  private value = 0;
  private viewed: Uint8Array = NO_BYTES;
  private words: DataView = new DataView(NO_BYTES.buffer);

  /** The item at `pos`; a command goes to `view`, whose `bytes` and ranges are set. Throws BAD_COMMAND, positions in `bytes`. */
  scan(bytes: Uint8Array, pos: number, end: number, isEnd: boolean, view: CommandView): Item {
    if (pos >= end) return this.short(pos + 1);
    const first = bytes[pos]!;
    if (first === STAR) return this.scanCommand(bytes, pos, end, view);
    if (first === HASH) return this.scanAnnotation(bytes, pos, end, isEnd);
    throw unexpected(bytes, pos, "'*'");
  }

  /**
   * The line `<prefix><number>\r\n` at `pos`: its number, or −1 where the bytes are short ({@link wanted} says of what).
   * Sets {@link next}.
   */
  number(bytes: Uint8Array, pos: number, end: number, prefix: number): number {
    if (pos + FAST_LINE > end || bytes[pos] !== prefix) return this.anyNumber(bytes, pos, end, prefix);
    let at = pos + 1;
    let value = bytes[at]! - ZERO;
    if (value < 0 || value > 9) return this.anyNumber(bytes, pos, end, prefix);
    for (at++; at < pos + FAST_LINE - 2; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (bytes[at] !== CR || bytes[at + 1] !== LF || (bytes[pos + 1] === ZERO && at > pos + 2))
      return this.anyNumber(bytes, pos, end, prefix);
    this.next = at + 2;
    return value;
  }

  /** The number of arguments of the command at `pos`, or −1; throws where a server would refuse it. */
  count(bytes: Uint8Array, pos: number, end: number): number {
    const count = this.number(bytes, pos, end, STAR);
    if (count === 0 || count > MAX_COUNT)
      throw new FormatError('BAD_COMMAND', `a command of ${count} arguments, which servers refuse`, pos);
    return count;
  }

  private scanCommand(bytes: Uint8Array, pos: number, end: number, view: CommandView): Item {
    this.isOdd = false;
    const argc = this.count(bytes, pos, end);
    if (argc < 0) return ITEM.SHORT;
    const words = this.wordsOf(bytes);
    const lastWord = end - 8;
    let { ranges } = view;
    let at = this.next;
    for (let slot = 0; slot < argc * 2; slot += 2) {
      // Four bytes at once: `$`, a digit, CR LF; or `$`, two digits, CR.
      const word = at <= lastWord ? words.getInt32(at, true) : 0;
      let size = ((word >> 8) & 0xff) - ZERO;
      let start = at + 4;
      if ((word & ONE_DIGIT_MASK) !== ONE_DIGIT || size < 0 || size > 9) {
        const second = ((word >> 16) & 0xff) - ZERO;
        const isTwo = (word & TWO_DIGITS_MASK) === TWO_DIGITS && size > 0 && size <= 9 && second >= 0 && second <= 9;
        if (isTwo && bytes[at + 4] === LF) {
          size = size * 10 + second;
          start = at + 5;
        } else {
          size = this.number(bytes, at, end, DOLLAR);
          start = this.next;
        }
      }
      if (size < 0) {
        this.wanted += 6 * (argc - 1 - slot / 2); // Each argument that is still to come takes six bytes at least.
        return ITEM.SHORT;
      }
      const stop = start + size;
      if (stop + 2 > end) return this.short(stop + 2 + 6 * (argc - 1 - slot / 2));
      if (bytes[stop] !== CR || bytes[stop + 1] !== LF) throw noLineEnd(bytes, stop);
      if (slot === ranges.length) ranges = view.grow();
      ranges[slot] = start;
      ranges[slot + 1] = stop;
      at = stop + 2;
    }
    view.bytes = bytes;
    view.argc = argc;
    view.held = argc;
    this.next = at;
    return ITEM.COMMAND;
  }

  /** A view over all of `bytes`; windows stay the same for long. */
  private wordsOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.words;
  }

  private scanAnnotation(bytes: Uint8Array, pos: number, end: number, isEnd: boolean): Item {
    const stop = Math.min(end, pos + MAX_ANNOTATION_LINE);
    const found = bytes.subarray(pos, stop).indexOf(LF);
    if (found < 0) {
      if (stop - pos === MAX_ANNOTATION_LINE)
        throw new FormatError('BAD_ANNOTATION', `an annotation of more than ${MAX_ANNOTATION_LINE} bytes`, pos);
      if (!isEnd) return this.short(end + 1);
    }
    const lineEnd = found < 0 ? end : pos + found;
    this.textStart = pos + 1;
    this.textEnd = found > 0 && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    this.next = found < 0 ? end : lineEnd + 1;
    return ITEM.ANNOTATION;
  }

  /** What is beside the form that servers write, up to the bounds of redis-check-aof. */
  private anyNumber(bytes: Uint8Array, pos: number, end: number, prefix: number): number {
    const char = String.fromCharCode(prefix);
    if (pos >= end) return this.shortNumber(pos + 4);
    if (bytes[pos] !== prefix) throw unexpected(bytes, pos, `'${char}'`);
    const stop = Math.min(end, pos + MAX_NUMBER_LINE);
    let at = pos + 1;
    while (at < stop && isBlank(bytes[at]!)) at++;
    if (at > pos + 1) this.isOdd = true;
    let sign = 1;
    if (at < stop && (bytes[at] === PLUS || bytes[at] === MINUS)) {
      sign = bytes[at] === MINUS ? -1 : 1;
      this.isOdd = true;
      at++;
    }
    const digits = at;
    this.value = 0;
    for (; at < stop && isDigit(bytes[at]!); at++) this.value = this.value * 10 + bytes[at]! - ZERO;
    if (at === digits || (bytes[digits] === ZERO && at > digits + 1)) this.isOdd = true;
    if (at === end && at - pos < MAX_NUMBER_LINE) return this.shortNumber(at + 2);
    // Without digits the number is 0, and its line must end right behind the prefix.
    const lineEnd = at === digits ? pos + 1 : at;
    return this.endNumber(bytes, pos, lineEnd, end, sign, char);
  }

  private endNumber(bytes: Uint8Array, pos: number, lineEnd: number, end: number, sign: number, char: string): number {
    if (lineEnd - pos >= MAX_NUMBER_LINE) throw new FormatError('BAD_COMMAND', `a ${char} line without end`, pos);
    if (lineEnd >= end) return this.shortNumber(lineEnd + 2);
    if (bytes[lineEnd] !== CR) throw noLineEnd(bytes, lineEnd);
    if (lineEnd + 1 >= end) return this.shortNumber(lineEnd + 2);
    if (bytes[lineEnd + 1] !== LF) throw noLineEnd(bytes, lineEnd);
    if (sign < 0 && this.value > 0) throw new FormatError('BAD_COMMAND', `a negative number behind ${char}`, pos);
    if (!Number.isSafeInteger(this.value))
      throw new FormatError('BAD_COMMAND', `a number behind ${char} that is beyond every file`, pos);
    this.next = lineEnd + 2;
    return this.value;
  }

  private short(wanted: number): Item {
    this.wanted = wanted;
    return ITEM.SHORT;
  }

  private shortNumber(wanted: number): number {
    this.wanted = wanted;
    return -1;
  }
}

/** Whether the command is one of those that move the state of a log. */
export function controlOf(view: CommandView): Control {
  const size = view.size(0);
  if (size < 4 || size > 6) return CONTROL.NONE;
  // Upper or lower case alike: the letters differ in this bit only.
  const first = view.bytes[view.start(0)]! | 0x20;
  if (first === 0x73) return size === 6 && view.is(0, 'SELECT') ? CONTROL.SELECT : CONTROL.NONE;
  if (first === 0x6d) return size === 5 && view.is(0, 'MULTI') ? CONTROL.MULTI : CONTROL.NONE;
  if (first === 0x65) return size === 4 && view.is(0, 'EXEC') ? CONTROL.EXEC : CONTROL.NONE;
  return CONTROL.NONE;
}

/** The C library's isspace, line ends left out, since a line ends there. */
function isBlank(byte: number): boolean {
  return byte === BLANK || byte === 0x09 || byte === 0x0b || byte === 0x0c;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function unexpected(bytes: Uint8Array, pos: number, wanted: string): FormatError {
  return new FormatError('BAD_COMMAND', `${shown(bytes[pos]!)} where ${wanted} is expected`, pos);
}

function noLineEnd(bytes: Uint8Array, pos: number): FormatError {
  return new FormatError('BAD_COMMAND', `${shown(bytes[pos]!)} where the line must end with CR LF`, pos);
}

function shown(byte: number): string {
  const hex = `0x${byte.toString(16).padStart(2, '0')}`;
  return byte > BLANK && byte < 0x7f ? `'${String.fromCharCode(byte)}' (${hex})` : hex;
}

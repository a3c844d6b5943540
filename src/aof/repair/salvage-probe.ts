/** Looking at single places of a damaged log: headers of commands and arguments, without reading what is between them. */
import type { ByteSource } from '../../bytes/source.js';

const CR = 0x0d;
const LF = 0x0a;
const DOLLAR = 0x24;
const STAR = 0x2a;
const HASH = 0x23;
const ZERO = 0x30;
const BLOCK_BYTES = 64 * 1024;
/** `$`, up to twelve digits, CR LF. */
const MAX_DIGITS = 12;
/** Commands with more arguments are not looked for: each is a look of its own. */
const MAX_ARGUMENTS = 1_000_000;

/** A number's line that is whole, or that is one byte away from it. */
export interface LengthGuess {
  readonly size: number;
  /** Position of the argument's first byte. */
  readonly start: number;
  /** A digit of it is made up. */
  readonly isGuessed: boolean;
}

export class SalvageProbe {
  private readonly block = new Uint8Array(BLOCK_BYTES);
  private base = 0;
  private end = 0;

  constructor(
    private readonly source: Pick<ByteSource, 'readAt'>,
    readonly sizeBytes: number,
  ) {}

  /** The byte at `pos`; −1 behind the end. */
  at(pos: number): number {
    if (pos >= this.base && pos < this.end) return this.block[pos - this.base]!;
    if (pos < 0 || pos >= this.sizeBytes) return -1;
    this.load(pos);
    return pos < this.end ? this.block[pos - this.base]! : -1;
  }

  isLineEnd(pos: number): boolean {
    return this.at(pos) === CR && this.at(pos + 1) === LF;
  }

  /** Whether a command or an annotation begins here, or the file ends. */
  isItemStart(pos: number): boolean {
    if (pos === this.sizeBytes) return true;
    const byte = this.at(pos);
    if (byte === STAR) return isDigit(this.at(pos + 1));
    return byte === HASH && this.at(pos + 1) === 0x54 && this.at(pos + 2) === 0x53 && this.at(pos + 3) === 0x3a;
  }

  isArgumentStart(pos: number): boolean {
    return this.at(pos) === DOLLAR && isDigit(this.at(pos + 1));
  }

  /** The number of the line `<prefix><digits>\r\n`, as servers write it; undefined for anything else. `next` is behind it. */
  number(pos: number, prefix: number): { readonly value: number; readonly next: number } | undefined {
    if (this.at(pos) !== prefix) return undefined;
    let value = 0;
    let at = pos + 1;
    for (; isDigit(this.at(at)) && at - pos <= MAX_DIGITS; at++) value = value * 10 + this.at(at) - ZERO;
    return at > pos + 1 && this.isLineEnd(at) ? { value, next: at + 2 } : undefined;
  }

  /** Position behind the whole argument at `pos`; undefined where none is there. */
  argument(pos: number): number | undefined {
    const size = this.number(pos, DOLLAR);
    if (size === undefined) return undefined;
    const end = size.next + size.value;
    return this.isLineEnd(end) ? end + 2 : undefined;
  }

  /** Position behind the whole command at `pos`, and the range of its name; undefined where none is there. */
  command(
    pos: number,
  ): { readonly next: number; readonly name: readonly [number, number]; readonly argc: number } | undefined {
    const count = this.number(pos, STAR);
    if (count === undefined || count.value < 1 || count.value > MAX_ARGUMENTS) return undefined;
    const size = this.number(count.next, DOLLAR);
    if (size === undefined) return undefined;
    let next: number | undefined = count.next;
    for (let index = 0; index < count.value && next !== undefined; index++) next = this.argument(next);
    return next === undefined ? undefined : { next, name: [size.next, size.next + size.value], argc: count.value };
  }

  /** Position behind the arguments that stand in a row from `pos` on, `pos` itself where there are none. */
  argumentsFrom(pos: number): number {
    for (let at = pos, left = MAX_ARGUMENTS; ; left--) {
      const next = left > 0 ? this.argument(at) : undefined;
      if (next === undefined) return at;
      at = next;
    }
  }

  /** What the line of an argument's size at `pos` may have said, where at most one of its bytes is wrong. */
  guessLengths(pos: number): LengthGuess[] {
    const guesses: LengthGuess[] = [];
    for (let digits = 1; digits <= MAX_DIGITS; digits++) {
      const wrong: number[] = [];
      if (this.at(pos) !== DOLLAR) wrong.push(-1);
      for (let index = 0; index < digits; index++) if (!isDigit(this.at(pos + 1 + index))) wrong.push(index);
      if (this.at(pos + 1 + digits) !== CR) wrong.push(-1);
      if (this.at(pos + 2 + digits) !== LF) wrong.push(-1);
      if (wrong.length > 1) continue;
      const start = pos + digits + 3;
      const isDigitWrong = wrong.length === 1 && wrong[0]! >= 0;
      if (!isDigitWrong) guesses.push({ size: this.digits(pos + 1, digits, -1, 0), start, isGuessed: false });
      if (wrong.length === 1 && !isDigitWrong) continue;
      for (let index = 0; index < digits; index++) {
        if (isDigitWrong && index !== wrong[0]) continue;
        for (let digit = 0; digit <= 9; digit++) {
          if (this.at(pos + 1 + index) !== ZERO + digit)
            guesses.push({ size: this.digits(pos + 1, digits, index, digit), start, isGuessed: true });
        }
      }
    }
    return guesses.filter(({ size, start }) => start + size + 2 <= this.sizeBytes);
  }

  /** Whether an argument of the whole command or argument at `[pos, end)` has lines in it that look like commands or arguments. */
  hasLines(pos: number, end: number): boolean {
    let at = this.number(pos, STAR)?.next ?? pos;
    while (at < end) {
      const size = this.number(at, DOLLAR);
      const stop = size === undefined ? end : size.next + size.value;
      for (let from = size?.next ?? at; from < stop && from < end; from++) {
        const isLine = from === size?.next || this.at(from - 1) === LF;
        if (isLine && (this.number(from, STAR) ?? this.number(from, DOLLAR)) !== undefined) return true;
      }
      at = stop + 2;
    }
    return false;
  }

  /** Whether `word`, upper case, stands anywhere in the range, in any case. */
  contains(start: number, end: number, word: string): boolean {
    for (let pos = start; pos + word.length <= end; pos++) {
      let at = 0;
      while (at < word.length && upper(this.at(pos + at)) === word.charCodeAt(at)) at++;
      if (at === word.length) return true;
    }
    return false;
  }

  copy(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let pos = start; pos < end; pos++) bytes[pos - start] = this.at(pos);
    return bytes;
  }

  /** The number that `count` digits make, the one at `index` taken for `digit`. */
  private digits(pos: number, count: number, index: number, digit: number): number {
    let value = 0;
    for (let at = 0; at < count; at++) value = value * 10 + (at === index ? digit : this.at(pos + at) - ZERO);
    return value;
  }

  /** A little before `pos` is kept, too: looks go forth and back. */
  private load(pos: number): void {
    this.base = Math.max(0, pos - BLOCK_BYTES / 8);
    this.end = this.base;
    while (this.end - this.base < BLOCK_BYTES) {
      const at = this.end - this.base;
      const count = this.source.readAt!(this.end, this.block, at, BLOCK_BYTES - at);
      if (count === 0) break;
      this.end += count;
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

/** A line of text in words, as the servers' sdssplitargs takes it apart: manifests, first lines of libraries, inline commands. */

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;

/**
 * The words of a line. A quote may begin inside a word, and ends it: `we" ird"` is `we ird`. In `"…"` stand `\n`, `\r`,
 * `\t`, `\b`, `\a`, `\xHH` and `\` before anything else for itself; in `'…'` only `\'`. Undefined where quotes are not
 * closed, or something follows a closing one.
 */
export function splitArguments(line: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  const reader = new WordReader(line);
  for (;;) {
    const word = reader.next();
    if (word === 'broken') return undefined;
    if (word === undefined) return words;
    words.push(word);
  }
}

/** What ends a word. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** C's isspace, which parts words: also vertical tab and form feed. */
export function isSpace(byte: number | undefined): boolean {
  return isBlank(byte) || byte === 0x0b || byte === 0x0c;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

class WordReader {
  private pos = 0;

  constructor(private readonly line: Uint8Array) {}

  /** The next word; undefined at the end of the line. */
  next(): Uint8Array | 'broken' | undefined {
    const { line } = this;
    while (isSpace(line[this.pos])) this.pos++;
    if (this.pos >= line.length) return undefined;
    const word: number[] = [];
    for (; this.pos < line.length && !isBlank(line[this.pos]); this.pos++) {
      const byte = line[this.pos]!;
      if (byte !== QUOTE && byte !== APOSTROPHE) {
        word.push(byte);
        continue;
      }
      this.pos++;
      const isClosed = byte === QUOTE ? this.readQuoted(word) : this.readApostrophed(word);
      if (!isClosed || (this.pos < line.length && !isSpace(line[this.pos]))) return 'broken';
      break;
    }
    return Uint8Array.from(word);
  }

  private readQuoted(word: number[]): boolean {
    const { line } = this;
    for (; this.pos < line.length; this.pos++) {
      const byte = line[this.pos]!;
      if (byte === QUOTE) {
        this.pos++;
        return true;
      }
      if (byte === BACKSLASH && this.pos + 1 < line.length) word.push(this.readEscape());
      else word.push(byte);
    }
    return false;
  }

  /** The byte that the escape stands for; stops at its last character. */
  private readEscape(): number {
    const { line } = this;
    this.pos++;
    const char = line[this.pos]!;
    if (char === LOWER_X) {
      const high = hexValue(line[this.pos + 1]);
      const low = hexValue(line[this.pos + 2]);
      if (high < 0 || low < 0) return char;
      this.pos += 2;
      return high * 16 + low;
    }
    return ESCAPES[String.fromCharCode(char)] ?? char;
  }

  private readApostrophed(word: number[]): boolean {
    const { line } = this;
    for (; this.pos < line.length; this.pos++) {
      const byte = line[this.pos]!;
      if (byte === APOSTROPHE) {
        this.pos++;
        return true;
      }
      if (byte === BACKSLASH && line[this.pos + 1] === APOSTROPHE) this.pos++;
      word.push(line[this.pos]!);
    }
    return false;
  }
}

const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, a: 0x07 };

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (isDigit(byte)) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

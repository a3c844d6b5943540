/** Names (keys, fields, members) as text: themselves where they are UTF-8, otherwise quoted; see schema.ts. */
import type { Slice } from '../../bytes/slice.js';
import { isUtf8 } from '../json/utf8.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
/** `\xff` */
const MAX_ESCAPE = 4;
const HEX = new TextEncoder().encode('0123456789abcdef');
/** The letters of redis-cli's short escapes, by byte; 0 for bytes that have none. */
const SHORT = new Uint8Array(256);
for (const [byte, letter] of [
  [0x07, 'a'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0d, 'r'],
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
] as const) {
  SHORT[byte] = letter.charCodeAt(0);
}

/** The text of one name at a time, `bytes[start, end)`. */
export class NameText {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** The text is the name itself. */
  isExact = true;
  /** Another one with every {@link set}. */
  serial = 0;
  private quoted: Uint8Array = new Uint8Array(256);

  /** The name in `slice`; a text that is exact lies in the slice and is valid as long as that. */
  set({ bytes, start, end }: Slice): void {
    this.serial++;
    this.isExact = isText(bytes, start, end) && !looksQuoted(bytes, start, end);
    if (this.isExact) {
      this.bytes = bytes;
      this.start = start;
      this.end = end;
    } else {
      this.quote(bytes, start, end);
    }
  }

  private quote(bytes: Uint8Array, start: number, end: number): void {
    const most = (end - start) * MAX_ESCAPE + 2;
    if (this.quoted.length < most) this.quoted = new Uint8Array(most);
    this.bytes = this.quoted;
    this.start = 0;
    this.end = formatQuotedBytes(bytes, start, end, this.quoted);
  }
}

/** As isUtf8, sooner for the short ASCII that most names and values are. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 64) return isUtf8(bytes, start, end);
  for (let pos = start; pos < end; pos++) if (bytes[pos]! >= 0x80) return isUtf8(bytes, pos, end);
  return true;
}

/** Writes what formatQuoted (bytes/quote.ts) says, as bytes from 0 on, and returns the position after it. */
function formatQuotedBytes(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let to = 0;
  out[to++] = QUOTE;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    const letter = SHORT[byte]!;
    if (letter !== 0) {
      out[to++] = BACKSLASH;
      out[to++] = letter;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out[to++] = byte;
    } else {
      out[to++] = BACKSLASH;
      out[to++] = LETTER_X;
      out[to++] = HEX[byte >> 4]!;
      out[to++] = HEX[byte & 15]!;
    }
  }
  out[to++] = QUOTE;
  return to;
}

/** A text that begins and ends with `"` and holds `\x`: every quoted name that is no UTF-8 does. */
function looksQuoted(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[start] !== QUOTE || bytes[end - 1] !== QUOTE) return false;
  for (let pos = start + 1; pos < end - 2; pos++) {
    if (bytes[pos] === BACKSLASH && bytes[pos + 1] === LETTER_X) return true;
  }
  return false;
}

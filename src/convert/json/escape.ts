/**
 * The inside of a JSON string, from bytes to bytes, escaped exactly as `JSON.stringify` does: `\b \t \n \f \r \" \\`,
 * `\u00xx` in lower case for the other control characters, everything else as it is, 7F, U+2028 and U+2029 included.
 *
 * Worked example: `61 22 0A 01 C3 A9` becomes `a\"\n\u0001é`, the é in its two bytes.
 */
import { utf8Size } from './utf8.js';

/** The most bytes that one byte becomes: `\u001f`. */
export const MAX_ESCAPE = 6;
/** Bytes behind the text that {@link escapeUtf8} may overwrite: it stores whole words. */
export const ESCAPE_SLACK = 4;

const BACKSLASH = 0x5c;
const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** The letter behind the backslash, or 0 for `\u00xx`; only for bytes that need an escape. */
const SHORT_ESCAPES = new Uint8Array(128);
for (const [byte, letter] of ['\bb', '\tt', '\nn', '\ff', '\rr', '""', '\\\\'].map(
  (pair) => [pair.charCodeAt(0), pair.charCodeAt(1)] as const,
)) {
  SHORT_ESCAPES[byte] = letter;
}

/**
 * Writes `bytes[start, end)` at `to` and returns the position after it, or −1 where the bytes are not valid UTF-8: what
 * has been written then means nothing. The views are over the whole arrays; there is room for {@link MAX_ESCAPE} times
 * the size, and {@link ESCAPE_SLACK} more.
 *
 * Four bytes per step: a word is stored before it is judged, and the bits of `mask` say which of its bytes cannot stay.
 * Subtracting borrows only from bytes above one that has its bit set, so the lowest bit is exact; that one byte is
 * escaped and the next word starts behind it. Twice the speed of a loop over bytes.
 */
export function escapeUtf8(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  out: Uint8Array,
  outView: DataView,
  to: number,
): number {
  let pos = start;
  let at = to;
  const lastWord = end - 4;
  while (pos <= lastWord) {
    const word = view.getInt32(pos, true);
    outView.setInt32(at, word, true);
    // Bytes of 80 and above; below 20, or 22 (they are below 21 once bit 1 is flipped); 5C.
    const mask = (word | ((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & 0x80808080;
    if (mask === 0) {
      pos = (pos + 4) | 0;
      at = (at + 4) | 0;
      continue;
    }
    const clean = (31 - Math.clz32(mask & -mask)) >> 3;
    pos = (pos + clean) | 0;
    at = (at + clean) | 0;
    const byte = bytes[pos]!;
    if (byte < 0x80) {
      at = writeEscape(byte, out, at);
      pos = (pos + 1) | 0;
    } else {
      const size = utf8Size(bytes, pos, end);
      if (size === 0) return -1;
      for (const next = pos + size; pos < next; pos++) out[at++] = bytes[pos]!;
    }
  }
  while (pos < end) {
    const byte = bytes[pos]!;
    if (byte >= 0x80) {
      const size = utf8Size(bytes, pos, end);
      if (size === 0) return -1;
      for (const next = pos + size; pos < next; pos++) out[at++] = bytes[pos]!;
      continue;
    }
    if (byte < 0x20 || byte === 0x22 || byte === BACKSLASH) at = writeEscape(byte, out, at);
    else out[at++] = byte;
    pos++;
  }
  return at;
}

/** As {@link escapeUtf8}, every byte one character of ISO 8859-1: 80 and above become two bytes of UTF-8. Never fails. */
export function escapeLatin1(bytes: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  let at = to;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte >= 0x80) {
      out[at++] = 0xc0 | (byte >> 6);
      out[at++] = 0x80 | (byte & 0x3f);
    } else if (byte < 0x20 || byte === 0x22 || byte === BACKSLASH) at = writeEscape(byte, out, at);
    else out[at++] = byte;
  }
  return at;
}

function writeEscape(byte: number, out: Uint8Array, to: number): number {
  out[to] = BACKSLASH;
  const letter = SHORT_ESCAPES[byte]!;
  if (letter !== 0) {
    out[to + 1] = letter;
    return to + 2;
  }
  out[to + 1] = 0x75;
  out[to + 2] = 0x30;
  out[to + 3] = 0x30;
  out[to + 4] = HEX_DIGITS[byte >> 4]!;
  out[to + 5] = HEX_DIGITS[byte & 0xf]!;
  return to + MAX_ESCAPE;
}

/** Keys and values as text for people and for lines of output: raw where that is safe, quoted where it is not. */
import { formatQuoted } from '../../bytes/quote.js';
import { UsageError } from '../failures.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Control characters, line and paragraph separators, and marks that turn the direction of the text around them. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const QUOTE = 0x22;
const ESCAPED: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, a: 0x07 };

/** The text of bytes that are strictly valid UTF-8, a byte order mark included; else undefined. */
export function exactText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** True for text of one line in which nothing moves a cursor. */
export function isSafeText(text: string): boolean {
  return !UNSAFE.test(text);
}

/** The text of bytes that may be printed as they are: valid UTF-8, and safe. Else undefined. */
export function printableText(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  const text = exactText(bytes.subarray(start, end));
  return text !== undefined && isSafeText(text) ? text : undefined;
}

/** True for bytes of one line that cannot be taken for quoted ones: printable, not empty, not beginning with `"`. */
export function isRawLine(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || bytes[start] === QUOTE) return false;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte < 0x20 || byte >= 0x7f) return byte >= 0x80 && printableText(bytes, start, end) !== undefined;
  }
  return true;
}

/** One line: raw where {@link isRawLine}, else quoted as redis-cli does. */
export function lineText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return isRawLine(bytes, start, end) ? printableText(bytes, start, end)! : formatQuoted(bytes, start, end);
}

/** As bytes in JSON: text where it is valid UTF-8, else `{"$b64"}` (ndjson.md). */
export function jsonBytes(bytes: Uint8Array): string | { readonly $b64: string } {
  return exactText(bytes) ?? { $b64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') };
}

/** An argument that names bytes: as UTF-8, or between quotes with redis-cli's escapes. Throws UsageError. */
export function parseBytesArgument(text: string): Uint8Array {
  return text.startsWith('"') ? parseQuoted(text) : new TextEncoder().encode(text);
}

/** The bytes of a quoted string that may have been cut, as formatQuoted does: the ellipsis stays at its end. */
export function parseQuotedPrefix(text: string): Uint8Array {
  return unescapeQuoted(text.slice(1, text.endsWith('"') ? -1 : undefined));
}

function parseQuoted(text: string): Uint8Array {
  const body = /^"((?:[^"\\]|\\.)*)"$/su.exec(text)?.[1];
  if (body === undefined) throw new UsageError(`${text} begins with a quote but is no quoted string`);
  return unescapeQuoted(body);
}

function unescapeQuoted(body: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [...body.matchAll(/\\x([0-9a-fA-F]{2})|\\(.)|[^\\]+/gsu)].map(([plain, hex, letter]) => {
    if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
    if (letter === undefined) return encoder.encode(plain);
    const escaped = ESCAPED[letter];
    return escaped === undefined ? encoder.encode(letter) : Uint8Array.of(escaped);
  });
  return new Uint8Array(Buffer.concat(parts));
}

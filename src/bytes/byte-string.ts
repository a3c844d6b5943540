/**
 * Byte strings: bytes as a JavaScript string, one character U+0000 to U+00FF per byte.
 *
 * V8 keeps such strings at a byte per character, hashes them once, and compares them as memcmp does, which is how Redis
 * orders. A Uint8Array of its own takes a hundred bytes before the first; this takes about twenty. They are for state that
 * is held, never for text: nothing outside the engine sees them.
 */

export type ByteString = string;

/** Characters per call: more arguments than this might not fit the stack. */
const CHUNK = 4096;
/** Below these a loop is faster than a call. */
const SHORT_READ = 7;
const SHORT_WRITE = 20;

/** `bytes[start, end)`. Throws RangeError beyond V8's longest string, 512 MiB less 24 bytes. */
export function toByteString(bytes: Uint8Array, start = 0, end = bytes.length): ByteString {
  const size = end - start;
  if (size < SHORT_READ) {
    let text = '';
    for (let pos = start; pos < end; pos++) text += String.fromCharCode(bytes[pos]!);
    return text;
  }
  if (latin1 !== undefined) return latin1.latin1Slice.call(bytes, start, end);
  let text = '';
  for (let pos = start; pos < end; pos += CHUNK)
    text += String.fromCharCode(...bytes.subarray(pos, Math.min(end, pos + CHUNK)));
  return text;
}

/** A copy of its own. */
export function fromByteString(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeByteString(text, bytes, 0);
  return bytes;
}

/** Each as bytes, in memory that they share: the elements of a value, which come and go together. */
export function fromByteStrings(texts: readonly ByteString[]): Uint8Array[] {
  let size = 0;
  for (const text of texts) size += text.length;
  const bytes = new Uint8Array(size);
  const ranges = new Array<Uint8Array>(texts.length);
  let start = 0;
  for (let index = 0; index < texts.length; index++) {
    const end = writeByteString(texts[index]!, bytes, start);
    ranges[index] = bytes.subarray(start, end);
    start = end;
  }
  return ranges;
}

/** Writes the bytes at `to`, where there is room, and returns the position after them. */
export function writeByteString(text: ByteString, out: Uint8Array, to: number): number {
  const size = text.length;
  if (size < SHORT_WRITE || latin1 === undefined) {
    for (let at = 0; at < size; at++) out[to + at] = text.charCodeAt(at);
    return to + size;
  }
  latin1.latin1Write.call(out, text, to, size);
  return to + size;
}

/** The byte string of text in UTF-8: for names and messages that code brings. */
export function utf8ByteString(text: string): ByteString {
  return toByteString(new TextEncoder().encode(text));
}

/** What Node's Buffer does to any array of bytes: making a Buffer over it would cost more than a short string. */
interface LatinMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number, size: number): number;
}

const latin1 = typeof Buffer === 'undefined' ? undefined : (Buffer.prototype as unknown as LatinMethods);

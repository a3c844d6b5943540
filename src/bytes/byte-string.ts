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
/** Below this a loop is faster than a call. */
const SHORT = 12;

/** `bytes[start, end)`. Throws RangeError beyond V8's longest string, 512 MiB less 24 bytes. */
export function toByteString(bytes: Uint8Array, start = 0, end = bytes.length): ByteString {
  const size = end - start;
  if (size < SHORT) {
    let text = '';
    for (let pos = start; pos < end; pos++) text += String.fromCharCode(bytes[pos]!);
    return text;
  }
  if (typeof Buffer !== 'undefined') return bufferOver(bytes).latin1Slice(start, end);
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

/** Writes the bytes at `to`, where there is room, and returns the position after them. */
export function writeByteString(text: ByteString, out: Uint8Array, to: number): number {
  const size = text.length;
  if (size < SHORT || typeof Buffer === 'undefined') {
    for (let at = 0; at < size; at++) out[to + at] = text.charCodeAt(at);
    return to + size;
  }
  bufferOver(out).latin1Write(text, to, size);
  return to + size;
}

/** The byte string of text in UTF-8: for names and messages that code brings. */
export function utf8ByteString(text: string): ByteString {
  return toByteString(new TextEncoder().encode(text));
}

interface LatinBuffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, size: number): number;
}

// The last array that was asked about, such as a window: making a Buffer over it costs more than reading a short string.
let lastBytes: Uint8Array = new Uint8Array(0);
let lastBuffer: LatinBuffer | undefined;

function bufferOver(bytes: Uint8Array): LatinBuffer {
  if (bytes !== lastBytes || lastBuffer === undefined) {
    lastBytes = bytes;
    lastBuffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) as unknown as LatinBuffer;
  }
  return lastBuffer;
}

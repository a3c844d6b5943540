/** A key as text, for patterns that people write. */

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
/** Characters per call: more arguments than this might not fit the stack. */
const CHUNK = 4096;

/** The bytes as UTF-8 where that is what they are, otherwise one character U+0000–U+00FF per byte (ISO 8859-1). */
export function decodeKeyText(bytes: Uint8Array, start: number, end: number): string {
  const key = bytes.subarray(start, end);
  const text = utf8.decode(key);
  // The replacement character stands for bad bytes, or for itself: only then is a second, throwing look needed.
  return text.includes('\ufffd') && !isUtf8(key) ? latin1(key) : text;
}

/** The other way: `text` that was made from the key `like`, in that key's encoding. */
export function encodeKeyText(text: string, like: Uint8Array): Uint8Array {
  return isUtf8(like) ? new TextEncoder().encode(text) : Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** TextDecoder's "latin1" is windows-1252 by its standard, hence this. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

/** Bytes of a file as text that is safe to show and bounded in length. */
import { formatQuoted } from '../../bytes/quote.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Controls, separators, halves of characters, and what is invisible or turns the direction of the text around it. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** UTF-8 as it is, what is unsafe in it as `\u{…}`; other bytes as redis-cli quotes them. Ends in `…` where it is cut. */
export function shownText(bytes: Uint8Array, maxLength: number): string {
  // No character takes more than four bytes; a cut inside the last one does not matter, since the text is cut before it.
  const head = bytes.subarray(0, 4 * maxLength + 4);
  const text = exactText(withoutCutEnd(head, head.length < bytes.length));
  if (text === undefined) return cut(formatQuoted(bytes, 0, bytes.length, maxLength), maxLength);
  return cut(safeText(text), maxLength, head.length < bytes.length);
}

/** Text of other origin, such as file names. */
export function shownName(text: string, maxLength: number): string {
  return cut(safeText(text.slice(0, maxLength + 1)), maxLength);
}

function safeText(text: string): string {
  return text.replace(UNSAFE, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

function cut(text: string, maxLength: number, isCut = false): string {
  if (text.length <= maxLength && !isCut) return text;
  let end = Math.min(text.length, maxLength - 1);
  // Not between the halves of a character.
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last < 0xdc00) end--;
  return `${text.slice(0, end)}…`;
}

/** Where bytes were cut, the last character may not be whole. */
function withoutCutEnd(bytes: Uint8Array, isCut: boolean): Uint8Array {
  if (!isCut) return bytes;
  let end = bytes.length;
  while (end > bytes.length - 4 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end - 1);
}

function exactText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

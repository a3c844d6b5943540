/** `--decode auto`: what applications do to values before they store them, undone. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { DEFAULT_LIMITS } from '../../bytes/limits.js';
import { exactText, isSafeText } from './bytes-text.js';

export type DecodeChoice = 'none' | 'auto';

const LINE_OR_TAB = /\r?\n|\t/;
const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Longer JSON stays on one line: nobody reads it on a terminal. */
const MAX_JSON_BYTES = 1024 * 1024;

/** Takes gzip or zlib off where the bytes are that, sound and whole; else returns them as they are. */
export function decompressValue(bytes: Uint8Array): Uint8Array {
  const options = { maxOutputLength: DEFAULT_LIMITS.maxBlobBytes };
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes, options);
    if (isZlib(bytes)) return inflateSync(bytes, options);
  } catch {
    // It only looked so.
  }
  return bytes;
}

/** JSON with one member per line, numbers and order as they stand; undefined for what is no JSON object or array. */
export function indentJson(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_JSON_BYTES || (bytes[0] !== 0x7b && bytes[0] !== 0x5b)) return undefined;
  const text = exactText(bytes);
  if (text === undefined) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let depth = 0;
  const lines = [''];
  const breakLine = (): number => lines.push('  '.repeat(depth));
  const tokens = text.match(JSON_TOKENS) ?? [];
  tokens.forEach((token, index) => {
    const isEmpty = (token === '{' && tokens[index + 1] === '}') || (token === '[' && tokens[index + 1] === ']');
    const closesEmpty = (token === '}' && tokens[index - 1] === '{') || (token === ']' && tokens[index - 1] === '[');
    if ((token === '}' || token === ']') && !closesEmpty) {
      depth--;
      breakLine();
    }
    lines[lines.length - 1] += token === ':' ? ': ' : token;
    if ((token === '{' || token === '[') && !isEmpty) {
      depth++;
      breakLine();
    }
    if (token === ',') breakLine();
  });
  return lines.every(isSafeText) ? lines.join('\n') : undefined;
}

/** Text of several lines that a terminal may be given, or undefined. */
export function terminalText(bytes: Uint8Array): string | undefined {
  const text = exactText(bytes);
  return text?.split(LINE_OR_TAB).every(isSafeText) ? text : undefined;
}

/** RFC 1950: deflate, and a checksum over the two header bytes. */
function isZlib(bytes: Uint8Array): boolean {
  return (
    bytes.length > 6 && (bytes[0]! & 0x0f) === 8 && bytes[0]! >> 4 <= 7 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0
  );
}

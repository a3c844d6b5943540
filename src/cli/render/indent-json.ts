/** JSON for people, with every number and name as it stands. */
import { exactText, isSafeText } from './bytes-text.js';

const JSON_TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
/** Longer JSON stays on one line: nobody reads it on a terminal. */
const MAX_JSON_BYTES = 1024 * 1024;

/** True for the text of a JSON object or array. */
export function isJson(bytes: Uint8Array): boolean {
  return jsonText(bytes) !== undefined;
}

/** JSON with one member per line, numbers and order as they stand; undefined for what is no JSON object or array. */
export function indentJson(bytes: Uint8Array): string | undefined {
  const text = bytes.length > MAX_JSON_BYTES ? undefined : jsonText(bytes);
  if (text === undefined) return undefined;
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

function jsonText(bytes: Uint8Array): string | undefined {
  const start = bytes.findIndex((byte) => !isJsonSpace(byte));
  if (bytes[start] !== 0x7b && bytes[start] !== 0x5b) return undefined;
  const text = exactText(bytes);
  if (text === undefined) return undefined;
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function isJsonSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

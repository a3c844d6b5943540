/** Bytes as people read them: raw where printable, else quoted and escaped as redis-cli does. */

const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  34: '\\"',
  92: '\\\\',
  10: '\\n',
  13: '\\r',
  9: '\\t',
  7: '\\a',
  8: '\\b',
};

/** `"…"` with redis-cli's escapes; bytes beyond printable ASCII become `\xHH`. At most `maxBytes` bytes are shown. */
export function formatQuoted(bytes: Uint8Array, start = 0, end = bytes.length, maxBytes = Infinity): string {
  const stop = Math.min(end, start + maxBytes);
  let text = '"';
  for (let pos = start; pos < stop; pos++) {
    const byte = bytes[pos]!;
    const escaped = SHORT_ESCAPES[byte];
    if (escaped !== undefined) text += escaped;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return stop < end ? `${text}…"` : `${text}"`;
}

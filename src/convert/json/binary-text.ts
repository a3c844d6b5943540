/** Bytes as text of fewer letters: base64 (RFC 4648 §4, padded) and lower-case hex. Both write at `to` and return the position after it. */
const BASE64 = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (digit) =>
  digit.charCodeAt(0),
);
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const PADDING = 0x3d;

/** Bytes of the base64 text of `size` bytes. */
export function base64Size(size: number): number {
  return Math.ceil(size / 3) * 4;
}

/** Worked example: `4D 61` becomes `TWE=`. Pieces of a whole number of three bytes may be written one behind the other. */
export function encodeBase64(bytes: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  let at = to;
  let pos = start;
  for (; pos + 3 <= end; pos += 3) {
    const three = (bytes[pos]! << 16) | (bytes[pos + 1]! << 8) | bytes[pos + 2]!;
    out[at] = BASE64[three >> 18]!;
    out[at + 1] = BASE64[(three >> 12) & 0x3f]!;
    out[at + 2] = BASE64[(three >> 6) & 0x3f]!;
    out[at + 3] = BASE64[three & 0x3f]!;
    at += 4;
  }
  if (pos === end) return at;
  const rest = (bytes[pos]! << 16) | (pos + 1 < end ? bytes[pos + 1]! << 8 : 0);
  out[at] = BASE64[rest >> 18]!;
  out[at + 1] = BASE64[(rest >> 12) & 0x3f]!;
  out[at + 2] = pos + 1 < end ? BASE64[(rest >> 6) & 0x3f]! : PADDING;
  out[at + 3] = PADDING;
  return at + 4;
}

/** Worked example: `4D 61` becomes `4d61`. */
export function encodeHex(bytes: Uint8Array, start: number, end: number, out: Uint8Array, to: number): number {
  let at = to;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    out[at++] = HEX[byte >> 4]!;
    out[at++] = HEX[byte & 0xf]!;
  }
  return at;
}

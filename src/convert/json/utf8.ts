/**
 * Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 *     00–7F                         one byte
 *     C2–DF 80–BF                   two
 *     E0–EF 80–BF 80–BF             three; A0–BF after E0 (else overlong), 80–9F after ED (else a surrogate)
 *     F0–F4 80–BF 80–BF 80–BF       four; 90–BF after F0 (else overlong), 80–8F after F4 (else above U+10FFFF)
 *
 * Worked example: `E2 82 AC` is U+20AC; `ED A0 80` would be the surrogate U+D800 and is invalid.
 */

/** Bytes of the character that starts with the byte at `pos`, which is 80 or above; 0 where there is no valid one within `end`. */
export function utf8Size(bytes: Uint8Array, pos: number, end: number): number {
  const lead = bytes[pos]!;
  if (lead < 0xe0) return lead >= 0xc2 && pos + 2 <= end && isContinuation(bytes[pos + 1]!) ? 2 : 0;
  if (pos + 3 > end) return 0;
  const second = bytes[pos + 1]!;
  if (!isContinuation(second) || !isContinuation(bytes[pos + 2]!)) return 0;
  if (lead < 0xf0) {
    if (lead === 0xe0) return second >= 0xa0 ? 3 : 0;
    return lead !== 0xed || second < 0xa0 ? 3 : 0;
  }
  if (pos + 4 > end || lead > 0xf4 || !isContinuation(bytes[pos + 3]!)) return 0;
  if (lead === 0xf0) return second >= 0x90 ? 4 : 0;
  return lead !== 0xf4 || second < 0x90 ? 4 : 0;
}

/** True where `bytes[start, end)` is valid from its first byte to its last; the empty range is. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let pos = start;
  while (pos < end) {
    // Eight bytes at a time over ASCII, which most of any long text is.
    while (pos + 8 <= end && ((view.getInt32(pos, true) | view.getInt32(pos + 4, true)) & 0x80808080) === 0) pos += 8;
    if (pos < end && bytes[pos]! < 0x80) {
      pos++;
      continue;
    }
    if (pos >= end) break;
    const size = utf8Size(bytes, pos, end);
    if (size === 0) return false;
    pos += size;
  }
  return true;
}

/** The last position at or before `pos` where a character starts; `bytes` is valid and `pos` not before its first. */
export function utf8Boundary(bytes: Uint8Array, pos: number): number {
  let at = pos;
  while (isContinuation(bytes[at]!)) at--;
  return at;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

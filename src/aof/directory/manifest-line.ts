/** Lines of a manifest, as the servers' atoll and sdstrim take them apart (aof-format.md §4.2). */
import { isBlank, isDigit, isSpace } from '../../bytes/split-arguments.js';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** As C's atoll: what follows the digits does not matter, no digits are 0, and what is beyond 64 bits is the nearest. */
export function parseNumber(bytes: Uint8Array): bigint {
  let pos = 0;
  while (isSpace(bytes[pos])) pos++;
  const sign = bytes[pos];
  if (sign === 0x2b || sign === 0x2d) pos++;
  let digits = '0';
  for (; isDigit(bytes[pos]); pos++) digits += String.fromCharCode(bytes[pos]!);
  const value = sign === 0x2d ? -BigInt(digits) : BigInt(digits);
  if (value > MAX_INT64) return MAX_INT64;
  return value < MIN_INT64 ? MIN_INT64 : value;
}

/** The line without blanks and line ends around it. */
export function trimBlanks(line: Uint8Array): Uint8Array {
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line[start])) start++;
  while (end > start && isBlank(line[end - 1])) end--;
  return line.subarray(start, end);
}

/** Bytes as Latin-1, up to a NUL, which ends a key for servers. */
export function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

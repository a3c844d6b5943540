/** How a server writes doubles in replies and logs: as C's `%.17g` up to 7.0, the shortest text that reads the same since. */
import { toByteString } from '../bytes/byte-string.js';
import { formatScore17 } from '../codecs/double.js';
import { formatFpconv, MAX_FPCONV_TEXT } from '../codecs/fpconv.js';
import type { Target } from '../rdb/versions.js';
import { isSince } from './settings.js';

const SHORTEST_SINCE = { redis: '7.2', valkey: '7.2' };
const scratch = new Uint8Array(MAX_FPCONV_TEXT);

export function formatDouble(value: number, target: Target): string {
  if (!isSince(target, SHORTEST_SINCE)) return formatScore17(value);
  if (Number.isInteger(value) && Math.abs(value) <= 2 ** 62 && !Object.is(value, -0)) return String(BigInt(value));
  return toByteString(scratch, 0, formatFpconv(value, scratch, 0));
}

/** Arguments of commands as numbers and options, as strictly as the server reads them. */
import type { ByteString } from '../bytes/byte-string.js';
import { notAnInteger } from './reply.js';

/** Characters of the longest 64-bit number. */
const MAX_DIGITS = 20;
/** So many digits are an exact JavaScript number whatever they are. */
const EXACT_DIGITS = 15;
const MINUS = 0x2d;
const ZERO = 0x30;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * A signed 64-bit integer in its one form (no plus, no leading zeros, no blanks): the server's string2ll. As a number where
 * that is exact, else as a bigint; undefined for everything else.
 */
export function parseInt64(text: ByteString): number | bigint | undefined {
  const size = text.length;
  const start = text.charCodeAt(0) === MINUS ? 1 : 0;
  const digits = size - start;
  if (digits < 1 || size > MAX_DIGITS) return undefined;
  const first = text.charCodeAt(start) - ZERO;
  if (first < 0 || first > 9) return undefined;
  if (first === 0) return size === 1 ? 0 : undefined;
  let number = first;
  for (let at = start + 1; at < size; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  if (digits <= EXACT_DIGITS) return start === 0 ? number : -number;
  const value = BigInt(text);
  if (value < MIN_INT64 || value > MAX_INT64) return undefined;
  return toNumber(value);
}

/** As a number where that is exact. */
export function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** As {@link parseInt64}. Throws "value is not an integer or out of range". */
export function integerArgument(text: ByteString | undefined): number | bigint {
  const value = text === undefined ? undefined : parseInt64(text);
  if (value === undefined) throw notAnInteger();
  return value;
}

/** As {@link integerArgument}, for what must be a safe number anyway: positions, counts, times. Larger ones saturate. */
export function numberArgument(text: ByteString | undefined): number {
  const value = integerArgument(text);
  if (typeof value === 'number') return value;
  return value > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
}

/** The sum of two 64-bit integers; undefined where it is none. */
export function addInt64(left: number | bigint, right: number | bigint): number | bigint | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(left) + BigInt(right);
  return sum < MIN_INT64 || sum > MAX_INT64 ? undefined : toNumber(sum);
}

/** Whether an argument is this option, in any case; `option` is upper case. */
export function isOption(text: ByteString | undefined, option: string): boolean {
  return text !== undefined && text.length === option.length && text.toUpperCase() === option;
}

/** The timeouts of commands that block. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Call } from './call.js';
import { type LongDouble, parseLongDouble } from './long-double.js';
import { CommandError } from './reply.js';

/** The version of the format whose servers look whether a timeout is too long. */
const LOOKING_VERSION = 11;
const MOST_MS = 2n ** 63n - 1n;

/**
 * Given in seconds, with a fraction; returns milliseconds, 0 for ever. What is too long for milliseconds in 64 bits wraps in
 * servers before 7.2.
 */
export function checkTimeout({ engine }: Call, text: ByteString | undefined): number {
  const seconds = text === undefined ? undefined : parseLongDouble(text);
  if (seconds === undefined) throw new CommandError('ERR timeout is not a float or out of range');
  const isTooLong = !seconds.negative && isBeyondInt64(seconds);
  if (isTooLong && engine.settings.target.version >= LOOKING_VERSION)
    throw new CommandError('ERR timeout is out of range');
  const timeoutMs = wholeMs(seconds);
  if (isTooLong || timeoutMs < 0) throw new CommandError('ERR timeout is negative');
  return timeoutMs;
}

function isBeyondInt64({ significand, exponent }: LongDouble): boolean {
  if (significand === undefined) return true;
  const ms = significand * 1000n;
  return (exponent < 0 ? ms >> BigInt(-exponent) : ms << BigInt(exponent)) > MOST_MS;
}

const SIGNIFICAND_BITS = 64;

/** A thousand times as much, rounded as a long double, and then up: −0.001 is a little more than that, and becomes 0. */
function wholeMs({ negative, significand, exponent }: LongDouble): number {
  if (significand === undefined) return negative ? -Infinity : Infinity;
  const product = significand * 1000n;
  const excess = BigInt(Math.max(0, product.toString(2).length - SIGNIFICAND_BITS));
  const kept = product >> excess;
  const rest = (product - (kept << excess)) * 2n;
  const half = 1n << excess;
  const isUp = rest > half || (rest === half && (kept & 1n) === 1n);
  const rounded = isUp ? kept + 1n : kept;
  const shift = BigInt(exponent) + excess;
  if (shift >= 0n) return Number(negative ? -rounded << shift : rounded << shift);
  const floor = rounded >> -shift;
  if (negative) return Number(-floor);
  return Number(floor << -shift === rounded ? floor : floor + 1n);
}

/** The timeouts of commands that block, which nobody waits for here: they are only looked at. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Call } from './call.js';
import { type LongDouble, parseLongDouble, toDouble } from './long-double.js';
import { CommandError } from './reply.js';

/** The version of the format whose servers look whether a timeout is too long. */
const LOOKING_VERSION = 11;
const MOST_MS = 2n ** 63n - 1n;

/** In seconds, with a fraction. What is too long for milliseconds in 64 bits wraps in servers before 7.2. */
export function checkTimeout({ engine }: Call, text: ByteString | undefined): void {
  const seconds = text === undefined ? undefined : parseLongDouble(text);
  if (seconds === undefined) throw new CommandError('ERR timeout is not a float or out of range');
  const isTooLong = !seconds.negative && isBeyondInt64(seconds);
  if (isTooLong && engine.settings.target.version >= LOOKING_VERSION)
    throw new CommandError('ERR timeout is out of range');
  if (isTooLong || Math.ceil(toDouble(seconds) * 1000) < 0) throw new CommandError('ERR timeout is negative');
}

function isBeyondInt64({ significand, exponent }: LongDouble): boolean {
  if (significand === undefined) return true;
  const ms = significand * 1000n;
  return (exponent < 0 ? ms >> BigInt(-exponent) : ms << BigInt(exponent)) > MOST_MS;
}

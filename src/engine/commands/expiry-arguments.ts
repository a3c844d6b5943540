/** Times in arguments: when a key is to expire. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, toNumber } from '../arguments.js';
import type { Call } from '../call.js';
import { CommandError } from '../reply.js';
import { isReached, type UnixMs } from '../unix-ms.js';

/** How a time is given: `isRelative` to now; one unit is so many milliseconds. */
export interface TimeForm {
  readonly isRelative: boolean;
  readonly unitMs: 1 | 1000;
}

export const EX: TimeForm = { isRelative: true, unitMs: 1000 };
export const PX: TimeForm = { isRelative: true, unitMs: 1 };
export const EXAT: TimeForm = { isRelative: false, unitMs: 1000 };
export const PXAT: TimeForm = { isRelative: false, unitMs: 1 };

const MAX_INT64 = 2n ** 63n - 1n;

/** The option of this name, in upper case. */
export function timeFormOf(option: string): TimeForm | undefined {
  switch (option) {
    case 'EX':
      return EX;
    case 'PX':
      return PX;
    case 'EXAT':
      return EXAT;
    case 'PXAT':
      return PXAT;
    default:
      return undefined;
  }
}

/** A positive time, for options of commands that set values. Throws "invalid expire time". */
export function positiveTime(call: Call, text: ByteString | undefined, form: TimeForm): UnixMs {
  const value = integerArgument(text);
  const isSmall = typeof value === 'number' && value <= SMALL;
  if (value <= 0) throw invalidExpireTime(call);
  if (isSmall) return Number(value) * form.unitMs + (form.isRelative ? call.nowMs : 0);
  return largeTime(call, value, form);
}

/** Any time, as EXPIRE and its like take it; it may be long past. */
export function anyTime(call: Call, text: ByteString | undefined, form: TimeForm): UnixMs {
  const value = integerArgument(text);
  if (typeof value === 'number' && value <= SMALL && value >= -SMALL)
    return value * form.unitMs + (form.isRelative ? call.nowMs : 0);
  return largeTime(call, value, form);
}

/** Whether a time is no use as an expiry any more: never while a log is loaded. */
export function isPast(call: Call, atMs: UnixMs): boolean {
  return isReached(atMs, call.nowMs) && !call.engine.isLoading;
}

export function invalidExpireTime({ args }: Call): CommandError {
  return new CommandError(`ERR invalid expire time in '${args[0]!.toLowerCase()}' command`);
}

/** Below this nothing overflows, and everything is exact: 2^53 ms are the year 287396. */
const SMALL = 2 ** 42;

function largeTime(call: Call, value: number | bigint, { isRelative, unitMs }: TimeForm): UnixMs {
  let atMs = BigInt(value) * BigInt(unitMs);
  if (atMs > MAX_INT64 || atMs < -MAX_INT64 - 1n) throw invalidExpireTime(call);
  if (isRelative) atMs += BigInt(call.nowMs);
  if (atMs > MAX_INT64) throw invalidExpireTime(call);
  return toNumber(atMs);
}

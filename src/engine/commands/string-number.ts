/** Commands that take strings for numbers. */
import type { ByteString } from '../../bytes/byte-string.js';
import { addInt64, integerArgument, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { addLongDoubles, formatLongDouble, isInfinite, type LongDouble, parseLongDouble } from '../long-double.js';
import { CommandError, notAFloat, notAnInteger, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import { isInt64Text } from '../values/int64-text.js';
import { RawString } from '../values/raw-string.js';

export const STRING_NUMBER_COMMANDS: CommandTable = {
  INCR: (call) => add(call, 1),
  DECR: (call) => add(call, -1),
  INCRBY: (call) => add(call, integerArgument(call.args[2])),
  DECRBY: decrby,
  INCRBYFLOAT: incrbyfloat,
};

/** INCR key · DECR key · INCRBY key increment */
function add(call: Call, increment: number | bigint): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const text = db.getString(key);
  const value = text === undefined ? 0 : parseInt64(text);
  if (value === undefined) throw notAnInteger();
  const sum = addInt64(value, increment);
  if (sum === undefined) throw new CommandError('ERR increment or decrement would overflow');
  db.overwrite(key, String(sum));
  call.changed(key, '$', 'incrby');
  call.dirty++;
  return sum;
}

/** DECRBY key decrement */
function decrby(call: Call): Reply {
  const decrement = integerArgument(call.args[2]);
  if (decrement === MIN_INT64) throw new CommandError('ERR decrement would overflow');
  return add(call, -decrement);
}

const MIN_INT64 = -(2n ** 63n);

/** INCRBYFLOAT key increment */
function incrbyfloat(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const value = longDouble(db.getString(key) ?? '0');
  const increment = longDouble(args[2]!);
  const sum = isInfinite(value) || isInfinite(increment) ? undefined : addLongDoubles(value, increment);
  if (sum === undefined || isInfinite(sum)) throw new CommandError('ERR increment would produce NaN or Infinity');
  const text = formatLongDouble(sum);
  // The server does not look whether the result is an integer.
  db.overwrite(key, isInt64Text(text) ? new RawString(text, 'embstr') : text);
  call.changed(key, '$', 'incrbyfloat');
  call.dirty++;
  if (call.log !== undefined) {
    const keeps = isSince(call.engine.settings.target, KEEPS_TTL) ? ['KEEPTTL'] : [];
    call.log.replace(['SET', key, text, ...keeps]);
  }
  return text;
}

/** Servers that say so in the log: before, a replay lost the expiry. */
const KEEPS_TTL = { redis: '6.0', valkey: '7.2' };

function longDouble(text: ByteString): LongDouble {
  const value = parseLongDouble(text);
  if (value === undefined) throw notAFloat();
  return value;
}

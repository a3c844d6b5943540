/** How SET and its relatives stand in the log: with the time itself, not with what is left until then. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call } from '../call.js';
import type { CommandLog, LogArgument } from '../command-log.js';
import { isSince } from '../settings.js';
import type { UnixMs } from '../unix-ms.js';
import { type TimeForm, timeFormOf } from './expiry-arguments.js';

/** Servers with SET … PXAT, which also leave out GET. */
const HAS_PXAT = { redis: '6.2', valkey: '7.2' };
/** Servers that look into SET for a time to make absolute: older ones log it as it was sent. */
const LOOKS_INTO_SET = { redis: '3.2', valkey: '7.2' };
const HAS_PEXPIREAT = { redis: '2.6', valkey: '7.2' };
/** Servers that leave SET … PXAT alone. */
const KEEPS_PXAT = { redis: '7.2', valkey: '7.2' };
/** Servers that change a SET without other options where it stands, its name in the letters that were sent. */
const EDITS_IN_PLACE = { redis: '8.6', valkey: '9.1' };

/** SET key value [options], when it has set the value; `atMs` as the options say, `time` being their form. */
export function logSet(
  { engine, args }: Call,
  log: CommandLog,
  time: TimeForm | undefined,
  atMs: UnixMs | undefined,
): void {
  const { target } = engine.settings;
  const [name, key, value] = args as [ByteString, ByteString, ByteString];
  if (atMs === undefined) {
    const sent = args.filter((arg, at) => at < 3 || !isOption(arg, 'GET'));
    if (sent.length < args.length && isSince(target, HAS_PXAT)) log.replace(sent);
    return;
  }
  const isAbsoluteMs = time !== undefined && !time.isRelative && time.unitMs === 1;
  if (isAbsoluteMs && isSince(target, KEEPS_PXAT)) return;
  const isEdited = args.length === 5 && isSince(target, EDITS_IN_PLACE);
  if (isSince(target, HAS_PXAT)) log.replace([isEdited ? name : 'SET', key, value, 'PXAT', atMs]);
  else if (isSince(target, LOOKS_INTO_SET)) log.replace(['SET', key, value], ['PEXPIREAT', key, atMs]);
}

/** SETEX and PSETEX. */
export function logTimedSet({ engine, args }: Call, log: CommandLog, atMs: UnixMs): void {
  const { target } = engine.settings;
  const set: LogArgument[] = ['SET', args[1]!, args[3]!];
  if (isSince(target, HAS_PXAT)) log.replace([...set, 'PXAT', atMs]);
  else if (isSince(target, HAS_PEXPIREAT)) log.replace(set, ['PEXPIREAT', args[1]!, atMs]);
  else log.replace(set, ['EXPIREAT', args[1]!, Math.floor(Number(atMs) / 1000)]);
}

/** The options from `from` on, with the last time that they give, which is the one that counts, as PXAT. */
export function withAbsoluteTime(args: readonly ByteString[], from: number, atMs: UnixMs): LogArgument[] {
  const line: LogArgument[] = [...args];
  let last = from;
  for (let at = from; at < args.length - 1; at++) if (timeFormOf(args[at]!.toUpperCase()) !== undefined) last = at++;
  if (isOption(args[last], 'PXAT')) return line;
  line[last] = 'PXAT';
  line[last + 1] = atMs;
  return line;
}

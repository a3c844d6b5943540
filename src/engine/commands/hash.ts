/** Commands on hashes, but for those that are about the expiry of fields. */
import type { ByteString } from '../../bytes/byte-string.js';
import { addInt64, integerArgument, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { CommandLog } from '../command-log.js';
import { addLongDoubles, formatLongDouble, isInfinite, parseLongDouble } from '../long-double.js';
import { CommandError, notAFloat, OK, type Reply, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { HashObject } from '../values/hash-object.js';
import { expireFields, isLikeValkey } from './hash-expired.js';

export const HASH_COMMANDS: CommandTable = {
  HSET: hset,
  HMSET: hmset,
  HSETNX: hsetnx,
  HDEL: hdel,
  HINCRBY: hincrby,
  HINCRBYFLOAT: hincrbyfloat,
};

/** The hash at a key, without the fields whose time has come. Throws WRONGTYPE. */
export function hashAt({ db, engine }: Call, key: ByteString): HashObject | undefined {
  const hash = db.getObject(key, 'hash');
  if (hash === undefined || !hash.hasExpiries || !engine.isExpiring) return hash;
  return expireFields(db, key, hash) ? hash : undefined;
}

/** As {@link hashAt}, an empty one where there was none: the command puts something in. */
export function hashToChange(call: Call, key: ByteString): HashObject {
  return hashAt(call, key) ?? addHash(call, key);
}

/** A command has changed a hash, or emptied it: the key goes then. */
export function changedOrGone(call: Call, key: ByteString, hash: HashObject, event: string): void {
  const isEmpty = hash.size === 0;
  if (isEmpty) call.db.delete(key);
  call.changed(key, 'h', event);
  if (isEmpty) call.notify('g', 'del', key);
}

/** HSET key field value [field value ...] */
function hset(call: Call): Reply {
  return setPairs(call);
}

/** HMSET key field value [field value ...] */
function hmset(call: Call): Reply {
  setPairs(call);
  return OK;
}

/** HSETNX key field value */
function hsetnx(call: Call): Reply {
  const { args } = call;
  const key = args[1]!;
  const existing = hashAt(call, key);
  if (existing?.has(args[2]!)) return 0;
  const hash = existing ?? addHash(call, key);
  hash.makeRoomFor(args, 2, 4);
  hash.set(args[2]!, args[3]!);
  if (call.log !== undefined && isVolatile(call, hash)) call.log.replace(['HSET', key, args[2]!, args[3]!]);
  call.changed(key, 'h', 'hset');
  call.dirty++;
  return 1;
}

/** HDEL key field [field ...] */
function hdel(call: Call): Reply {
  const { args } = call;
  const key = args[1]!;
  const hash = hashAt(call, key);
  if (hash === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < args.length; at++) if (hash.remove(args[at]!)) removed++;
  if (removed === 0) return 0;
  changedOrGone(call, key, hash, 'hdel');
  call.dirty += removed;
  return removed;
}

/** HINCRBY key field increment */
function hincrby(call: Call): Reply {
  const { args } = call;
  const increment = integerArgument(args[3]);
  const key = args[1]!;
  const existing = hashAt(call, key);
  const old = existing?.get(args[2]!);
  const value = old === undefined ? 0 : parseInt64(old);
  if (value === undefined) throw new CommandError('ERR hash value is not an integer');
  const sum = addInt64(value, increment);
  if (sum === undefined) throw new CommandError('ERR increment or decrement would overflow');
  const hash = existing ?? addHash(call, key);
  hash.set(args[2]!, String(sum), true);
  if (call.log !== undefined && isVolatile(call, hash)) logResult(call, call.log, hash, String(sum));
  call.changed(key, 'h', 'hincrby');
  call.dirty++;
  return sum;
}

/** HINCRBYFLOAT key field increment */
function hincrbyfloat(call: Call): Reply {
  const { args } = call;
  const increment = parseLongDouble(args[3]!);
  if (increment === undefined) throw notAFloat();
  if (isInfinite(increment)) throw new CommandError('ERR value is NaN or Infinity');
  const key = args[1]!;
  const existing = hashAt(call, key);
  const value = parseLongDouble(existing?.get(args[2]!) ?? '0');
  if (value === undefined) throw new CommandError('ERR hash value is not a float');
  const sum = isInfinite(value) ? value : addLongDoubles(value, increment);
  if (isInfinite(sum)) throw new CommandError('ERR increment would produce NaN or Infinity');
  const text = formatLongDouble(sum);
  const hash = existing ?? addHash(call, key);
  hash.set(args[2]!, text, true);
  if (call.log !== undefined) logResult(call, call.log, hash, text);
  call.changed(key, 'h', 'hincrbyfloat');
  call.dirty++;
  return text;
}

/** Whether fields expire on a server that then logs values alone. */
function isVolatile({ engine }: Call, hash: HashObject): boolean {
  return hash.hasExpiries && isLikeValkey(engine);
}

/** What a field has come to, which keeps its time. */
function logResult({ engine, args }: Call, log: CommandLog, hash: HashObject, text: ByteString): void {
  const [, key, field] = args as [ByteString, ByteString, ByteString];
  const atMs = hash.expiryOf(field);
  if (isSince(engine.settings.target, KEEPS_TTL)) log.replace(['HSETEX', key, 'KEEPTTL', 'FIELDS', '1', field, text]);
  else if (atMs !== undefined && isLikeValkey(engine))
    log.replace(['HSETEX', key, 'PXAT', atMs, 'FIELDS', '1', field, text]);
  else log.replace(['HSET', key, field, text]);
}

/** Servers that say so in the log: before, a replay lost the time of the field. */
const KEEPS_TTL = { redis: '8.2' };

function setPairs(call: Call): number {
  const { args } = call;
  if (args.length % 2 === 1) throw wrongArity(args[0]!);
  const hash = hashToChange(call, args[1]!);
  hash.makeRoomFor(args, 2, args.length);
  let created = 0;
  for (let at = 2; at < args.length; at += 2) if (hash.set(args[at]!, args[at + 1]!)) created++;
  call.changed(args[1]!, 'h', 'hset');
  call.dirty += (args.length - 2) >> 1;
  return created;
}

function addHash({ db, engine }: Call, key: ByteString): HashObject {
  const hash = new HashObject(engine.settings);
  db.set(key, hash);
  return hash;
}

/** Commands that read strings, and that change them as bytes. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import { CommandError, OK, type Reply, syntaxError, wrongArity, wrongType } from '../reply.js';
import { isSince } from '../settings.js';
import { RawString } from '../values/raw-string.js';
import { deletion, expireNow } from './deletion.js';
import { isPast, positiveTime, type TimeForm, timeFormOf } from './expiry-arguments.js';

export const STRING_COMMANDS: CommandTable = {
  GET: get,
  MGET: mget,
  GETRANGE: getrange,
  SUBSTR: getrange,
  STRLEN: strlen,
  GETSET: getset,
  GETDEL: getdel,
  GETEX: getex,
  APPEND: append,
  SETRANGE: setrange,
  MSET: mset,
  MSETNX: msetnx,
};

/** `proto-max-bulk-len`, which strings never exceed but in a log. */
export const MAX_STRING_BYTES = 512 * 1024 * 1024;

/**
 * The string at a key, to be changed in place; made of the value that is there, or empty where the key is missing. Throws
 * WRONGTYPE.
 */
export function stringToChange(db: Database, key: ByteString): RawString {
  const value = db.get(key);
  if (value instanceof RawString && value.encoding === 'raw') return value;
  const raw = new RawString(value === undefined ? '' : textOf(value));
  db.overwrite(key, raw);
  return raw;
}

/** GET key */
function get({ db, args }: Call): Reply {
  return db.getString(args[1]!) ?? null;
}

/** MGET key [key ...] */
function mget({ db, args }: Call): Reply {
  const values: Reply[] = [];
  for (let at = 1; at < args.length; at++) {
    const value = db.get(args[at]!);
    values.push(typeof value === 'string' || value?.type === 'string' ? textOf(value) : null);
  }
  return values;
}

/** GETRANGE key start end · SUBSTR key start end */
function getrange({ db, args }: Call): Reply {
  const first = integerArgument(args[2]);
  const last = integerArgument(args[3]);
  const value = db.getString(args[1]!);
  if (value === undefined || (first < 0 && last < 0 && first > last)) return '';
  const size = value.length;
  const start = Math.max(0, first < 0 ? size + Number(first) : Number(first));
  const end = Math.max(0, last < 0 ? size + Number(last) : Number(last));
  return value.slice(start, end + 1);
}

/** STRLEN key */
function strlen({ db, args }: Call): Reply {
  const value = db.get(args[1]!);
  return value === undefined ? 0 : lengthOf(value);
}

/** GETSET key value */
function getset(call: Call): Reply {
  const { db, args } = call;
  const old = db.getString(args[1]!) ?? null;
  db.set(args[1]!, args[2]!);
  call.changed(args[1]!, '$', 'set');
  call.dirty++;
  if (call.log !== undefined && isSince(call.engine.settings.target, LOGS_EFFECTS))
    call.log.replace(['SET', args[1]!, args[2]!]);
  return old;
}

/** Servers that log what GETSET and its like do, and not what they were. */
const LOGS_EFFECTS = { redis: '6.2', valkey: '7.2' };

/** GETDEL key */
function getdel(call: Call): Reply {
  const { db, args } = call;
  const old = db.getString(args[1]!);
  if (old === undefined) return null;
  db.delete(args[1]!);
  call.log?.replace([deletion(call), args[1]!]);
  call.changed(args[1]!, 'g', 'del');
  call.dirty++;
  return old;
}

/** GETEX key [EX seconds | PX ms | EXAT seconds | PXAT ms | PERSIST] */
function getex(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const { time, timeText, isPersist } = parseGetexOptions(args);
  // Newer servers of one family look at the time before they look for the key.
  const isTimeFirst = isSince(engine.settings.target, { valkey: '9.1' });
  if (isTimeFirst && time !== undefined) positiveTime(call, timeText, time);
  const value = db.getString(key);
  if (value === undefined) return null;
  if (time !== undefined) {
    const atMs = positiveTime(call, timeText, time);
    if (!time.isRelative && isPast(call, atMs)) expireNow(call, key);
    else {
      db.setExpiry(key, atMs);
      call.log?.replace(['PEXPIREAT', key, atMs]);
      call.changed(key, 'g', 'expire');
    }
    call.dirty++;
  } else if (isPersist && db.persist(key)) {
    call.log?.replace(['PERSIST', key]);
    call.changed(key, 'g', 'persist');
    call.dirty++;
  }
  return value;
}

/** APPEND key value */
function append(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const added = args[2]!;
  const value = db.get(key);
  let size = added.length;
  if (value === undefined) {
    db.set(key, added);
  } else {
    const text = textOf(value);
    size += text.length;
    if (!engine.isLoading) checkSize(size);
    if (value instanceof RawString && value.encoding === 'raw') value.bytes = text + added;
    else db.overwrite(key, new RawString(text + added));
  }
  call.changed(key, '$', 'append');
  call.dirty++;
  return size;
}

/** SETRANGE key offset value */
function setrange(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const part = args[3]!;
  const offset = numberArgument(args[2]);
  if (offset < 0) throw new CommandError('ERR offset is out of range');
  const value = db.get(key);
  const before = value === undefined ? 0 : lengthOf(value);
  if (part.length === 0) return before;
  if (!engine.isLoading) checkSize(offset + part.length);
  const raw = stringToChange(db, key);
  const bytes = raw.edit(offset + part.length);
  for (let at = 0; at < part.length; at++) bytes[offset + at] = part.charCodeAt(at);
  call.changed(key, '$', 'setrange');
  call.dirty++;
  return raw.length;
}

/** MSET key value [key value ...] */
function mset(call: Call): Reply {
  setPairs(call);
  return OK;
}

/** MSETNX key value [key value ...] */
function msetnx(call: Call): Reply {
  const { db, args } = call;
  checkPairs(args);
  for (let at = 1; at < args.length; at += 2) if (db.has(args[at]!)) return 0;
  setPairs(call);
  return 1;
}

function setPairs(call: Call): void {
  const { db, args } = call;
  checkPairs(args);
  for (let at = 1; at < args.length; at += 2) {
    db.set(args[at]!, args[at + 1]!);
    call.changed(args[at]!, '$', 'set');
  }
  call.dirty += (args.length - 1) / 2;
}

function checkPairs(args: readonly ByteString[]): void {
  if (args.length % 2 === 0) throw wrongArity(args[0]!);
}

interface GetexOptions {
  readonly time: TimeForm | undefined;
  readonly timeText: ByteString;
  readonly isPersist: boolean;
}

function parseGetexOptions(args: readonly ByteString[]): GetexOptions {
  let time: TimeForm | undefined;
  let timeText = '';
  let isPersist = false;
  for (let at = 2; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === 'PERSIST' && time === undefined) {
      isPersist = true;
      continue;
    }
    const form = timeFormOf(option);
    const text = args[++at];
    if (form === undefined || isPersist || text === undefined) throw syntaxError();
    if (time !== undefined && time !== form) throw syntaxError();
    time = form;
    timeText = text;
  }
  return { time, timeText, isPersist };
}

function textOf(value: NonNullable<ReturnType<Database['get']>>): ByteString {
  if (typeof value === 'string') return value;
  if (value.type === 'string') return value.bytes;
  throw wrongType();
}

function lengthOf(value: NonNullable<ReturnType<Database['get']>>): number {
  if (typeof value === 'string') return value.length;
  if (value.type === 'string') return value.length;
  throw wrongType();
}

function checkSize(size: number): void {
  if (size > MAX_STRING_BYTES) throw new CommandError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
}

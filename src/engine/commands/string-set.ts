/** SET with the options of every generation, and its relatives that carry conditions or times. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { xxh3Hex } from '../../codecs/xxh3.js';
import { parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import { CommandError, OK, type Reply, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import type { UnixMs } from '../unix-ms.js';
import { expireNow } from './deletion.js';
import { EX, isPast, PX, positiveTime, type TimeForm, timeFormOf } from './expiry-arguments.js';
import { logSet, logTimedSet, withAbsoluteTime } from './string-set-log.js';

export const STRING_SET_COMMANDS: CommandTable = {
  SET: set,
  SETNX: setnx,
  SETEX: (call) => setWithTime(call, EX),
  PSETEX: (call) => setWithTime(call, PX),
  MSETEX: msetex,
  DELEX: delex,
  DELIFEQ: delifeq,
  DIGEST: digest,
};

/** What must hold of the value that is there. */
type Comparison = 'IFEQ' | 'IFNE' | 'IFDEQ' | 'IFDNE';

interface SetOptions {
  /** Whether the key must be missing, or there. */
  existence: 'NX' | 'XX' | undefined;
  comparison: Comparison | undefined;
  operand: ByteString;
  isGet: boolean;
  keepTtl: boolean;
  time: TimeForm | undefined;
  timeText: ByteString;
}

/**
 * SET key value [NX | XX | IFEQ value | IFNE value | IFDEQ digest | IFDNE digest] [GET]
 * [EX seconds | PX ms | EXAT seconds | PXAT ms | KEEPTTL]
 */
function set(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  if (args.length === 3) {
    db.set(key, args[2]!);
    call.changed(key, '$', 'set');
    call.dirty++;
    return OK;
  }
  const options = parseSetOptions(call);
  const atMs = options.time === undefined ? undefined : positiveTime(call, options.timeText, options.time);
  const old = options.isGet ? (db.getString(key) ?? null) : undefined;
  if (!exists(db, key, options.existence) || !holds(db, key, options.comparison, options.operand)) return old ?? null;
  put(call, key, args[2]!, options.keepTtl, atMs);
  if (call.log !== undefined && call.db.keys.has(key)) logSet(call, call.log, options.time, atMs);
  return old === undefined ? OK : old;
}

/** SETNX key value */
function setnx(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  if (db.has(key)) return 0;
  db.set(key, args[2]!);
  call.changed(key, '$', 'set');
  call.dirty++;
  return 1;
}

/** SETEX key seconds value · PSETEX key milliseconds value */
function setWithTime(call: Call, form: TimeForm): Reply {
  const { args } = call;
  const atMs = positiveTime(call, args[2], form);
  put(call, args[1]!, args[3]!, false, atMs);
  if (call.log !== undefined) logTimedSet(call, call.log, atMs);
  return OK;
}

/** MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX ms | EXAT seconds | PXAT ms | KEEPTTL] */
function msetex(call: Call): Reply {
  const { args, db } = call;
  const keysEnd = 2 + 2 * keyCount(call);
  if (keysEnd > args.length)
    throw isValkey(call) ? syntaxError() : new CommandError('ERR wrong number of key-value pairs');
  const { existence, time, timeText, keepTtl } = parseMsetexOptions(args, keysEnd);
  const atMs = time === undefined ? undefined : positiveTime(call, timeText, time);
  for (let at = 2; at < keysEnd; at += 2) if (!exists(db, args[at]!, existence)) return 0;
  for (let at = 2; at < keysEnd; at += 2) {
    const key = args[at]!;
    assign(db, key, args[at + 1]!, keepTtl);
    if (atMs !== undefined) db.setExpiry(key, atMs);
    if (atMs !== undefined && !isValkey(call)) call.notify('g', 'expire', key);
    call.changed(key, '$', 'set');
    if (atMs !== undefined && isValkey(call)) call.notify('g', 'expire', key);
  }
  if (call.log !== undefined && atMs !== undefined && (time!.isRelative || isValkey(call)))
    call.log.replace(withAbsoluteTime(args, keysEnd, atMs));
  call.dirty += (keysEnd - 2) / 2;
  return 1;
}

/** DELEX key [IFEQ value | IFNE value | IFDEQ digest | IFDNE digest] */
function delex(call: Call): Reply {
  const { args, db } = call;
  const key = args[1]!;
  if (args.length !== 2 && args.length !== 4) throw wrongArity(args[0]!);
  const value = db.get(key);
  if (value === undefined) return 0;
  if (args.length === 4) {
    if (typeof value !== 'string' && value.type !== 'string')
      throw new CommandError('ERR Key should be of string type if conditions are specified');
    const comparison = comparisonOf(args[2]!.toUpperCase());
    if (comparison === undefined) throw new CommandError('ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE');
    if (!holds(db, key, comparison, args[3]!)) return 0;
    call.log?.replace(['DEL', key]);
  }
  db.delete(key);
  call.changed(key, 'g', 'del');
  call.dirty++;
  return 1;
}

/** DELIFEQ key value */
function delifeq(call: Call): Reply {
  const { args, db } = call;
  const key = args[1]!;
  if (db.getString(key) !== args[2]) return 0;
  db.delete(key);
  call.log?.replace(['DEL', key]);
  call.changed(key, 'g', 'del');
  call.dirty++;
  return 1;
}

/** DIGEST key */
function digest({ db, args }: Call): Reply {
  const value = db.getString(args[1]!);
  return value === undefined ? null : digestOf(value);
}

/** Sets a value; one whose time is past is deleted instead where servers do so. */
function put(call: Call, key: ByteString, value: ByteString, keepTtl: boolean, atMs: UnixMs | undefined): void {
  const { db } = call;
  if (atMs !== undefined && isPast(call, atMs) && isSince(call.engine.settings.target, DELETES_PAST)) {
    if (!db.has(key)) return;
    expireNow(call, key);
    call.dirty++;
    return;
  }
  assign(db, key, value, keepTtl);
  call.changed(key, '$', 'set');
  if (atMs !== undefined) {
    db.setExpiry(key, atMs);
    call.notify('g', 'expire', key);
  }
  call.dirty++;
}

/** What has expired leaves no expiry to keep. Metadata is never kept. */
function assign(db: Database, key: ByteString, value: ByteString, keepTtl: boolean): void {
  if (keepTtl && db.has(key)) {
    db.overwrite(key, value);
    db.setMeta(key, undefined);
  } else db.set(key, value);
}

const DELETES_PAST = { redis: '8.8', valkey: '8.0' };

/** Which options may stand together, and which may be repeated, is not the same in both families. */
function parseSetOptions({ args, engine }: Call): SetOptions {
  const options = noOptions();
  const isLenient = isSince(engine.settings.target, { redis: '8.4' });
  for (let at = 3; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const comparison = comparisonOf(option);
    if (option === 'GET') options.isGet = true;
    else if (option === 'NX' || option === 'XX') takeExistence(options, option, isLenient);
    else if (comparison !== undefined) takeComparison(options, comparison, args[++at], isLenient);
    else at = takeTime(options, option, args, at);
  }
  return options;
}

/** Redis lets it follow a comparison, and asks for both then. */
function takeExistence(options: SetOptions, option: 'NX' | 'XX', isLenient: boolean): void {
  if (options.existence !== undefined && options.existence !== option) throw syntaxError();
  if (options.comparison !== undefined && !isLenient) throw syntaxError();
  options.existence = option;
}

/** Redis lets the same one come again. */
function takeComparison(
  options: SetOptions,
  comparison: Comparison,
  operand: ByteString | undefined,
  isLenient: boolean,
): void {
  const isAgain = isLenient && options.comparison === comparison;
  if (operand === undefined || options.existence !== undefined) throw syntaxError();
  if (options.comparison !== undefined && !isAgain) throw syntaxError();
  options.comparison = comparison;
  options.operand = operand;
}

function takeTime(
  options: Pick<SetOptions, 'time' | 'timeText' | 'keepTtl'>,
  option: string,
  args: readonly ByteString[],
  at: number,
): number {
  if (option === 'KEEPTTL' && options.time === undefined) {
    options.keepTtl = true;
    return at;
  }
  const time = timeFormOf(option);
  const text = args[at + 1];
  if (time === undefined || options.keepTtl || text === undefined) throw syntaxError();
  if (options.time !== undefined && options.time !== time) throw syntaxError();
  options.time = time;
  options.timeText = text;
  return at + 1;
}

function parseMsetexOptions(args: readonly ByteString[], from: number): SetOptions {
  const options = noOptions();
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === 'NX' || option === 'XX') {
      takeExistence(options, option, false);
    } else {
      at = takeTime(options, option, args, at);
    }
  }
  return options;
}

function noOptions(): SetOptions {
  return {
    existence: undefined,
    comparison: undefined,
    operand: '',
    isGet: false,
    keepTtl: false,
    time: undefined,
    timeText: '',
  };
}

function comparisonOf(option: string): Comparison | undefined {
  return option === 'IFEQ' || option === 'IFNE' || option === 'IFDEQ' || option === 'IFDNE' ? option : undefined;
}

function exists(db: Database, key: ByteString, existence: 'NX' | 'XX' | undefined): boolean {
  return existence === undefined || db.has(key) === (existence === 'XX');
}

/** Throws WRONGTYPE where there is something to compare with that is no string. */
function holds(db: Database, key: ByteString, comparison: Comparison | undefined, operand: ByteString): boolean {
  switch (comparison) {
    case undefined:
      return true;
    case 'IFEQ':
      return db.getString(key) === operand;
    case 'IFNE':
      return db.getString(key) !== operand;
    default: {
      const value = db.getString(key);
      if (value === undefined) return comparison === 'IFDNE';
      if (operand.length !== DIGEST_DIGITS) throw new CommandError('ERR must be exactly 16 hexadecimal characters');
      return (digestOf(value) === operand.toLowerCase()) === (comparison === 'IFDEQ');
    }
  }
}

const DIGEST_DIGITS = 16;

function digestOf(value: ByteString): string {
  return xxh3Hex(fromByteString(value));
}

function keyCount(call: Call): number {
  const count = parseInt64(call.args[1]!);
  if (typeof count === 'number' && count > 0 && count <= MAX_KEYS) return count;
  throw new CommandError(`ERR invalid numkeys value${isValkey(call) ? ' or out of range' : ''}`);
}

const MAX_KEYS = 2 ** 31 - 1;

function isValkey({ engine }: Call): boolean {
  return engine.settings.target.family === 'valkey';
}

/** Values as payloads: DUMP makes them, RESTORE takes them. */
import { fromByteString, toByteString } from '../../bytes/byte-string.js';
import { LimitError, RedisFileError, UnsupportedError } from '../../bytes/errors.js';
import { FIRST_VALKEY_VERSION } from '../../rdb/constants.js';
import { type DumpValue, decodeDump, encodeDump } from '../../rdb/dump.js';
import type { RdbValue } from '../../rdb/model.js';
import type { Target } from '../../rdb/versions.js';
import { integerArgument, numberArgument, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, OK, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { keyEntry } from '../snapshot.js';
import type { UnixMs } from '../unix-ms.js';
import { fromRdb } from '../values/from-rdb.js';
import { isPast } from './expiry-arguments.js';

export const RESTORE_COMMANDS: CommandTable = {
  RESTORE: restore,
  'RESTORE-ASKING': restore,
  DUMP: dump,
};

/** RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency] */
function restore(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const { isReplace, isAbsolute } = parseOptions(call);
  if (!isReplace && db.has(key)) throw new CommandError('BUSYKEY Target key name already exists.');
  const ttlMs = integerArgument(args[2]);
  if (ttlMs < 0) throw new CommandError('ERR Invalid TTL value, must be >= 0');
  const { value, meta } = decode(call);
  const isReplaced = db.has(key) && db.delete(key);
  const atMs = ttlMs === 0 || isAbsolute ? ttlMs : timeFrom(call.nowMs, ttlMs);
  if (ttlMs > 0 && isPast(call, atMs)) {
    if (isReplaced) call.dirty++;
    return OK;
  }
  db.set(key, fromRdb(value, engine.settings));
  if (ttlMs > 0) db.setExpiry(key, atMs);
  if (meta !== undefined) db.setMeta(key, meta);
  call.dirty++;
  return OK;
}

/** A sum beyond 64 bits goes around, into the past. */
function timeFrom(nowMs: number, ttlMs: number | bigint): UnixMs {
  if (typeof ttlMs === 'number' && Number.isSafeInteger(nowMs + ttlMs)) return nowMs + ttlMs;
  return toNumber(BigInt.asIntN(64, BigInt(nowMs) + BigInt(ttlMs)));
}

/** DUMP key */
function dump({ db, args, engine }: Call): Reply {
  const key = args[1]!;
  const stored = db.get(key);
  if (stored === undefined) return null;
  const { value, rdbType, meta } = keyEntry(db, key, stored, engine.settings);
  return toByteString(encodeDump(value, { target: engine.settings.target, rdbType, meta }));
}

/** The age of a key is checked, and forgotten. */
function parseOptions({ args }: Call): { readonly isReplace: boolean; readonly isAbsolute: boolean } {
  let isReplace = false;
  let isAbsolute = false;
  let age: 'IDLETIME' | 'FREQ' | undefined;
  for (let at = 4; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === 'REPLACE') {
      isReplace = true;
    } else if (option === 'ABSTTL') {
      isAbsolute = true;
    } else if ((option === 'IDLETIME' || option === 'FREQ') && at + 1 < args.length && (age ?? option) === option) {
      age = option;
      const value = numberArgument(args[++at]);
      if (option === 'IDLETIME' && value < 0) throw new CommandError('ERR Invalid IDLETIME value, must be >= 0');
      if (option === 'FREQ' && (value < 0 || value > 255))
        throw new CommandError('ERR Invalid FREQ value, must be >= 0 and <= 255');
    } else {
      throw syntaxError();
    }
  }
  return { isReplace, isAbsolute };
}

/**
 * Redis 8.4 takes a checksum of zero for none; a log of any server may hold one. What a log holds and this library cannot
 * read ends the replay: the server that wrote it had the value.
 */
function decode({ args, engine }: Call): DumpValue {
  const { isLoading } = engine;
  const { target } = engine.settings;
  const takesZero = isLoading || isSince(target, { redis: '8.4' });
  try {
    const decoded = decodeDump(fromByteString(args[3]!), { checksum: takesZero ? 'unless-zero' : 'always' });
    if (!isLoading && isTooNew(decoded.version, target)) throw wrongPayload();
    if (isEmpty(decoded.value)) throw badData();
    return decoded;
  } catch (error) {
    if (!(error instanceof RedisFileError)) throw error;
    if (error.code === 'BAD_DUMP' || error.code === 'CHECKSUM_MISMATCH') throw wrongPayload();
    if (isLoading && (error instanceof UnsupportedError || error instanceof LimitError)) throw error;
    throw badData();
  }
}

/** Valkey 9 also refuses what versions of Redis wrote that it does not know. */
function isTooNew(version: number, target: Target): boolean {
  const isForeign = version >= FIRST_FOREIGN_VERSION && version < FIRST_VALKEY_VERSION;
  return version > target.version || (target.version >= FIRST_VALKEY_VERSION && isForeign);
}

const FIRST_FOREIGN_VERSION = 12;

/** No server keeps a value without elements. */
function isEmpty(value: RdbValue): boolean {
  switch (value.type) {
    case 'list':
      return value.items.length === 0;
    case 'set':
    case 'zset':
      return value.members.length === 0;
    case 'hash':
      return value.fields.length === 0;
    default:
      return false;
  }
}

function wrongPayload(): CommandError {
  return new CommandError('ERR DUMP payload version or checksum are wrong');
}

function badData(): CommandError {
  return new CommandError('ERR Bad data format');
}

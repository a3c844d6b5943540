/** Values as payloads: DUMP makes them, RESTORE takes them. */
import { type ByteString, toByteString } from '../../bytes/byte-string.js';
import { EncodeError } from '../../bytes/errors.js';
import { encodeDump } from '../../rdb/dump.js';
import { setAge } from '../age.js';
import { integerArgument, numberArgument, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import { CommandError, OK, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { keyEntry } from '../snapshot.js';
import type { UnixMs } from '../unix-ms.js';
import type { StoredValue } from '../values/stored-value.js';
import { isPast } from './expiry-arguments.js';
import { restoredFrom } from './restore-payload.js';

export const RESTORE_COMMANDS: CommandTable = {
  RESTORE: restore,
  'RESTORE-ASKING': restore,
  DUMP: dump,
};

/** RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency] */
function restore(call: Call): Reply {
  const { db, args, engine } = call;
  const key = args[1]!;
  const { isReplace, isAbsolute, age, ageValue } = parseOptions(call);
  if (!isReplace && db.has(key)) throw new CommandError('BUSYKEY Target key name already exists.');
  const ttlMs = integerArgument(args[2]);
  if (ttlMs < 0) throw new CommandError('ERR Invalid TTL value, must be >= 0');
  const { stored, meta } = restoredFrom(args[3]!, engine);
  const isReplaced = db.has(key) && db.delete(key);
  const atMs = ttlMs === 0 || isAbsolute ? ttlMs : timeFrom(call.nowMs, ttlMs);
  if (ttlMs > 0 && isPast(call, atMs)) {
    if (!isReplaced) return OK;
    call.log?.replace([engine.settings.lazyFree.serverDel ? 'UNLINK' : 'DEL', key]);
    call.changed(key, 'g', 'del');
    call.dirty++;
    return OK;
  }
  db.set(key, stored);
  if (ttlMs > 0) db.setExpiry(key, atMs);
  if (meta !== undefined) db.setMeta(key, meta);
  if (age !== undefined) setAge(db, key, age === 'IDLETIME' ? { idleSeconds: ageValue } : { freq: ageValue });
  if (call.log !== undefined && ttlMs > 0 && !isAbsolute && isSince(engine.settings.target, LOGS_ABSOLUTE)) {
    const [name, , , payload, ...options] = args as [ByteString, ByteString, ByteString, ByteString];
    call.log.replace([name, key, atMs, payload, ...options, 'ABSTTL']);
  }
  call.changed(key, 'g', 'restore');
  call.dirty++;
  return OK;
}

/** Servers whose log says when a restored key expires; a replay of the others begins its time anew. */
const LOGS_ABSOLUTE = { redis: '7.0', valkey: '7.2' };

/** A sum beyond 64 bits goes around, into the past. */
function timeFrom(nowMs: number, ttlMs: number | bigint): UnixMs {
  if (typeof ttlMs === 'number' && Number.isSafeInteger(nowMs + ttlMs)) return nowMs + ttlMs;
  return toNumber(BigInt.asIntN(64, BigInt(nowMs) + BigInt(ttlMs)));
}

/** DUMP key */
function dump({ db, args }: Call): Reply {
  const key = args[1]!;
  const stored = db.get(key);
  return stored === undefined ? null : toByteString(encodeDumpOf(db, key, stored));
}

/** A payload of what a key holds. Throws CommandError for what came with a file and the server could not write. */
export function encodeDumpOf(db: Database, key: ByteString, stored: StoredValue): Uint8Array {
  const { settings } = db.engine;
  try {
    const { value, rdbType, meta } = keyEntry(db, key, stored, settings);
    return encodeDump(value, { target: settings.target, rdbType, meta });
  } catch (error) {
    throw error instanceof EncodeError ? new CommandError(`ERR ${error.message}`) : error;
  }
}

interface RestoreOptions {
  readonly isReplace: boolean;
  readonly isAbsolute: boolean;
  readonly age: 'IDLETIME' | 'FREQ' | undefined;
  /** Seconds, or a counter. */
  readonly ageValue: number;
}

function parseOptions({ args }: Call): RestoreOptions {
  let isReplace = false;
  let isAbsolute = false;
  let age: RestoreOptions['age'];
  let ageValue = 0;
  for (let at = 4; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === 'REPLACE') {
      isReplace = true;
    } else if (option === 'ABSTTL') {
      isAbsolute = true;
    } else if ((option === 'IDLETIME' || option === 'FREQ') && at + 1 < args.length && (age ?? option) === option) {
      age = option;
      const value = numberArgument(args[++at]);
      ageValue = value;
      if (option === 'IDLETIME' && value < 0) throw new CommandError('ERR Invalid IDLETIME value, must be >= 0');
      if (option === 'FREQ' && (value < 0 || value > 255))
        throw new CommandError('ERR Invalid FREQ value, must be >= 0 and <= 255');
    } else {
      throw syntaxError();
    }
  }
  return { isReplace, isAbsolute, age, ageValue };
}

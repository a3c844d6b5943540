/** OBJECT: how a value is kept, and when it was last looked at. */
import type { ByteString } from '../../bytes/byte-string.js';
import { countOf, countsAccesses, countWord, idleSeconds } from '../access.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import type { Engine } from '../engine.js';
import { CommandError, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { StoredValue } from '../values/stored-value.js';
import { stringEncoding } from '../values/string-encoding.js';

export const OBJECT_COMMANDS: CommandTable = {
  'OBJECT ENCODING': encoding,
  'OBJECT REFCOUNT': refcount,
  'OBJECT IDLETIME': idletime,
  'OBJECT FREQ': freq,
};

export function encodingOf({ settings }: Engine, db: Database, key: ByteString, value: StoredValue): string {
  if (typeof value === 'string' || value.type === 'string')
    return stringEncoding(value, settings, key.length, db.expiryOf(key) !== undefined);
  return value.encoding(settings);
}

/** OBJECT ENCODING key */
function encoding({ db, args, engine }: Call): Reply {
  const key = args[2]!;
  const value = db.peek(key);
  return value === undefined ? null : encodingOf(engine, db, key, value);
}

/** OBJECT REFCOUNT key: servers share small integers among all keys, as long as values do not lie in one block with them. */
function refcount({ db, args, engine }: Call): Reply {
  const value = db.peek(args[2]!);
  if (value === undefined) return null;
  const isSmall = typeof value === 'string' && /^(?:0|[1-9]\d{0,3})$/.test(value);
  return isSmall && !isSince(engine.settings.target, EMBEDS_KEYS) ? SHARED : 1;
}

const SHARED = 2 ** 31 - 1;
const EMBEDS_KEYS = { redis: '8.2', valkey: '8.1' };

/** OBJECT IDLETIME key: in seconds; a key that nobody has looked at since it was loaded has been idle as long as the engine. */
function idletime({ db, args, engine }: Call): Reply {
  if (!db.has(args[2]!)) return null;
  if (countsAccesses(engine))
    throw new CommandError(
      'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at ' +
        'runtime LRU and LFU data will take some time to adjust.',
    );
  return idleSeconds(engine, db.keys.accessOf(args[2]!) ?? Math.floor(engine.startedMs / 1000));
}

/** OBJECT FREQ key */
function freq({ db, args, engine }: Call): Reply {
  if (!db.has(args[2]!)) return null;
  if (countsAccesses(engine)) return countOf(engine, db.keys.accessOf(args[2]!) ?? countWord(engine, 0));
  throw new CommandError(
    'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between ' +
      'policies at runtime LRU and LFU data will take some time to adjust.',
  );
}

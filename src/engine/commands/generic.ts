/** Commands on keys of every type. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { compileGlob } from '../../bytes/glob.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Database } from '../database.js';
import { CommandError, noSuchKey, OK, type Reply, Status, syntaxError } from '../reply.js';
import type { StoredValue } from '../values/stored-value.js';
import { databaseArgument } from './database-argument.js';

export const GENERIC_COMMANDS: CommandTable = {
  DEL: del,
  UNLINK: del,
  EXISTS: exists,
  TOUCH: touch,
  TYPE: type,
  KEYS: keys,
  DBSIZE: dbsize,
  RANDOMKEY: randomkey,
  RENAME: rename,
  RENAMENX: renamenx,
  MOVE: move,
  COPY: copy,
};

/** DEL key [key ...] · UNLINK key [key ...] */
function del(call: Call): Reply {
  const { db, args } = call;
  let deleted = 0;
  for (let at = 1; at < args.length; at++) {
    if (!db.has(args[at]!) || !db.delete(args[at]!)) continue;
    call.changed(args[at]!, 'g', 'del');
    deleted++;
  }
  call.dirty += deleted;
  return deleted;
}

/** EXISTS key [key ...] */
function exists({ db, args }: Call): Reply {
  let count = 0;
  for (let at = 1; at < args.length; at++) if (db.has(args[at]!)) count++;
  return count;
}

/** TOUCH key [key ...] */
function touch({ db, args }: Call): Reply {
  let count = 0;
  for (let at = 1; at < args.length; at++) if (db.get(args[at]!) !== undefined) count++;
  return count;
}

/** TYPE key */
function type({ db, args }: Call): Reply {
  return new Status(db.typeOf(args[1]!) ?? 'none');
}

/** KEYS pattern. What has expired is left out, and left alone. */
function keys({ db, args }: Call): Reply {
  const isAll = args[1] === '*';
  const glob = compileGlob(fromByteString(args[1]!));
  const found: ByteString[] = [];
  for (const key of db.keys.keys()) {
    const bytes = fromByteString(key);
    if ((isAll || glob.matches(bytes, 0, bytes.length)) && !db.isExpired(key)) found.push(key);
  }
  return found;
}

/** DBSIZE */
function dbsize({ db }: Call): Reply {
  return db.size;
}

/** RANDOMKEY */
function randomkey({ db, engine, log }: Call): Reply {
  log?.separately();
  while (db.size > 0) {
    const key = db.keys.randomKey(engine.random);
    if (key !== undefined && db.has(key)) return key;
  }
  return null;
}

/** RENAME key newkey */
function rename(call: Call): Reply {
  const { db, args } = call;
  const value = db.get(args[1]!);
  if (value === undefined) throw noSuchKey();
  if (args[1] !== args[2]) transfer(call, value, db, args[2]!, 'rename');
  return OK;
}

/** RENAMENX key newkey */
function renamenx(call: Call): Reply {
  const { db, args } = call;
  const value = db.get(args[1]!);
  if (value === undefined) throw noSuchKey();
  if (db.has(args[2]!)) return 0;
  transfer(call, value, db, args[2]!, 'rename');
  return 1;
}

/** MOVE key db */
function move(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const to = databaseArgument(call, args[2]);
  if (to === db) throw sameObject();
  const value = db.get(key);
  if (value === undefined || to.has(key)) return 0;
  transfer(call, value, to, key, 'move');
  return 1;
}

/** COPY source destination [DB destination-db] [REPLACE]. Metadata stays behind unless its module copies it. */
function copy(call: Call): Reply {
  const { db, args } = call;
  const [, source, target] = args as [ByteString, ByteString, ByteString];
  let to = db;
  let isReplace = false;
  for (let at = 3; at < args.length; at++) {
    if (isOption(args[at], 'REPLACE')) isReplace = true;
    else if (isOption(args[at], 'DB') && at + 1 < args.length) to = databaseArgument(call, args[++at]);
    else throw syntaxError();
  }
  if (to === db && source === target) throw sameObject();
  const value = db.get(source);
  if (value === undefined || (to.has(target) && !isReplace)) return 0;
  to.delete(target);
  to.set(target, typeof value === 'string' ? value : value.copy());
  const expiry = db.expiryOf(source);
  if (expiry !== undefined) to.setExpiry(target, expiry);
  call.changed(target, 'g', 'copy_to', to);
  call.dirty++;
  return 1;
}

/** A key takes its value, its expiry and its metadata elsewhere, over whatever is there. */
function transfer(call: Call, value: StoredValue, to: Database, target: ByteString, event: 'rename' | 'move'): void {
  const { db, args } = call;
  const expiry = db.expiryOf(args[1]!);
  const meta = db.metaOf(args[1]!);
  to.delete(target);
  to.set(target, value);
  if (expiry !== undefined) to.setExpiry(target, expiry);
  if (meta !== undefined) to.setMeta(target, meta);
  db.delete(args[1]!);
  call.touched(args[1]!);
  call.touched(target, to);
  call.notify('g', `${event}_from`, args[1]!);
  call.notify('g', `${event}_to`, target, to);
  call.dirty++;
}

function sameObject(): CommandError {
  return new CommandError('ERR source and destination objects are the same');
}

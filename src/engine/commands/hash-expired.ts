/** Fields of hashes that go because of their time, as servers log it and tell of it. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Database } from '../database.js';
import type { Engine } from '../engine.js';
import type { HashObject } from '../values/hash-object.js';

/** Whether it has the expiry of fields from Valkey: both families came by it on their own. */
export function isLikeValkey({ settings }: Engine): boolean {
  return settings.target.family === 'valkey';
}

/** Removes the fields whose time has come, and the key with the last of them. False where that has gone. */
export function expireFields(db: Database, key: ByteString, hash: HashObject): boolean {
  const { engine } = db;
  const gone = hash.expire(engine.nowMs);
  if (gone.length === 0) return true;
  const isEmpty = hash.size === 0;
  if (isEmpty) db.delete(key);
  logRemoved(db, key, gone);
  if (isEmpty && isLikeValkey(engine))
    engine.log?.also(db.index, [engine.settings.lazyFree.expire ? 'UNLINK' : 'DEL', key]);
  engine.changed(db, key);
  // Valkey counts fields whose time has come among what expires, Redis among what happens to hashes.
  engine.notify(isLikeValkey(engine) ? 'x' : 'h', 'hexpired', key, db);
  if (isEmpty) engine.notify('g', 'del', key, db);
  return !isEmpty;
}

/** Fields that are gone: a line for each, or in Valkey one for all. */
export function logRemoved({ engine, index }: Database, key: ByteString, fields: readonly ByteString[]): void {
  const { log } = engine;
  if (log === undefined || fields.length === 0) return;
  if (isLikeValkey(engine)) log.also(index, ['HDEL', key, ...fields]);
  else for (const field of fields) log.also(index, ['HDEL', key, field]);
}

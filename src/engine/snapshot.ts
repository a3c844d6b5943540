/** From the state of an engine to the entries of a dump: what SAVE would write, database by database. */
import { fromByteString } from '../bytes/byte-string.js';
import { chooseType } from '../rdb/choose-encoding.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../rdb/model.js';
import type { Engine } from './engine.js';
import type { EngineSettings } from './settings.js';
import type { StoredValue } from './values/stored-value.js';

/**
 * Header, functions and keys; give them to `writeRdb` with the same target. The engine must not change before the last has
 * been taken.
 */
export function* snapshot(engine: Engine): Generator<RdbEntry, void, void> {
  const { target } = engine.settings;
  yield { kind: 'header', magic: target.magic, version: target.version };
  for (const { name, engine: language, code } of engine.functions.values())
    yield { kind: 'function', name, engine: language, code: fromByteString(code) };
  for (const db of engine.inUse()) {
    for (const [key, value] of db.keys.entries())
      yield keyEntry(db.index, key, value, db.expiryOf(key), engine.settings);
  }
}

export function keyEntry(
  db: number,
  key: string,
  stored: StoredValue,
  expireAtMs: number | undefined,
  settings: EngineSettings,
): KeyEntry {
  const value = toRdb(stored, settings);
  return {
    kind: 'key',
    db,
    key: fromByteString(key),
    ...(expireAtMs !== undefined && { expireAtMs }),
    rdbType: chooseType(value, settings.target, settings.encoding),
    offset: 0,
    value,
  };
}

/** A stored value as a dump holds it. */
export function toRdb(stored: StoredValue, settings: EngineSettings): RdbValue {
  if (typeof stored === 'string') return { type: 'string', encoding: 'raw', value: fromByteString(stored) };
  if (stored.type === 'string') return { type: 'string', encoding: 'raw', value: fromByteString(stored.bytes) };
  return stored.toRdb(settings);
}

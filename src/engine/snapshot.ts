/** From the state of an engine to the entries of a dump: what SAVE would write, database by database. */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { chooseType, typeHeldAs } from '../rdb/choose-encoding.js';
import type { KeyAttributes } from '../rdb/key-attributes.js';
import type { KeyEntry, RdbEntry, RdbRecord, RdbValue } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';
import { ageOf } from './age.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { EngineSettings } from './settings.js';
import { expiryAttributes } from './unix-ms.js';
import type { StoredValue } from './values/stored-value.js';

export interface SnapshotOptions {
  /** The server whose dump it is to be, at its default thresholds. Default: the one that the engine stands for, with its settings. */
  readonly target?: Target | undefined;
  /** Aux fields, and data of modules, that the dump is to have beside functions and keys. */
  readonly records?: readonly RdbRecord[] | undefined;
}

/**
 * Header, functions and keys; give them to `writeRdb` with the same target. The engine must not change before the last has
 * been taken. Throws EncodeError where the target has no type for a value.
 *
 * For the server that the engine stands for, the type of a value is that of the encoding in which it is held, its history
 * included: `writeRdb` keeps it with `keepTypes`. For another one it is what that server makes of a value of such a size.
 */
export function* snapshot(engine: Engine, options: SnapshotOptions = {}): Generator<RdbEntry, void, void> {
  const settings = settingsFor(engine, options.target);
  for (const part of snapshotParts(engine, options))
    yield part instanceof StoredKey ? keyEntry(part.db, part.key, part.value, settings) : part;
}

/** A key as the engine holds it. One object is used for all keys. */
export class StoredKey {
  key: ByteString = '';
  value: StoredValue = '';

  constructor(readonly db: Database) {}
}

/** As {@link snapshot}, keys not yet made into entries: what is yielded for one is valid until the next is asked for. */
export function* snapshotParts(
  engine: Engine,
  options: SnapshotOptions,
): Generator<Exclude<RdbEntry, KeyEntry> | StoredKey, void, void> {
  yield* entriesBefore(engine, options);
  for (const db of engine.inUse()) {
    yield sizeOf(db);
    const stored = new StoredKey(db);
    for (const [key, value] of db.keys.entries()) {
      stored.key = key;
      stored.value = value;
      yield stored;
    }
  }
  yield* entriesBehind(options);
}

/** What a dump has in front of its first key: header, aux fields, functions, data of modules. */
export function* entriesBefore(engine: Engine, options: SnapshotOptions): Generator<RdbRecord, void, void> {
  const { target } = settingsFor(engine, options.target);
  const records = options.records ?? [];
  yield { kind: 'header', magic: target.magic, version: target.version };
  yield* records.filter(({ kind }) => kind === 'aux');
  for (const { name, engine: language, code } of engine.functions.values())
    yield { kind: 'function', name, engine: language, code: fromByteString(code) };
  yield* records.filter((record) => record.kind === 'module-aux' && record.when === BEFORE_KEYS);
}

/** What it has behind the last one. */
export function entriesBehind({ records = [] }: SnapshotOptions): RdbRecord[] {
  return records.filter((record) => record.kind === 'module-aux' && record.when !== BEFORE_KEYS);
}

/** How many keys a database has: loaders make room for them. */
export function sizeOf(db: Database): RdbRecord {
  return { kind: 'resize-db', db: db.index, keys: db.size, expires: db.keys.expiring };
}

/** What {@link snapshot} encodes with. */
export function settingsFor(engine: Engine, target: Target | undefined): EngineSettings {
  const { settings } = engine;
  if (target === undefined || target === settings.target) return settings;
  return { ...settings, target, encoding: target.settings };
}

/** What a key holds, its expiry and its metadata as far as the target has such a thing. */
export function keyEntry(db: Database, key: ByteString, stored: StoredValue, settings: EngineSettings): KeyEntry {
  const { target, encoding } = settings;
  const value = toRdb(stored, settings);
  const heldAs = settings === db.engine.settings ? typeHeldAs(value, target) : undefined;
  return {
    kind: 'key',
    ...keyAttributes(db, key, target),
    key: fromByteString(key),
    rdbType: heldAs ?? chooseType(value, target, encoding),
    offset: 0,
    value,
  };
}

/** What a dump for `target` says of a key beside its name and value. */
export function keyAttributes(db: Database, key: ByteString, { records }: Target): KeyAttributes & Partial<KeyEntry> {
  const expireAt = db.expiryOf(key);
  const meta = records.keyMeta ? db.metaOf(key) : undefined;
  return {
    db: db.index,
    ...(expireAt !== undefined && expiryAttributes(expireAt)),
    ...(meta !== undefined && { meta }),
    ...ageOf(db, key),
  };
}

/** A stored value as a dump holds it. */
export function toRdb(stored: StoredValue, settings: EngineSettings): RdbValue {
  if (typeof stored === 'string') return { type: 'string', encoding: 'raw', value: fromByteString(stored) };
  if (stored.type === 'string') return { type: 'string', encoding: 'raw', value: stored.toBytes() };
  return stored.toRdb(settings);
}

/** `when` of the data that a module has in front of the keys. */
const BEFORE_KEYS = 1;

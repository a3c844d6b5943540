/** From a dump to the state of an engine. */
import { toByteString } from '../bytes/byte-string.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import { EntryHandler } from '../rdb/entries.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { FunctionEntry, KeyEntry, RdbRecord, RdbValue, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import type { Engine } from './engine.js';
import { fromRdb } from './values/from-rdb.js';

/** Receives the rows of a dump and puts its keys into an engine; set {@link driver} first. */
export class LoadHandler implements RowHandler {
  keys = 0;
  private readonly entries = new EntryHandler(undefined, () => undefined, neverInParts);

  constructor(private readonly engine: Engine) {}

  set driver(driver: RdbDriver) {
    this.entries.driver = driver;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'function') this.loadFunction(record);
  }

  key(rows: RowTable, row: number): void {
    this.entries.key(rows, row);
    for (const entry of this.entries.takeBatch()) if (entry.kind === 'key') loadKey(this.engine, entry);
    this.keys++;
  }

  /** Whoever loads holds every value anyway: give the driver a `largeValueBytes` of Infinity. */
  largeStart(): LargeRequest {
    throw new TypeError('an engine is loaded with whole values');
  }

  largeEnd(): void {}

  warning(_warning: RdbWarning): void {}

  full(): boolean {
    return false;
  }

  private loadFunction({ name, engine, code }: FunctionEntry): void {
    const library = { name: toText(name), engine: toText(engine), code: toByteString(code) };
    this.engine.functions.set(library.name, library);
  }
}

/** Puts one key in its place, whatever was there. */
export function loadKey(engine: Engine, { db, key, value, expireAtMs }: KeyEntry): void {
  const database = engine.database(db);
  const name = toByteString(key);
  database.set(name, fromRdb(value, engine.settings));
  if (expireAtMs !== undefined) database.setExpiry(name, expireAtMs);
}

function toText(text: string | undefined): string {
  return text ?? '';
}

function neverInParts(): AsyncIterable<RdbValue> {
  throw new TypeError('an engine is loaded with whole values');
}

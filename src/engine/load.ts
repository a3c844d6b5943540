/** From a dump to the state of an engine. */
import { lookup } from '../aof/command-table.js';
import { toByteString, utf8ByteString } from '../bytes/byte-string.js';
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import { EntryHandler } from '../rdb/entries.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { CommandEntry, FunctionEntry, KeyEntry, RdbRecord, RdbValue, RdbWarning } from '../rdb/model.js';
import type { RowTable } from '../rdb/rows.js';
import { setAge } from './age.js';
import { EmptyKeys } from './empty-keys.js';
import type { Engine } from './engine.js';
import { CommandError } from './reply.js';
import { CommandRunner } from './runner.js';
import { unixMsOf } from './unix-ms.js';
import { elementCount } from './values/element-count.js';
import { fromRdb } from './values/from-rdb.js';

/**
 * Receives the rows of a dump and puts its keys and functions into an engine; set {@link driver} first. A collection without
 * elements is left out with a warning, as by servers (rdb-format.md §13).
 */
export class LoadHandler implements RowHandler {
  /** Those that were left out are not counted. */
  keys = 0;
  private readonly emptyKeys = new EmptyKeys();
  private readonly entries = new EntryHandler(undefined, () => undefined, neverInParts, true);
  private runner: CommandRunner | undefined;

  constructor(private readonly engine: Engine) {}

  set driver(driver: RdbDriver) {
    this.entries.driver = driver;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'function') this.loadFunction(record);
    else if (record.kind === 'command') this.run(record);
    else if (record.kind === 'end') this.emptyKeys.end(this.entries.driver);
  }

  key(rows: RowTable, row: number): void {
    this.entries.key(rows, row);
    for (const entry of this.entries.takeBatch()) if (entry.kind === 'key') this.load(entry, rows.start[row]!);
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

  private load(entry: KeyEntry, pos: number): void {
    if (elementCount(entry.value) === 0) {
      this.emptyKeys.add(this.entries.driver, entry.key, pos);
      return;
    }
    loadKey(this.engine, entry);
    this.keys++;
  }

  private loadFunction({ name, engine, code }: FunctionEntry): void {
    const library = {
      name: utf8ByteString(name ?? ''),
      engine: utf8ByteString(engine ?? ''),
      code: toByteString(code),
    };
    this.engine.functions.set(library.name, library);
  }

  /** Valkey 9.2 has commands among the records of a dump. */
  private run({ db, args }: CommandEntry): void {
    const name = args[0] ?? new Uint8Array(0);
    const spec = lookup(name, 0, name.length);
    this.runner ??= new CommandRunner(this.engine);
    if (spec === undefined || !this.runner.has(spec))
      throw new FormatError('UNKNOWN_COMMAND', `${formatQuoted(name)}: a command in the dump that is not replayed`, 0);
    this.runner.select(db);
    try {
      this.runner.run(
        spec,
        args.map((arg) => toByteString(arg)),
      );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error; // A reply that nobody hears.
    }
  }
}

/** Puts one key in its place, whatever was there. */
export function loadKey(engine: Engine, entry: KeyEntry): void {
  const database = engine.database(entry.db);
  const name = toByteString(entry.key);
  database.set(name, fromRdb(entry.value, engine.settings));
  const expireAt = unixMsOf(entry);
  if (expireAt !== undefined) database.setExpiry(name, expireAt);
  if (entry.meta !== undefined) database.setMeta(name, entry.meta);
  if (entry.idleSeconds !== undefined || entry.freq !== undefined) setAge(database, name, entry);
}

function neverInParts(): AsyncIterable<RdbValue> {
  throw new TypeError('an engine is loaded with whole values');
}

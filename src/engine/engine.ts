/**
 * The engine: databases and functions in memory, and the running of commands on them. It does no I/O; clock and
 * randomness are given to it.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { CommandLog } from './command-log.js';
import { Database } from './database.js';
import type { EventKind, KeyListener } from './events.js';
import type { LiveSnapshot } from './live-snapshot.js';
import type { Persistence } from './persistence.js';
import { type EngineChanges, type EngineOptions, type EngineSettings, settingsOf } from './settings.js';
import { WatchTable } from './watch.js';

/** A function library, stored and never run. */
export interface FunctionLibrary {
  readonly name: ByteString;
  readonly engine: ByteString;
  readonly code: ByteString;
}

export class Engine {
  readonly settings: EngineSettings;
  readonly random: () => number;
  /** By name. */
  readonly functions = new Map<ByteString, FunctionLibrary>();
  /** Scripts by their SHA-1 in hexadecimal digits: known, and never run. */
  readonly scripts = new Map<ByteString, ByteString>();
  /** While a dump or a log is loaded: nothing expires. */
  isLoading = false;
  /** A file is looked at, which stays as it is: commands that change data are refused, and nothing expires. */
  isReadOnly = false;
  /** Payloads are taken, and dumps loaded again, whatever their checksum says: DEBUG SET-SKIP-CHECKSUM-VALIDATION. */
  skipsChecksums = false;
  /** Unix ms that count as now: read once per command. */
  nowMs = 0;
  /** How often a key that was asked for was there, and was not, by whatever command. */
  hits = 0;
  misses = 0;
  /** Unix ms of its beginning. */
  readonly startedMs: number;
  /** Where the commands go that a server would write to its log; undefined: nowhere. */
  log: CommandLog | undefined;
  /** Told of changes and events; undefined: nobody is. */
  listener: KeyListener | undefined;
  /** Whoever keeps its files; undefined: nobody does. */
  persistence: Persistence | undefined;
  readonly watches = new WatchTable();
  /** Dumps that are being taken: they are told of commands before those run. */
  readonly liveSnapshots = new Set<LiveSnapshot>();
  private readonly clock: () => number;
  private readonly databases: (Database | undefined)[] = [];

  constructor(options: EngineOptions = {}) {
    this.settings = settingsOf(options);
    this.clock = options.clock ?? Date.now;
    this.random = options.random ?? Math.random;
    this.tick();
    this.startedMs = this.nowMs;
  }

  /** Whether keys and fields go when their time has come. */
  get isExpiring(): boolean {
    return !this.isLoading && !this.isReadOnly;
  }

  /** CONFIG SET: what is not named stays as it is. */
  configure({ encoding, lazyFree, maxmemoryPolicy }: EngineChanges): void {
    const { settings } = this;
    settings.encoding = { ...settings.encoding, ...encoding };
    settings.lazyFree = { ...settings.lazyFree, ...lazyFree };
    settings.maxmemoryPolicy = maxmemoryPolicy ?? settings.maxmemoryPolicy;
  }

  /** Reads the clock. */
  tick(): void {
    this.nowMs = this.clock();
  }

  /** Made when it is first asked for. */
  database(index: number): Database {
    this.databases[index] ??= new Database(this, index);
    return this.databases[index]!;
  }

  /** Databases that hold keys, ascending. */
  *inUse(): Generator<Database, void, void> {
    // A dump may number them as it likes: places in between are not looked at.
    for (const index of Object.keys(this.databases)) {
      const db = this.databases[Number(index)];
      if (db !== undefined && db.size > 0) yield db;
    }
  }

  /** Two databases change places: what is selected stays selected by number. */
  swap(first: number, second: number): void {
    const one = this.database(first);
    const other = this.database(second);
    this.replaced(one, other);
    this.replaced(other, one);
    one.swapWith(other);
  }

  /** All keys of a database go. */
  flush(db: Database): void {
    this.replaced(db);
    db.clear();
  }

  /** Whether anybody is to be told of changes. */
  get isHeard(): boolean {
    return this.listener !== undefined || !this.watches.isEmpty;
  }

  /** The value or the expiry of a key is another one. */
  changed(db: Database, key: ByteString): void {
    this.watches.changed(db, key);
    this.listener?.changed?.(db, key);
  }

  notify(kind: EventKind, event: string, key: ByteString, db: Database): void {
    this.listener?.event?.(kind, event, key, db);
  }

  /** A key whose time has come has been removed. */
  expired(db: Database, key: ByteString): void {
    this.log?.also(db.index, [this.settings.lazyFree.expire ? 'UNLINK' : 'DEL', key]);
    this.notify('x', 'expired', key, db);
    this.changed(db, key);
  }

  /** `now`: the database whose keys it is to have. */
  private replaced(db: Database, now?: Database): void {
    this.watches.replaced(db.index, db, now);
    this.listener?.replaced?.(db);
  }
}

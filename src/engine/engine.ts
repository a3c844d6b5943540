/**
 * The engine: databases and functions in memory, and the running of commands on them. It does no I/O; clock and
 * randomness are given to it.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { Database } from './database.js';
import { type EngineOptions, type EngineSettings, settingsOf } from './settings.js';

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
  /** While a dump or a log is loaded: nothing expires. */
  isLoading = false;
  /** Unix ms that count as now: read once per command. */
  nowMs = 0;
  /** Told of a key that somebody looked at and that had expired. */
  onExpired: ((db: Database, key: ByteString) => void) | undefined;
  private readonly clock: () => number;
  private readonly databases: (Database | undefined)[] = [];

  constructor(options: EngineOptions = {}) {
    this.settings = settingsOf(options);
    this.clock = options.clock ?? Date.now;
    this.random = options.random ?? Math.random;
    this.tick();
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
    for (const db of this.databases) if (db !== undefined && db.size > 0) yield db;
  }

  /** Two databases change places: what is selected stays selected by number. */
  swap(first: number, second: number): void {
    const one = this.database(first);
    const other = this.database(second);
    one.swapWith(other);
  }

  expired(db: Database, key: ByteString): void {
    this.onExpired?.(db, key);
  }
}

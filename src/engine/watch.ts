/** WATCH: who looks at which keys, and whether one of them has changed since. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Database } from './database.js';

/** What one client watches, from its first WATCH to its next EXEC, DISCARD or UNWATCH. */
export class Watch {
  /** One of the keys is other than it was. */
  isBroken = false;
  private readonly seen: Watched[] = [];

  constructor(private readonly table: WatchTable) {}

  /** WATCH key. One that has expired, and is still there, is as good as gone. */
  add(db: Database, key: ByteString): void {
    if (this.seen.some((one) => one.db === db.index && one.key === key)) return;
    this.seen.push({ db: db.index, key, isExpired: db.isExpired(key) });
    this.table.add(db.index, key, this);
  }

  /** Whether EXEC has to refuse: one of the keys has changed, or its time has come since. */
  isStale(databaseOf: (index: number) => Database): boolean {
    return this.isBroken || this.seen.some((one) => !one.isExpired && databaseOf(one.db).isExpired(one.key));
  }

  /** UNWATCH */
  clear(): void {
    for (const { db, key } of this.seen) this.table.remove(db, key, this);
    this.seen.length = 0;
    this.isBroken = false;
  }

  /** What had expired before it was watched may be removed since: to whoever looks it was gone. */
  changed(db: Database, key: ByteString): void {
    const one = this.seen.find((each) => each.db === db.index && each.key === key);
    if (one?.isExpired && !db.keys.has(key)) one.isExpired = false;
    else this.isBroken = true;
  }

  /**
   * A database has other keys: of those that are watched there, each that there was or is now has changed, but for what had
   * expired, and what is there now and has expired, which were and are gone to whoever looks.
   */
  replaced(db: number, was: Database, now: Database | undefined): void {
    for (const one of this.seen) {
      if (one.db !== db) continue;
      const wasThere = was.keys.has(one.key);
      const isThere = now?.keys.has(one.key) === true;
      if (!wasThere && !isThere) continue;
      const hasExpired = isThere && now?.isExpired(one.key) === true;
      const wasGone = one.isExpired || !wasThere;
      if (!wasGone || (isThere && !hasExpired)) this.isBroken = true;
      else one.isExpired = hasExpired;
    }
  }
}

interface Watched {
  readonly db: number;
  readonly key: ByteString;
  /** Already when it was watched, and still there. */
  isExpired: boolean;
}

/** Everybody's. */
export class WatchTable {
  private readonly byDb = new Map<number, Map<ByteString, Set<Watch>>>();

  /** Nobody watches anything. */
  get isEmpty(): boolean {
    return this.byDb.size === 0;
  }

  changed(db: Database, key: ByteString): void {
    const watches = this.byDb.get(db.index)?.get(key);
    if (watches !== undefined) for (const watch of watches) watch.changed(db, key);
  }

  /** FLUSHDB, SWAPDB: the keys of `was` go, those of `now` come. */
  replaced(db: number, was: Database, now?: Database): void {
    const keys = this.byDb.get(db);
    if (keys === undefined) return;
    const all = new Set([...keys.values()].flatMap((watches) => [...watches]));
    for (const watch of all) watch.replaced(db, was, now);
  }

  add(db: number, key: ByteString, watch: Watch): void {
    const keys = this.byDb.get(db) ?? new Map<ByteString, Set<Watch>>();
    this.byDb.set(db, keys);
    const watches = keys.get(key) ?? new Set<Watch>();
    keys.set(key, watches);
    watches.add(watch);
  }

  remove(db: number, key: ByteString, watch: Watch): void {
    const keys = this.byDb.get(db);
    const watches = keys?.get(key);
    if (keys === undefined || watches === undefined) return;
    watches.delete(watch);
    if (watches.size === 0) keys.delete(key);
    if (keys.size === 0) this.byDb.delete(db);
  }
}

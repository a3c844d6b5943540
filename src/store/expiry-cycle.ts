/**
 * The active expiry cycle: what nobody looks at goes as well when its time has come, some of it at each call.
 *
 * A round goes through the databases, and through the keys of each in the order in which they came; a call goes on where
 * the one before it left off. Each key is removed and logged as it is when somebody looks, and is a line of the log for
 * itself: no transaction (aof-format.md §1.3).
 *
 * Fields of hashes have a round of their own, which begins once a second at the most: finding them takes a look at every
 * value, and a hash of which one field is due is asked for all of its times.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { expireFields, isLikeValkey } from '../engine/commands/hash-expired.js';
import type { Database } from '../engine/database.js';
import type { Engine } from '../engine/engine.js';
import type { Keys } from '../engine/keys.js';
import { isSince } from '../engine/settings.js';
import type { HashObject } from '../engine/values/hash-object.js';
import type { StoredValue } from '../engine/values/stored-value.js';

/** Times that one call looks at: eight bytes each, in a row. */
const MOST_TIMES = 128 * 1024;
/** Keys that one call removes. */
const MOST_REMOVED = 4096;
/** Values that one call looks at, which lie anywhere in memory. */
const MOST_VALUES = 16 * 1024;
/** From the beginning of a round of fields to that of the next. */
const FIELDS_MS = 1000;
/** Which servers have fields that expire. */
const FIELD_EXPIRY_SINCE = { redis: '7.4', valkey: '9.0' } as const;

export class ExpiryCycle {
  private readonly keyRound = new Round(dueKey);
  private readonly fieldRound = new Round(hashWithTimes);
  private readonly hasFieldExpiry: boolean;
  /** When the round of fields began, Unix ms. */
  private fieldsMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly engine: Engine) {
    this.hasFieldExpiry = isSince(engine.settings.target, FIELD_EXPIRY_SINCE);
  }

  /**
   * To be called ten times a second, and never from within a command: reads the engine's clock and removes what has expired,
   * a limited number. Nothing while the engine is loading. Returns how many keys went because of their own time, up to 4,096.
   */
  run(): number {
    const { engine } = this;
    if (engine.isLoading) return 0;
    engine.tick();
    const removed = this.expireKeys();
    if (this.hasFieldExpiry) this.expireFields();
    return removed;
  }

  private expireKeys(): number {
    const { engine, keyRound } = this;
    const databases = Array.from(engine.inUse()).filter(({ keys }) => keys.expiring > 0);
    let removed = 0;
    keyRound.goOn(databases, MOST_TIMES, true);
    while (removed < MOST_REMOVED) {
      const key = keyRound.next(engine.nowMs);
      if (key === undefined) break;
      if (keyRound.db!.expireIfDue(key)) removed++;
      engine.log?.flush();
    }
    return removed;
  }

  private expireFields(): void {
    const { engine, fieldRound } = this;
    const { nowMs } = engine;
    // A clock that was set back is no reason to wait for it.
    const isRecent = nowMs >= this.fieldsMs && nowMs - this.fieldsMs < FIELDS_MS;
    fieldRound.goOn([...engine.inUse()], MOST_VALUES, !isRecent);
    for (;;) {
      const key = fieldRound.next(nowMs);
      if (key === undefined) break;
      const db = fieldRound.db!;
      // One that has expired itself goes as a whole, when it is found to.
      if (!db.isExpired(key)) this.expireFieldsOf(db, key);
    }
    if (fieldRound.hasTurned) this.fieldsMs = nowMs;
  }

  private expireFieldsOf(db: Database, key: ByteString): void {
    const { engine } = this;
    const hash = db.keys.get(key) as HashObject;
    const before = hash.size;
    expireFields(db, key, hash);
    if (hash.size === before) return;
    // Redis logs each field for itself, Valkey all of them, and the key with the last, as one.
    if (!isLikeValkey(engine)) engine.log?.separately();
    engine.log?.flush();
  }
}

/** The first key from one place up to another that is looked for, which the keyspace is asked for next. */
type Search = (keys: Keys, from: number, to: number, nowMs: number) => ByteString | undefined;

/** Goes round the keys of databases, from call to call. */
class Round {
  /** Where the last key was found. */
  db: Database | undefined;
  /** The last call came to the end and began anew. */
  hasTurned = false;
  private databases: readonly Database[] = [];
  /** Places that may still be looked at. */
  private left = 0;
  private mayTurn = false;
  /** Number of the database that it is in. */
  private index = -1;
  private place = 0;
  /** Behind the keys that were there when it came to this database: those that keep coming hold up nobody else. */
  private end = 0;

  constructor(private readonly search: Search) {}

  /** A call begins, which looks at `most` places. `mayTurn`: at the end of the databases it begins anew, once. */
  goOn(databases: readonly Database[], most: number, mayTurn: boolean): void {
    this.databases = databases;
    this.left = most;
    this.mayTurn = mayTurn;
    this.hasTurned = false;
  }

  /** Undefined where this call is to find no more. */
  next(nowMs: number): ByteString | undefined {
    while (this.left > 0) {
      const db = this.enter();
      if (db === undefined) return undefined;
      const { keys } = db;
      const to = Math.min(this.end, keys.arrived, this.place + this.left);
      const key = this.search(keys, this.place, to, nowMs);
      const reached = key === undefined ? to : keys.arrivalOf(key) + 1;
      this.left -= reached - this.place;
      this.place = reached;
      if (key === undefined) continue;
      this.db = db;
      return key;
    }
    return undefined;
  }

  /** The database that it is in, or the next where that is at its end; undefined where none is left. */
  private enter(): Database | undefined {
    const { databases } = this;
    const current = databases.find(({ index }) => index === this.index);
    if (current !== undefined && this.place < Math.min(this.end, current.keys.arrived)) return current;
    let next = databases.find(({ index }) => index > this.index);
    if (next === undefined && this.mayTurn) {
      this.mayTurn = false;
      this.hasTurned = true;
      [next] = databases;
    }
    if (next === undefined) return undefined;
    this.index = next.index;
    this.place = 0;
    this.end = next.keys.arrived;
    return next;
  }
}

const dueKey: Search = (keys, from, to, nowMs) => keys.dueFrom(from, to, nowMs);

const hashWithTimes: Search = (keys, from, to) => keys.keyWhere(from, to, isHashWithTimes);

function isHashWithTimes(value: StoredValue): boolean {
  return typeof value !== 'string' && value.type === 'hash' && value.hasExpiries;
}

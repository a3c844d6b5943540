/**
 * The keys of one database as commands see them, wherever they lie: in memory (keyspace.ts), or in a file that is only read.
 *
 * A key that has been asked for is likely to be asked for again at once, with the same string: whoever implements this finds
 * it then without looking.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { UnixMs } from './unix-ms.js';
import type { StoredValue } from './values/stored-value.js';

/** What changes something throws CommandError where the keys cannot be changed. */
export interface Keys {
  /** Keys that are there. */
  readonly size: number;
  /** Those that have an expiry. */
  readonly expiring: number;
  /** How many keys have come, those that are gone again included: what {@link keyFrom} goes up to. */
  readonly arrived: number;

  /** The key of these bytes, if it is there. */
  find(bytes: Uint8Array, start: number, end: number): ByteString | undefined;
  get(key: ByteString): StoredValue | undefined;
  has(key: ByteString): boolean;
  /** The name of its type, as TYPE gives it; undefined where it is not there. */
  typeOf(key: ByteString): string | undefined;
  /** An expiry stays as it is. */
  set(key: ByteString, value: StoredValue): void;
  delete(key: ByteString): boolean;

  /** Undefined without expiry, and without key. */
  expiryOf(key: ByteString): UnixMs | undefined;
  /** The key is there. */
  setExpiry(key: ByteString, atMs: UnixMs): void;
  /** False where there was no expiry. */
  deleteExpiry(key: ByteString): boolean;

  /** What is kept of the accesses of a key; undefined where there is nothing, and where there is no key. */
  accessOf(key: ByteString): number | undefined;
  /** The key is there. */
  setAccess(key: ByteString, word: number): void;

  /** The place of a key in the order in which keys came; −1 where it is not there. */
  arrivalOf(key: ByteString): number;
  /** The first key at a place or behind it, and below `end`; its place is then {@link arrivalOf} it. */
  keyFrom(place: number, end: number): ByteString | undefined;
  /** As {@link keyFrom}, the first whose value is one that is wanted. */
  keyWhere(place: number, end: number, isWanted: (value: StoredValue) => boolean): ByteString | undefined;
  /** As {@link keyFrom}, the first whose expiry is earlier than `nowMs`. */
  dueFrom(place: number, end: number, nowMs: number): ByteString | undefined;
  /** Until it is let go, places stay what they are. */
  hold(): void;
  letGo(): void;

  /** In the order in which keys came. Some may go while this lasts; none may come. */
  entries(): Generator<[ByteString, StoredValue], void, void>;
  /** As {@link entries}. */
  keys(): Generator<ByteString, void, void>;
  /** Any of them, each with the same odds; undefined where there is none. `random` gives numbers from 0 up to 1. */
  randomKey(random: () => number): ByteString | undefined;
  /**
   * Visits some keys, or none, and returns the cursor of those that come next, 0 at the end (SCAN): whoever goes on until then
   * has seen every key that was there all the time.
   */
  scan(cursor: number, visit: (key: ByteString) => void): number;
}

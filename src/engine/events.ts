/** What an engine tells of: keys that are other than they were, and keyspace events as the server has them. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Database } from './database.js';

/**
 * The classes of keyspace events, by the letters of `notify-keyspace-events`: g generic, $ strings, l lists, s sets, h hashes,
 * z sorted sets, t streams, a arrays, d modules' types, x expired, e evicted, n new keys. Nobody is told of keys that were
 * missed (m).
 */
export type EventKind = 'g' | '$' | 'l' | 's' | 'h' | 'z' | 't' | 'a' | 'd' | 'x' | 'e' | 'n';

/** Whoever wants to know. Called while a command runs: nothing may be run from in here. */
export interface KeyListener {
  /** The value or the expiry of a key is another one, or the key is gone: what breaks a WATCH and may end a wait. */
  changed?(db: Database, key: ByteString): void;
  /** Whoever waits for a key may try again, though a WATCH is not broken: a group of a stream is gone. */
  ready?(db: Database, key: ByteString): void;
  /** A database has other keys altogether: FLUSHDB, FLUSHALL, SWAPDB. */
  replaced?(db: Database): void;
  /** Such as `lpush`, of kind `l`. */
  event?(kind: EventKind, event: string, key: ByteString, db: Database): void;
}

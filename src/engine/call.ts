/** One command that is being run: what a command function is given. */
import type { ByteString } from '../bytes/byte-string.js';
import type { CommandLog } from './command-log.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { EventKind } from './events.js';
import type { Reply } from './reply.js';
import type { StoredValue } from './values/stored-value.js';

/**
 * Reused from command to command. `args[0]` is the name as it was sent; of a subcommand, `args[1]` its name. Arity has been
 * checked.
 */
export interface Call {
  readonly engine: Engine;
  /** Whoever the session belongs to: for commands that were brought along. */
  readonly owner: unknown;
  /** The database that is selected. */
  db: Database;
  args: readonly ByteString[];
  /** Unix ms that count as now. */
  readonly nowMs: number;
  /** It runs at the EXEC of a transaction. */
  readonly isTransaction: boolean;
  /** Keys changed so far by this command, as the server counts `dirty`. A command that leaves it at 0 is not logged. */
  dirty: number;
  /**
   * Where somebody keeps a log: a command that is logged otherwise than it was sent says so here. Undefined while a log is
   * replayed: what only serves the log is not to be made then.
   */
  readonly log: CommandLog | undefined;
  /**
   * A key is other than it was, in a way that the server signals and tells of by a keyspace event: `changed(key, 'l', 'lpush')`.
   * To be called when the change is done, in the server's order of events.
   */
  changed(key: ByteString, kind: EventKind, event: string, db?: Database): void;
  /** A key is other than it was, without an event. */
  touched(key: ByteString, db?: Database): void;
  /** Who waits for a key is to look again, nobody else. */
  ready(key: ByteString): void;
  /** An event of a key without a change that counts: a second one of the same change. */
  notify(kind: EventKind, event: string, key: ByteString, db?: Database): void;
  /**
   * A blocking command has found nothing: whoever runs it may wait, and try again when one of the keys has changed. The reply
   * to give at once, which is also that at the end of the time.
   */
  block(wait: Wait): Reply;
}

/** What a blocking command waits for. */
export interface Wait {
  readonly keys: readonly ByteString[];
  /** A key of another type is as good as none. */
  readonly type: Exclude<StoredValue, string>['type'];
  /** 0: for ever. */
  readonly timeoutMs: number;
  /** What a transaction is answered, in which nobody waits, where that is not the nil of an array. */
  readonly atOnce?: null;
  /** What to run when a key has changed, where that is not the command itself: with `$` as the ID that it was. */
  readonly retry?: readonly ByteString[];
}

/**
 * A command: parses its arguments, does what it does, answers. Throws CommandError, before anything has changed.
 * Its doc line is the syntax in Redis's notation.
 */
export type CommandFunction = (call: Call) => Reply;

/** Commands by name in upper case; subcommands as `XGROUP CREATE`. */
export type CommandTable = Readonly<Record<string, CommandFunction>>;

/** One command that is being run: what a command function is given. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import type { Reply } from './reply.js';

/**
 * Reused from command to command. `args[0]` is the name as it was sent; of a subcommand, `args[1]` its name. Arity has been
 * checked.
 */
export interface Call {
  readonly engine: Engine;
  /** The database that is selected. */
  db: Database;
  args: readonly ByteString[];
  /** Unix ms that count as now. */
  readonly nowMs: number;
  /** Keys changed so far by this command, as the server counts `dirty`. A command that leaves it at 0 is not logged. */
  dirty: number;
}

/**
 * A command: parses its arguments, does what it does, answers. Throws CommandError, before anything has changed.
 * Its doc line is the syntax in Redis's notation.
 */
export type CommandFunction = (call: Call) => Reply;

/** Commands by name in upper case; subcommands as `XGROUP CREATE`. */
export type CommandTable = Readonly<Record<string, CommandFunction>>;

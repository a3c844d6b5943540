/** Runs commands on an engine: for one client, or for a log. */

import { type CommandSpec, fitsArity } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import type { Call } from './call.js';
import { commandFunctions } from './commands/index.js';
import type { Database } from './database.js';
import type { Engine } from './engine.js';
import { CommandError, type Reply, wrongArity } from './reply.js';

export class CommandRunner implements Call {
  db: Database;
  args: readonly ByteString[] = [];
  nowMs = 0;
  dirty = 0;
  private readonly functions = commandFunctions();

  constructor(readonly engine: Engine) {
    this.db = engine.database(0);
  }

  /** Whether {@link run} has it. */
  has(spec: CommandSpec): boolean {
    return this.functions[spec.id] !== undefined;
  }

  select(index: number): void {
    this.db = this.engine.database(index);
  }

  /** Throws CommandError where the server answers with an error. The engine's clock is read by whoever begins a command. */
  run(spec: CommandSpec, args: readonly ByteString[]): Reply {
    const run = this.functions[spec.id];
    this.dirty = 0;
    if (run === undefined) throw new CommandError(`ERR unknown command '${args[0]}'`);
    if (!fitsArity(spec, args.length)) throw wrongArity(spec.name.replace(' ', '|'));
    this.args = args;
    this.nowMs = this.engine.nowMs;
    return run(this);
  }
}

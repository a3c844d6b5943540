/**
 * A file behind a server: its keys are looked at, and what would change them is refused with READONLY, as by a replica.
 */
import type { Call, CommandTable } from '../../engine/call.js';
import { PERSISTENCE_COMMANDS } from '../../engine/commands/persistence.js';
import type { Engine } from '../../engine/engine.js';
import type { Persistence } from '../../engine/persistence.js';
import { CommandError, type Reply } from '../../engine/reply.js';
import { Session } from '../../engine/session.js';
import { leavesAll } from '../commands/migrate.js';
import { serverOf } from '../commands/server-of.js';
import { type Connection, NO_REPLY } from '../connection.js';
import type { Backend } from '../server-context.js';
import type { OpenedDump } from './open-dump.js';

export class DumpBackend implements Backend {
  readonly store = undefined;
  private readonly commands: CommandTable;

  /** `commands`: those of the server, beside those of the engine. */
  constructor(
    private readonly dump: OpenedDump,
    commands: CommandTable,
  ) {
    this.commands = { ...commands, SHUTDOWN: shutdown };
    dump.engine.tick();
    dump.engine.persistence = new NothingToSave(Math.floor(dump.engine.nowMs / 1000));
  }

  get engine(): Engine {
    return this.dump.engine;
  }

  session(owner: Connection): Session {
    return new Session(this.engine, { commands: this.commands, owner, observer: owner, leavesAll });
  }

  /** Nothing can have changed. */
  count(_changes: number): void {}

  /** There is nothing to be written before replies go out. */
  flush(): void {}

  /** At the end: lets go of the file. */
  close(): void | Promise<void> {
    return this.dump.close();
  }
}

/** SHUTDOWN, as the engine reads it: there is nothing that could keep the server from ending. */
function shutdown(call: Call): Reply {
  PERSISTENCE_COMMANDS.SHUTDOWN!(call);
  serverOf(call).end();
  return NO_REPLY;
}

/** A file that is only looked at, to those who ask for it to be saved. */
class NothingToSave implements Persistence {
  constructor(readonly lastSave: number) {}

  save(): never {
    throw new CommandError('ERR nothing is saved: the server reads a file and does not write');
  }

  saveInBackground(): never {
    this.save();
  }

  rewriteLog(): never {
    this.save();
  }

  cancelSave(): undefined {}

  shutdown(): void {}

  emptied(): boolean {
    return false;
  }

  /** The engine says itself that nothing can be written. */
  refusal(): undefined {}
}

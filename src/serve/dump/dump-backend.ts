/**
 * A file behind a server: its keys are looked at, and what would change them is refused with READONLY, as by a replica.
 */
import type { CommandTable } from '../../engine/call.js';
import type { Engine } from '../../engine/engine.js';
import { Session } from '../../engine/session.js';
import type { Connection } from '../connection.js';
import type { Backend } from '../server-context.js';
import type { OpenedDump } from './open-dump.js';

export class DumpBackend implements Backend {
  readonly store = undefined;

  constructor(
    private readonly dump: OpenedDump,
    /** Commands of the server, beside those of the engine. */
    private readonly commands: CommandTable,
  ) {}

  get engine(): Engine {
    return this.dump.engine;
  }

  session(owner: Connection): Session {
    return new Session(this.engine, { commands: this.commands, owner, observer: owner });
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

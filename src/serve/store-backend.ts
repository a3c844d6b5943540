/** A store behind a server: data that is written to, with its persistence. */
import type { CommandTable } from '../engine/call.js';
import type { Engine } from '../engine/engine.js';
import type { Session } from '../engine/session.js';
import type { Store } from '../store/store.js';
import type { Connection } from './connection.js';
import type { Backend } from './server-context.js';

export class StoreBackend implements Backend {
  readonly engine: Engine;

  constructor(
    readonly store: Store,
    private readonly commands: CommandTable,
  ) {
    this.engine = store.engine;
  }

  session(owner: Connection): Session {
    return this.store.client({ commands: this.commands, owner, observer: owner }).session;
  }

  count(changes: number): void {
    if (changes > 0) this.store.count(changes);
  }

  flush(): void {
    if (!this.store.hasEnded || this.store.failure !== undefined) this.store.flush();
  }
}

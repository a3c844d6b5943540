/** A client of a store: a session of its engine, whose changes count for save points. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Reply } from '../engine/reply.js';
import { Session, type SessionOptions } from '../engine/session.js';
import type { Store } from './store.js';

export class StoreClient {
  readonly session: Session;

  constructor(
    private readonly store: Store,
    options?: SessionOptions,
  ) {
    this.session = new Session(store.engine, options);
  }

  /**
   * Runs a command at once; the name first, arguments as byte strings (one character per byte). Errors of commands are replies.
   * The reply may go out when the store has been flushed. Throws where the store has ended.
   */
  execute(args: readonly ByteString[]): Reply {
    const { store, session } = this;
    if (store.hasEnded) throw store.failure ?? new TypeError('the store has ended');
    const reply = session.execute(args);
    store.count(session.changes);
    return reply;
  }

  /**
   * Runs a command at once, and answers when what it logs has been flushed, together with all commands of this turn of the event
   * loop. Rejects with LogLostError where that fails.
   */
  async send(args: readonly ByteString[]): Promise<Reply> {
    const reply = this.execute(args);
    if (!this.store.hasEnded) await this.store.acknowledged();
    return reply;
  }

  /** It watches nothing any more. */
  close(): void {
    this.session.close();
  }
}

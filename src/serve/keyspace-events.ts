/** Keyspace events as messages of channels (notify-keyspace-events). */
import type { ByteString } from '../bytes/byte-string.js';
import type { Database } from '../engine/database.js';
import type { EventKind } from '../engine/events.js';
import type { PubSub } from './pubsub.js';

export interface EventSettings {
  /** The letters of `notify-keyspace-events`, `A` taken apart; empty: nobody is told. */
  readonly eventLetters: ReadonlySet<string>;
}

export class KeyspaceEvents {
  constructor(
    private readonly settings: EventSettings,
    private readonly pubsub: PubSub,
  ) {}

  tell(kind: EventKind, event: string, key: ByteString, db: Database): void {
    const { eventLetters } = this.settings;
    if (!eventLetters.has(kind) || this.pubsub.isEmpty) return;
    if (eventLetters.has('K')) this.pubsub.publish('channel', `__keyspace@${db.index}__:${key}`, event);
    if (eventLetters.has('E')) this.pubsub.publish('channel', `__keyevent@${db.index}__:${event}`, key);
  }
}

import type { Store, StoreClient } from '../src/store/index.js';
import { Prng } from './generate/prng.js';

/** As redis-benchmark sends it by default. */
const VALUE = 'xxx';
const NAME = 'key:000000000000';
const DIGIT_0 = 0x30;

/** Commands that many clients send at once, and how often. */
export interface Load {
  clients: number;
  /** Commands of a client before it waits for replies. */
  pipeline: number;
  /** Keys are chosen among so many, all of them as likely. */
  keySpace: number;
}

/** Names of keys as redis-benchmark makes them, each string made anew, as one is that came from a socket. */
export class KeyNames {
  readonly #bytes = Buffer.from(NAME, 'latin1');

  constructor(
    private readonly random: Prng,
    private readonly keySpace: number,
  ) {}

  next(): string {
    return this.name(this.random.next32() % this.keySpace);
  }

  name(index: number): string {
    const bytes = this.#bytes;
    let left = index;
    for (let at = NAME.length - 1; at >= 'key:'.length; at--) {
      bytes[at] = DIGIT_0 + (left % 10);
      left = Math.floor(left / 10);
    }
    return bytes.latin1Slice(0, NAME.length);
  }
}

/** Clients of a store that send SET as redis-benchmark does: all of them their commands, then all of them wait for replies. */
export class StoreLoad {
  readonly #clients: StoreClient[];
  readonly #keys: KeyNames;

  constructor(
    private readonly store: Store,
    private readonly load: Load,
  ) {
    this.#clients = Array.from({ length: load.clients }, () => store.client());
    this.#keys = new KeyNames(new Prng(1), load.keySpace);
  }

  /** Commands between two flushes. */
  get batch(): number {
    return this.load.clients * this.load.pipeline;
  }

  /** One turn of the event loop: the commands of all clients, written and synced together. */
  turn(): void {
    const { pipeline } = this.load;
    for (const client of this.#clients)
      for (let left = pipeline; left > 0; left--) client.execute(['SET', this.#keys.next(), VALUE]);
    this.store.flush();
  }

  /** As {@link turn}, by the interface that answers each command when it is acknowledged. */
  async sendTurn(): Promise<void> {
    const { pipeline } = this.load;
    const replies: Promise<unknown>[] = [];
    for (const client of this.#clients)
      for (let left = pipeline; left > 0; left--) replies.push(client.send(['SET', this.#keys.next(), VALUE]));
    await Promise.all(replies);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }
}

/** Everybody else has had a turn: timers, what was read and synced, background work. */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

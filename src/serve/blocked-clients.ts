/**
 * Clients that wait for a key (BLPOP and its like, XREAD BLOCK), and how they are served: in the order in which they came, as soon as
 * the command is over that changed the key, by running theirs again.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Wait } from '../engine/call.js';
import type { Database } from '../engine/database.js';
import { CommandError, type Reply } from '../engine/reply.js';
import type { Connection } from './connection.js';
import type { Backend } from './server-context.js';
import { commandFor, isGroupRead, runsAgain } from './wait-command.js';

/** The longest that a timer of the machine goes. */
const MOST_TIMER_MS = 2 ** 31 - 1;

export interface BlockedClient {
  readonly connection: Connection;
  readonly args: readonly ByteString[];
  readonly wait: Wait;
  readonly db: number;
  /** What it is answered when its time is up. */
  readonly timeoutReply: Reply;
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly close: () => void;
}

export class BlockedClients {
  /** Who waits for what, by database and key, in the order in which they came. */
  private readonly waiting = new Map<string, Set<BlockedClient>>();
  private readonly blocked = new Map<Connection, BlockedClient>();
  /** Keys that were changed, and that somebody waits for. */
  private readonly ready = new Set<string>();
  private isServing = false;
  private isServePlanned = false;

  /** `warn` hears of commands that have failed as none should. */
  constructor(
    private readonly backend: Backend,
    private readonly warn: (text: string, cause: unknown) => void = () => {},
  ) {}

  get size(): number {
    return this.blocked.size;
  }

  /** A key is other than it was. Nobody is served before the command is over, or whatever else has changed it. */
  changed(db: Database, key: ByteString): void {
    if (this.waiting.size === 0) return;
    const id = idOf(db.index, key);
    if (this.waiting.has(id)) this.becomesReady(id);
  }

  /** A database has other keys altogether. */
  replaced(db: Database): void {
    const prefix = idOf(db.index, '');
    for (const id of this.waiting.keys()) if (id.startsWith(prefix)) this.becomesReady(id);
  }

  /** A command has found nothing, and may wait. */
  block(connection: Connection, args: readonly ByteString[], wait: Wait, timeoutReply: Reply): void {
    const db = connection.session.runner.db.index;
    const client: BlockedClient = {
      connection,
      args,
      wait,
      db,
      timeoutReply,
      timer: undefined,
      close: () => this.remove(client),
    };
    for (const key of wait.keys) {
      const id = idOf(db, key);
      const found = this.waiting.get(id) ?? new Set();
      this.waiting.set(id, found.add(client));
    }
    this.blocked.set(connection, client);
    connection.isBlocked = true;
    connection.onClose.add(client.close);
    if (wait.timeoutMs > 0) this.startTimer(client, wait.timeoutMs);
  }

  /** Answers it, and lets it go on. False where it does not wait. */
  unblock(connection: Connection, reply: Reply | undefined): boolean {
    const client = this.blocked.get(connection);
    if (client === undefined) return false;
    this.remove(client);
    connection.reply(reply === undefined ? client.timeoutReply : reply);
    queueMicrotask(() => connection.run());
    return true;
  }

  /** Behind every command: serves those whose keys have come, and those whose keys that brings. */
  serve(): void {
    if (this.ready.size === 0 || this.isServing) return;
    this.isServing = true;
    try {
      for (const id of this.ready) {
        this.ready.delete(id);
        for (const client of [...(this.waiting.get(id) ?? [])]) this.tryAgain(client, keyOf(id));
      }
    } finally {
      this.isServing = false;
    }
  }

  /** By itself, where no command serves: a stream has expired, for instance. */
  private becomesReady(id: string): void {
    this.ready.add(id);
    if (this.isServing || this.isServePlanned) return;
    this.isServePlanned = true;
    queueMicrotask(() => {
      this.isServePlanned = false;
      const [anybody] = this.blocked.keys();
      if (anybody !== undefined && !anybody.context.isHeld) this.serve();
    });
  }

  private tryAgain(client: BlockedClient, key: ByteString): void {
    const { connection } = client;
    if (this.blocked.get(connection) !== client) return;
    const { runner } = connection.session;
    const begun = performance.now();
    let reply: Reply | undefined;
    try {
      reply = this.replyFor(client, key);
    } catch (error) {
      this.warn(`${client.args[0]} has failed`, error);
      reply = new CommandError('ERR internal error');
    }
    runner.wait = undefined;
    if (reply === undefined) return;
    connection.context.served(connection, client.args, reply, performance.now() - begun);
    this.unblock(connection, reply);
  }

  /** Undefined: it goes on waiting. */
  private replyFor({ connection, args, wait, db }: BlockedClient, key: ByteString): Reply | undefined {
    const { engine } = this.backend;
    const { target } = engine.settings;
    engine.tick();
    const value = engine.database(db).peek(key);
    const type = typeof value === 'string' ? 'string' : value?.type;
    if (type !== wait.type) {
      if (!isGroupRead(args)) return undefined;
      if (!runsAgain(target)) return new CommandError('UNBLOCKED the stream key no longer exists');
    }
    const { runner } = connection.session;
    const reply = runner.execute(commandFor(key, args, wait, target));
    this.backend.count(runner.dirty);
    if (!(reply instanceof CommandError)) return runner.wait === undefined ? reply : undefined;
    const isGroupGone = isGroupRead(args) && reply.message.startsWith('NOGROUP');
    return isGroupGone && !runsAgain(target) ? groupGone() : reply;
  }

  private remove(client: BlockedClient): void {
    const { connection, wait, db } = client;
    clearTimeout(client.timer);
    for (const key of wait.keys) {
      const id = idOf(db, key);
      const found = this.waiting.get(id);
      if (found?.delete(client) && found.size === 0) this.waiting.delete(id);
    }
    this.blocked.delete(connection);
    connection.isBlocked = false;
    connection.onClose.delete(client.close);
  }

  private startTimer(client: BlockedClient, leftMs: number): void {
    const now = Math.min(leftMs, MOST_TIMER_MS);
    client.timer = setTimeout(() => {
      if (leftMs > now) this.startTimer(client, leftMs - now);
      else this.unblock(client.connection, undefined);
    }, now);
    if (typeof client.timer === 'object') client.timer.unref();
  }
}

function groupGone(): CommandError {
  return new CommandError('NOGROUP the consumer group this client was blocked on no longer exists');
}

function idOf(db: number, key: ByteString): string {
  return `${db}/${key}`;
}

function keyOf(id: string): ByteString {
  return id.slice(id.indexOf('/') + 1);
}

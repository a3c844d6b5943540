/**
 * A server without its sockets: it runs what connections hand it, in the order in which it comes, and lets replies go when what they
 * acknowledge has been flushed.
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import { CommandError, type Reply } from '../engine/reply.js';
import { BlockedClients } from './blocked-clients.js';
import { ClientPause } from './client-pause.js';
import { flagsOf } from './commands/command-facts.js';
import type { ServerConfig } from './config/server-config.js';
import { Connection, NO_REPLY, type Transport } from './connection.js';
import { dispatch } from './dispatch.js';
import { refusalLine } from './integrity-words.js';
import { KeyspaceEvents } from './keyspace-events.js';
import { LatencyMonitor } from './latency-monitor.js';
import { MigrateSockets } from './migrate-sockets.js';
import { Monitors } from './monitors.js';
import { PubSub } from './pubsub.js';
import { type Backend, type ServerContext, ServerStats } from './server-context.js';
import { shownName } from './shown-words.js';
import { SlowLog } from './slowlog.js';
import { standStill } from './stand-still.js';
import { isTimed } from './told-commands.js';
import { WriteGuard } from './write-guard.js';

export interface ServerOptions {
  readonly backend: Backend;
  readonly config: ServerConfig;
  /** Whether there is hardly any memory left. */
  readonly heap?: { readonly isShort: boolean };
  /** Unix ms. */
  readonly clock: () => number;
  /** Told when there is nothing more to be done: SHUTDOWN, or a log that is lost. */
  readonly onEnd: (failure?: unknown) => void;
  /** Hears of what is wrong and does not end the server. */
  readonly onWarning: (text: string, cause: unknown) => void;
}

export class Server implements ServerContext {
  readonly backend: Backend;
  readonly config: ServerConfig;
  readonly clock: () => number;
  readonly startedMs: number;
  readonly clients = new Map<number, Connection>();
  readonly stats = new ServerStats();
  readonly pubsub = new PubSub();
  readonly blocked: BlockedClients;
  readonly monitors: Monitors;
  readonly slowlog: SlowLog;
  readonly latency: LatencyMonitor;
  readonly pause = new ClientPause(this);
  readonly migrateSockets = new MigrateSockets();
  private readonly guard: WriteGuard;
  /** DEBUG AOF-FLUSH-SLEEP: so long a flush takes that has something to write. */
  flushDelayMs = 0;
  private readonly onEnd: ServerOptions['onEnd'];
  private readonly onWarning: ServerOptions['onWarning'];
  private readonly waiting = new Set<Connection>();
  private held: Promise<void> | undefined;
  private isFlushPlanned = false;
  private hasEnded = false;
  private nextId = 1;

  constructor({ backend, config, heap = { isShort: false }, clock, onEnd, onWarning }: ServerOptions) {
    this.backend = backend;
    this.config = config;
    this.clock = clock;
    this.onEnd = onEnd;
    this.onWarning = onWarning;
    this.slowlog = new SlowLog(config);
    this.guard = new WriteGuard(config, heap);
    this.latency = new LatencyMonitor(config, clock);
    this.startedMs = clock();
    this.blocked = new BlockedClients(backend, onWarning);
    this.monitors = new Monitors(clock);
    const events = new KeyspaceEvents(config, this.pubsub);
    backend.engine.listener = {
      changed: (db, key) => this.blocked.changed(db, key),
      ready: (db, key) => this.blocked.changed(db, key),
      replaced: (db) => this.blocked.replaced(db),
      event: (kind, event, key, db) => {
        if (kind === 'x' && event === 'expired') this.stats.expiredKeys++;
        events.tell(kind, event, key, db);
      },
    };
  }

  get isHeld(): boolean {
    return this.held !== undefined;
  }

  /** A client has come. */
  connect(transport: Transport): Connection {
    const connection = new Connection(this, transport, this.nextId++);
    this.clients.set(connection.id, connection);
    this.stats.connections++;
    return connection;
  }

  dispatch(connection: Connection, args: readonly ByteString[]): void {
    dispatch(this, connection, args);
  }

  /** A command has been run, in so many ms; those of a transaction one by one. */
  ran(connection: Connection, args: readonly ByteString[], spec: CommandSpec, reply: Reply, ms: number): void {
    const name = shownName(spec);
    const usec = Math.round(ms * 1000);
    this.stats.ran(name, usec, reply);
    this.stats.looked(this.backend.engine, spec.isWrite);
    if (reply instanceof CommandError && reply.cause !== undefined) this.tellRefusal(name, reply);
    this.latency.ran(name, usec, flagsOf(spec).has('fast'));
    this.monitors.tell(connection, args, spec);
    // One that waits is not over, nor is one that holds everybody up.
    const isOver = connection.session.wait === undefined && !(this.isHeld && reply === NO_REPLY);
    if (isOver) this.logIfSlow(connection, args, spec, usec);
  }

  served(connection: Connection, args: readonly ByteString[], reply: Reply, ms: number): void {
    const { lastCommand: spec } = connection;
    if (spec === undefined) return;
    this.stats.served(shownName(spec), reply);
    this.logIfSlow(connection, args, spec, Math.round(ms * 1000));
  }

  /** Why a command is not run, though it could be; `queued`: those that EXEC would run. */
  refusalOf(spec: CommandSpec, queued: readonly CommandSpec[]): CommandError | undefined {
    return this.guard.refusal(spec, queued);
  }

  /** A command has not been run. */
  refused(spec: CommandSpec | undefined, error: CommandError): void {
    this.stats.refused(spec && shownName(spec), error);
  }

  warn(text: string, cause: unknown): void {
    this.onWarning(text, cause);
  }

  hasOutput(connection: Connection): void {
    this.waiting.add(connection);
    if (this.isFlushPlanned) return;
    this.isFlushPlanned = true;
    setImmediate(() => this.flush());
  }

  hold(work: Promise<void>): void {
    const held = work
      .catch((error: unknown) => this.warn('what everybody waits for has failed', error))
      .then(() => {
        if (this.held !== held) return;
        this.held = undefined;
        this.blocked.serve();
        for (const connection of this.clients.values()) connection.run();
      });
    this.held = held;
  }

  private tellRefusal(name: string, error: CommandError): void {
    const line = refusalLine(name.toUpperCase(), error);
    if (line !== undefined) this.warn(line, undefined);
  }

  private logIfSlow(connection: Connection, args: readonly ByteString[], spec: CommandSpec, usec: number): void {
    if (this.slowlog.isSlow(usec) && isTimed(spec)) this.slowlog.add(connection, args, usec, this.clock());
  }

  /** What still waits to be sent goes out; then everybody is let go. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const connection of this.clients.values()) connection.endAfterReplies();
    this.migrateSockets.close();
    this.onEnd();
  }

  /** At the end of a turn of the event loop: what commands have logged is written, then their replies go. */
  private flush(): void {
    this.isFlushPlanned = false;
    if (this.hasEnded && this.backend.store?.failure !== undefined) return;
    try {
      if (this.flushDelayMs > 0 && (this.backend.store?.status.log.pendingBytes ?? 0) > 0)
        standStill(this.flushDelayMs);
      this.backend.flush();
    } catch (failure) {
      // No reply may go out: what it says has not happened.
      this.hasEnded = true;
      for (const connection of this.clients.values()) connection.close();
      this.migrateSockets.close();
      this.onEnd(failure);
      return;
    }
    const connections = [...this.waiting];
    this.waiting.clear();
    for (const connection of connections) connection.sendOutput();
    if (this.backend.store?.hasEnded) this.end();
  }
}

/**
 * What everything in a server has in common: its clients, its configuration, what it stands on. Commands come by it through
 * the connection that runs them ({@link connectionOf}).
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import type { Call } from '../engine/call.js';
import type { Engine } from '../engine/engine.js';
import { CommandError, type Reply } from '../engine/reply.js';
import type { Session } from '../engine/session.js';
import type { Store } from '../store/store.js';
import { Connection } from './connection.js';

/** What the data is in. */
export interface Backend {
  readonly engine: Engine;
  /** Undefined where nothing can be written: a dump is served. */
  readonly store: Store | undefined;
  session(connection: Connection): Session;
  /** What commands have changed, as the session counts it. */
  count(changes: number): void;
  /** Before replies go out. Throws LogLostError where the server is at its end. */
  flush(): void;
}

/** The settings that the core of the server looks at. */
export interface CoreConfig {
  /** `requirepass`; empty: none is asked for. */
  readonly password: ByteString;
  /** `maxclients` */
  readonly maxClients: number;
  /** `proto-max-bulk-len`, bytes. */
  readonly maxBulkBytes: number;
  /** `client-query-buffer-limit`, bytes. */
  readonly queryBufferLimit: number;
  /** Of `client-output-buffer-limit`: bytes that may wait for this client. */
  outputLimitOf(connection: Connection): number;
}

/** Counted since the start, or CONFIG RESETSTAT. */
export class ServerStats {
  connections = 0;
  commands = 0;
  rejectedConnections = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  expiredKeys = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  /** By command name in small letters. */
  calls = new Map<string, CallStats>();
  errors = new Map<string, number>();
  private hitsBefore = 0;
  private missesBefore = 0;

  ran(name: string, usec: number, reply: Reply): void {
    this.commands++;
    const one = this.callsOf(name);
    one.calls++;
    one.usec += usec;
    this.answered(one, reply);
  }

  /** What a command has found and missed: of those that write, nobody is told. */
  looked({ hits, misses }: Engine, isWrite: boolean): void {
    if (!isWrite) {
      this.keyspaceHits += hits - this.hitsBefore;
      this.keyspaceMisses += misses - this.missesBefore;
    }
    this.hitsBefore = hits;
    this.missesBefore = misses;
  }

  /** One that has waited, and been counted when it began. */
  served(name: string, reply: Reply): void {
    this.answered(this.callsOf(name), reply);
  }

  /** `name`: undefined where there is no such command. */
  refused(name: string | undefined, error: CommandError): void {
    if (name !== undefined) this.callsOf(name).rejected++;
    this.countError(error);
  }

  reset(): void {
    const { hitsBefore, missesBefore } = this;
    Object.assign(this, new ServerStats(), { hitsBefore, missesBefore });
  }

  private answered(one: CallStats, reply: Reply): void {
    if (!(reply instanceof CommandError)) return;
    one.failed++;
    this.countError(reply);
  }

  private callsOf(name: string): CallStats {
    let one = this.calls.get(name);
    if (one === undefined) {
      one = { calls: 0, usec: 0, rejected: 0, failed: 0 };
      this.calls.set(name, one);
    }
    return one;
  }

  /** By the code at the head of its text. */
  private countError({ message }: CommandError): void {
    const [code = ''] = message.split(CODE_END, 1);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}

const CODE_END = ' ';

export interface CallStats {
  calls: number;
  usec: number;
  rejected: number;
  failed: number;
}

export interface ServerContext {
  readonly backend: Backend;
  readonly config: CoreConfig;
  readonly clients: Map<number, Connection>;
  readonly stats: ServerStats;
  /** Unix ms. */
  readonly clock: () => number;
  readonly startedMs: number;
  /** Nobody's commands are run while something goes on that is to happen at one time: see {@link hold}. */
  readonly isHeld: boolean;
  /** Runs a command and answers it. */
  dispatch(connection: Connection, args: readonly ByteString[]): void;
  /** A command of it has been run, in so many ms. */
  ran(connection: Connection, args: readonly ByteString[], spec: CommandSpec, reply: Reply, ms: number): void;
  /** A command that has waited has been run, in so many ms. */
  served(connection: Connection, args: readonly ByteString[], reply: Reply, ms: number): void;
  /** Why a command is not run, though it could be; `queued`: those that EXEC would run. */
  refusalOf(spec: CommandSpec, queued: readonly CommandSpec[]): CommandError | undefined;
  /** A command has not been run. `spec`: undefined where there is no such one. */
  refused(spec: CommandSpec | undefined, error: CommandError): void;
  /** Something waits to be sent to it at the end of this turn of the event loop. */
  hasOutput(connection: Connection): void;
  /** Until the promise is settled no command is run; then everybody goes on. */
  hold(work: Promise<void>): void;
}

/** Whose command it is. */
export function connectionOf(call: Call): Connection {
  if (call.owner instanceof Connection) return call.owner;
  throw new TypeError('this command is run for nobody');
}

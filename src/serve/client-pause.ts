/**
 * CLIENT PAUSE: for some time nothing is run, or nothing that may write. What comes meanwhile waits, each client at its first such
 * command, and is run in the order in which it came.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { CommandError } from '../engine/reply.js';
import type { Connection } from './connection.js';
import type { Server } from './server.js';

/** The longest that a timer of the machine goes. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/** What is not flagged as writing, and may all the same end in the log or at other servers. */
const MAY_WRITE: ReadonlySet<string> = new Set(['EVAL', 'EVALSHA', 'FCALL', 'PUBLISH', 'SPUBLISH', 'PFCOUNT', 'EXEC']);

interface Postponed {
  readonly connection: Connection;
  readonly args: readonly ByteString[];
}

export class ClientPause {
  private endMs = 0;
  private isForAll = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: Postponed[] = [];

  constructor(private readonly server: Server) {}

  /** A shorter one does not end a longer one, nor does one for writes make commands run that wait. */
  start(endMs: number, isForAll: boolean): void {
    this.isForAll ||= isForAll;
    if (endMs <= this.endMs) return;
    this.endMs = endMs;
    this.wait();
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.endMs = 0;
    this.isForAll = false;
    const { waiting } = this;
    this.waiting = [];
    for (const { connection } of waiting) connection.isBlocked = false;
    for (const { connection, args } of waiting) {
      if (connection.isClosed) continue;
      this.server.dispatch(connection, args);
      connection.run();
    }
  }

  /** Whether the command is kept for later. To be asked before it is looked at in any other way. */
  postpones(connection: Connection, args: readonly ByteString[]): boolean {
    if (this.endMs === 0 || (!this.isForAll && !mayWrite(connection, args))) return false;
    connection.isBlocked = true;
    this.waiting.push({ connection, args });
    return true;
  }

  private wait(): void {
    clearTimeout(this.timer);
    const leftMs = Math.max(0, this.endMs - this.server.clock());
    this.timer = setTimeout(() => (leftMs > MOST_TIMER_MS ? this.wait() : this.end()), Math.min(leftMs, MOST_TIMER_MS));
    if (typeof this.timer === 'object') this.timer.unref();
  }
}

function mayWrite({ session }: Connection, args: readonly ByteString[]): boolean {
  try {
    const { isWrite, name } = session.runner.find(args);
    // In a transaction it only is put into the queue.
    return session.inTransaction ? name === 'EXEC' : isWrite || (name !== 'EXEC' && MAY_WRITE.has(name));
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** Clients that have had more waiting for them than the soft limit, and since when (client-output-buffer-limit). */
import type { Connection } from '../connection.js';
import type { OutputLimit } from './config-lists.js';

export class SoftLimits {
  /** Unix ms. */
  private readonly since = new WeakMap<Connection, number>();

  /** How many bytes may wait for the client; it is let go where there are more. */
  mostBytes(connection: Connection, { hardBytes, softBytes, softSeconds }: OutputLimit): number {
    const most = hardBytes === 0 ? Infinity : hardBytes;
    if (softBytes === 0 || connection.outputBytes < softBytes) {
      this.since.delete(connection);
      return most;
    }
    const now = connection.context.clock();
    const since = this.since.get(connection) ?? now;
    this.since.set(connection, since);
    return now - since > softSeconds * 1000 ? 0 : most;
  }
}

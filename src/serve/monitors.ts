/** Clients that are told of every command (MONITOR). */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import { Status } from '../engine/reply.js';
import type { Connection } from './connection.js';
import { shownWords } from './shown-words.js';
import { isMonitored, withoutSecrets } from './told-commands.js';

/** A monitor that reads too slowly is let go: it is told what it has not asked for, and has no limit of its own by default. */
const MOST_UNREAD_BYTES = 64 * 1024 * 1024;

export class Monitors {
  private readonly listeners = new Set<Connection>();

  constructor(private readonly clock: () => number) {}

  add(connection: Connection): void {
    if (this.listeners.has(connection)) return;
    this.listeners.add(connection);
    connection.isMonitor = true;
    connection.onClose.add(() => this.remove(connection));
  }

  remove(connection: Connection): void {
    connection.isMonitor = false;
    this.listeners.delete(connection);
  }

  /** Behind a command that has been run. */
  tell(connection: Connection, args: readonly ByteString[], spec: CommandSpec): void {
    if (this.listeners.size === 0 || !isMonitored(spec)) return;
    const now = this.clock();
    const time = `${Math.floor(now / 1000)}.${String(Math.floor(now % 1000) * 1000).padStart(6, '0')}`;
    const db = connection.session.runner.db.index;
    const line = new Status(`${time} [${db} ${connection.transport.address}] ${shownWords(withoutSecrets(args))}`);
    for (const listener of this.listeners) {
      if (listener.outputBytes > MOST_UNREAD_BYTES) listener.close();
      else if (listener !== connection) listener.reply(line);
    }
  }
}

/** Clients that are told of every command (MONITOR). */
import type { ByteString } from '../bytes/byte-string.js';
import { Status } from '../engine/reply.js';
import type { Connection } from './connection.js';
import { shownWords } from './shown-words.js';

/** What nobody is shown. */
const HIDDEN: ReadonlySet<string> = new Set(['auth', 'hello']);

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

  /** Before a command is run. */
  tell(connection: Connection, args: readonly ByteString[]): void {
    if (this.listeners.size === 0 || HIDDEN.has(args[0]!.toLowerCase())) return;
    const now = this.clock();
    const time = `${Math.floor(now / 1000)}.${String(Math.floor(now % 1000) * 1000).padStart(6, '0')}`;
    const db = connection.session.runner.db.index;
    const line = new Status(`${time} [${db} ${connection.transport.address}] ${shownWords(args)}`);
    for (const listener of this.listeners) if (listener !== connection) listener.reply(line);
  }
}

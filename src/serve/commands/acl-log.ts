/** Who has been refused (ACL LOG): nobody but those with a wrong password, since there is one user, who may do everything. */
import type { ByteString } from '../../bytes/byte-string.js';
import { DoubleReply, MapReply, type Reply } from '../../engine/reply.js';
import type { Connection } from '../connection.js';
import type { Server } from '../server.js';
import { clientLine } from './client-line.js';

/** `acllog-max-len` */
const MOST_ENTRIES = 128;
/** What comes again within this time counts as the same. */
const SAME_MS = 60_000;

interface Refusal {
  readonly object: string;
  readonly user: ByteString;
  readonly id: number;
  readonly clientLine: string;
  readonly firstMs: number;
  lastMs: number;
  count: number;
}

class AclLog {
  /** The latest first. */
  private entries: Refusal[] = [];
  private nextId = 0;

  constructor(private readonly clock: () => number) {}

  /** `object`: the command that it tried to log in with. */
  refused(connection: Connection, object: string, user: ByteString): void {
    const now = this.clock();
    const same = this.entries.find(
      (each) => each.object === object && each.user === user && now - each.lastMs < SAME_MS,
    );
    if (same !== undefined) {
      same.count++;
      same.lastMs = now;
      this.entries = [same, ...this.entries.filter((each) => each !== same)];
      return;
    }
    const line = clientLine(connection, { command: object.toLowerCase() });
    this.entries.unshift({ object, user, id: this.nextId++, clientLine: line, firstMs: now, lastMs: now, count: 1 });
    if (this.entries.length > MOST_ENTRIES) this.entries.length = MOST_ENTRIES;
  }

  reset(): void {
    this.entries = [];
  }

  /** `isDated`: servers of 7.2 and later number them and say when they came. */
  show(most: number, isDated: boolean): Reply {
    const now = this.clock();
    return this.entries
      .slice(0, most)
      .map(
        (each) =>
          new MapReply([
            ['count', each.count],
            ['reason', 'auth'],
            ['context', 'toplevel'],
            ['object', each.object],
            ['username', each.user],
            ['age-seconds', new DoubleReply((now - each.lastMs) / 1000)],
            ['client-info', each.clientLine],
            ...(isDated ? dates(each) : []),
          ]),
      );
  }
}

function dates({ id, firstMs, lastMs }: Refusal): (readonly [string, Reply])[] {
  return [
    ['entry-id', id],
    ['timestamp-created', firstMs],
    ['timestamp-last-updated', lastMs],
  ];
}

const logs = new WeakMap<Server, AclLog>();

export function aclLogOf(server: Server): AclLog {
  const log = logs.get(server) ?? new AclLog(server.clock);
  logs.set(server, log);
  return log;
}

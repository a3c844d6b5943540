/** What a server tells beside its replies: the lines of its log, and keyspace events. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteString, toByteString } from '../../src/bytes/byte-string.js';
import { decodeCommand, skipCommand } from '../../src/codecs/resp.js';
import type { LiveServer } from './live-server.js';
import { type Reply, RespClient } from './resp-client.js';

/** A line of a log with the database that it is about; MULTI and EXEC have none. */
export interface LogLine {
  readonly db: number | undefined;
  readonly args: readonly ByteString[];
}

const CHUNK = 1 << 20;

export class ServerFeeds {
  /** For the start of the server. */
  static readonly args: readonly string[] = [
    ...['--appendonly', 'yes', '--appendfsync', 'no', '--auto-aof-rewrite-percentage', '0'],
  ];
  private readonly events: string[] = [];
  private pos = 0;
  private db = -1;

  private constructor(
    private readonly file: number,
    private readonly client: RespClient,
  ) {}

  static async open(server: LiveServer): Promise<ServerFeeds> {
    const folder = join(server.dir, 'appendonlydir');
    const name = readdirSync(folder).find((entry) => entry.endsWith('.incr.aof'))!;
    const client = await RespClient.connect(server.port, {
      onMessage: (message) => feeds.message(message),
    });
    const feeds = new ServerFeeds(openSync(join(folder, name), 'r'), client);
    await client.send('PSUBSCRIBE', '__keyevent@*');
    return feeds;
  }

  close(): void {
    closeSync(this.file);
    this.client.close();
  }

  /** What has been logged since the last time: of all commands that have been answered. */
  log(): LogLine[] {
    const bytes = this.more();
    const lines: LogLine[] = [];
    for (let pos = 0; pos < bytes.length; ) {
      const end = skipCommand(bytes, pos, bytes.length);
      const args = decodeCommand(bytes, pos, end).map((arg) => toByteString(arg));
      pos = end;
      if (args[0] === 'SELECT') this.db = Number(args[1]);
      else lines.push({ db: isControl(args) ? undefined : this.db, args });
    }
    return lines;
  }

  /** `db event key`, in the order in which they came, since the last time. */
  async eventsSoFar(): Promise<string[]> {
    await this.client.send('PING');
    return this.events.splice(0);
  }

  private message(message: Reply): void {
    const [, , channel, key] = message as Buffer[];
    const [, db, event] = /^__keyevent@(\d+)__:(.*)$/s.exec(String(channel))!;
    this.events.push(`${db} ${event} ${toByteString(key!)}`);
  }

  private more(): Uint8Array {
    const parts: Uint8Array[] = [];
    for (;;) {
      const part = new Uint8Array(CHUNK);
      const size = readSync(this.file, part, 0, CHUNK, this.pos);
      if (size === 0) return new Uint8Array(Buffer.concat(parts));
      this.pos += size;
      parts.push(part.subarray(0, size));
    }
  }
}

export function isControl([name]: readonly ByteString[]): boolean {
  return name === 'MULTI' || name === 'EXEC';
}

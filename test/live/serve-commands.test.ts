/** The server's own commands beside those of a real server: the same bytes for the same lines, wherever they are determined. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type TestClient, type TestServer } from '../serve/commands-server.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { decodeReply, type Reply } from '../support/resp-replies.js';
import { ACL, CLIENT, DEBUG, GETKEYS, HELLO, PUBSUB, SERVER, TYPES } from './serve-command-lines.js';

let live: LiveServer;
let ours: TestServer;

beforeAll(async () => {
  live = await startServer();
  ours = await openServer({ save: '' });
});

afterAll(async () => {
  await live.stop();
  ours.site.store.abandon();
});

/** A client of the real server: bytes as they come, one character each. */
class LiveClient {
  private received = '';
  isEnded = false;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (piece) => {
      this.received += piece.toString('latin1');
    });
    socket.on('close', () => {
      this.isEnded = true;
    });
  }

  static connect(port: number): Promise<LiveClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new LiveClient(socket)));
      socket.once('error', reject);
    });
  }

  /** What comes for the line: waits for as much as is expected, but not for long. */
  async send(line: string, expected: number): Promise<string> {
    this.socket.write(`${line}\r\n`, 'latin1');
    const deadline = Date.now() + PATIENCE_MS;
    while (this.received.length < Math.max(expected, 1) && !this.isEnded && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 1));
    const { received } = this;
    this.received = '';
    return received;
  }

  /** Waits for the server to end it, for a while. */
  async closed(): Promise<void> {
    const deadline = Date.now() + CLOSING_MS;
    while (!this.isEnded && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  close(): void {
    this.socket.destroy();
  }
}

const PATIENCE_MS = 150;
const CLOSING_MS = 5000;

interface Pair {
  readonly theirs: LiveClient;
  readonly ours: TestClient;
}

async function pair(): Promise<Pair> {
  return { theirs: await LiveClient.connect(live.port), ours: ours.connect() };
}

/** What is each server's own: numbers of clients. */
function withoutNumbers(reply: string): string {
  return reply.replace(/\$2\r\nid\r\n:\d+/, '$2\r\nid\r\n:0');
}

/** What comes for the line, if anything does. */
async function answerOf(client: TestClient, line: string): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  let received = await client.send(line);
  while (received === '' && !client.isEnded && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    received = await client.take();
  }
  return received;
}

/** Lines to one client of each, the same replies. */
async function expectSame(lines: readonly string[]): Promise<void> {
  const both = await pair();
  for (const line of lines) {
    const own = await answerOf(both.ours, line);
    const their = await both.theirs.send(line, own.length);
    expect(withoutNumbers(own), line).toBe(withoutNumbers(their));
    if (both.ours.isEnded) await both.theirs.closed();
    expect(both.ours.isEnded, `${line} ends the connection`).toBe(both.theirs.isEnded);
  }
  both.theirs.close();
  both.ours.connection.close();
}

describe('bytes for bytes', () => {
  it.each([
    ['HELLO and its like', HELLO],
    ['CLIENT', CLIENT],
    ['messages', PUBSUB],
    ['what is about the server', SERVER],
    ['ACL', ACL],
    ['keys of commands', GETKEYS],
    ['DEBUG', DEBUG],
    ['all types of replies', [...TYPES, 'HELLO 3', ...TYPES]],
  ])('%s', async (_, lines) => await expectSame(lines));
});

/** A reply of the real server and of ours, taken apart. */
async function replies(line: string): Promise<[theirs: Reply, ours: Reply]> {
  const client = ours.connect();
  const own = decodeReply({ bytes: Buffer.from(await client.send(line), 'latin1'), pos: 0, wanted: 1, exact: false });
  client.connection.close();
  return [await live.send(...line.split(' ')), own!];
}

/** Lists whose order is nobody's business sorted, and without the notes on keys. */
function comparable(reply: Reply): unknown {
  if (reply instanceof Uint8Array) return Buffer.from(reply).toString('latin1');
  if (!Array.isArray(reply)) return reply;
  const parts = reply.map(comparable);
  const at = parts.indexOf('notes');
  if (at >= 0) parts.splice(at, 2);
  return parts;
}

function byName(reply: Reply): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  const visit = (entry: unknown): void => {
    const [name, ...facts] = entry as [string, ...unknown[]];
    const subcommands = facts.pop() as unknown[];
    found.set(name, facts);
    subcommands.forEach(visit);
  };
  (comparable(reply) as unknown[]).forEach(visit);
  return found;
}

describe('COMMAND', () => {
  it('says of every command what the real server says', async () => {
    const [theirs, own] = (await replies('COMMAND')).map(byName) as [Map<string, unknown[]>, Map<string, unknown[]>];
    expect(own.size).toBeGreaterThan(300);
    for (const [name, facts] of own) expect([name, facts]).toEqual([name, theirs.get(name)]);
  });

  it('has every command', async () => {
    const [theirs, own] = (await replies('COMMAND LIST')).map(
      (reply) => new Set((reply as Uint8Array[]).map((name) => String(Buffer.from(name)))),
    ) as [Set<string>, Set<string>];
    expect([...own].filter((name) => !theirs.has(name))).toEqual([]);
    expect([...theirs].filter((name) => !own.has(name) && !/^(config|info)\b/.test(name))).toEqual([]);
  });

  it('gives the groups and the versions of all', async () => {
    const [theirs, own] = (await replies('COMMAND DOCS')).map((reply) => documents(reply, new Map())) as [
      Map<string, unknown>,
      Map<string, unknown>,
    ];
    expect(own.size).toBeGreaterThan(300);
    expect([...own].filter(([name, facts]) => String(facts) !== String(theirs.get(name)))).toEqual([]);
  });
});

function documents(reply: Reply, found: Map<string, unknown>): Map<string, unknown> {
  const pairs = reply as Reply[];
  for (let at = 0; at < pairs.length; at += 2) {
    const facts = pairs[at + 1] as Reply[];
    const value = (name: string): Reply | undefined => {
      const place = facts.findIndex((fact, index) => index % 2 === 0 && comparable(fact) === name);
      return place < 0 ? undefined : facts[place + 1];
    };
    found.set(comparable(pairs[at]!) as string, [comparable(value('since')!), comparable(value('group')!)]);
    const subcommands = value('subcommands');
    if (subcommands !== undefined) documents(subcommands, found);
  }
  return found;
}

describe('what has the shape of that of the real server', () => {
  it('CLIENT LIST: the same fields in the same order', async () => {
    const [theirs, own] = (await replies('CLIENT LIST')).map((reply) =>
      String(reply)
        .split('\n')[0]!
        .split(' ')
        .map((field) => field.replace(/=.*/, '')),
    );
    expect(own).toEqual(theirs);
  });

  it('MEMORY STATS: the same names', async () => {
    const [theirs, own] = (await replies('MEMORY STATS')).map((reply) =>
      (reply as Reply[]).filter((_, index) => index % 2 === 0).map(comparable),
    );
    expect(own).toEqual(theirs);
  });

  it('TIME and ACL GENPASS', async () => {
    const [theirs, own] = await replies('TIME');
    expect((own as Reply[]).length).toBe((theirs as Reply[]).length);
    expect((await replies('ACL GENPASS')).map((reply) => String(reply).length)).toEqual([64, 64]);
    expect((await replies('ACL GENPASS 5')).map((reply) => String(reply).length)).toEqual([2, 2]);
  });

  it.each(['CLIENT', 'COMMAND', 'ACL', 'PUBSUB', 'SLOWLOG', 'LATENCY', 'MEMORY', 'MODULE', 'OBJECT', 'DEBUG'])(
    '%s HELP: the same frame',
    async (name) => {
      const frames = (await replies(`${name} HELP`)).map((reply) => {
        const lines = (reply as Reply[]).map(comparable);
        return [lines[0], ...lines.slice(-2)];
      });
      expect(frames[1]).toEqual(frames[0]);
    },
  );
});

/** MIGRATE between a real server and one of ours, in both directions; and its replies beside those of a real server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixturePath } from '../support/fixtures.js';
import { freePort } from '../support/free-port.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { type Argument, type Reply, RespClient } from '../support/resp-client.js';
import { type SocketServer, startOurs } from '../support/serve-sockets.js';

interface Peer {
  readonly port: number;
  send(...args: readonly Argument[]): Promise<Reply>;
}

const DATABASES = '200';

let live: LiveServer;
let ours: SocketServer;
let own: Peer & { close(): void };
/** Another real server. */
let target: LiveServer;

beforeAll(async () => {
  live = await startServer({ args: ['--databases', DATABASES], rdb: fixturePath('redis-7.0/types') });
  target = await startServer();
});

afterAll(async () => {
  await live?.stop();
  await target?.stop();
});

beforeEach(async () => {
  ours = await startOurs({ config: { save: '', databases: DATABASES } });
  const client = await RespClient.connect(ours.port);
  own = { port: ours.port, send: client.send.bind(client), close: () => client.close() };
});

afterEach(async () => {
  own.close();
  ours.server.migrateSockets.close();
  await ours.stop();
  expect(ours.warnings).toEqual([]);
  await target.send('FLUSHALL');
});

/** A reply, or the text of an error. */
function told(peer: Peer, ...args: readonly Argument[]): Promise<string> {
  return peer.send(...args).then(String, (error: Error) => `-${error.message}`);
}

/** All that it has, from database to database. */
async function moveAll(from: Peer, to: Peer, ...options: readonly string[]): Promise<number> {
  let moved = 0;
  const databases = String(await from.send('INFO', 'keyspace')).matchAll(/^db(\d+):keys=(\d+)/gm);
  for (const [, db = '', count] of databases) {
    await from.send('SELECT', db);
    const keys = (await from.send('KEYS', '*')) as Buffer[];
    expect(keys.length).toBe(Number(count));
    const args = ['127.0.0.1', to.port, '', db, 10_000, ...options, 'KEYS', ...keys] as const;
    expect(await told(from, 'MIGRATE', ...args)).toBe('OK');
    moved += keys.length;
  }
  return moved;
}

/** By database and name: what is left, ms. */
async function timesLeft(peer: Peer): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const [, db = ''] of String(await peer.send('INFO', 'keyspace')).matchAll(/^db(\d+):/gm)) {
    await peer.send('SELECT', db);
    const keys = (await peer.send('KEYS', '*')) as Buffer[];
    const times = await Promise.all(keys.map((key) => peer.send('PTTL', key)));
    for (const [index, key] of keys.entries()) found.set(`${db} ${key.toString('latin1')}`, Number(times[index]));
  }
  return found;
}

describe('all that a dump of a real server holds', () => {
  it('goes to ours and back', async () => {
    const digest = await told(live, 'DEBUG', 'DIGEST');
    const before = await timesLeft(live);
    expect(await moveAll(live, own)).toBe(before.size);
    expect(await told(live, 'INFO', 'keyspace')).toBe('# Keyspace\r\n');
    expect(await told(own, 'DEBUG', 'DIGEST')).toBe(digest);
    expect(await moveAll(own, live)).toBe(before.size);
    expect(await told(own, 'INFO', 'keyspace')).toBe('# Keyspace\r\n');
    expect(await told(live, 'DEBUG', 'DIGEST')).toBe(digest);
    const after = await timesLeft(live);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [key, leftMs] of before) {
      const late = leftMs - after.get(key)!;
      expect(Math.abs(late), key).toBeLessThan(leftMs < 0 ? 1 : 30_000);
    }
  });

  it('may be copied, again and again', async () => {
    const digest = await told(live, 'DEBUG', 'DIGEST');
    await moveAll(live, own, 'COPY');
    await moveAll(own, live, 'COPY', 'REPLACE');
    await moveAll(own, live, 'COPY', 'REPLACE');
    expect([await told(live, 'DEBUG', 'DIGEST'), await told(own, 'DEBUG', 'DIGEST')]).toEqual([digest, digest]);
  });
});

describe('beside a real server', () => {
  let here: LiveServer;

  beforeAll(async () => {
    here = await startServer();
  });

  afterAll(() => here?.stop());

  beforeEach(() => here.send('FLUSHALL'));

  const PORT = '<port>';
  const FREE = '<free>';

  /** The same lines at both, which have the same keys; what each answers, and what is there and here then. */
  async function play(...lines: readonly string[]): Promise<void> {
    const seen: string[][] = [];
    const free = String(await freePort());
    for (const peer of [here, own]) {
      await target.send('FLUSHALL');
      await target.send('MSET', 'busy', 1, 'busy2', 1);
      await peer.send('MSET', 'a', 1, 'b', 2, 'busy', 3, 'busy2', 4);
      await peer.send('RPUSH', 'list', 'x', 'y');
      const replies: string[] = [];
      for (const line of lines) {
        const words = line.replaceAll(PORT, String(target.port)).replaceAll(FREE, free).split(' ');
        replies.push(`${line} → ${await told(peer, ...words)}`);
      }
      replies.push(await told(peer, 'DEBUG', 'DIGEST'), await told(target, 'DEBUG', 'DIGEST'));
      seen.push(replies);
    }
    expect(seen[1]).toEqual(seen[0]);
  }

  it.each([
    [`MIGRATE 127.0.0.1 ${PORT} a 3 1000`, `MIGRATE 127.0.0.1 ${PORT} b 3 1000`, `MIGRATE 127.0.0.1 ${PORT} a 3 1000`],
    [`MIGRATE 127.0.0.1 ${PORT} a 0 1000 COPY`, `MIGRATE 127.0.0.1 ${PORT} a 0 1000 copy Replace`],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000 KEYS a none b list`],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000 KEYS a busy none b busy2 list`, 'KEYS *'],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000 REPLACE KEYS a a busy a`],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000 KEYS a a`],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000 KEYS none`, `MIGRATE 127.0.0.1 ${PORT}  0 1000 KEYS`],
    [`MIGRATE 127.0.0.1 ${PORT}  0 1000`, `MIGRATE 127.0.0.1 ${PORT} none 0 1000 AUTH x`],
    [`MIGRATE 127.0.0.1 ${PORT} a 0 1000 KEYS b`, `MIGRATE 127.0.0.1 ${PORT} a 0 1000 WHAT`],
    [`MIGRATE 127.0.0.1 ${PORT} a 0 1000 AUTH`, `MIGRATE 127.0.0.1 ${PORT} a 0 1000 AUTH2 x`],
    [`MIGRATE 127.0.0.1 ${PORT} a x 1000`, `MIGRATE 127.0.0.1 ${PORT} a 0 x`, `MIGRATE 127.0.0.1 ${PORT} a 0`],
    [`MIGRATE 127.0.0.1 ${PORT} a 0 -5`, `MIGRATE 127.0.0.1 ${PORT} b 0 999999999999`],
    [`MIGRATE 127.0.0.1 ${FREE} a 0 1000`, 'MIGRATE 127.0.0.1 port a 0 1000', 'MIGRATE  6379 a 0 1000'],
    ['MIGRATE no.such.host.invalid 6379 a 0 1000', `MIGRATE localhost ${PORT} a 0 1000`],
    ['SELECT 5', 'SET five 5', `MIGRATE 127.0.0.1 ${PORT} five 6 1000`, 'DBSIZE', 'SELECT 0'],
  ])('%s', async (...lines) => {
    await play(...lines);
  });

  it.each([
    [16, []],
    ['99999999999', []],
    [0, ['AUTH', 'secret']],
    [0, ['AUTH2', 'other', 'secret']],
    [16, ['AUTH', 'secret']],
  ])('says the same where database %s or login %j is wrong, but leaves no key there', async (db, login) => {
    const replies: string[] = [];
    for (const peer of [here, own]) {
      await target.send('FLUSHALL');
      await peer.send('SET', 'a', 1);
      replies.push(await told(peer, 'MIGRATE', '127.0.0.1', target.port, 'a', db, 1000, ...login));
      expect(await peer.send('EXISTS', 'a')).toBe(1);
    }
    expect(replies[1]).toBe(replies[0]);
    expect(replies[0]).toMatch(/^-ERR Target instance replied with error: /);
    expect(await target.send('DBSIZE')).toBe(0);
  });

  it('says the same where a password or a user is asked for', async () => {
    const replies: string[] = [];
    for (const peer of [here, own]) {
      // Whoever has come in before the password was set stays in.
      const other = await startServer();
      try {
        await other.send('ACL', 'SETUSER', 'mover', 'on', '>key', '+@all', '~*');
        await other.send('CONFIG', 'SET', 'requirepass', 'secret');
        await peer.send('MSET', 'a', 1, 'b', 2);
        for (const words of [
          ['a'],
          ['a', 'AUTH', 'wrong'],
          ['a', 'AUTH2', 'mover', 'wrong'],
          ['a', 'AUTH2', 'mover', 'key'],
          ['b', 'AUTH', 'secret'],
        ]) {
          const [key = '', ...login] = words;
          replies.push(await told(peer, 'MIGRATE', '127.0.0.1', other.port, key, 0, 1000, 'REPLACE', ...login));
        }
        expect(await other.send('MGET', 'a', 'b')).toEqual([Buffer.from('1'), Buffer.from('2')]);
        expect(await peer.send('MGET', 'a', 'b')).toEqual([null, null]);
      } finally {
        await other.stop();
      }
    }
    expect(replies.slice(5)).toEqual(replies.slice(0, 5));
    expect(replies.join('\n')).toMatch(/NOAUTH.*WRONGPASS.*WRONGPASS.*OK\nOK$/s);
  });

  it('says the same of a server that does not answer in time, and of itself', async () => {
    for (const peer of [here, own]) {
      await peer.send('MSET', 'a', 1, 'b', 2);
      const asleep = target.send('DEBUG', 'SLEEP', '0.6');
      const late = '-IOERR error or timeout reading to target instance';
      expect(await told(peer, 'MIGRATE', '127.0.0.1', target.port, 'a', 0, 150)).toBe(late);
      await asleep;
      expect(await told(peer, 'MIGRATE', '127.0.0.1', peer.port, 'b', 9, 150)).toBe(late);
      expect(await peer.send('MGET', 'a', 'b')).toEqual([Buffer.from('1'), Buffer.from('2')]);
    }
  });

  it('counts the connections that it keeps', async () => {
    for (const peer of [here, own]) {
      const cached = async (): Promise<string | undefined> =>
        /migrate_cached_sockets:\d+/.exec(await told(peer, 'INFO', 'stats'))?.[0];
      await peer.send('SET', 'a', 1);
      const other = await startServer();
      try {
        const [, before] = (await cached())!.split(':');
        expect(await told(peer, 'MIGRATE', '127.0.0.1', other.port, 'a', 0, 1000)).toBe('OK');
        expect(await cached()).toBe(`migrate_cached_sockets:${Number(before) + 1}`);
      } finally {
        await other.stop();
      }
    }
  });
});

/** The built command under load, and under clients that mean it no good: it lives, it answers others, its memory has an end. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { random } from '../support/random.js';
import { encodeCommand } from '../support/resp-client.js';
import { type ServeOptions, type ServeProcess, startServe } from '../support/serve-process.js';
import { runLoad } from '../support/serve-process-load.js';
import { malformedRequest } from '../support/serve-process-malformed.js';
import { RawClient } from '../support/serve-scenario.js';
import { until } from '../support/until.js';

const MB = 2 ** 20;
/** What a process takes that has nothing to do, and what the collector leaves for later. */
const BASE_MB = 200;

/** Where everything else runs at the same time. */
const PATIENCE_MS = 300_000;

const servers: ServeProcess[] = [];

async function start(options: ServeOptions = {}): Promise<ServeProcess> {
  const server = await startServe(options);
  servers.push(server);
  return server;
}

/** It has not warned of anything. */
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const log = server.log();
    expect(await server.stop()).toEqual({ code: 0, signal: null, stderr: '' });
    expect(log.split('\n').filter((line) => / # /.test(line))).toEqual([]);
  }
});

async function infoOf(server: ServeProcess, field: string): Promise<number> {
  const found = new RegExp(`^${field}:(\\d+)`, 'm').exec(String(await server.send('INFO', 'everything')));
  return Number(found![1]);
}

async function expectAlone(server: ServeProcess): Promise<void> {
  await until(async () => (await infoOf(server, 'connected_clients')) === 1);
  expect(await server.send('PING')).toBe('PONG');
}

describe('a million commands of fifty clients', () => {
  it(
    'are all answered as they should be, and leave nothing behind',
    async () => {
      const server = await start({ args: ['--appendonly', 'yes'] });
      const rss: number[] = [];
      for (let round = 0; round < 4; round++) {
        const load = { port: server.port, clients: 50, commands: 5000, pipeline: 100, seed: round };
        expect(await runLoad(load)).toBe(250_000);
        await expectAlone(server);
        await server.send('FLUSHALL');
        rss.push(server.rssBytes() / MB);
      }
      expect(await infoOf(server, 'total_commands_processed')).toBeGreaterThan(1_000_000);
      expect(rss[3]! - rss[1]!, rss.join()).toBeLessThan(60);
      expect(rss[3], rss.join()).toBeLessThan(2 * BASE_MB);
    },
    PATIENCE_MS,
  );
});

it(
  'a thousand connections come and go, some of them in the middle of a command (seed 11)',
  async () => {
    const server = await start();
    await server.send('SET', 'large', Buffer.alloc(MB));
    const next = random(11);
    const ways: ((client: RawClient) => unknown)[] = [
      () => undefined,
      (client) => client.ask('PING'),
      (client) => client.send('BLPOP nothing 0'),
      (client) => client.send('SUBSCRIBE news'),
      (client) => client.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nhalf'),
      (client) => client.write('MULTI\r\nSET a b\r\n'),
      (client) => client.write('GET large\r\n'.repeat(4)),
      (client) => client.send('MONITOR'),
    ];
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(server.port)));
      await Promise.all(clients.map((client) => ways[Math.floor(next() * ways.length)]!(client)));
      for (const client of clients) {
        if (next() < 0.3) client.socket.resetAndDestroy();
        else client.close();
      }
    }
    await expectAlone(server);
    expect(await infoOf(server, 'blocked_clients')).toBe(0);
    expect(await server.send('PUBSUB', 'CHANNELS')).toEqual([]);
    expect(await infoOf(server, 'total_connections_received')).toBe(1001);
  },
  PATIENCE_MS,
);

it(
  'ten thousand malformed requests (seed 12) end their own connections and nothing else',
  async () => {
    const server = await start();
    const next = random(12);
    for (let round = 0; round < 100; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => RawClient.connect(server.port)));
      for (const client of clients) client.write(malformedRequest(next));
      expect(await server.send('PING')).toBe('PONG');
      // Some of them say that this was all, and see how it ends.
      for (const client of clients.slice(0, 20)) client.socket.end();
      await Promise.all(clients.slice(0, 20).map((client) => client.closed()));
      for (const client of clients) client.socket.resetAndDestroy();
    }
    await expectAlone(server);
    expect(server.rssBytes() / MB).toBeLessThan(BASE_MB);
  },
  PATIENCE_MS,
);

describe('a client', () => {
  it('that asks for far more than it reads takes no more than its share, and others are served', async () => {
    const server = await start();
    await server.send('SET', 'large', Buffer.alloc(10 * MB, 'x'));
    const slow = await RawClient.connect(server.port);
    slow.socket.pause();
    slow.write('*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n'.repeat(1000));
    await until(
      async () => Number(/omem=(\d+) .*cmd=get/.exec(String(await server.send('CLIENT', 'LIST')))?.[1]) > 60 * MB,
    );
    for (let n = 0; n < 1000; n++) expect(await server.send('INCR', 'n')).toBe(n + 1);
    expect(server.rssBytes() / MB).toBeLessThan(2 * BASE_MB);
    expect(await infoOf(server, 'connected_clients')).toBe(2);
    slow.close();
    await expectAlone(server);
  });

  it('that reads slowly gets all of it', async () => {
    const server = await start();
    await server.send('SET', 'large', Buffer.alloc(10 * MB, 'x'));
    const slow = await RawClient.connect(server.port);
    let bytes = 0;
    slow.socket.removeAllListeners('data').on('data', (piece) => {
      bytes += piece.length;
      slow.socket.pause();
      setImmediate(() => slow.socket.resume());
    });
    slow.write('*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n'.repeat(60));
    await until(async () => bytes >= 60 * (10 * MB + 13));
    expect(bytes).toBe(60 * (10 * MB + 13));
    expect(server.rssBytes() / MB).toBeLessThan(2 * BASE_MB);
    slow.close();
  });

  it('that sends all of its commands before it reads gets all replies', async () => {
    const server = await start();
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    const value = 'x'.repeat(100);
    client.write(encodeCommand(['ECHO', value]).toString().repeat(300_000));
    await until(async () => (await infoOf(server, 'total_commands_processed')) > 300_000);
    let bytes = 0;
    client.socket.removeAllListeners('data').on('data', (piece) => (bytes += piece.length));
    client.socket.resume();
    await until(async () => bytes === 300_000 * 108);
    client.close();
  });

  it('that listens and does not read is let go when too many messages wait for it', async () => {
    const server = await start();
    const deaf = await RawClient.connect(server.port);
    await deaf.ask('SUBSCRIBE news');
    deaf.socket.pause();
    const message = Buffer.alloc(10_000, 'm');
    let told = 0;
    for (let round = 0; round < 100; round++) {
      const sent = Array.from({ length: 100 }, () => server.send('PUBLISH', 'news', message));
      const replies = (await Promise.all(sent)) as number[];
      told += replies.reduce((sum, count) => sum + count, 0);
      if (replies.at(-1) === 0) break;
    }
    // 32 MB wait at the server; what the system keeps for a socket comes to that.
    expect(told * 10_000).toBeGreaterThan(32 * MB);
    expect(await server.send('PUBLISH', 'news', 'nobody')).toBe(0);
    await expectAlone(server);
    expect(server.rssBytes() / MB).toBeLessThan(2 * BASE_MB);
    deaf.close();
  });

  it.each([
    ['one long argument', `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${8 * MB}\r\n`, 'x'.repeat(64 * 1024)],
    ['many short ones', `*${2 ** 31 - 1}\r\n`, '$1\r\na\r\n'.repeat(8 * 1024)],
    ['many empty ones', `*${2 ** 31 - 1}\r\n`, '$0\r\n\r\n'.repeat(8 * 1024)],
  ])('that sends more than may wait is let go: %s', async (_name, head, piece) => {
    const server = await start({ args: ['--client-query-buffer-limit', '4mb'] });
    const client = await RawClient.connect(server.port);
    client.write(head);
    for (let sent = 0; sent < 1000 && !client.isClosed; sent++)
      await new Promise((resolve) => client.socket.write(piece, 'latin1', resolve));
    await client.closed();
    await expectAlone(server);
    expect(server.rssBytes() / MB).toBeLessThan(BASE_MB);
  });

  it('that sends an argument which is too large is told so', async () => {
    const server = await start({ args: ['--proto-max-bulk-len', '1mb'] });
    expect(await server.send('SET', 'k', Buffer.alloc(MB))).toBe('OK');
    const client = await RawClient.connect(server.port);
    client.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${MB + 1}\r\n`);
    await client.closed();
    expect(client.received).toBe('-ERR Protocol error: invalid bulk length\r\n');
  });

  it('that watches all others and does not read is let go', async () => {
    const server = await start();
    const deaf = await RawClient.connect(server.port);
    await deaf.ask('MONITOR');
    deaf.socket.pause();
    const value = Buffer.alloc(100_000, 'v');
    for (let round = 0; round < 100 && (await infoOf(server, 'connected_clients')) > 1; round++)
      await Promise.all(Array.from({ length: 20 }, () => server.send('SET', 'k', value)));
    await expectAlone(server);
    expect(server.rssBytes() / MB).toBeLessThan(2 * BASE_MB);
    deaf.close();
  });

  it('that is a browser, sent by a page of somebody else, has nothing run', async () => {
    const server = await startServe();
    for (const head of ['POST / HTTP/1.1', 'post', '*2\r\n$4\r\nPost\r\n$1\r\n/', 'GET / HTTP/1.1\r\nhOST: x']) {
      const client = await RawClient.connect(server.port);
      client.write(`${head}\r\nSET injected x\r\n`);
      await client.closed();
    }
    expect(await server.send('EXISTS', 'injected')).toBe(0);
    expect(server.log().match(/is let go: it sends HTTP/g)).toHaveLength(1);
    await server.stop();
  });

  it('that is one too many is told so, until another one goes', async () => {
    const server = await start({ args: ['--maxclients', '20'] });
    await server.send('PING');
    const clients = await Promise.all(Array.from({ length: 19 }, () => RawClient.connect(server.port)));
    expect(await Promise.all(clients.map((client) => client.ask('PING')))).toEqual(clients.map(() => '+PONG\r\n'));
    for (let round = 0; round < 200; round++) {
      const client = await RawClient.connect(server.port);
      await client.closed();
      expect(client.received).toBe('-ERR max number of clients reached\r\n');
    }
    clients.pop()!.close();
    await until(async () => (await infoOf(server, 'connected_clients')) === 19);
    expect(await (await RawClient.connect(server.port)).ask('PING')).toBe('+PONG\r\n');
    expect(await infoOf(server, 'rejected_connections')).toBe(200);
  });
});

it('a heap that is nearly full takes no more, goes on, and takes more when there is room', async () => {
  const server = await start({ nodeArgs: ['--max-old-space-size=120'] });
  const value = Buffer.alloc(1000, 'v');
  let refusal: unknown;
  for (let round = 0; round < 400 && refusal === undefined; round++) {
    const sent = Array.from({ length: 1000 }, (_, at) => server.send('SET', `key:${round}:${at}`, value));
    for (const { status, ...rest } of await Promise.allSettled(sent))
      if (status === 'rejected') refusal ??= (rest as { reason: unknown }).reason;
  }
  expect(String(refusal)).toMatch(/OOM the heap of this server is nearly full/);
  expect(await server.send('GET', 'key:0:0')).toEqual(value);
  await server.send('FLUSHALL');
  await until(async () => (await server.send('SET', 'a', value).catch(() => 'refused')) === 'OK');
});

it('a dump of 100 MB is served from where it lies', async () => {
  const maker = await start({ args: ['--rdbcompression', 'no'] });
  await maker.send('DEBUG', 'POPULATE', 250_000, 'key', 400);
  await maker.send('SAVE');
  const server = await start({ source: join(maker.dir, 'dump.rdb') });
  expect(server.rssBytes() / MB).toBeLessThan(BASE_MB);
  const next = random(13);
  for (let round = 0; round < 100; round++) {
    const numbers = Array.from({ length: 100 }, () => Math.floor(next() * 250_000));
    const values = await Promise.all(numbers.map((number) => server.send('GET', `key:${number}`)));
    for (const [index, value] of values.entries()) {
      const text = `value:${numbers[index]}`;
      expect((value as Buffer).equals(Buffer.concat([Buffer.from(text), Buffer.alloc(400 - text.length)]))).toBe(true);
    }
  }
  expect(await server.send('DBSIZE')).toBe(250_000);
  expect(server.rssBytes() / MB).toBeLessThan(BASE_MB);
});

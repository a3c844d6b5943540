/** The sockets of a server: who comes in, and what becomes of clients that misbehave. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { unsafeAddresses } from '../../src/serve/bind-address.js';
import { UnsafeAddressError } from '../../src/serve/listener.js';
import { random } from '../support/random.js';
import { brokenRequest } from '../support/serve-requests.js';
import { RawClient } from '../support/serve-scenario.js';
import { type SocketServer, type SocketServerOptions, startOurs } from '../support/serve-sockets.js';

const open: SocketServer[] = [];

async function start(options?: SocketServerOptions): Promise<SocketServer> {
  const ours = await startOurs(options);
  open.push(ours);
  return ours;
}

afterEach(async () => {
  for (const ours of open.splice(0)) await ours.stop();
});

async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; !isSo(); round++) {
    if (round > 5000) throw new Error('it has not come to that');
    await sleep(2);
  }
}

describe('addresses', () => {
  it('are of this machine alone without a password', async () => {
    expect(unsafeAddresses(['127.0.0.1', '127.9.9.9', '::1', '-::1', 'localhost', '::ffff:127.0.0.1'])).toEqual([]);
    const others = ['0.0.0.0', '*', '-::*', '::', '10.0.0.1', '127.0.0.1.example.org', '1270.0.0.1', 'example.org'];
    expect(unsafeAddresses(others)).toEqual(others);
    await expect(startOurs({ bind: ['127.0.0.1', '0.0.0.0'] })).rejects.toThrow(UnsafeAddressError);
    const { port } = await start({ bind: ['0.0.0.0'], config: { requirepass: 'secret' } });
    expect(await (await RawClient.connect(port)).ask('PING')).toBe('-NOAUTH Authentication required.\r\n');
    await start({ bind: ['*'], password: 'secret' });
  });

  it('may be several, some of which are not there', async () => {
    const { port } = await start({ bind: ['127.0.0.1', '-203.0.113.1', '127.0.0.2'], password: 'secret' });
    for (const host of ['127.0.0.1', '127.0.0.2']) {
      const socket = connect({ port, host });
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.destroy();
    }
    await expect(startOurs({ bind: ['203.0.113.1'], password: 'secret' })).rejects.toThrow('EADDRNOTAVAIL');
    await expect(startOurs({ port })).rejects.toThrow('EADDRINUSE');
  });

  it('may be a path', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-socket-'));
    const path = join(dir, 'socket');
    try {
      const ours = await startOurs({ port: undefined, unixSocket: path });
      const socket = connect({ path });
      socket.write('CLIENT LIST\r\n');
      const [bytes] = await new Promise<Buffer[]>((resolve) => socket.once('data', (...all) => resolve(all)));
      expect(String(bytes)).toContain(` addr=${path}:0 laddr=${path}:0 `);
      socket.destroy();
      expect(ours.listener.port).toBeUndefined();
      await ours.stop();
      expect(existsSync(path)).toBe(false);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('clients', () => {
  it('that are too many are told so', async () => {
    const { port, server } = await start({ config: { maxclients: '2' } });
    const first = await RawClient.connect(port);
    const second = await RawClient.connect(port);
    await first.ask('PING');
    await second.ask('PING');
    const third = await RawClient.connect(port);
    await third.closed();
    expect(third.received).toBe('-ERR max number of clients reached\r\n');
    expect(server.stats.rejectedConnections).toBe(1);
    first.close();
    await until(() => server.clients.size === 1);
    expect(await (await RawClient.connect(port)).ask('PING')).toBe('+PONG\r\n');
  });

  it('are answered before they are let go: QUIT, a broken protocol, and an end of what they send', async () => {
    const { port, server } = await start();
    for (const [request, reply] of [
      ['PING\r\nQUIT\r\nPING\r\n', '+PONG\r\n+OK\r\n'],
      ['PING\r\n*x\r\n', '+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n'],
    ] as const) {
      const client = await RawClient.connect(port);
      client.write(request + 'x'.repeat(100_000));
      await client.closed();
      expect(client.received).toBe(reply);
    }
    const half = await RawClient.connect(port);
    half.socket.end('PING\r\nECHO last\r\nGE');
    await half.closed();
    expect(half.received).toBe('+PONG\r\n$4\r\nlast\r\n');
    await until(() => server.clients.size === 0);
  });

  it('that end while nothing may be run are answered afterwards', async () => {
    const { port, server } = await start();
    const client = await RawClient.connect(port);
    await client.ask('PING');
    let letGo: () => void = () => {};
    server.hold(new Promise((resolve) => (letGo = resolve)));
    client.socket.end('PING\r\n');
    await until(() => [...server.clients.values()].some(({ queryBytes }) => queryBytes > 0));
    await sleep(30);
    letGo();
    await client.closed();
    expect(client.received).toBe('+PONG\r\n');
  });

  it('that wait and go are forgotten', async () => {
    const { port, server } = await start();
    const client = await RawClient.connect(port);
    client.send('BLPOP k 0');
    await until(() => server.blocked.size === 1);
    client.socket.end();
    await until(() => server.blocked.size === 0 && server.clients.size === 0);
    const other = await RawClient.connect(port);
    expect(await other.ask('RPUSH k 1')).toBe(':1\r\n');
    other.socket.resetAndDestroy();
    await until(() => server.clients.size === 0);
  });

  it('that are silent are let go, unless they wait or listen', async () => {
    const ours = await start({ settings: { idleSeconds: 10, keepAliveSeconds: 1 } });
    const [silent, waiting, listening] = await Promise.all([1, 2, 3].map(() => RawClient.connect(ours.port)));
    await silent!.ask('PING');
    waiting!.send('BLPOP k 0');
    await listening!.ask('SUBSCRIBE c');
    await until(() => ours.server.blocked.size === 1);
    for (const { lastMs } of ours.server.clients.values()) expect(lastMs).toBeGreaterThan(0);
    ours.listener.closeIdle();
    expect(ours.server.clients.size).toBe(3);
    for (const connection of ours.server.clients.values()) connection.lastMs -= 10_001;
    ours.listener.closeIdle();
    await silent!.closed();
    expect(ours.server.clients.size).toBe(2);
    expect(waiting!.isClosed || listening!.isClosed).toBe(false);
  });

  it('that send ahead while they wait are read from no further, and go on afterwards', async () => {
    const { port, server } = await start();
    const client = await RawClient.connect(port);
    client.send('BLPOP k 0');
    const count = 200_000;
    client.write('*2\r\n$4\r\nECHO\r\n$40\r\n'.concat('x'.repeat(40), '\r\n').repeat(count));
    const [connection] = server.clients.values();
    await until(() => connection!.queryBytes > 1024 * 1024);
    await sleep(50);
    expect(connection!.queryBytes).toBeLessThan(2 * 1024 * 1024);
    await (await RawClient.connect(port)).ask('RPUSH k 1');
    await client.until(() => client.received.length >= 18 + count * 47);
    expect(client.received).toHaveLength(18 + count * 47);
  });

  it('that read nothing have an end where the setting says so', async () => {
    const { port, server } = await start({ config: { 'client-output-buffer-limit': 'normal 10000000 0 0' } });
    const client = await RawClient.connect(port);
    await client.ask(`SET k ${'x'.repeat(1_000_000)}`);
    client.socket.pause();
    const [connection] = server.clients.values();
    for (let sent = 0; sent < 40 && !connection!.isClosed; sent++) {
      client.send('GET k');
      await sleep(5);
    }
    await until(() => connection!.isClosed);
    expect(server.clients.size).toBe(0);
  });

  it('are all gone when the listener is closed, with what they were answered', async () => {
    const ours = await startOurs();
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(ours.port)));
    const last = clients.at(-1)!;
    for (const client of clients) await client.ask('PING');
    last.send(`ECHO ${'x'.repeat(100)}`);
    await last.anything();
    await ours.stop();
    for (const client of clients) await client.closed();
    expect(last.received).toHaveLength(108);
    expect(ours.server.clients.size).toBe(0);
    await expect(RawClient.connect(ours.port)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('trouble', () => {
  it('of a thousand connections that come and go leaves nothing', async () => {
    const { port, server, warnings } = await start();
    const next = random(31);
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(port)));
      for (const client of clients) {
        const way = Math.floor(next() * 5);
        if (way === 0) client.send('BLPOP a b c 0');
        else if (way === 1) client.send('SUBSCRIBE a b c');
        else if (way === 2) client.write('*3\r\n$3\r\nSET\r\n');
        else if (way === 3) client.send('PING');
        if (way === 3 && next() < 0.5) await client.ask('PING').catch(() => '');
        if (next() < 0.5) client.socket.resetAndDestroy();
        else client.close();
      }
    }
    await until(() => server.clients.size === 0);
    expect(server.stats.connections).toBe(1000);
    expect(server.stats.netInputBytes).toBeGreaterThan(5000);
    expect(server.stats.netOutputBytes).toBeGreaterThan(0);
    expect(server.blocked.size).toBe(0);
    expect(server.pubsub.isEmpty).toBe(true);
    expect(warnings).toEqual([]);
  }, 60_000);

  it('of a thousand broken requests (seed 77) ends none but their own connections', async () => {
    const { port, server, warnings } = await start();
    const steady = await RawClient.connect(port);
    const next = random(77);
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(port)));
      for (const client of clients) client.write(brokenRequest(next));
      expect(await steady.ask('PING')).toBe('+PONG\r\n');
      for (const client of clients) client.close();
    }
    await until(() => server.clients.size === 1);
    expect(warnings).toEqual([]);
  }, 60_000);
});

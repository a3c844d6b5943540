/** A connection between bytes and a server, without sockets. */
import { expect, it } from 'vitest';
import { random } from '../support/random.js';
import { brokenRequest } from '../support/serve-requests.js';
import { openServer } from './commands-server.js';

it('answers every whole command of a piece, and keeps the rest', async () => {
  const { connect } = await openServer();
  const client = connect();
  client.connection.feed(Buffer.from('PING\r\nSET k v\r\nGE'));
  expect(await client.take()).toBe('+PONG\r\n+OK\r\n');
  expect(client.connection.queryBytes).toBe(2);
  client.connection.feed(Buffer.from('T k\r\n'));
  expect(await client.take()).toBe('$1\r\nv\r\n');
  expect(client.connection.queryBytes).toBe(0);
});

it('ends behind the error of a broken protocol, and runs nothing more', async () => {
  const { connect, server } = await openServer();
  const client = connect();
  client.connection.feed(Buffer.from('SET k v\r\n*x\r\nDEL k\r\n'));
  client.connection.feed(Buffer.from('DEL k\r\n'));
  expect(await client.take()).toBe('+OK\r\n-ERR Protocol error: invalid multibulk length\r\n');
  expect(client.isEnded).toBe(true);
  expect(await connect().send('GET k')).toBe('$1\r\nv\r\n');
  expect(server.clients.size).toBe(1);
});

it('keeps what comes while it waits, in order', async () => {
  const { connect } = await openServer();
  const [client, other] = [connect(), connect()];
  client.feed('BLPOP k 0');
  const bytes = Buffer.from('ECHO one\r\n*2\r\n$4\r\nECHO\r\n$3\r\ntwo\r\n');
  for (const byte of bytes) client.connection.feed(Uint8Array.of(byte));
  expect(client.connection.queryBytes).toBe(bytes.length);
  await other.send('RPUSH k 1');
  expect(await client.take()).toBe('*2\r\n$1\r\nk\r\n$1\r\n1\r\n$3\r\none\r\n$3\r\ntwo\r\n');
});

it('ends where more waits than may', async () => {
  const { connect, config } = await openServer();
  const client = connect();
  Object.assign(config, { queryBufferLimit: 1000 });
  client.connection.feed(Buffer.from('*2\r\n$4\r\nECHO\r\n$2000\r\n'));
  client.connection.feed(Buffer.alloc(900));
  expect(client.isEnded).toBe(false);
  client.connection.feed(Buffer.alloc(900));
  expect(client.isEnded).toBe(true);
  const greedy = connect();
  Object.assign(config, { outputLimitOf: () => 100 });
  Object.defineProperty(greedy, 'pendingBytes', { value: 101 });
  greedy.feed('PING');
  await greedy.take();
  expect(greedy.isEnded).toBe(true);
});

it('lets no reply go when the log is lost', async () => {
  const { connect, site } = await openServer({ appendonly: true, appendfsync: 'always' });
  const client = connect();
  expect(await client.send('SET a 1')).toBe('+OK\r\n');
  site.files.failAt = 0;
  site.files.failFrom = true;
  expect(await client.send('SET a 2')).toBe('');
  expect(client.isEnded).toBe(true);
});

it('of ten thousand with broken requests (seed 78) none harms another', async () => {
  const { connect, server, warnings } = await openServer();
  const next = random(78);
  const steady = connect();
  for (let round = 0; round < 10_000; round++) {
    const client = connect();
    for (let piece = 0; piece < 2; piece++) client.connection.feed(brokenRequest(next));
    if (round % 100 > 0) continue;
    expect(await steady.send('PING')).toBe('+PONG\r\n');
    for (const connection of server.clients.values()) if (connection !== steady.connection) connection.close();
  }
  for (const connection of server.clients.values()) if (connection !== steady.connection) connection.close();
  expect(await steady.send('PING')).toBe('+PONG\r\n');
  expect(server.clients.size).toBe(1);
  expect(warnings).toEqual([]);
});

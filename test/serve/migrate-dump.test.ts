/** MIGRATE from a dump that is only read: its keys may be copied, and not moved. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { digestEngine } from '../../src/engine/digest.js';
import { SERVE_COMMANDS } from '../../src/serve/commands/index.js';
import { ServerConfig } from '../../src/serve/config/server-config.js';
import { DumpBackend } from '../../src/serve/dump/dump-backend.js';
import { openDump } from '../../src/serve/dump/open-dump.js';
import { type Listener, listen } from '../../src/serve/listener.js';
import { Server } from '../../src/serve/server.js';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { manyKeys } from '../support/many-keys.js';
import { RespClient } from '../support/resp-client.js';
import { type SocketServer, startOurs } from '../support/serve-sockets.js';

let target: SocketServer;
let there: RespClient;
const listeners: Listener[] = [];
const clients: RespClient[] = [];

beforeEach(async () => {
  target = await startOurs({ config: { save: '', databases: '200' } });
  there = await connect(target.port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await target.stop();
  for (const listener of listeners.splice(0)) await listener.close();
});

async function connect(port = 0): Promise<RespClient> {
  const client = await RespClient.connect(port);
  clients.push(client);
  return client;
}

/** A client of a server on a dump: the path of one, or its bytes. */
async function serve(input: string | Uint8Array, clock = Date.now): Promise<RespClient> {
  const dump = await openDump(typeof input === 'string' ? input : new BytesSource(input), { clock });
  const config = new ServerConfig({ values: new Map([['save', '']]) });
  const onWarning = (text: string, cause: unknown): never => expect.unreachable(`${text}: ${cause}`);
  const backend = new DumpBackend(dump, SERVE_COMMANDS);
  const server = new Server({ backend, config, clock, onEnd: () => undefined, onWarning });
  config.attach({ engine: dump.engine, store: undefined, files: nodeFiles });
  const listener = await listen({ server, port: 0 });
  listeners.push(listener);
  return await connect(listener.port);
}

function migrate(client: RespClient, ...rest: readonly (string | number | Uint8Array)[]): Promise<string> {
  return client.send('MIGRATE', '127.0.0.1', target.port, ...rest).then(String, (error: Error) => error.message);
}

it('keys of all types arrive, database by database', async () => {
  const client = await serve(fixturePath('redis-7.0/types'));
  const databases = String(await client.send('INFO', 'keyspace')).matchAll(/^db(\d+):keys=(\d+)/gm);
  let keys = 0;
  for (const [, db, count] of databases) {
    await client.send('SELECT', db!);
    const names = (await client.send('KEYS', '*')) as Buffer[];
    expect(names.length).toBe(Number(count));
    keys += names.length;
    expect(await migrate(client, '', db!, 10_000, 'COPY', 'KEYS', ...names)).toBe('OK');
    expect(await client.send('DBSIZE')).toBe(names.length);
    await there.send('SELECT', db!);
    for (const name of names) {
      expect(await there.send('DEBUG', 'DIGEST-VALUE', name)).toEqual(await client.send('DEBUG', 'DIGEST-VALUE', name));
      const expiries = [client, there].map((one) => one.send('PEXPIRETIME', name));
      const [atMs = 0, thereMs = 0] = (await Promise.all(expiries)).map(Number);
      // What is sent is the time that is left.
      expect(Math.abs(atMs - thereMs)).toBeLessThan(10_000);
    }
  }
  expect(keys).toBeGreaterThan(100);
});

it('ten thousand keys at once', async () => {
  const client = await serve(await manyKeys(10_000));
  const names = (await client.send('KEYS', '*')) as Buffer[];
  expect(await migrate(client, '', 0, 10_000, 'COPY', 'KEYS', ...names)).toBe('OK');
  expect(await there.send('DBSIZE')).toBe(10_000);
  const own = await openDump(new BytesSource(await manyKeys(10_000)));
  expect(digestEngine(target.server.backend.engine)).toEqual(digestEngine(own.engine));
});

it('what has expired is passed over, as if it were not there', async () => {
  const file = rdbFile(
    'REDIS0010',
    keyRecord(0, 'old', str('v'), [0xfc, int64Le(1_000_000n)]),
    keyRecord(0, 'last', str('v'), [0xfc, int64Le(2_000_000n)]),
  );
  const client = await serve(file, () => 2_000_000);
  expect(await migrate(client, 'old', 0, 1000, 'COPY')).toBe('NOKEY');
  expect(await migrate(client, '', 0, 1000, 'COPY', 'KEYS', 'old', 'last')).toBe('OK');
  expect(await client.send('DBSIZE')).toBe(2);
  // A millisecond was left to it.
  expect(await there.send('EXISTS', 'old')).toBe(0);
});

describe('refuses', () => {
  const READ_ONLY = "READONLY You can't write against a read only replica.";
  const file = rdbFile('REDIS0010', keyRecord(0, 'copy', str('v')));

  it.each([
    [['copy', 0, 1000], READ_ONLY],
    [['none', 0, 1000, 'REPLACE'], READ_ONLY],
    [['copy', 0, 1000, 'AUTH', 'copy'], READ_ONLY],
    [['copy', 0, 1000, 'AUTH2', 'copy', 'COPY'], READ_ONLY],
    [['', 0, 1000, 'KEYS', 'copy'], READ_ONLY],
    [['copy', 0, 1000, 'COPY', 'AUTH'], 'ERR syntax error'],
    [['copy', 'x', 1000, 'COPY'], 'ERR value is not an integer or out of range'],
    [['none', 0, 1000, 'COPY'], /^NOKEY$/],
    [['copy', 0, 1000, 'COPY'], /^OK$/],
    [['copy', 0, 1000, 'REPLACE', 'AUTH', 'COPY', 'copy'], /^ERR Target instance replied with error: ERR AUTH/],
  ])('%j', async (rest, reply) => {
    const client = await serve(file);
    expect(await migrate(client, ...rest)).toMatch(reply);
    expect(await client.send('DBSIZE')).toBe(1);
  });

  it('a copy in a transaction as well', async () => {
    const client = await serve(file);
    await client.send('MULTI');
    expect(await migrate(client, 'copy', 0, 1000, 'COPY')).toBe('ERR MIGRATE is not allowed inside a transaction here');
  });
});

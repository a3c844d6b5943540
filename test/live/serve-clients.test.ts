/** The client libraries of Node at the built command, over a data directory and over dumps that are only read. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { Redis, type RedisOptions } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath, listFixtures, readTruth } from '../support/fixtures.js';
import { comparable } from '../support/live-value.js';
import { type ServeOptions, type ServeProcess, startServe } from '../support/serve-process.js';
import { bufferOf, isReadable, LIBRARIES, type Library } from '../support/serve-process-clients.js';
import { until } from '../support/until.js';

const FIXTURES = ['redis-7.0/types', 'redis-7.0/compact', 'redis-8.6/types', 'redis-8.6/hfe', 'valkey-9.1/types'];
const PASSWORD = 'a secret';
const HOST = '127.0.0.1';

const folders: string[] = [];
const servers: ServeProcess[] = [];

afterAll(async () => {
  for (const server of servers) await server.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function start(options: ServeOptions): Promise<ServeProcess> {
  const server = await startServe(options);
  servers.push(server);
  return server;
}

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-clients-'));
  folders.push(dir);
  return dir;
}

async function expectAll(library: Library, name: string): Promise<void> {
  const { keys } = readTruth(listFixtures().find((fixture) => fixture.name === name)!);
  for (const db of new Set(keys.map((key) => key.db))) {
    const here = keys.filter((key) => key.db === db);
    await library.select(db);
    const names = (await library.keys()).map((key) => key.toString('base64'));
    expect(names.sort()).toEqual(here.map(({ key }) => key).sort());
    const values = await Promise.all(here.map(({ type, key }) => library.value(type, bufferOf(key))));
    for (const [index, { type, value, key }] of here.entries())
      if (isReadable(here[index]!)) expect(values[index], key).toEqual(comparable(type, value));
  }
}

describe.each(Object.entries(LIBRARIES))('%s reads every type', (_name, open) => {
  it.each(FIXTURES)('of a dump: %s', async (name) => {
    const ours = await start({ source: fixturePath(name), args: ['--databases', '200'] });
    const library = await open(ours.port);
    await expectAll(library, name);
    await library.close();
  });

  it.each(FIXTURES.slice(0, 2))('of a data directory: %s', async (name) => {
    const dir = newFolder();
    copyFileSync(fixturePath(name), join(dir, 'dump.rdb'));
    const ours = await start({ dir, args: ['--databases', '200'] });
    const library = await open(ours.port);
    await expectAll(library, name);
    await library.close();
  });
});

describe.each([2, 3] as const)('@redis/client, RESP%d', (version) => {
  let ours: ServeProcess;
  const connect = async (database = 0) => {
    const socket = { port: ours.port, host: HOST };
    const client = createClient({ socket, password: PASSWORD, database, RESP: version, name: 'tester' });
    return await client.connect();
  };

  beforeAll(async () => {
    ours = await start({ args: ['--requirepass', PASSWORD, '--notify-keyspace-events', 'KEA'] });
  });

  it('is let in with the password, and not without or with another', async () => {
    const client = await connect(3);
    expect(await client.ping()).toBe('PONG');
    expect(await client.clientInfo()).toMatchObject({ db: 3, name: 'tester', user: 'default' });
    await client.close();
    const others = [{}, { password: 'wrong' }].map((options) =>
      createClient({ socket: { port: ours.port, host: HOST, reconnectStrategy: false }, RESP: version, ...options }),
    );
    for (const other of others) {
      other.on('error', () => {});
      const refused = other.connect().then(() => other.ping());
      await expect(refused).rejects.toThrow(/NOAUTH|WRONGPASS/);
      other.destroy();
    }
  });

  it('iterates over what is in keys', async () => {
    const client = await connect(1);
    const names = Array.from({ length: 1500 }, (_, n) => `n${n}`);
    await Promise.all([
      client.sAdd('set', names),
      client.hSet('hash', Object.fromEntries(names.map((name) => [name, `of ${name}`]))),
      client.zAdd(
        'zset',
        names.map((value, score) => ({ value, score })),
      ),
    ]);
    const found: Record<string, string[]> = { set: [], hash: [], zset: [] };
    for await (const batch of client.sScanIterator('set')) found.set!.push(...batch);
    for await (const batch of client.hScanIterator('hash')) found.hash!.push(...batch.map(({ field }) => field));
    for await (const batch of client.zScanIterator('zset')) found.zset!.push(...batch.map(({ value }) => value));
    for (const list of Object.values(found)) expect([...new Set(list)].sort()).toEqual(names.toSorted());
    const typed: string[] = [];
    for await (const batch of client.scanIterator({ TYPE: 'zset', MATCH: 'z*' })) typed.push(...batch);
    expect(typed).toEqual(['zset']);
    await client.close();
  });

  it('runs transactions, and gives up those whose keys have changed', async () => {
    const [client, other] = await Promise.all([connect(), connect()]);
    const replies = await client.multi().set('t', '1').incr('t').hSet('th', 'f', 'v').hGetAll('th').exec();
    expect(replies).toEqual(['OK', 2, 1, { f: 'v' }]);
    await client.watch('t');
    await other.set('t', 'changed');
    await expect(client.multi().set('t', 'mine').exec()).rejects.toThrow('One (or more) of the watched keys');
    await client.watch('t');
    expect(await client.multi().get('t').exec()).toEqual(['changed']);
    const failing = client.multi().set('t', 'x').lPush('t', 'y').exec();
    await expect(failing).rejects.toThrow(/1 commands failed/);
    await Promise.all([client.close(), other.close()]);
  });

  it('hears messages and keyspace events', async () => {
    const [client, listener] = await Promise.all([connect(), connect()]);
    const heard: string[] = [];
    await listener.subscribe('news', (message, channel) => heard.push(`${channel}: ${message}`));
    await listener.pSubscribe('__keyevent@0__:*', (key, channel) => heard.push(`${channel}: ${key}`));
    await listener.sSubscribe('shard', (message, channel) => heard.push(`${channel}: ${message}`));
    expect([await client.publish('news', 'good'), await client.sPublish('shard', 'more')]).toEqual([1, 1]);
    await client.set('event', 'x', { EX: 1000 });
    await client.lPush('queue', 'x');
    await client.del(['event', 'queue']);
    const events = ['set: event', 'expire: event', 'lpush: queue', 'del: event', 'del: queue'];
    const expected = ['news: good', 'shard: more', ...events.map((event) => `__keyevent@0__:${event}`)];
    await until(async () => heard.length >= expected.length);
    expect(heard).toEqual(expected);
    await listener.unsubscribe('news');
    expect(await client.publish('news', 'nobody')).toBe(0);
    await Promise.all([client.close(), listener.close()]);
  });

  it('waits for elements and entries', async () => {
    const [client, waiting] = await Promise.all([connect(), connect()]);
    const popped = waiting.blPop(['a', 'b'], 0);
    const read = client.xRead({ key: 'stream', id: '$' }, { BLOCK: 1 });
    expect(await read).toBeNull();
    await until(async () => String(await client.info('clients')).includes('blocked_clients:1\r'));
    await client.rPush('b', 'found');
    expect(await popped).toEqual({ key: 'b', element: 'found' });
    expect(await waiting.blPop('a', 0.01)).toBeNull();
    const minimum = waiting.bzPopMin('z', 0);
    await client.zAdd('z', { value: 'm', score: 1.5 });
    expect(await minimum).toEqual({ key: 'z', value: 'm', score: 1.5 });
    await Promise.all([client.close(), waiting.close()]);
  });

  it('pipelines, and is told of each error where it belongs', async () => {
    const client = await connect(2);
    const sent = Array.from({ length: 5000 }, (_, n) =>
      n % 100 === 7 ? client.hGet('counter', 'f') : client.incr('counter'),
    );
    const replies = await Promise.allSettled(sent);
    expect(replies.filter(({ status }) => status === 'rejected')).toHaveLength(50);
    expect(replies.at(-1)).toEqual({ status: 'fulfilled', value: 4950 });
    await client.close();
  });

  it('is refused scripts with an error that says why', async () => {
    const client = await connect();
    const why = 'scripts and functions are kept here and not run';
    await expect(client.eval('return 1')).rejects.toThrow(why);
    await expect(client.evalSha('e0e1f9fabfc9d4800c877a703b823ac0578ff8db')).rejects.toThrow(/NOSCRIPT|kept here/);
    await expect(client.fCall('nothing', { keys: [], arguments: [] })).rejects.toThrow();
    await client.close();
  });
});

describe.each([2, 3] as const)('ioredis, RESP%d', (protocol) => {
  let ours: ServeProcess;
  const connect = async (options: RedisOptions = {}): Promise<Redis> => {
    const client = new Redis({
      port: ours.port,
      host: HOST,
      password: PASSWORD,
      protocol,
      lazyConnect: true,
      ...options,
    });
    await client.connect();
    return client;
  };

  beforeAll(async () => {
    ours = await start({ args: ['--requirepass', PASSWORD, '--notify-keyspace-events', 'KEA'] });
  });

  it('is let in with the password, and not without or with another', async () => {
    const client = await connect({ db: 3, connectionName: 'tester' });
    expect(String(await client.client('INFO'))).toMatch(/ name=tester .* db=3 /);
    await client.quit();
    for (const password of ['', 'wrong']) {
      const options = { port: ours.port, host: HOST, password, protocol, lazyConnect: true, retryStrategy: null };
      const other = new Redis(options);
      const errors: string[] = [];
      other.on('error', (error) => errors.push(error.message));
      await other
        .connect()
        .then(() => other.ping())
        .catch((error: Error) => errors.push(error.message));
      expect(errors.join()).toMatch(password === '' ? /NOAUTH/ : /WRONGPASS/);
      other.disconnect();
    }
  });

  it('streams what is in keys', async () => {
    const client = await connect({ db: 1 });
    const names = Array.from({ length: 1500 }, (_, n) => `n${n}`);
    await client.sadd('set', ...names);
    await client.hset('hash', Object.fromEntries(names.map((name) => [name, 'v'])));
    await client.zadd('zset', ...names.flatMap((name, score) => [score, name]));
    const streams = [client.sscanStream('set'), client.hscanStream('hash'), client.zscanStream('zset')];
    for (const [index, stream] of streams.entries()) {
      const found: string[] = [];
      for await (const batch of stream) found.push(...(batch as string[]));
      const members = index === 0 ? found : found.filter((_, at) => at % 2 === 0);
      expect([...new Set(members)].sort()).toEqual(names.toSorted());
    }
    const typed: string[] = [];
    for await (const batch of client.scanStream({ type: 'zset', match: 'z*' })) typed.push(...(batch as string[]));
    expect(typed).toEqual(['zset']);
    await client.quit();
  });

  it('runs transactions and pipelines, and gives up what was watched and has changed', async () => {
    const [client, other] = await Promise.all([connect(), connect()]);
    const replies = await client.multi().set('t', '1').incr('t').lpush('t', 'x').hset('th', 'f', 'v').exec();
    expect(replies!.map(([error, reply]) => (error === null ? reply : error.message.slice(0, 9)))).toEqual([
      'OK',
      2,
      'WRONGTYPE',
      1,
    ]);
    await client.watch('t');
    await other.set('t', 'changed');
    expect(await client.multi().set('t', 'mine').exec()).toBeNull();
    const pipeline = client.pipeline();
    for (let n = 0; n < 5000; n++) pipeline.incr('counter');
    expect((await pipeline.exec())!.at(-1)).toEqual([null, 5000]);
    await Promise.all([client.quit(), other.quit()]);
  });

  it('hears messages and keyspace events', async () => {
    const [client, listener] = await Promise.all([connect(), connect()]);
    const heard: string[] = [];
    listener.on('message', (channel, message) => heard.push(`${channel}: ${message}`));
    listener.on('pmessage', (_pattern, channel, key) => heard.push(`${channel}: ${key}`));
    await listener.subscribe('news');
    await listener.psubscribe('__keyspace@0__:*');
    expect(await client.publish('news', 'good')).toBe(1);
    await client.hset('event', 'f', 'v');
    await client.expire('event', 1000);
    await client.del('event');
    const events = ['hset', 'expire', 'del'].map((event) => `__keyspace@0__:event: ${event}`);
    await until(async () => heard.length >= 4);
    expect(heard).toEqual(['news: good', ...events]);
    await Promise.all([client.quit(), listener.quit()]);
  });

  it('waits for elements', async () => {
    const [client, waiting] = await Promise.all([connect(), connect()]);
    const popped = waiting.blpop('a', 'b', 0);
    await until(async () => (await client.info('clients')).includes('blocked_clients:1\r'));
    await client.rpush('b', 'found');
    expect(await popped).toEqual(['b', 'found']);
    expect(await waiting.brpop('a', 0.01)).toBeNull();
    const moved = waiting.blmove('from', 'to', 'LEFT', 'RIGHT', 0);
    await client.rpush('from', 'x');
    expect([await moved, await client.lrange('to', 0, -1)]).toEqual(['x', ['x']]);
    await Promise.all([client.quit(), waiting.quit()]);
  });

  it('monitors', async () => {
    const client = await connect();
    const monitor = await client.monitor();
    const heard: string[][] = [];
    monitor.on('monitor', (_time: string, args: string[]) => heard.push(args));
    await client.set('seen', 'a "b"');
    await until(async () => heard.length > 0);
    expect(heard).toContainEqual(['set', 'seen', 'a "b"']);
    monitor.disconnect();
    await client.quit();
  });

  it('is refused scripts with an error that says why', async () => {
    const client = await connect();
    await expect(client.eval('return 1', 0)).rejects.toThrow('scripts and functions are kept here and not run');
    client.defineCommand('ours', { numberOfKeys: 0, lua: 'return 1' });
    const { ours: run } = client as unknown as { ours: () => Promise<unknown> };
    await expect(run.call(client)).rejects.toThrow('scripts and functions are kept here and not run');
    await client.quit();
  });
});

describe('a server that was killed and comes again', () => {
  const LOGGED = ['--appendonly', 'yes', '--appendfsync', 'always'];

  it('is found again by @redis/client, with what it had acknowledged', async () => {
    const dir = newFolder();
    const first = await start({ dir, args: LOGGED });
    const client = createClient({ socket: { port: first.port, host: HOST, reconnectStrategy: 20 } });
    client.on('error', () => {});
    await client.connect();
    const listener = await client
      .duplicate()
      .on('error', () => {})
      .connect();
    const heard: string[] = [];
    await listener.subscribe('news', (message) => heard.push(message));
    for (let n = 0; n < 100; n++) await client.incr('counter');
    await first.kill();
    await start({ dir, port: first.port, args: LOGGED });
    expect(await client.incr('counter')).toBe(101);
    await until(async () => (await client.publish('news', 'again')) === 1);
    await until(async () => heard.length > 0);
    await Promise.all([client.close(), listener.close()]);
  });

  it('is found again by ioredis, with what it had acknowledged', async () => {
    const dir = newFolder();
    const first = await start({ dir, args: LOGGED });
    const client = new Redis({ port: first.port, host: HOST, retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => {});
    for (let n = 0; n < 100; n++) await client.incr('counter');
    const waiting = client.duplicate();
    waiting.on('error', () => {});
    const popped = waiting.blpop('list', 0);
    await first.kill();
    await start({ dir, port: first.port, args: LOGGED });
    expect(await client.incr('counter')).toBe(101);
    await client.rpush('list', 'x');
    expect(await popped).toEqual(['list', 'x']);
    await Promise.all([client.quit(), waiting.quit()]);
  });
});

it('writes to a dump that is only read are refused as by a replica', async () => {
  const { port } = await start({ source: fixturePath('redis-7.0/types') });
  const client = await createClient({ socket: { port, host: HOST } }).connect();
  await expect(client.set('a', 'b')).rejects.toThrow("READONLY You can't write against a read only replica.");
  await expect(client.multi().get('a').set('a', 'b').exec()).rejects.toThrow(/READONLY|EXECABORT/);
  await client.close();
  const other = new Redis({ port, host: HOST });
  await expect(other.hset('a', 'b', 'c')).rejects.toThrow('READONLY');
  await other.quit();
});

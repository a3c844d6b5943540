/** What CONFIG SET does to a server, and what it leaves alone where it is refused. What it says stands in the live tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigRefusal } from '../../src/serve/config/config-refusal.js';
import { formatSize, parseSize } from '../../src/serve/config/config-size.js';
import { CONFIG_TABLE } from '../../src/serve/config/config-table.js';
import { ServerConfig } from '../../src/serve/config/server-config.js';
import type { Store } from '../../src/store/store.js';
import { ConfiguredServer } from './config-server.js';

let test: ConfiguredServer;

beforeEach(async () => {
  test = await ConfiguredServer.open();
});

afterEach(() => test.close());

const set = (...words: string[]): Promise<unknown> => test.send('CONFIG', 'SET', ...words);

describe('settings that mean something', () => {
  it('change how values are packed', async () => {
    await set('hash-max-ziplist-entries', '2');
    await test.send('HSET', 'h', 'a', '1', 'b', '2');
    expect(await test.send('OBJECT', 'ENCODING', 'h')).toBe('listpack');
    await test.send('HSET', 'h', 'c', '3');
    expect(await test.send('OBJECT', 'ENCODING', 'h')).toBe('hashtable');
    await set('set-max-intset-entries', '1', 'zset-max-listpack-value', '1', 'list-max-ziplist-size', '1');
    await test.send('SADD', 's', '1', '2');
    expect(await test.send('OBJECT', 'ENCODING', 's')).toBe('hashtable');
    await test.send('ZADD', 'z', '1', 'long');
    expect(await test.send('OBJECT', 'ENCODING', 'z')).toBe('skiplist');
  });

  it('reach the engine', async () => {
    const { settings } = test.site.store.engine;
    await set('maxmemory-policy', 'allkeys-lfu', 'lazyfree-lazy-user-del', 'yes');
    expect(settings).toMatchObject({ maxmemoryPolicy: 'allkeys-lfu', lazyFree: { userDel: true, expire: false } });
  });

  it('reach the store', async () => {
    const { store } = test.site;
    await set('save', '60 5', 'appendfsync', 'always', 'auto-aof-rewrite-min-size', '1mb', 'rdbcompression', 'no');
    expect(store.settings).toMatchObject({
      save: [{ seconds: 60, changes: 5 }],
      appendfsync: 'always',
      autoAofRewriteMinSize: 1024 * 1024,
      rdbcompression: false,
    });
    await set('appendonly', 'yes');
    expect(store.status.log.state).not.toBe('off');
    await set('appendonly', 'no');
    expect(store.status.log.state).toBe('off');
  });

  it('reach the server itself', async () => {
    await set('requirepass', 'secret', 'maxclients', '7', 'proto-max-bulk-len', '2mb', 'timeout', '3');
    await set('notify-keyspace-events', 'KA', 'slowlog-max-len', '4', 'latency-monitor-threshold', '9');
    const { config } = test;
    expect(config).toMatchObject({ password: 'secret', maxClients: 7, maxBulkBytes: 2 * 1024 * 1024, idleSeconds: 3 });
    expect(config).toMatchObject({ slowLogLength: 4, latencyThresholdMs: 9 });
    expect([...config.eventLetters].sort().join('')).toBe([...'Kg$lshzxetd'].sort().join(''));
  });

  it('let go of clients that are too slow', async () => {
    const { connection } = test.client;
    expect(test.config.outputLimitOf(connection)).toBe(Infinity);
    await set('client-output-buffer-limit', 'normal 5mb 0 0 pubsub 1mb 0 0');
    expect(test.config.outputLimitOf(connection)).toBe(5 * 1024 * 1024);
    connection.channels.add('c');
    expect(test.config.outputLimitOf(connection)).toBe(1024 * 1024);
  });

  it('let go of clients that stay above the soft limit', async () => {
    await set('client-output-buffer-limit', 'normal 0 10 2');
    const { connection } = test.client;
    connection.writer.reply('more than ten bytes of a reply');
    expect(test.config.outputLimitOf(connection)).toBe(Infinity);
    test.site.nowMs += 2000;
    expect(test.config.outputLimitOf(connection)).toBe(Infinity);
    test.site.nowMs += 1;
    expect(test.config.outputLimitOf(connection)).toBe(0);
    connection.writer.take();
    expect(test.config.outputLimitOf(connection)).toBe(Infinity);
    connection.writer.reply('more than ten bytes of a reply');
    expect(test.config.outputLimitOf(connection)).toBe(Infinity);
  });
});

describe('a CONFIG SET that is refused', () => {
  it('changes nothing, whichever setting is wrong', async () => {
    const before = await test.send('CONFIG', 'GET', '*');
    for (const words of [
      ['maxclients', '5', 'timeout', 'x'],
      ['appendonly', 'yes', 'save', '1 2', 'hash-max-listpack-entries', '1', 'port', '1'],
      ['maxmemory-policy', 'allkeys-lru', 'bind', '0.0.0.0'],
      ['timeout', '1', 'databases', '3'],
    ])
      expect(await set(...words), words.join(' ')).toMatch(/^-ERR CONFIG SET failed/);
    expect(await test.send('CONFIG', 'GET', '*')).toEqual(before);
    const { store } = test.site;
    expect(store.status.log.state).toBe('off');
    expect(store.settings.save).toHaveLength(3);
    expect(store.engine.settings).toMatchObject({
      maxmemoryPolicy: 'noeviction',
      encoding: { hashMaxPackedEntries: 512 },
    });
  });

  it('may set a port and addresses to what they are', async () => {
    expect(await set('port', '6379', 'bind', '127.0.0.1')).toBe('OK');
  });

  it('takes back what had its effect before something else could not', () => {
    const { engine } = test.site.store;
    const store = {
      configure: () => {
        throw new Error('no log');
      },
    } as unknown as Store;
    const config = new ServerConfig();
    for (const targets of [
      { engine, store, files: test.site.files },
      { engine, store: undefined, files: test.site.files },
    ]) {
      config.attach(targets);
      const pairs: [string, string][] = [
        ['hash-max-listpack-entries', '3'],
        ['timeout', '5'],
        ['appendonly', 'yes'],
      ];
      expect(() => config.set(pairs, { isLocal: true })).toThrow(
        "ERR CONFIG SET failed (possibly related to argument 'appendonly') - Unable to turn on AOF. Check server logs.",
      );
      expect(config.get(['timeout', 'appendonly']).flat()).toEqual(['timeout', '0', 'appendonly', 'no']);
      expect(config.idleSeconds).toBe(0);
      expect(engine.settings.encoding.hashMaxPackedEntries).toBe(512);
    }
  });
});

describe('guarded settings', () => {
  it.each([
    ['no', '127.0.0.1:1', 'protected'],
    ['yes', '10.0.0.1:1', 'No such file'],
    ['local', '127.0.0.1:1', 'No such file'],
    ['local', '[::1]:1', 'No such file'],
    ['local', '10.0.0.1:1', 'protected'],
  ])('with enable-protected-configs %s from %s: %s', async (guard, address, answer) => {
    const config = new ServerConfig({ values: new Map([['enable-protected-configs', guard]]) });
    config.attach({ engine: test.site.store.engine, store: test.site.store, files: test.site.files });
    const isLocal = address.startsWith('127.') || address.startsWith('[::1]');
    expect(() => config.set([['dir', 'nowhere']], { isLocal })).toThrow(answer);
  });
});

it('counts nothing any more after CONFIG RESETSTAT', async () => {
  await test.send('GET', 'a');
  await test.send('NOSUCH');
  expect(test.server.stats.errors.size).toBe(1);
  expect(await test.send('CONFIG', 'RESETSTAT')).toBe('OK');
  expect(test.server.stats).toMatchObject({ commands: 1, connections: 0 });
  expect(test.server.stats.errors.size).toBe(0);
});

it('refuses values at the start that CONFIG SET refuses', () => {
  expect(() => new ServerConfig({ values: new Map([['timeout', '-1']]) })).toThrow(ConfigRefusal);
});

it('begins with values that it takes itself, and knows no name twice', () => {
  for (const { name, initial } of CONFIG_TABLE)
    expect(new ServerConfig({ values: new Map(name === 'replicaof' ? [] : [[name, initial]]) }).text(name)).toBe(
      initial,
    );
  const names = CONFIG_TABLE.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['0', 0n, '0'],
  ['1024', 1024n, '1kb'],
  ['64mb', 64n * 1024n ** 2n, '64mb'],
  ['2G', 2_000_000_000n, '1953125kb'],
  ['2Gb', 2n * 1024n ** 3n, '2gb'],
  ['1k', 1000n, '1000'],
  ['', 0n, '0'],
  ['99999999999999999999', 2n ** 64n - 1n, String(2n ** 64n - 1n)],
])('reads %s as an amount of memory, and writes it', (text, bytes, written) => {
  expect(parseSize(text)).toBe(bytes);
  expect(formatSize(bytes)).toBe(written);
});

it.each(['-1', '1x', '1 kb', '+1', 'kbb', '1.5gb', '0x10'])('%s is no amount of memory', (text) => {
  expect(parseSize(text)).toBeUndefined();
});

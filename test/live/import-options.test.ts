/** What an import is told to do: with keys that exist, other names, databases and expiries, limits of servers, signals. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importKeys } from '../../src/import/import-keys.js';
import type { ImportProgress, KeyFailure } from '../../src/import/model.js';
import { parseRename } from '../../src/import/source/rename.js';
import type { KeyEntry, RdbEntry } from '../../src/rdb/model.js';
import { readFixture } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { dumpOf } from '../support/many-keys.js';
import { ascii } from '../support/packed.js';

let server: LiveServer;
let url: string;

beforeAll(async () => {
  server = await startServer({ args: ['--databases', '20'] });
  url = `redis://127.0.0.1:${server.port}`;
});
afterAll(async () => await server?.stop());
beforeEach(async () => {
  await server.send('FLUSHALL');
  await server.send('FUNCTION', 'FLUSH');
  await server.send('SELECT', 0);
});

type Extra = Partial<Pick<KeyEntry, 'db' | 'expireAtMs' | 'idleSeconds' | 'freq'>>;

const string = (key: string, value: string, extra: Extra = {}): KeyEntry =>
  keyOf(key, { type: 'string', encoding: 'raw', value: ascii(value) }, extra);
const list = (key: string, items: readonly string[], extra: Extra = {}): KeyEntry =>
  keyOf(key, { type: 'list', encoding: 'linkedlist', items: items.map((item) => ascii(item)) }, extra);

function keyOf(key: string, value: KeyEntry['value'], extra: Extra): KeyEntry {
  return { kind: 'key', db: 0, key: ascii(key), value, ...extra } as KeyEntry;
}

const text = (reply: unknown): unknown => (reply instanceof Uint8Array ? Buffer.from(reply).toString() : reply);
const get = async (key: string): Promise<unknown> => text(await server.send('GET', key));
const items = async (key: string): Promise<unknown> =>
  ((await server.send('LRANGE', key, 0, -1)) as unknown[]).map(text);

describe.each(['restore', 'commands'] as const)('keys that exist, %s', (mode) => {
  const entries = [string('s', 'new'), list('l', ['n1', 'n2']), string('t', 'new', { expireAtMs: Date.now() + 1e6 })];
  const fill = async (): Promise<void> => {
    await server.send('SET', 's', 'old');
    await server.send('RPUSH', 'l', 'o1');
    await server.send('SET', 'other', 'stays');
  };

  it('fail', async () => {
    await fill();
    const failures: KeyFailure[] = [];
    const result = await importKeys(await dumpOf(entries), url, { mode, onFailure: (one) => failures.push(one) });
    expect(result.counts).toMatchObject({ keys: 3, sent: 1, failed: 2, skipped: 0, replaced: 0 });
    expect(failures.map(({ code, key }) => `${code} ${text(key)}`).sort()).toEqual(['BUSYKEY l', 'BUSYKEY s']);
    expect([await get('s'), await items('l'), await get('t')]).toEqual(['old', ['o1'], 'new']);
  });

  it('are skipped', async () => {
    await fill();
    const result = await importKeys(await dumpOf(entries), url, { mode, onExists: 'skip' });
    expect(result.counts).toMatchObject({ keys: 3, sent: 1, failed: 0, skipped: 2, replaced: 0 });
    expect([await get('s'), await items('l'), await get('t')]).toEqual(['old', ['o1'], 'new']);
  });

  it('are replaced', async () => {
    await fill();
    const result = await importKeys(await dumpOf(entries), url, { mode, onExists: 'replace' });
    expect(result.counts).toMatchObject({ keys: 3, sent: 3, failed: 0, skipped: 0, replaced: 2 });
    expect([await get('s'), await items('l'), await get('other')]).toEqual(['new', ['n1', 'n2'], 'stays']);
    expect(await server.send('DBSIZE')).toBe(4);
  });

  it('that come up between the look and the sending are left alone', async () => {
    // Nothing is known to exist, since the database is empty when it is looked at.
    let isFilled = false;
    const transform = async (entry: KeyEntry): Promise<KeyEntry> => {
      if (!isFilled && entry.key.length > 20) await fill();
      isFilled ||= entry.key.length > 20;
      return entry;
    };
    const many = Array.from({ length: 40_000 }, (_, index) => string(`filler:${index}`, 'x'));
    const source = await dumpOf([...many, string('this-key-has-a-long-name', 'x'), ...entries]);
    const result = await importKeys(source, url, { mode, transform });
    expect(result.counts).toMatchObject({ keys: 40_004, sent: 40_002, failed: 2 });
    expect([await get('s'), await items('l')]).toEqual(['old', ['o1']]);
    expect(await server.send('KEYS', 'rdb-inspect:*')).toEqual([]);
  });
});

it('gives keys other names, databases and expiries', async () => {
  const at = Date.now() + 3_600_000;
  const source = await dumpOf([
    string('old:a', '1', { expireAtMs: at }),
    string('plain', '2'),
    string('gone', '3', { expireAtMs: 1000 }),
    string('old:b', '4', { db: 3 }),
  ]);
  const result = await importKeys(source, url, {
    rename: [parseRename('old:(.*)=new:$1')],
    dbMap: new Map([[3, 7]]),
    setTtl: { action: 'shift', byMs: 60_000 },
    skipExpiredBeforeMs: Date.now(),
  });
  expect(result.counts).toMatchObject({ sent: 3, expired: 1, keys: 4 });
  expect([await get('new:a'), await get('plain'), await get('old:a')]).toEqual(['1', '2', null]);
  expect(await server.send('PEXPIRETIME', 'new:a')).toBe(at + 60_000);
  await server.send('SELECT', 7);
  expect(await get('new:b')).toBe('4');
});

it('counts what had expired, wherever it stands', async () => {
  const gone = { expireAtMs: 1000 };
  const alone = await importKeys(await dumpOf([string('a', '1', gone), string('b', '2', gone)]), url);
  expect(alone.counts).toMatchObject({ keys: 2, sent: 0, expired: 2, failed: 0 });
  const last = await importKeys(await dumpOf([string('a', '1'), string('b', '2', gone)]), url);
  expect(last.counts).toMatchObject({ keys: 2, sent: 1, expired: 1, failed: 0 });
});

it('sends everything to the database of the address, if there is one only', async () => {
  await importKeys(await dumpOf([string('a', '1')]), `${url}/5`);
  await server.send('SELECT', 5);
  expect(await get('a')).toBe('1');
  const two = await dumpOf([string('a', '1'), string('b', '2', { db: 1 })]);
  await expect(importKeys(two, `${url}/5`)).rejects.toMatchObject({ code: 'CANNOT_ENCODE' });
  await expect(importKeys(await dumpOf([string('b', '2', { db: 25 })]), url)).rejects.toThrow('20 databases');
});

it('carries functions, idle times and frequencies', async () => {
  const types = readFixture('redis-7.0/types');
  await server.send('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu');
  const lfu = await dumpOf([string('f', '1', { freq: 77 })]);
  await importKeys(lfu, url);
  expect(await server.send('OBJECT', 'FREQ', 'f')).toBe(77);
  await server.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
  await importKeys(await dumpOf([string('i', '1', { idleSeconds: 5000 })]), url);
  expect(Number(await server.send('OBJECT', 'IDLETIME', 'i'))).toBeGreaterThanOrEqual(5000);
  const first = await importKeys(types, url, { filter: { dbs: [0], limit: 5 } });
  expect(first.counts).toMatchObject({ sent: 5, functions: 0 });
});

it('loads function libraries, and says which are there', async () => {
  const code = '#!lua name=mylib\nredis.register_function("f", function() return 1 end)';
  const source = await dumpOf([{ kind: 'function', code: ascii(code) } as RdbEntry, string('a', '1')]);
  expect((await importKeys(source, url)).counts).toMatchObject({ functions: 1, sent: 1, failed: 0 });
  expect((await importKeys(source, url, { onExists: 'skip' })).counts).toMatchObject({ functions: 0, skipped: 2 });
  expect((await importKeys(source, url)).counts).toMatchObject({ functions: 0, failed: 2 });
  expect((await importKeys(source, url, { onExists: 'replace' })).counts).toMatchObject({ functions: 1, replaced: 1 });
});

it('hands keys through a transformation', async () => {
  const source = await dumpOf([string('a', '1'), string('b', '2'), list('l', ['x', 'y'])]);
  const result = await importKeys(source, url, {
    transform: (entry) =>
      entry.value.type === 'list'
        ? undefined
        : { ...entry, value: { ...entry.value, value: ascii('changed') } as never },
  });
  expect(result.counts).toMatchObject({ keys: 2, sent: 2 });
  expect([await get('a'), await get('b'), await get('l')]).toEqual(['changed', 'changed', null]);
  const fails = importKeys(source, url, {
    onExists: 'replace',
    transform: () => {
      throw new Error('no such thing');
    },
  });
  await expect(fails).rejects.toThrow('no such thing');
});

it('says what it would do, and does nothing', async () => {
  await server.send('SET', 'a', 'old');
  const source = await dumpOf([string('a', '1'), list('l', ['x']), string('c', '1', { db: 2 })]);
  const result = await importKeys(source, url, { dryRun: true, onExists: 'skip' });
  expect(result.counts).toMatchObject({ keys: 3, sent: 2, skipped: 1 });
  expect(result.plan).toMatchObject({
    databases: [
      { db: 0, keys: 2 },
      { db: 2, keys: 1 },
    ],
    nodes: [{ address: `127.0.0.1:${server.port}`, keys: 3 }],
    requests: 3,
  });
  expect(result.plan!.estimatedMs).toBeGreaterThan(0);
  expect([await server.send('DBSIZE'), result.sentBytes]).toEqual([1, 0]);
});

it('keeps to a rate, and tells how far it is', async () => {
  const source = await dumpOf(Array.from({ length: 1000 }, (_, index) => string(`k${index}`, 'v')));
  const progress: ImportProgress[] = [];
  const startedMs = performance.now();
  await importKeys(source, url, { rate: { keysPerSecond: 1000 }, onProgress: (one) => progress.push(one) });
  expect(performance.now() - startedMs).toBeGreaterThan(800);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress.at(-1)).toMatchObject({ totalBytes: source.length });
  await server.send('FLUSHALL');
  const bytesMs = performance.now();
  await importKeys(source, url, { rate: { bytesPerSecond: 50_000 } });
  expect(performance.now() - bytesMs).toBeGreaterThan(700);
});

it('ends with the reason of a signal', async () => {
  const source = await dumpOf(Array.from({ length: 1000 }, (_, index) => string(`k${index}`, 'v')));
  const stop = new AbortController();
  const running = importKeys(source, url, { rate: { keysPerSecond: 100 }, signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 300);
  await expect(running).rejects.toThrow('enough');
  await expect(importKeys(source, url, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
});

it('writes as commands what a server does not take by RESTORE', async () => {
  const source = await dumpOf([string('a', '1'), list('l', ['x', 'y'])]);
  await server.send('ACL', 'SETUSER', 'importer', 'on', '>secret', '~*', '+@all', '-restore');
  const asImporter = url.replace('redis://', 'redis://importer:secret@');
  const result = await importKeys(source, asImporter);
  expect(result).toMatchObject({ mode: 'commands', counts: { sent: 2 } });
  await expect(importKeys(source, asImporter, { mode: 'restore' })).rejects.toMatchObject({ code: 'NOPERM' });
  await server.send('ACL', 'DELUSER', 'importer');
});

it('reports a payload that is refused, and goes on', async () => {
  const module = readFixture('redis-7.0/module');
  const failures: KeyFailure[] = [];
  const result = await importKeys(module, url, { mode: 'restore', onFailure: (one) => failures.push(one) });
  expect(result.counts).toMatchObject({ failed: 13, sent: 107 });
  expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['BAD_PAYLOAD']));
});

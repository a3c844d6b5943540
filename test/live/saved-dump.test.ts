/** What a real server saves is what we read: a seeded dataset, every key compared with the server's own answers. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRdb as check } from '../../src/inspect/check.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { checkRdb, type LiveServer, startServer } from '../support/live-server.js';
import { random } from '../support/random.js';
import { idText } from '../support/truth.js';

const SEED = 42;
const FAR = 4102444800000;

/** Low thresholds in the second run, so that every expanded form is there as well. */
const SETTINGS: readonly (readonly [string, readonly string[]])[] = [
  ['default settings', []],
  [
    'low thresholds, no compression',
    [
      '--hash-max-listpack-entries',
      '4',
      '--zset-max-listpack-entries',
      '4',
      '--set-max-intset-entries',
      '4',
      '--list-max-listpack-size',
      '3',
      '--rdbcompression',
      'no',
    ],
  ],
  ['an LFU policy, no checksum', ['--maxmemory', '1gb', '--maxmemory-policy', 'allkeys-lfu', '--rdbchecksum', 'no']],
  ['an LRU policy', ['--maxmemory', '1gb', '--maxmemory-policy', 'allkeys-lru']],
];

describe.each(SETTINGS)(`a server with %s (seed ${SEED})`, (_name, args) => {
  let server: LiveServer;
  let file: string;
  let keys: KeyEntry[];

  beforeAll(async () => {
    server = await startServer({ args });
    await fill(server);
    await server.send('SAVE');
    file = path.join(server.dir, 'dump.rdb');
    keys = [...readRdbSync(file, { deep: true })].filter((entry) => entry.kind === 'key');
  });
  afterAll(() => server.stop());

  it('has the keys of every database', async () => {
    for (const db of [0, 3]) {
      await server.send('SELECT', String(db));
      const names = (await server.send('KEYS', '*')) as Buffer[];
      const ours = keys.filter((entry) => entry.db === db).map((entry) => Buffer.from(entry.key).toString('latin1'));
      expect(ours.sort()).toEqual(names.map((name) => name.toString('latin1')).sort());
    }
  });

  it('has every value, expiry and DUMP payload', async () => {
    for (const entry of keys) {
      const key = Buffer.from(entry.key);
      await server.send('SELECT', String(entry.db));
      const name = key.toString('latin1');
      expect(contentOf(entry.value), name).toEqual(await serverContent(server, key));
      expect(entry.expireAtMs ?? -1, name).toBe(await server.send('PEXPIRETIME', key));
      const { value } = decodeDump((await server.send('DUMP', key)) as Buffer, { deep: true, checksum: 'always' });
      expect(contentOf(value), name).toEqual(contentOf(entry.value));
      if (entry.freq !== undefined)
        expect(Math.abs(entry.freq - Number(await server.send('OBJECT', 'FREQ', key)))).toBeLessThan(20);
    }
  });

  it('is sound to us as it is to redis-check-rdb', async () => {
    expect((await checkRdb(file)).ok).toBe(true);
    const report = await check(file, { deep: true });
    expect(report).toMatchObject({ ok: true, keys: keys.length });
    expect(fs.statSync(file).size).toBe(report.bytes);
  });
});

async function fill(server: LiveServer): Promise<void> {
  const next = random(SEED);
  const below = (most: number): number => Math.floor(next() * most);
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => below(256)));
  for (const db of ['0', '3']) {
    await server.send('SELECT', db);
    for (const exponent of [0, 6, 7, 8, 12, 15, 16, 23, 31, 32, 52, 53, 62]) {
      for (const text of [String(2n ** BigInt(exponent)), String(-(2n ** BigInt(exponent)) - 1n)]) {
        await server.send('SET', `int:${text}`, text);
        await server.send('RPUSH', 'list:ints', text);
        await server.send('SADD', 'set:ints', text);
        await server.send('HSET', 'hash:ints', text, text);
        await server.send('ZADD', 'zset:ints', text, text);
      }
    }
    for (const size of [0, 1, 20, 21, 63, 64, 65, 4095, 4096, 16378, 20000]) {
      await server.send('SET', `str:${size}`, 'ab'.repeat(size / 2 + 1).slice(0, size), 'PXAT', String(FAR + size));
      await server.send('SET', Buffer.concat([Buffer.from([0xff, 0x00]), bytes(4)]), bytes(size));
      await server.send('RPUSH', 'list:sizes', 'x'.repeat(size));
      await server.send('HSET', 'hash:sizes', `field:${size}`, 'y'.repeat(size));
    }
    for (const count of [1, 3, 5, 130, 600]) {
      for (let at = 0; at < count; at++) {
        await server.send('RPUSH', `list:${count}`, at % 3 ? `item ${below(1e9)}` : String(below(1e6)));
        await server.send('SADD', `set:${count}`, at % 2 ? `member ${at}` : bytes(5));
        await server.send('SADD', `intset:${count}`, String(below(2 ** 31) - 2 ** 30));
        await server.send('HSET', `hash:${count}`, `f${at}`, String(below(1e5)));
        await server.send('ZADD', `zset:${count}`, at % 4 ? String(next() * 1e6 - 5e5) : String(below(1e6)), `m${at}`);
      }
    }
    await server.send('ZADD', 'zset:odd', '+inf', 'a', '-inf', 'b', '-0', 'c', '1e300', 'd', '0.1', 'e');
    await fillStreams(server);
  }
  await server.send('FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
}

async function fillStreams(server: LiveServer): Promise<void> {
  for (let at = 1; at <= 250; at++) {
    const extra = at % 5 ? [] : ['extra', String(at)];
    await server.send('XADD', 'stream', `${at}-${at % 3}`, 'field', `value ${at}`, 'n', String(at), ...extra);
  }
  await server.send('XDEL', 'stream', '7-1', '120-0', '121-1');
  await server.send('XGROUP', 'CREATE', 'stream', 'g1', '0');
  await server.send('XREADGROUP', 'GROUP', 'g1', 'alice', 'COUNT', '20', 'STREAMS', 'stream', '>');
  await server.send('XREADGROUP', 'GROUP', 'g1', 'bob', 'COUNT', '5', 'STREAMS', 'stream', '>');
  await server.send('XACK', 'stream', 'g1', '3-0', '4-1');
  await server.send('XGROUP', 'CREATE', 'stream', 'g2', '$');
  await server.send('XGROUP', 'CREATECONSUMER', 'stream', 'g2', 'idle');
  await server.send('XADD', 'stream:empty', '1-1', 'a', 'b');
  await server.send('XDEL', 'stream:empty', '1-1');
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Our value in a form that does not depend on the order of sets and hashes. */
function contentOf(value: RdbValue): unknown {
  switch (value.type) {
    case 'string':
      return hexOf(value.value);
    case 'list':
      return value.items.map(hexOf);
    case 'set':
      return value.members.map(hexOf).sort();
    case 'hash':
      return Object.fromEntries(value.fields.map(({ field, value: content }) => [hexOf(field), hexOf(content)]));
    case 'zset':
      return Object.fromEntries(value.members.map(({ member, score }) => [hexOf(member), score + 0]));
    case 'stream':
      return {
        entries: value.entries.map(({ id, fields }) => [idText(id), fields.map(hexOf)]),
        lastId: idText(value.state!.lastId),
        pending: value.state!.groups.map((group) => [
          hexOf(group.name),
          group.pending.map((entry) => [idText(entry.id), hexOf(entry.consumer!), Number(entry.deliveries)]),
        ]),
        consumers: value.state!.groups.map((group) => group.consumers.map((consumer) => hexOf(consumer.name))),
      };
    default:
      throw new TypeError(value.type);
  }
}

async function serverContent(server: LiveServer, key: Buffer): Promise<unknown> {
  const type = String(await server.send('TYPE', key));
  const list = async (...args: (string | Buffer)[]): Promise<Buffer[]> => (await server.send(...args)) as Buffer[];
  switch (type) {
    case 'string':
      return hexOf((await server.send('GET', key)) as Buffer);
    case 'list':
      return (await list('LRANGE', key, '0', '-1')).map(hexOf);
    case 'set':
      return (await list('SMEMBERS', key)).map(hexOf).sort();
    case 'hash':
      return pairsOf(await list('HGETALL', key), hexOf);
    case 'zset':
      return pairsOf(await list('ZRANGE', key, '0', '-1', 'WITHSCORES'), scoreOf);
    default:
      return await streamContent(server, key);
  }
}

function pairsOf<T>(flat: readonly Buffer[], convert: (value: Buffer) => T): Record<string, T> {
  const pairs: Record<string, T> = {};
  for (let at = 0; at < flat.length; at += 2) pairs[hexOf(flat[at]!)] = convert(flat[at + 1]!);
  return pairs;
}

function scoreOf(text: Buffer): number {
  const score = text.toString();
  return (score === 'inf' ? Infinity : score === '-inf' ? -Infinity : Number(score)) + 0;
}

async function streamContent(server: LiveServer, key: Buffer): Promise<unknown> {
  const entries = (await server.send('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][];
  const info = record(await server.send('XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'));
  const groups = (info.groups as unknown[]).map(record);
  return {
    entries: entries.map(([id, fields]) => [id.toString(), fields.map(hexOf)]),
    lastId: String(info['last-generated-id']),
    pending: groups.map((group) => [
      hexOf(group.name as Buffer),
      ((group.pel ?? group.pending) as [Buffer, Buffer, number, number][]).map(([id, consumer, , count]) => [
        id.toString(),
        hexOf(consumer),
        count,
      ]),
    ]),
    consumers: groups.map((group) =>
      (group.consumers as unknown[]).map((consumer) => hexOf(record(consumer).name as Buffer)),
    ),
  };
}

function record(flat: unknown): Record<string, unknown> {
  const list = flat as unknown[];
  const out: Record<string, unknown> = {};
  for (let at = 0; at < list.length; at += 2) out[String(list[at])] = list[at + 1];
  return out;
}

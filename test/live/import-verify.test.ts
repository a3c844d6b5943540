/** Dumps against live servers that were filled from them: nothing differs, and what is changed afterwards is found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCommand, skipCommand } from '../../src/codecs/resp.js';
import { exportCommands } from '../../src/convert/rdb-to-commands/export.js';
import { parseRename } from '../../src/import/source/rename.js';
import { parseEndpoint, parsePlace } from '../../src/import/target/endpoint.js';
import { Pipe } from '../../src/import/target/pipe.js';
import { ErrorReply } from '../../src/import/target/reply-parser.js';
import { openTargetServers } from '../../src/import/target/servers.js';
import type { VerifyDifference, VerifyMethod, VerifyOptions, VerifyResult } from '../../src/import/verify/model.js';
import { verifyKeys } from '../../src/import/verify/verify-keys.js';
import { readRdbSync } from '../../src/rdb/read.js';
import type { Target } from '../../src/rdb/versions.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import type { Argument } from '../support/resp-client.js';

const DATABASES = 2000;
/** Users, by the method that they leave. */
const METHODS = { digest: [], dump: ['-debug'], elements: ['-debug', '-dump', '-pexpiretime'] } as const;
const METHOD_NAMES = Object.keys(METHODS) as VerifyMethod[];

let server: LiveServer;
let target: Target;

beforeAll(async () => {
  server = await startServer({ args: ['--databases', String(DATABASES)] });
  for (const [name, rights] of Object.entries(METHODS))
    await server.send('ACL', 'SETUSER', name, 'on', '>x', '~*', '&*', '+@all', ...rights);
  target = (await openTargetServers(parsePlace(urlFor('digest')))).target;
});
afterAll(() => server?.stop());

function urlFor(method: VerifyMethod, db = 0): string {
  return `redis://${method}:x@127.0.0.1:${server.port}/${db}`;
}

const nameOf = ({ db, key }: { db?: number | undefined; key?: Uint8Array | undefined }): string =>
  `${db} ${Buffer.from(key ?? []).toString('latin1')}`;

/** Fills the server with what it can hold; gives the names of the keys that it cannot. */
async function load(dump: Uint8Array): Promise<Set<string>> {
  await clear();
  const lost = new Set<string>();
  const onLoss = (loss: { db?: number | undefined; key?: Uint8Array | undefined }): void => {
    if (loss.key !== undefined) lost.add(nameOf(loss));
  };
  const pipe = await Pipe.connect(parseEndpoint(urlFor('digest')));
  let db = 0;
  for await (const bytes of exportCommands(dump, { format: 'restore', target, onUnsupported: 'drop', onLoss })) {
    const places: { db: number; key: Uint8Array }[] = [];
    for (let pos = 0; pos < bytes.length; pos = skipCommand(bytes, pos, bytes.length)) {
      const [command, key] = decodeCommand(bytes, pos, bytes.length) as [Uint8Array, Uint8Array];
      if (Buffer.from(command).toString() === 'SELECT') db = Number(Buffer.from(key).toString());
      places.push({ db, key });
    }
    await pipe.send(bytes, places.length, (reply, index) => {
      // A value of a module that the server has not loaded.
      if (reply instanceof ErrorReply && reply.text.includes('Bad data format')) lost.add(nameOf(places[index]!));
      else if (reply instanceof ErrorReply) throw new Error(reply.text);
    });
  }
  await pipe.close();
  return lost;
}

async function clear(): Promise<void> {
  await server.send('FLUSHALL');
  if (target.records.functions) await server.send('FUNCTION', 'FLUSH');
}

async function save(): Promise<Uint8Array> {
  await server.send('SAVE');
  return new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
}

/** Differences as `kind what key: detail`, in order of their keys, and the result. */
async function verify(
  dump: Uint8Array,
  method: VerifyMethod,
  options: VerifyOptions & { db?: number } = {},
): Promise<{ result: VerifyResult; heard: string[]; missing: string[] }> {
  const all: VerifyDifference[] = [];
  const result = await verifyKeys(dump, urlFor(method, options.db), {
    ...options,
    onDifference: (one) => all.push(one),
  });
  expect(result.method).toBe(method);
  const heard = all.map((one) => `${one.kind} ${one.what} ${nameOf(one)}: ${one.detail}`).sort();
  return {
    result,
    heard,
    missing: all
      .filter(({ kind }) => kind === 'missing')
      .map(nameOf)
      .sort(),
  };
}

/** Fixtures that are compared a second time, everything in them being a large value. */
const LARGE = /^(?:redis-(?:2.4|5.0|8.6)|valkey-9.1)\//;
const ROUNDS = listFixtures().flatMap(({ name }) => [
  { name, largeValueBytes: undefined },
  ...(LARGE.test(name) ? [{ name, largeValueBytes: 16 }] : []),
]);

describe.each(ROUNDS)('$name, large values from $largeValueBytes bytes on', ({ name, largeValueBytes }) => {
  it('is what a server has that was filled from it', { timeout: 60_000 }, async () => {
    const dump = readFixture(name);
    const lost = await load(dump);
    const entries = [...readRdbSync(dump)].filter((entry) => entry.kind === 'key');
    const modules = entries.filter((entry) => entry.value.type === 'module' && !lost.has(nameOf(entry))).length;
    const limits = largeValueBytes === undefined ? {} : { largeValueBytes };
    for (const method of METHOD_NAMES) {
      const { result, heard, missing } = await verify(dump, method, { limits });
      expect(missing).toEqual([...lost].sort());
      expect(heard).toHaveLength(missing.length);
      expect(result.counts).toMatchObject({ keys: entries.length, missing: lost.size, different: 0 });
      const isUnread = method === 'elements' || (method === 'dump' && largeValueBytes !== undefined);
      expect(result).toMatchObject({ extra: 0, unknown: isUnread ? modules : 0 });
    }
  });
});

const FUTURE = 4_102_444_800_000;

/** A small dataset, every key of which {@link CHANGES} changes in a way of its own, but for `kept:*`. */
async function fill(): Promise<Uint8Array> {
  await clear();
  const send = (...args: Argument[]) => server.send(...args);
  const many = Array.from({ length: 300 }, (_, index) => String(index));
  for (const key of ['gone', 'string', 'longer', 'type', 'kept:string']) await send('SET', key, `value of ${key}`);
  for (const key of ['ttl', 'persisted', 'kept:ttl']) await send('SET', key, '1', 'PXAT', FUTURE);
  await send('SET', 'expiring', '1');
  for (const key of ['list', 'order', 'kept:list']) await send('RPUSH', key, ...many, 'x'.repeat(5000));
  for (const key of ['set', 'kept:set']) await send('SADD', key, ...many, 'no number');
  for (const key of ['zset', 'kept:zset'])
    await send('ZADD', key, ...many.flatMap((name) => [`${name}.1`, name]), '-0', 'zero', 'inf', 'most');
  for (const key of ['hash', 'kept:hash']) await send('HSET', key, ...many.flatMap((name) => [name, name]));
  for (const key of ['entry', 'group', 'pending', 'claimed', 'lastid', 'kept:stream']) {
    for (const seq of [1, 2, 3]) await send('XADD', key, `5-${seq}`, 'field', 'value', 'other', `${seq}`);
    await send('XGROUP', 'CREATE', key, 'workers', '0');
    await send('XREADGROUP', 'GROUP', 'workers', 'ann', 'COUNT', '2', 'STREAMS', key, '>');
  }
  await send('SELECT', 7);
  await send('SET', 'elsewhere', '1');
  await send('SELECT', 0);
  return await save();
}

/** Commands and the differences that they make. */
const CHANGES: readonly (readonly [Argument[], string[]])[] = [
  [['DEL', 'gone'], ['missing existence 0 gone: the target does not have it']],
  [['SET', 'string', 'VALUE of string'], ['different value 0 string: other bytes, as many as they should be (15)']],
  [['APPEND', 'longer', '!'], ['different value 0 longer: 16 bytes, not 15']],
  [
    ['PEXPIREAT', 'ttl', FUTURE + 1001],
    [`different ttl 0 ttl: expires at ${FUTURE + 1001}, not ${FUTURE} (1001 ms later)`],
  ],
  [['PERSIST', 'persisted'], [`different ttl 0 persisted: no expiry, not ${FUTURE}`]],
  [['PEXPIREAT', 'expiring', FUTURE], [`different ttl 0 expiring: expires at ${FUTURE}, and should not`]],
  [['PEXPIREAT', 'kept:ttl', FUTURE - 1000], []],
  [['LPOP', 'list'], ['different value 0 list: 300 items, not 301']],
  [
    ['LMOVE', 'order', 'order', 'LEFT', 'RIGHT'],
    ['different value 0 order: other items, as many as they should be (301)'],
  ],
  [['SADD', 'set', 'one more'], ['different value 0 set: 302 members, not 301']],
  [['ZADD', 'zset', '7.25', '7'], ['different value 0 zset: other members, as many as they should be (302)']],
  [['HSET', 'hash', '7', '8'], ['different value 0 hash: other fields, as many as they should be (300)']],
  [
    ['XADD', 'entry', '5-4', 'a', 'b'],
    [
      'different state 0 entry: last id 5-4, not 5-3; entries added 4, not 3',
      'different value 0 entry: 4 entries, not 3',
    ],
  ],
  [
    ['XGROUP', 'SETID', 'group', 'workers', '0'],
    ['different state 0 group: group "workers": last id 0-0, not 5-2; group "workers": entries read unknown, not 2'],
  ],
  [['XACK', 'pending', 'workers', '5-1'], ['different state 0 pending: group "workers": 5-1 is not pending']],
  [
    ['XCLAIM', 'claimed', 'workers', 'bob', '0', '5-2', 'TIME', '1000', 'RETRYCOUNT', '7'],
    [
      'different state 0 claimed: group "workers": a consumer "bob" too many; group "workers": 5-2 pending for "bob", not "ann"; group "workers": 5-2 deliveries 7, not 1; and 1 more',
    ],
  ],
  [['XSETID', 'lastid', '9-9'], ['different state 0 lastid: last id 9-9, not 5-3']],
  [['SET', 'new', '1'], ['extra existence 0 new: the source does not have it']],
  [['DEL', 'type'], []],
  [['RPUSH', 'type', 'a'], ['different type 0 type: list, not string']],
];

describe('what was changed on the server', () => {
  it.each(METHOD_NAMES)('is found (%s)', async (method) => {
    const dump = await fill();
    expect(await verify(dump, method)).toMatchObject({
      heard: [],
      result: { isSame: true, extra: 0, kind: 'standalone' },
    });
    for (const [command] of CHANGES) await server.send(...command);
    const { result, heard } = await verify(dump, method);
    const wanted = CHANGES.flatMap(([, differences]) => differences).sort();
    const isClaim = (text: string): boolean => text.includes('0 claimed');
    expect(heard.filter((one) => !isClaim(one))).toEqual(wanted.filter((one) => !isClaim(one)));
    expect(heard.filter(isClaim)).toHaveLength(1);
    const keys = 25;
    expect(result.counts).toEqual({ keys, missing: 1, different: 16, expired: 0, same: keys - 17 });
    expect(result).toMatchObject({ extra: 1, unknown: 0, isSame: false });
    expect(result.differences).toHaveLength(wanted.length);
    const large = await verify(dump, method, { limits: { largeValueBytes: 16 } });
    expect(large.heard.filter((one) => !isClaim(one))).toEqual(wanted.filter((one) => !isClaim(one)));
  });
});

describe('which keys are compared', () => {
  it('asks for no value that the digest settles', async () => {
    const dump = await fill();
    await server.send('CONFIG', 'RESETSTAT');
    await verify(dump, 'digest');
    const stats = String(await server.send('INFO', 'commandstats'));
    // Valkey's digest says nothing of expiries of fields: hashes are read. Besides, the six streams, and a probe.
    const hidden = target.family === 'valkey' && target.writes.hashExpiry !== undefined ? 2 : 0;
    expect(Number(/cmdstat_dump:calls=(\d+)/.exec(stats)?.[1])).toBe(1 + 6 + hidden);
  });

  it("takes what has expired for gone, and what is filtered for nobody's", async () => {
    await clear();
    await server.send('SET', 'soon', '1', 'PX', 300);
    for (const key of ['a:1', 'a:2', 'b:1']) await server.send('SET', key, '1');
    const dump = await save();
    await sleep(350);
    expect((await verify(dump, 'digest')).result.counts).toEqual({
      keys: 4,
      same: 3,
      missing: 0,
      different: 0,
      expired: 1,
    });
    await server.send('DEL', 'b:1');
    await server.send('SET', 'extra', '1');
    const filtered = await verify(dump, 'dump', { filter: { match: 'a:*' } });
    expect(filtered.result).toMatchObject({
      extra: undefined,
      functions: undefined,
      isSame: true,
      counts: { keys: 2 },
    });
    const sampled = await verify(dump, 'digest', { filter: { sample: { fraction: 0.5 } } });
    expect(sampled.result.counts.keys).toBeLessThanOrEqual(4);
    expect((await verify(dump, 'digest', { extra: false })).result).toMatchObject({ extra: undefined, isSame: false });
  });

  it('looks for keys by their names and databases on the target', async () => {
    await clear();
    for (const db of [0, 3]) {
      await server.send('SELECT', db);
      await server.send('SET', `old:${db}`, '1');
    }
    const dump = await save();
    await server.send('SELECT', 5);
    for (const key of ['new:0', 'new:3', 'old:0', 'old:3']) await server.send('SET', key, '1');
    await server.send('SELECT', 0);
    const there = await verify(dump, 'digest', { db: 5 });
    expect(there.result).toMatchObject({ extra: 2, counts: { same: 2, missing: 0 } });
    const rename = [parseRename('old:(.*)=new:$1')];
    const dbMap = new Map([
      [0, 5],
      [3, 5000],
    ]);
    const { heard, result } = await verify(dump, 'dump', { rename, dbMap });
    expect(heard).toContain('missing existence 5000 new:3: the target has no database 5000');
    expect(heard).toContain('extra existence 3 old:3: the source does not have it');
    expect(result).toMatchObject({ extra: 5, counts: { keys: 2, same: 1, missing: 1 } });
  });

  it('says which function libraries are others', async () => {
    if (!target.records.functions) return;
    await clear();
    const code = (name: string, reply: number): string =>
      `#!lua name=${name}\nredis.register_function('${name}', function() return ${reply} end)`;
    for (const name of ['one', 'two', 'three']) await server.send('FUNCTION', 'LOAD', code(name, 1));
    const dump = await save();
    expect((await verify(dump, 'digest')).result).toMatchObject({
      functions: { libraries: 3, differing: 0 },
      isSame: true,
    });
    await server.send('FUNCTION', 'DELETE', 'one');
    await server.send('FUNCTION', 'LOAD', 'REPLACE', code('two', 2));
    const { result, heard } = await verify(dump, 'digest');
    expect(heard).toEqual([
      'different function 0 two: other code',
      'missing function 0 one: the target does not have it',
    ]);
    expect(result).toMatchObject({ functions: { libraries: 3, differing: 2 }, isSame: false });
  });

  it.each(METHOD_NAMES)('compares expiries of fields, where there are some (%s)', async (method) => {
    if (target.writes.hashExpiry === undefined) return;
    await clear();
    for (const key of ['moved', 'persisted', 'near', 'plain', 'other', 'all'])
      await server.send('HSET', key, 'a', '1', 'b', '2', 'c', '3');
    for (const key of ['moved', 'persisted', 'near', 'other'])
      await server.send('HPEXPIREAT', key, FUTURE, 'FIELDS', 2, 'a', 'b');
    await server.send('HPEXPIRE', 'all', 300, 'FIELDS', 3, 'a', 'b', 'c');
    const dump = await save();
    await sleep(600);
    await server.send('HPEXPIREAT', 'moved', FUTURE + 5000, 'FIELDS', 1, 'a');
    await server.send('HPERSIST', 'persisted', 'FIELDS', 1, 'a');
    await server.send('HPEXPIREAT', 'near', FUTURE + 1000, 'FIELDS', 1, 'a');
    await server.send('HPEXPIREAT', 'plain', FUTURE, 'FIELDS', 1, 'a');
    await server.send('HSET', 'other', 'c', '4');
    const { heard, result } = await verify(dump, method);
    expect(heard).toEqual([
      `different field ttl 0 moved: 1 field expires at another time, the first at ${FUTURE + 5000}, not ${FUTURE}`,
      'different field ttl 0 persisted: 1 field with an expiry, not 2',
      'different field ttl 0 plain: 1 field with an expiry, not 0',
      'different value 0 other: other fields, as many as they should be (3)',
    ]);
    expect(result.counts).toMatchObject({ keys: 6, same: 1, expired: 1, missing: 0 });
  });
});

describe('a target that fails', () => {
  it('is asked again after its connections have broken', async () => {
    const dump = await fill();
    let kills = 0;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let pos = 0; pos < dump.length; pos += 1000) {
        yield dump.subarray(pos, pos + 1000);
        await server.send('CLIENT', 'KILL', 'USER', 'dump');
        kills++;
      }
    }
    const retries: Error[] = [];
    const options = { maxPendingRequests: 32, onRetry: (error: Error) => retries.push(error) };
    const result = await verifyKeys(pieces(), urlFor('dump'), options);
    expect(kills).toBeGreaterThan(5);
    expect(retries.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ isSame: true, counts: { keys: 25 } });
  });

  it('is given up when it is told to be', async () => {
    const dump = await fill();
    const reason = new Error('enough');
    await expect(verifyKeys(dump, urlFor('digest'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    const options = { signal: controller.signal, onProgress, maxPendingRequests: 16 };
    await expect(verifyKeys(dump, urlFor('dump'), options)).rejects.toBe(reason);
    await expect(verifyKeys(dump, 'redis://127.0.0.1:1')).rejects.toMatchObject({ code: 'CONNECT' });
    const cut = dump.subarray(0, dump.length - 20);
    await expect(verifyKeys(cut, urlFor('digest'))).rejects.toMatchObject({ code: 'TRUNCATED' });
  });
});

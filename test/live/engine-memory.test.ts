/** MEMORY USAGE of the engine beside that of a real server, which has loaded what it holds: keys of every type and encoding. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { KeyMemory } from '../../src/engine/key-memory.js';
import { isSince } from '../../src/engine/settings.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { typeOf } from '../../src/engine/values/stored-value.js';
import { RdbEncoder } from '../../src/rdb/encoder.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { type Bounds, expectClose } from '../support/memory-bounds.js';
import { byKind, kindOfServer, type MemoryPair, type ServerKind } from '../support/memory-errors.js';
import { random } from '../support/random.js';
import { ReplyError } from '../support/resp-client.js';

type Command = readonly (ByteString | number)[];

const COUNTS = [1, 2, 3, 7, 31, 100, 128, 129, 300, 512, 513, 1000, 2500];
const LENGTHS = [0, 1, 10, 31, 44, 45, 64, 65, 128, 300, 5000, 70_000];
const FAR_MS = 4_102_444_800_000;

/**
 * What the engine does not follow, or nobody can, as parts of 1. A hash that becomes a table while it is loaded takes what the
 * order of its fields makes of it, which a seed of the server draws (memory-model.md §3.1: up to 7 % of a single small table),
 * and a set that begins with integers likewise. The engine fills the nodes of a list from its head; those of the server are as
 * LPUSH left them, which shows where there are two or three. Streams with deleted entries: see below.
 */
const AFTER_RELOAD: Readonly<Record<string, Bounds>> = {
  'hash hashtable': { median: 0.02, p99: 0.12, sum: 0.03 },
  'set hashtable': { median: 0.02, p99: 0.12, sum: 0.03 },
  'list quicklist': { median: 0.02, p99: 0.2, sum: 0.02 },
};

/** Redis 7.2 to 8.0: one of a hundred hashes still has its last table beside the new one, by chance. */
const SEEDED_HASHES: Readonly<Record<string, Bounds>> = { 'hash hashtable': { median: 0, p99: 0.08, sum: 0.005 } };
const isSeeded = (): boolean => kind.target.family === 'redis' && [11, 12].includes(kind.target.version);

let kind: ServerKind;
let server: LiveServer;
beforeAll(async () => {
  kind = await kindOfServer();
});
afterEach(async () => {
  await server.stop();
});

/** Keys of every type: many sizes, elements of many lengths, every third key with an expiry, names of many lengths. */
function commands(seed: number): Command[] {
  const next = random(seed);
  const integer = (below: number): number => Math.floor(next() * below);
  const text = (length: number): string => 'abcdefgh'.charAt(integer(8)).repeat(length);
  const list: Command[] = [];
  let keys = 0;
  const add = (of: (key: ByteString) => readonly Command[]): void => {
    const key = `k${keys}${'n'.repeat(keys % 3 === 0 ? integer(200) : 0)}`;
    list.push(...of(key));
    if (keys++ % 3 === 0) list.push(['PEXPIREAT', key, FAR_MS]);
  };
  for (const length of [...LENGTHS, ...LENGTHS.map((one) => one + 3)]) {
    add((key) => [['SET', key, text(length)]]);
    add((key) => [
      ['APPEND', key, text(length)],
      ['APPEND', key, text(1)],
    ]);
    add((key) => [['SET', key, integer(2 ** 40)]]);
    add((key) => [['SETBIT', key, length * 8, 1]]);
  }
  for (const count of COUNTS) {
    for (const length of [3, 20, 70]) {
      const word = (at: number): string => `${at}${text(at % 7 === 6 ? length : integer(length))}`;
      const words = Array.from({ length: count }, (_, at) => word(at));
      add((key) => [['RPUSH', key, ...words]]);
      add((key) => [['LPUSH', key, ...words]]);
      add((key) => [['SADD', key, ...words]]);
      add((key) => [['SADD', key, ...words.map((_, at) => at * 2 ** integer(length > 20 ? 40 : 10))]]);
      add((key) => [['ZADD', key, ...words.flatMap((one, at) => [at / 4, one])]]);
      add((key) => [['HSET', key, ...words.flatMap((one, at) => [one, word(at + 1)])]]);
      add((key) => words.slice(0, 600).map((one, at) => ['XADD', key, `${1000 + at * 3}-${at % 2}`, 'f', one]));
    }
    add((key) => groups(key, count, integer));
    if (isSince(kind.target, { redis: '7.4', valkey: '9.0' })) add((key) => expiringFields(key, Math.min(count, 600)));
    if (isSince(kind.target, { redis: '8.0' })) add((key) => vectors(key, Math.min(count, 100), integer));
  }
  return list;
}

/** A hash of which every third field expires. */
function expiringFields(key: ByteString, count: number): Command[] {
  const fields = Array.from({ length: count }, (_, at) => `field${at}`);
  const expiring = fields.filter((_, at) => at % 3 === 0);
  return [
    ['HSET', key, ...fields.flatMap((field, at) => [field, at])],
    ['HPEXPIREAT', key, FAR_MS, 'FIELDS', expiring.length, ...expiring],
  ];
}

function vectors(key: ByteString, count: number, integer: (below: number) => number): Command[] {
  return Array.from({ length: count }, (_, at) => {
    const components = Array.from({ length: 20 }, () => integer(100) / 10);
    return ['VADD', key, 'VALUES', components.length, ...components, `element${at}`];
  });
}

/** A stream with groups, consumers and entries that are pending. */
function groups(key: ByteString, count: number, integer: (below: number) => number): Command[] {
  const list: Command[] = [];
  for (let at = 0; at < Math.min(count, 300); at++) list.push(['XADD', key, `${at + 1}-1`, 'name', at, 'other', 'x']);
  for (let group = 0; group < 3; group++) {
    list.push(['XGROUP', 'CREATE', key, `group${group}`, 0]);
    for (let at = 0; at < 5; at++)
      list.push([
        'XREADGROUP',
        'GROUP',
        `group${group}`,
        `c${integer(4)}`,
        'COUNT',
        1 + integer(30),
        'STREAMS',
        key,
        '>',
      ]);
  }
  return list;
}

function filled(list: readonly Command[]): TestEngine {
  const test = testEngine({ target: kind.target, clock: () => Date.now() });
  for (const command of list) {
    const reply = test.run(...command);
    if (typeof reply === 'string' && reply.startsWith('-'))
      throw new Error(`${command.slice(0, 4).join(' ')}: ${reply}`);
  }
  return test;
}

/** Every key as the engine and as the server has it. */
async function compared({ engine, run }: TestEngine): Promise<MemoryPair[]> {
  const db = engine.database(0);
  const memory = new KeyMemory(engine.settings, kind.allocator);
  const pairs: MemoryPair[] = [];
  for (const [key, value] of db.keys.entries()) {
    const modelBytes = memory.bytes(db, key, value);
    if (kind.allocator === 'jemalloc') expect(run('MEMORY', 'USAGE', key)).toBe(modelBytes);
    const name = Buffer.from(key, 'latin1');
    const bytes = Number(await server.send('MEMORY', 'USAGE', name, 'SAMPLES', 0));
    const encoding = String(await server.send('OBJECT', 'ENCODING', name));
    pairs.push({ key, type: typeOf(value), encoding, modelEncoding: '', bytes, modelBytes });
  }
  return pairs;
}

function dumpOf({ engine }: TestEngine): Uint8Array {
  const parts: Uint8Array[] = [];
  const write = (bytes: Uint8Array, start: number, end: number): void => void parts.push(bytes.slice(start, end));
  const encoder = new RdbEncoder(write, { target: engine.settings.target, keepTypes: true });
  for (const entry of snapshot(engine)) {
    if (entry.kind === 'key') encoder.key(entry);
    else encoder.record(entry);
  }
  encoder.end();
  return new Uint8Array(Buffer.concat(parts));
}

const PACKED_LISTS = ['list quicklist', 'list listpack'];
const KINDS = ['hash hashtable', 'hash listpack', 'set hashtable', 'set intset', 'stream stream', 'string embstr'];

describe.each([21, 22])('keys of seed %i', (seed) => {
  it('take what they take on a server that loads the dump of the engine', async () => {
    const test = filled(commands(seed));
    server = await startServer({ rdb: dumpOf(test) });
    const pairs = await compared(test);
    const kinds = [...byKind(pairs).keys()];
    for (const one of [...KINDS, 'string int', 'string raw', 'zset listpack', 'zset skiplist'])
      expect(kinds).toContain(one);
    expect(kinds.some((one) => PACKED_LISTS.includes(one))).toBe(true);
    expectClose(pairs, kind, isSeeded() ? SEEDED_HASHES : {});
  }, 120_000);

  it('take what they take on a server that has run the same commands, and loaded what they left', async () => {
    const list = commands(seed);
    const test = filled(list);
    server = await startServer();
    await Promise.all(list.map((command) => server.send(...command)));
    await server.send('DEBUG', 'RELOAD');
    const pairs = await compared(test);
    expectClose(pairs, kind, AFTER_RELOAD);
  }, 120_000);
});

it('says less of a stream from which entries were deleted: their node keeps them', async () => {
  const list = Array.from({ length: 90 }, (_, at): Command => ['XADD', 's', `${at + 1}-0`, 'field', 'value']);
  list.push(['XDEL', 's', ...Array.from({ length: 40 }, (_, at) => `${2 * at + 2}-0`)]);
  const test = filled(list);
  server = await startServer();
  await Promise.all(list.map((command) => server.send(...command)));
  await server.send('DEBUG', 'RELOAD');
  const [pair] = await compared(test);
  expect(pair!.modelBytes).toBeLessThan(pair!.bytes);
  expect(pair!.modelBytes).toBeGreaterThan(pair!.bytes / 3);
}, 60_000);

it('answers bad arguments as the server does', async () => {
  server = await startServer();
  const test = testEngine({ target: kind.target });
  const answer = async (...args: readonly string[]): Promise<unknown> =>
    server.send(...args).catch((error: unknown) => (error instanceof ReplyError ? `-${error.message}` : error));
  for (const words of [
    'USAGE',
    'usage k SAMPLES',
    'USAGE k SAMPLES -1',
    'USAGE k SAMPLES x',
    'USAGE none samples 1 SAMPLES -1',
    'USAGE k SAMPLES 99999999999999999999',
    'USAGE k SAMPLES 9223372036854775807',
    'USAGE k other 1',
    'USAGE none',
    'USAGE none SAMPLES 0',
  ])
    expect(test.run('MEMORY', ...words.split(' ')), words).toEqual(await answer('MEMORY', ...words.split(' ')));
}, 60_000);

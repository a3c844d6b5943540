/** Digests by hand: each type's steps spelled out with node:crypto, and what depends on the generation. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import {
  type DigestOptions,
  digestEngine,
  digestEntries,
  digestRdb,
  digestStored,
  digestValue,
} from '../../src/engine/digest.js';
import { digestRules } from '../../src/engine/digest-rules.js';
import { Engine } from '../../src/engine/engine.js';
import { loadKey } from '../../src/engine/load.js';
import { snapshot } from '../../src/engine/snapshot.js';
import type { HashField, KeyEntry, RdbEntry, RdbValue, ValueEncoding, ZsetValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

type Bytes = Uint8Array<ArrayBuffer>;

const NOTHING = '0'.repeat(40);

function bytes(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function sha(input: Uint8Array): Bytes {
  return new Uint8Array(createHash('sha1').update(input).digest());
}

function xor(a: Uint8Array, b: Uint8Array): Bytes {
  return Uint8Array.from(a, (byte, at) => byte ^ b[at]!);
}

/** M of the specification, of several things one after another. */
function mix(state: Uint8Array, ...inputs: (Uint8Array | string)[]): Bytes {
  let mixed = Uint8Array.from(state);
  for (const input of inputs) mixed = sha(xor(mixed, sha(typeof input === 'string' ? bytes(input) : input)));
  return mixed;
}

/** X of the specification. */
function add(state: Uint8Array, ...inputs: Uint8Array[]): Bytes {
  let sum = Uint8Array.from(state);
  for (const input of inputs) sum = xor(sum, sha(input));
  return sum;
}

const ZERO = new Uint8Array(20);

function typed(id: number): Bytes {
  return mix(ZERO, Uint8Array.of(0, 0, 0, id));
}

function hex(state: Uint8Array): string {
  return Buffer.from(state).toString('hex');
}

function target(name: string): Target {
  return findTarget(name)!;
}

function digestOf(value: RdbValue, name = 'redis:8.0', hasExpiry = false): string {
  return digestValue(value, hasExpiry, digestRules(target(name))).hex();
}

function zset(encoding: ValueEncoding, ...pairs: readonly (readonly [string, number])[]): ZsetValue {
  return { type: 'zset', encoding, members: pairs.map(([member, score]) => ({ member: bytes(member), score })) };
}

function hash(...fields: readonly HashField[]): RdbValue {
  return { type: 'hash', encoding: 'hashtable', fields: [...fields] };
}

function pairState(field: string, value: string): Bytes {
  return mix(ZERO, field, value);
}

describe('each type', () => {
  const a = { field: bytes('a'), value: bytes('1') };
  const b = { field: bytes('b'), value: bytes('2'), expireAtMs: 4_102_444_800_000 };
  const id = (ms: bigint, seq: bigint): { ms: bigint; seq: bigint } => ({ ms, seq });
  const entries = [
    { id: id(5n, 1n), fields: [bytes('f'), bytes('v')] },
    { id: id(2n ** 64n - 1n, 2n ** 64n - 2n), fields: [bytes('g'), bytes(''), bytes('g'), bytes('w')] },
  ];
  const elements = [
    { index: 1n, value: bytes('x') },
    { index: 4n, value: bytes('7') },
  ];
  const item = (value: bigint | string): object =>
    typeof value === 'bigint' ? { kind: 'uint', value } : { kind: 'string', value: bytes(value) };
  const vectors = [
    2n,
    2n,
    0n,
    2n,
    'e1',
    'attr',
    'v1v1v1v1',
    3n,
    1n,
    0n,
    2n ** 63n,
    'e2',
    '',
    'w2w2w2w2',
    3n,
    2n,
    0n,
    9n,
  ];
  const module = { type: 'module', encoding: 'module', version: 1 } as const;
  const sequences = add(ZERO, mix(ZERO, '2', '2'), mix(ZERO, 'v1v1v1v1', 'e1', 'attr'), mix(ZERO, 'w2w2w2w2', 'e2'));
  it.each<[string, RdbValue, Uint8Array]>([
    ['string', { type: 'string', encoding: 'raw', value: bytes('v') }, mix(typed(0), 'v')],
    ['empty string', { type: 'string', encoding: 'raw', value: bytes('') }, mix(typed(0), '')],
    ['list', { type: 'list', encoding: 'quicklist', items: [bytes('x'), bytes('y')] }, mix(typed(1), 'x', 'y')],
    [
      'set',
      { type: 'set', encoding: 'intset', members: [bytes('1'), bytes('2')] },
      add(typed(2), bytes('2'), bytes('1')),
    ],
    ['zset', zset('listpack', ['m', 1.5], ['n', 3]), add(typed(3), mix(ZERO, 'm', '1.5'), mix(ZERO, 'n', '3'))],
    ['hash', hash(a, b), add(typed(4), pairState('a', '1'), add(pairState('b', '2'), bytes('!!hexpire!!')))],
    ['module of no known kind', { ...module, module: 'other', items: [] }, typed(5)],
    ['vector set', { ...module, module: 'vectorset', items: vectors.map(item) as never }, add(typed(5), sequences)],
    [
      'stream',
      { type: 'stream', encoding: 'stream', entries, state: undefined },
      mix(typed(6), '5.1', 'f', 'v', '18446744073709551615.18446744073709551614', 'g', '', 'g', 'w'),
    ],
    ['array', { type: 'array', encoding: 'array', elements }, mix(typed(7), '(null)', 'x', '(null)', '(null)', '7')],
  ])('%s', (_, value, expected) => {
    expect(digestOf(value)).toBe(hex(expected));
    expect(digestOf(value, 'redis:8.0', true)).toBe(hex(add(expected, bytes('!!expire!!'))));
  });

  it.each<[string, RdbValue, string]>([
    ['module', { ...module, module: 'test__rdb', items: [] }, 'values of the module test__rdb'],
    [
      'broken vector set',
      { ...module, module: 'vectorset', items: vectors.slice(0, -1).map(item) as never },
      'values of the module vectorset',
    ],
    [
      'array of 2^62 slots',
      { type: 'array', encoding: 'array', elements: [{ index: 2n ** 62n, value: bytes('x') }] },
      'arrays that are mostly empty',
    ],
    ['path hash', { type: 'pathhash', encoding: 'pathhash', paths: [] }, 'path hashes'],
  ])('%s: says that it is not known', (_, value, unknown) => {
    expect(digestValue(value, false, digestRules(target('redis:8.8'))).unknown).toBe(unknown);
  });
});

describe('generations', () => {
  const soon: HashField = { field: bytes('f'), value: bytes('v'), expireAtMs: 1000 };
  it.each([
    ['redis:2.4', 1.1, '1.1000000000000001'],
    ['redis:7.0', 1.1, '1.1000000000000001'],
    ['redis:7.0', 1e8, '100000000'],
    ['redis:7.0', -12, '-12'],
    ['redis:7.0', 1e300, '1.0000000000000001e+300'],
    ['redis:7.0', -Infinity, '-inf'],
    ['redis:7.0', -0, '-0'],
    ['redis:7.2', 1.1, '1.1'],
    ['valkey:7.2', 1e8, '1e+8'],
    ['valkey:9.1', Infinity, 'inf'],
    ['redis:8.0', 0, '0'],
    ['redis:8.0', -0, '-0'],
    ['keydb:6', 0.1, '0.10000000000000001'],
  ])('%s writes the score %d as %s', (name, score, text) => {
    expect(digestOf(zset('skiplist', ['m', score]), name)).toBe(hex(add(typed(3), mix(ZERO, 'm', text))));
  });

  it.each([
    ['redis:7.4', true],
    ['redis:8.6', true],
    ['redis:7.2', false],
    ['valkey:9.1', false],
  ])('%s marks fields that expire: %s', (name, isMarked) => {
    const pair = pairState('f', 'v');
    expect(digestOf(hash(soon), name)).toBe(hex(add(typed(4), isMarked ? add(pair, bytes('!!hexpire!!')) : pair)));
  });

  it('Valkey hides fields that have expired, Redis digests them', () => {
    const both = hash(soon, { field: bytes('g'), value: bytes('w') });
    const at = (name: string): string => digestValue(both, false, digestRules(target(name), { atMs: 1001 })).hex();
    expect(at('valkey:9.0')).toBe(hex(add(typed(4), pairState('g', 'w'))));
    expect(at('redis:8.0')).toBe(digestOf(both, 'redis:8.0'));
    // To the millisecond it is still there.
    expect(digestValue(both, false, digestRules(target('valkey:9.0'), { atMs: 1000 })).hex()).toBe(
      digestOf(both, 'valkey:9.0'),
    );
  });
});

describe('−0', () => {
  const LONG = 'm'.repeat(65);
  const many = Array.from({ length: 128 }, (_, at) => [`m${at}`, at] as const);
  it.each<[string, string, ZsetValue, boolean]>([
    ['becomes 0 where a listpack is made of it', 'redis:7.0', zset('skiplist', ['a', -0], ['b', -0], ['c', 0]), true],
    ['becomes 0 on Valkey', 'valkey:8.1', zset('skiplist', ['a', -0]), true],
    ['stays in a ziplist', 'redis:6.2', zset('skiplist', ['a', -0]), false],
    ['stays beside a long member', 'redis:7.0', zset('skiplist', ['a', -0], [LONG, 1]), false],
    ['stays among many', 'redis:7.0', zset('skiplist', ['a', -0], ...many), false],
    ['stays where it came packed, as text', 'redis:7.0', zset('listpack', ['a', -0]), false],
  ])('%s', (_, name, value, isFolded) => {
    const loaded = digestRules(target(name), { loadedAt: target(name).settings });
    const folded = zset(value.encoding, ...value.members.map((one) => [textOf(one.member), one.score + 0] as const));
    expect(digestValue(value, false, loaded).hex()).toBe(digestOf(isFolded ? folded : value, name));
    // Whoever wrote the dump held a skiplist.
    expect(digestOf(value, name)).not.toBe(digestOf(folded, name));
  });
});

function textOf(member: Uint8Array): string {
  return new TextDecoder().decode(member);
}

function keyOf(db: number, key: string, value: string, expireAtMs?: number): KeyEntry {
  const string = { type: 'string', encoding: 'raw', value: bytes(value) } as const;
  return {
    kind: 'key',
    db,
    key: bytes(key),
    value: string,
    rdbType: 0,
    offset: 0,
    ...(expireAtMs !== undefined && { expireAtMs }),
  };
}

describe('the dataset', () => {
  const header: RdbEntry = { kind: 'header', magic: 'REDIS', version: 10 };
  const part = (key: string, value: string): Bytes => mix(mix(ZERO, key), Uint8Array.of(0, 0, 0, 0), value);
  const digest = async (keys: readonly KeyEntry[], options: DigestOptions = {}): Promise<string> =>
    (await digestEntries([header, ...keys], options)).digest;

  it('is zeros without keys', async () => {
    expect(await digest([])).toBe(NOTHING);
    expect((await digestRdb(rdbFile('REDIS0010'))).digest).toBe(NOTHING);
    expect(digestEngine(new Engine()).digest).toBe(NOTHING);
  });

  it('mixes databases in ascending order, whatever their order in the dump', async () => {
    const keys = [keyOf(0, 'a', '1'), keyOf(0, 'b', '2'), keyOf(3, 'a', '1'), keyOf(300, 'c', '')];
    let total = add(mix(ZERO, Uint8Array.of(0, 0, 0, 0)), part('a', '1'), part('b', '2'));
    total = add(mix(total, Uint8Array.of(0, 0, 0, 3)), part('a', '1'));
    total = add(mix(total, Uint8Array.of(0, 0, 1, 44)), part('c', ''));
    expect(await digest(keys)).toBe(hex(total));
    expect(await digest(keys.toReversed())).toBe(hex(total));
    expect(await digest([2, 0, 3, 1].map((at) => keys[at]!))).toBe(hex(total));
    const engine = new Engine();
    for (const key of keys) loadKey(engine, key);
    expect(digestEngine(engine)).toMatchObject({ digest: hex(total), keys: 4, unknown: [] });
  });

  it('leaves out what had expired, to the millisecond', async () => {
    const keys = [keyOf(0, 'a', '1', 1000), keyOf(1, 'b', '2')];
    expect(await digest(keys, { atMs: 1000 })).toBe(await digest(keys));
    expect(await digest(keys, { atMs: 1001 })).toBe(await digest([keys[1]!]));
    expect((await digestEntries([header, ...keys], { atMs: 1001 })).expired).toBe(1);
  });

  it('is that of the chosen keys', async () => {
    const file = rdbFile('REDIS0010', keyRecord(0, bytes('a'), str('1')), keyRecord(0, bytes('b'), str('2')));
    const { digest: chosen, keys } = await digestRdb(file, { filter: { match: [bytes('b')] } });
    expect({ chosen, keys }).toEqual({ chosen: await digest([keyOf(0, 'b', '2')]), keys: 1 });
    expect((await digestRdb(file, { filter: { limit: 1 } })).keys).toBe(1);
  });
});

describe.each(listFixtures())('an engine loaded with $name', (fixture) => {
  it('has the digest that a server has which loads it', async () => {
    const entries = [...readRdbSync(readFixture(fixture.name))];
    const { target: writer } = await digestEntries(entries);
    const engine = new Engine({ target: writer, clock: () => 0 });
    const digests = new Map<string, string>();
    for (const entry of entries) {
      if (entry.kind !== 'key') continue;
      loadKey(engine, entry);
      const rules = digestRules(writer, { loadedAt: writer.settings });
      digests.set(`${entry.db} ${toByteString(entry.key)}`, digestValue(entry.value, false, rules).hex());
    }
    const expected = await digestEntries(entries, { target: writer });
    expect(digestEngine(engine)).toEqual({ ...expected, expired: 0 });
    expect((await digestEntries(snapshot(engine))).digest).toBe(expected.digest);
    for (const db of engine.inUse()) {
      for (const [key, stored] of db.keys.entries())
        expect(digestStored(engine, stored, false)).toBe(digests.get(`${db.index} ${key}`));
    }
  });
});

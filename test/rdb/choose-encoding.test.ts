import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { chooseType } from '../../src/rdb/choose-encoding.js';
import type { HashValue, ListValue, RdbValue, SetValue, StringValue, ZsetValue } from '../../src/rdb/model.js';
import { TARGETS } from '../../src/rdb/versions.js';
import { ascii } from '../support/packed.js';
import { targetNamed } from '../support/written-values.js';

const string: StringValue = { type: 'string', encoding: 'raw', value: ascii('x') };

function list(count: number, size = 1): ListValue {
  return { type: 'list', encoding: 'linkedlist', items: texts(count, size) };
}

function set(members: Uint8Array[]): SetValue {
  return { type: 'set', encoding: 'hashtable', members };
}

function zset(count: number, size = 4): ZsetValue {
  return {
    type: 'zset',
    encoding: 'skiplist',
    members: texts(count, size).map((member, score) => ({ member, score })),
  };
}

function hash(count: number, fieldSize = 4, valueSize = 1, expireAtMs?: number): HashValue {
  const value = ascii('v'.repeat(valueSize));
  const fields = texts(count, fieldSize).map((field) => ({ field, value }));
  // One field that expires makes the whole hash such a one; the last, so that all have to be looked at.
  if (expireAtMs !== undefined) fields[count - 1] = Object.assign(fields[count - 1]!, { expireAtMs });
  return { type: 'hash', encoding: 'hashtable', fields };
}

function texts(count: number, size: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => ascii(`m${index}`.padEnd(size, '.').slice(0, size)));
}

function integers(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => ascii(String(index - 2)));
}

/** [what, value, type per target] */
type Case = readonly [what: string, value: RdbValue, expected: Readonly<Record<string, number>>];

const LISTS: Case[] = [
  ['of one item', list(1), { 'redis:2.2': 1, 'redis:2.4': 10, 'redis:3.0': 10, 'redis:3.2': 14, 'redis:6.2': 14 }],
  ['of one item, later', list(1), { 'redis:7.0': 18, 'redis:7.2': 18, 'valkey:9.1': 18, 'keydb:6': 14 }],
  ['of 512 items of 64 bytes', list(512, 64), { 'redis:2.4': 10, 'redis:2.8': 10, 'redis:3.2': 14 }],
  ['of 513 items', list(513), { 'redis:2.4': 1, 'redis:3.0': 1, 'redis:4.0': 14, 'redis:8.0': 18 }],
  ['with an item of 65 bytes', list(1, 65), { 'redis:2.4': 1, 'redis:3.0': 1, 'redis:5.0': 14 }],
];

const SETS: Case[] = [
  ['of one integer', set(integers(1)), { 'redis:2.2': 2, 'redis:2.4': 11, 'redis:7.0': 11, 'redis:8.6': 11 }],
  ['of 512 integers', set(integers(512)), { 'redis:2.4': 11, 'redis:7.2': 11, 'valkey:9.0': 11 }],
  ['of 513 integers', set(integers(513)), { 'redis:2.4': 2, 'redis:7.0': 2, 'redis:7.2': 2 }],
  [
    'with one that is no integer',
    set([...integers(3), ascii('x')]),
    { 'redis:2.4': 2, 'redis:7.0': 2, 'redis:7.2': 20 },
  ],
  ['of the largest integer', set([ascii('9223372036854775807')]), { 'redis:2.4': 11, 'redis:7.2': 11 }],
  ['of one beyond 64 bits', set([ascii('9223372036854775808')]), { 'redis:2.4': 2, 'redis:7.2': 20 }],
  ['of the text -0', set([ascii('-0')]), { 'redis:2.4': 2, 'redis:7.2': 20 }],
  ['of the empty string', set([ascii('')]), { 'redis:2.4': 2, 'redis:7.2': 20 }],
  ['of 128 texts of 64 bytes', set(texts(128, 64)), { 'redis:7.0': 2, 'redis:7.2': 20, 'valkey:7.2': 20 }],
  ['of 129 texts', set(texts(129, 5)), { 'redis:7.2': 2, 'valkey:8.1': 2 }],
  ['of a text of 65 bytes', set(texts(1, 65)), { 'redis:7.2': 2 }],
  ['without members', set([]), { 'redis:2.4': 2, 'redis:7.2': 2 }],
];

const ZSETS: Case[] = [
  ['of one member', zset(1), { 'redis:2.2': 3, 'redis:2.4': 12, 'redis:6.2': 12, 'redis:7.0': 17, 'valkey:9.1': 17 }],
  ['of 128 members of 64 bytes', zset(128, 64), { 'redis:2.4': 12, 'redis:7.0': 17 }],
  ['of 129 members', zset(129), { 'redis:2.4': 3, 'redis:3.2': 3, 'redis:4.0': 5, 'redis:7.0': 5 }],
  ['of a member of 65 bytes', zset(1, 65), { 'redis:3.2': 3, 'redis:5.0': 5, 'redis:8.6': 5 }],
];

const HASHES: Case[] = [
  ['of one field', hash(1), { 'redis:2.2': 4, 'redis:2.4': 9, 'redis:2.6': 13, 'redis:6.2': 13, 'redis:7.0': 16 }],
  ['of 512 fields of 64 bytes', hash(512, 64, 64), { 'redis:2.4': 9, 'redis:2.6': 13, 'redis:7.0': 16 }],
  ['of 513 fields', hash(513), { 'redis:2.4': 4, 'redis:3.2': 4, 'redis:7.0': 4 }],
  ['of a field of 65 bytes', hash(1, 65, 1), { 'redis:2.4': 4, 'redis:5.0': 4, 'redis:7.4': 4 }],
  ['of a value of 65 bytes', hash(1, 1, 65), { 'redis:2.4': 4, 'redis:5.0': 4, 'redis:7.4': 4 }],
  ['without fields', hash(0), { 'redis:2.4': 4, 'redis:7.0': 4 }],
  ['of 512 fields, one expiring', hash(512, 64, 64, 5), { 'redis:7.4': 25, 'redis:8.6': 25, 'valkey:9.0': 22 }],
  ['of 513 fields, one expiring', hash(513, 4, 1, 5), { 'redis:7.4': 24, 'redis:8.6': 24, 'valkey:9.1': 22 }],
  ['of one field, expired at 0', hash(1, 4, 1, 0), { 'redis:7.4': 24, 'redis:8.6': 24, 'valkey:9.0': 22 }],
  ['of a value of 65 bytes, expiring', hash(1, 4, 65, 5), { 'redis:7.4': 24, 'valkey:9.2': 22 }],
];

describe.each([
  ['list', LISTS],
  ['set', SETS],
  ['sorted set', ZSETS],
  ['hash', HASHES],
])('a %s', (_type, cases) => {
  const rows = cases.flatMap(([what, value, expected]) =>
    Object.entries(expected).map(([target, rdbType]) => ({ what, value, target, rdbType })),
  );
  it.each(rows)('$what: $target writes $rdbType', ({ value, target, rdbType }) => {
    expect(chooseType(value, targetNamed(target))).toBe(rdbType);
  });
});

describe('settings', () => {
  const target = targetNamed('redis:7.2');
  const { settings } = target;

  it.each([
    ['hashMaxPackedEntries', hash(3), hash(4), 3, 16, 4],
    ['hashMaxPackedValue', hash(1, 10), hash(1, 11), 10, 16, 4],
    ['zsetMaxPackedEntries', zset(3), zset(4), 3, 17, 5],
    ['zsetMaxPackedValue', zset(1, 10), zset(1, 11), 10, 17, 5],
    ['setMaxIntsetEntries', set(integers(3)), set(integers(4)), 3, 11, 20],
    ['setMaxListpackEntries', set(texts(3, 2)), set(texts(4, 2)), 3, 20, 2],
    ['setMaxListpackValue', set(texts(3, 10)), set(texts(3, 11)), 10, 20, 2],
  ] as const)('%s', (setting, within, beyond, limit, packed, expanded) => {
    const changed = { ...settings, [setting]: limit };
    expect(chooseType(within, target, changed)).toBe(packed);
    expect(chooseType(beyond, target, changed)).toBe(expanded);
  });

  it.each([
    ['listMaxPackedEntries', list(3), list(4), 3],
    ['listMaxPackedValue', list(1, 10), list(1, 11), 10],
  ] as const)('%s', (setting, within, beyond, limit) => {
    const old = targetNamed('redis:2.6');
    const changed = { ...old.settings, [setting]: limit };
    expect(chooseType(within, old, changed)).toBe(10);
    expect(chooseType(beyond, old, changed)).toBe(1);
  });

  it('are those of the target unless given', () => {
    expect(chooseType(hash(3), targetNamed('redis:7.2', { hashMaxPackedEntries: 2 }))).toBe(4);
  });

  it('do not make packed structures of more than 1 GiB', () => {
    const huge = { ...settings, hashMaxPackedEntries: 5000, hashMaxPackedValue: 2 ** 20, zsetMaxPackedValue: 2 ** 20 };
    // The same megabyte many times: 1024 of them are 1 GiB.
    const value = new Uint8Array(2 ** 20);
    const fields = Array.from({ length: 1025 }, () => ({ field: ascii(''), value }));
    expect(chooseType({ ...hash(0), fields }, target, huge)).toBe(4);
    expect(chooseType({ ...hash(0), fields: fields.slice(1) }, target, huge)).toBe(16);
    const members = Array.from({ length: 1025 }, (_, score) => ({ member: value, score }));
    expect(chooseType({ ...zset(0), members }, target, { ...huge, zsetMaxPackedEntries: 5000 })).toBe(5);
    const large = { ...settings, setMaxListpackEntries: 5000, setMaxListpackValue: 2 ** 20 };
    expect(chooseType(set(fields.map((field) => field.value)), target, large)).toBe(2);
  });
});

describe('what only some servers have', () => {
  const stream: RdbValue = { type: 'stream', encoding: 'stream', entries: [], state: undefined };
  const array: RdbValue = { type: 'array', encoding: 'array', elements: [] };
  const module: RdbValue = { type: 'module', encoding: 'module', module: 'test-type', version: 0, items: [] };
  const pathHash: RdbValue = { type: 'pathhash', encoding: 'pathhash', paths: [] };
  const none = new Uint8Array(0);
  const cron: RdbValue = {
    type: 'cron',
    encoding: 'cron',
    script: none,
    startMs: 0,
    intervalMs: 0,
    keys: [],
    args: [],
  };

  it.each<[string, RdbValue, string, number]>([
    ['a string', string, 'redis:2.2', 0],
    ['a stream', stream, 'redis:5.0', 15],
    ['a stream', stream, 'keydb:6', 15],
    ['a stream', stream, 'redis:7.0', 19],
    ['a stream', stream, 'redis:7.2', 21],
    ['a stream', stream, 'valkey:9.1', 21],
    ['a stream', stream, 'redis:8.6', 26],
    ['a stream', stream, 'redis:8.8', 27],
    ['an array', array, 'redis:8.8', 28],
    ['a module value', module, 'redis:4.0', 7],
    ['a path hash', pathHash, 'valkey:9.2', 23],
    ['a cron job', cron, 'keydb:6', 64],
  ])('%s is written', (_what, value, target, rdbType) => {
    expect(chooseType(value, targetNamed(target))).toBe(rdbType);
  });

  it.each<[string, RdbValue, string, string]>([
    ['a stream', stream, 'redis:4.0', 'redis:4.0 has no streams'],
    ['field expiry', hash(1, 1, 1, 5), 'redis:7.2', 'redis:7.2 has no field expiry'],
    ['field expiry', hash(1, 1, 1, 5), 'valkey:8.1', 'valkey:8.1 has no field expiry'],
    ['an array', array, 'redis:8.6', 'redis:8.6 has no arrays'],
    ['an array', array, 'valkey:9.2', 'valkey:9.2 has no arrays'],
    ['a module value', module, 'redis:3.2', 'redis:3.2 has no module values'],
    ['a path hash', pathHash, 'valkey:9.1', 'valkey:9.1 has no path hashes'],
    // Type 23 is something else there.
    ['a path hash', pathHash, 'redis:7.4', 'redis:7.4 has no path hashes'],
    ['a cron job', cron, 'redis:8.10', 'redis:8.10 has no cron jobs'],
  ])('%s is refused', (_what, value, target, why) => {
    expect(() => chooseType(value, targetNamed(target))).toThrow(new EncodeError(why));
  });
});

it('never chooses a type that the target does not load', () => {
  const values: RdbValue[] = [...LISTS, ...SETS, ...ZSETS, ...HASHES].map(([, value]) => value);
  for (const target of TARGETS) {
    for (const value of values) {
      let rdbType: number;
      try {
        rdbType = chooseType(value, target);
      } catch (error) {
        expect(error).toBeInstanceOf(EncodeError);
        continue;
      }
      expect(target.types.has(rdbType), `${target.name}: ${rdbType}`).toBe(true);
    }
  }
});

import { describe, expect, it } from 'vitest';
import { compileFilter, type KeyFilter } from '../../src/rdb/filter.js';
import { keySlot } from '../../src/rdb/key-slot.js';
import type { Range } from '../../src/rdb/range.js';
import { passes, readKeys, textOf } from '../support/brute-filter.js';
import { bytesOf, int64Le, type Piece, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const DAY_MS = 86_400_000;
/** Between the expiries that the fixtures hold. */
const NOW_MS = 4_102_444_800_000 - DAY_MS;

const FILTERS: Readonly<Record<string, KeyFilter>> = {
  'nothing asked': {},
  'empty lists': { dbs: [], types: [], notTypes: [], match: [], notMatch: [], slots: [] },
  'a database': { dbs: [1, 64] },
  'one glob': { match: '*:*' },
  'globs on bytes': { match: ['[0-9]*', Uint8Array.of(0, 0x2a), '*\\**'] },
  'not a glob': { notMatch: ['*:*', 'k*'] },
  'an expression': { keyRegex: /^\D+\d{2,}$/ },
  'a global expression': { keyRegex: /[aeiou]{2}/g },
  'an expression beyond ASCII': { keyRegex: /[\x80-\uffff]/ },
  types: { types: ['hash', 'stream', 'module'] },
  'not types': { notTypes: ['string', 'hash'] },
  'types minus types': { types: ['string', 'list'], notTypes: ['list'] },
  'small values': { sizeBytes: { max: 20 } },
  'values in between': { sizeBytes: { min: 21, max: 300 } },
  'no elements': { elements: { max: 0 } },
  'one element': { elements: { min: 1, max: 1 } },
  'several elements': { elements: { min: 2, max: 120 } },
  'many elements': { elements: { min: 121 } },
  'no expiry': { ttl: 'none' },
  'an expiry': { ttl: 'any' },
  expired: { ttl: 'expired' },
  'within a day': { ttl: { maxMs: DAY_MS } },
  'later than a day': { ttl: { minMs: DAY_MS + 1 } },
  'expired within eighty years': { ttl: { minMs: -80 * 365 * DAY_MS, maxMs: -1 } },
  idle: { idleSeconds: { min: 1 } },
  'idle at most': { idleSeconds: { max: 0 } },
  'everything together': {
    types: ['zset', 'set', 'list'],
    elements: { min: 3 },
    match: '*',
    sizeBytes: { min: 10 },
    ttl: 'none',
  },
};

const fixtures = listFixtures().map(({ name }) => ({
  name,
  file: readFixture(name),
  keys: readKeys(readFixture(name)),
}));

describe('leaves the same keys as the same tests on decoded entries, in every fixture', () => {
  it.each(Object.entries(FILTERS))('%s', (_name, filter) => {
    const asked = Object.fromEntries(
      Object.entries(filter).filter(([, value]) => !(Array.isArray(value) && value.length === 0)),
    );
    let kept = 0;
    let all = 0;
    for (const { name, file, keys } of fixtures) {
      const expected = keys.filter((entry) => passes(entry, asked, NOW_MS)).map(({ offset }) => offset);
      expect(
        readKeys(file, filter, NOW_MS).map(({ offset }) => offset),
        name,
      ).toEqual(expected);
      kept += expected.length;
      all += keys.length;
    }
    expect(kept).toBeGreaterThan(0);
    if (Object.keys(asked).length > 0) expect(kept).toBeLessThan(all);
  });
});

describe('slots', () => {
  const file = readFixture('redis-7.0/cluster');
  it('keeps the keys of ranges', () => {
    const expected = readKeys(file).filter(({ key }) => {
      const slot = keySlot(key, 0, key.length);
      return slot < 5000 || slot === 12_182 || slot > 16_000;
    });
    const slots = [
      { start: 0, end: 4999 },
      { start: 12_182, end: 12_182 },
      { start: 16_001, end: 16_383 },
    ];
    expect(readKeys(file, { slots })).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });

  /** What CLUSTER KEYSLOT answers on Redis 7.0.15. */
  it.each([
    ['', 0],
    ['foo', 12182],
    ['123456789', 12739],
    ['{user1000}.following', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
    ['{}', 15257],
    ['{', 4092],
    ['a{b}', 3300],
    ['{}x{y}z', 8209],
  ])('%j is in slot %i', (key, slot) => {
    const bytes = new TextEncoder().encode(`{}${key}}x`);
    expect(keySlot(bytes, 2, 2 + key.length)).toBe(slot);
  });
});

describe('limit', () => {
  const file = readFixture('redis-7.0/types');
  it.each([0, 1, 7, 1000])('keeps the first %i', (limit) => {
    const filter: KeyFilter = { types: ['hash', 'zset'], elements: { min: 1 } };
    expect(readKeys(file, { ...filter, limit })).toEqual(readKeys(file, filter).slice(0, limit));
  });

  it('is exhausted by what was accepted', () => {
    expect(compileFilter({ limit: 0 }, 0).exhausted).toBe(true);
    expect(compileFilter({ limit: 1 }, 0).exhausted).toBe(false);
    expect(compileFilter({}, 0).exhausted).toBe(false);
  });
});

it('takes a stored expiry of -1 for none, and now for alive', () => {
  const file = bytesOf(
    ...['REDIS0004', 0xfc, int64Le(-1n), 0, str('never'), str('v'), 0xfc, int64Le(1000n), 0, str('now'), str('v')],
    ...[0xfc, int64Le(-2n), 0, str('past'), str('v'), 0xfd, [1, 0, 0, 0], 0, str('second'), str('v'), 0xff],
  );
  const names = (ttl: KeyFilter['ttl']): string[] =>
    readKeys(file, { ...(ttl && { ttl }) }, 1000).map(({ key }) => textOf(key));
  expect(names('none')).toEqual(['never']);
  expect(names('any')).toEqual(['now', 'past', 'second']);
  expect(names('expired')).toEqual(['past']);
  expect(names({ maxMs: 0 })).toEqual(['now', 'second']);
  expect(names({ minMs: 1 })).toEqual([]);
  expect(names({ minMs: -Infinity })).toEqual(['now', 'past', 'second']);
});

it('takes the LFU counter where there is one', () => {
  const key = (name: string, ...attributes: number[]): Uint8Array => bytesOf(attributes, 0, str(name), str('v'));
  const file = bytesOf(
    'REDIS0009',
    key('none'),
    key('zero', 0xf9, 0),
    key('low', 0xf9, 5),
    key('high', 0xf9, 255),
    0xff,
    int64Le(0n),
  );
  const names = (freq: Range): string[] => readKeys(file, { freq }).map(({ key: bytes }) => textOf(bytes));
  expect(names({})).toEqual(['zero', 'low', 'high']);
  expect(names({ min: 1 })).toEqual(['low', 'high']);
  expect(names({ max: 5 })).toEqual(['zero', 'low']);
  expect(names({ min: 6, max: 254 })).toEqual([]);
});

it.each<[string, string, Piece, number]>([
  ['an array', 'REDIS0014', [28, str('key'), 3, 0, 1, 0, str('a'), 2, 0, str('b'), 9, 0, str('c')], 3],
  ['an array with an insert cursor', 'REDIS0014', [28, str('key'), 1, 1, 7, 7, 0, str('a')], 1],
  [
    'a path hash',
    'VALKEY081',
    [23, str('key'), 2, str('p'), 1, str('f'), str('v'), str('q'), 2, str('f'), str('v'), str('g'), str('w')],
    3,
  ],
  [
    'a cron job',
    'REDIS0009',
    [64, str('key'), str('s'), int64Le(0n), int64Le(1n), 1, str('k'), 2, str('x'), str('y')],
    3,
  ],
  ['a Valkey hash with expiries', 'VALKEY080', [22, str('key'), 1, str('f'), str('v'), int64Le(-1n)], 1],
  [
    'a Redis hash with expiries',
    'REDIS0012',
    [24, str('key'), int64Le(5n), 2, 0, str('f'), str('v'), 1, str('g'), str('w')],
    2,
  ],
  ['a template hash', 'REDIS0015', [0xf2, 0, 2, str('f'), str('g'), 32, str('key'), 0, str('v'), str('w')], 2],
])('counts the elements of %s', (_name, magic, record, count) => {
  const file = bytesOf(magic, record, 0xff, int64Le(0n));
  expect(readKeys(file, { elements: { min: count, max: count } })).toHaveLength(1);
  expect(readKeys(file, { elements: { max: count - 1 } })).toHaveLength(0);
});

it('leaves the caller’s expression as it was', () => {
  const keyRegex = /a/g;
  keyRegex.lastIndex = 3;
  expect(readKeys(readFixture('redis-7.0/types'), { keyRegex }).length).toBeGreaterThan(0);
  expect(keyRegex.lastIndex).toBe(3);
});

it('opens no packed structure of a key that other tests leave out', () => {
  const broken = str([13, 0, 0, 0, 2, 0, 0xbf, 0x66, 2, 0x81, 0x76, 2, 0xff]);
  const whole = str([13, 0, 0, 0, 2, 0, 0x81, 0x66, 2, 0x81, 0x76, 2, 0xff]);
  const file = bytesOf('REDIS0004', 16, str('broken'), broken, 16, str('whole'), whole, 0xff);
  expect(readKeys(file, { match: 'w*', elements: { min: 1 } })).toHaveLength(1);
  expect(() => readKeys(file, { elements: { min: 1 } })).toThrow(expect.objectContaining({ code: 'BAD_LISTPACK' }));
});

it.each<[string, KeyFilter]>([
  ['an unknown type', { types: ['hashes' as 'hash'] }],
  ['an unknown type left out', { notTypes: [''] as never }],
  ['an empty range', { sizeBytes: { min: 2, max: 1 } }],
  ['a range that is none', { elements: { min: NaN } }],
  ['an empty ttl', { ttl: { minMs: 2, maxMs: 1 } }],
  ['an unknown ttl', { ttl: 'all' as 'any' }],
  ['a slot beyond the last', { slots: [{ start: 0, end: 16384 }] }],
  ['slots backwards', { slots: [{ start: 2, end: 1 }] }],
  ['a fraction beyond 1', { sample: { fraction: 1.1 } }],
  ['a seed that is no integer', { sample: { fraction: 1, seed: 0.5 } }],
  ['a negative limit', { limit: -1 }],
])('refuses %s', (_name, filter) => {
  expect(() => compileFilter(filter, 0)).toThrow(RangeError);
});

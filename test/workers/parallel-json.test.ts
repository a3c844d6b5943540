/** Several threads give what one gives: the same bytes, warnings and errors, wherever ranges end. `npm test` builds the workers. */
import { describe, expect, it } from 'vitest';
import { compress } from '../../src/codecs/lzf.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { byOne, bySeveral, type Reading } from './json-threads.js';
import { manyKeys } from './many-keys.js';

describe('every fixture', () => {
  it.each(listFixtures())('$name', async ({ name }) => {
    const file = readFixture(name);
    const reading: Reading = { json: { all: true } };
    const expected = await byOne(file, reading);
    expect(expected.error).toBeUndefined();
    expect(await bySeveral(file, reading, 2, 1000)).toEqual(expected);
  });
});

describe('a file of many ranges', () => {
  const file = manyKeys('redis-7.0/types', 4_000_000);

  it.each([1, 2, 3, 8])('by %i workers', async (jobs) => {
    const expected = await byOne(file, {});
    expect(expected.text.length).toBeGreaterThan(file.length);
    expect(await bySeveral(file, {}, jobs, 100_000)).toEqual(expected);
  });

  it('with filters', async () => {
    const json = { filter: { types: ['hash', 'zset'], keyRegex: /[0-9]/, sizeBytes: { min: 20 } } } as const;
    const expected = await byOne(file, { json });
    expect(expected.text).not.toBe('');
    expect(await bySeveral(file, { json }, 2, 50_000)).toEqual(expected);
  });
});

describe('values that expand a hundredfold', () => {
  it('come in parts, which wait until those before them have been used', async () => {
    const packed = compress(new Uint8Array(60_000).fill(0x61))!;
    const value = bytesOf(0xc3, len(packed.length), len(60_000), packed);
    const keys = Array.from({ length: 500 }, (_, index) => keyRecord(0, `key:${index}`, value));
    const file = rdbFile('REDIS0011', ...keys);
    const expected = await byOne(file, {});
    expect(expected.text.length).toBeGreaterThan(30_000_000);
    // Two ranges, either of them larger than what a thread may hold.
    const found = await bySeveral(file, {}, 2, file.length / 2);
    expect(found.text === expected.text).toBe(true);
  });
});

describe('what stands between keys', () => {
  const key = (name: string): Uint8Array => keyRecord(0, name, str('value'));

  it('keeps its place, a database without sizes included', async () => {
    const aux = bytesOf(0xfa, str('name'), str('value'));
    const records = [0xfe, 0, key('a'), key('b'), aux, 0xfe, 3, key('c'), 0xfe, 4, aux, key('d'), 0xfe, 5, aux];
    const file = rdbFile('REDIS0011', ...records);
    const reading = { json: { all: true } };
    const expected = await byOne(file, reading);
    expect(expected.text.match(/"record":"db"/g)).toHaveLength(4);
    expect(await bySeveral(file, reading, 2, 1)).toEqual(expected);
  });

  it('does not take an expiry or an idle time from the key that it belongs to', async () => {
    const expiry = bytesOf(0xfc, [1, 2, 3, 4, 5, 0, 0, 0]);
    const idle = bytesOf(0xf8, 7);
    const behind = [expiry, 0xfe, 1, key('b'), key('c'), expiry, key('d'), idle, 0xfe, 2, expiry, key('e')];
    const file = rdbFile('REDIS0011', key('a'), ...behind);
    const expected = await byOne(file, {});
    expect(expected.text.match(/expireAt/g)).toHaveLength(3);
    expect(expected.text.match(/"idle":7/g)).toHaveLength(1);
    expect(await bySeveral(file, {}, 2, 1)).toEqual(expected);
  });
});

describe('values that are streamed', () => {
  const item = str('x'.repeat(900));
  const list = keyRecord(1, 'long', bytesOf(len(1000), new Array(1000).fill(item)));
  const short = keyRecord(0, 'short', str('value'));
  const limits = { largeValueBytes: 10_000 };

  it('stand between those of the workers', async () => {
    const file = rdbFile('REDIS0011', short, short, list, short, list, list, short);
    const expected = await byOne(file, { limits });
    expect(expected.text.match(/"large":true/g)).toHaveLength(3);
    expect(await bySeveral(file, { limits }, 2, 1)).toEqual(expected);
  });

  it('leave the same part of a line where they end early', async () => {
    const file = rdbFile('REDIS0011', short, short, list, short, list).subarray(0, -400_000);
    const expected = await byOne(file, { limits });
    expect(expected.error?.code).toBe('TRUNCATED');
    expect(await bySeveral(file, { limits }, 2, 1)).toEqual(expected);
  });
});

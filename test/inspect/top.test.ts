/** The keys that are most of something, against all keys sorted. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { ElementMeasure } from '../../src/inspect/facts/element-measure.js';
import { LargestElementMeasure } from '../../src/inspect/facts/largest-element-measure.js';
import { NO_MEASURE, type ValueMeasure } from '../../src/inspect/facts/value-measure.js';
import { TopCollector, type TopOptions, type TopReport } from '../../src/inspect/top/top-collector.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { countElements, readKeys } from '../support/brute-filter.js';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { random } from '../support/random.js';

async function topOf(
  files: readonly Uint8Array[],
  options: TopOptions,
  measure: ValueMeasure = NO_MEASURE,
): Promise<TopReport> {
  const collector = new TopCollector(options);
  for (const file of files) await collectFacts(file, collector, { measure });
  return collector.report();
}

const ORDERS: readonly (readonly [TopOptions['by'], (key: KeyEntry) => number | undefined, () => ValueMeasure])[] = [
  ['serialized', ({ valueBytes }) => valueBytes, () => NO_MEASURE],
  ['elements', ({ value }) => countElements(value), () => new ElementMeasure()],
  ['idle', ({ idleSeconds }) => idleSeconds, () => NO_MEASURE],
  ['freq', ({ freq }) => freq, () => NO_MEASURE],
];

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);
  const keys = readKeys(file);

  it.each(ORDERS)('by %s', async (by, numberOf, measure) => {
    const compared = keys.filter((key) => numberOf(key) !== undefined);
    const sorted = compared.toSorted((a, b) => numberOf(b)! - numberOf(a)! || a.offset - b.offset);
    for (const limit of [0, 1, 7, 10_000]) {
      const report = await topOf([file], { by, limit }, measure());
      expect(report.top.map(({ offset }) => offset)).toEqual(sorted.slice(0, limit).map(({ offset }) => offset));
      expect(report).toMatchObject({ by, limit, keys: compared.length, keysWithout: keys.length - compared.length });
      expect(report.sum).toBe(compared.reduce((sum, key) => sum + numberOf(key)!, 0));
    }
    const { top } = await topOf([file], { by, limit: 5 }, measure());
    sorted.slice(0, 5).forEach((key, at) => {
      const { db, value, valueBytes, expireAtMs, idleSeconds, freq } = key;
      expect(top[at]).toMatchObject({ value: numberOf(key), file: 0, db, key: key.key, valueBytes, expireAtMs });
      expect(top[at]).toMatchObject({ type: value.type, encoding: value.encoding, idleSeconds, freq });
    });
  });
});

it('puts the first of equals first, over all files', async () => {
  const file = rdbFile('REDIS0011', ...['a', 'b', 'c', 'd'].map((name) => keyRecord(0, name, str('same'))));
  const { top } = await topOf([file, file], { by: 'serialized', limit: 6 });
  expect(top.map(({ key, file: at }) => `${String.fromCharCode(...key)}${at}`)).toEqual([
    'a0',
    'b0',
    'c0',
    'd0',
    'a1',
    'b1',
  ]);
});

it('keeps the right ones in whatever order they come', async () => {
  const next = random(3);
  for (let round = 0; round < 30; round++) {
    const sizes = Array.from({ length: 200 }, () => Math.floor(next() * 40));
    const file = rdbFile(
      'REDIS0011',
      sizes.map((size, at) => keyRecord(0, String(at), str('x'.repeat(size)))),
    );
    const { top } = await topOf([file], { by: 'serialized', limit: 13 });
    const wanted = sizes.map((size, at) => ({ size, at })).sort((a, b) => b.size - a.size || a.at - b.at);
    expect(top.map(({ key }) => Number(String.fromCharCode(...key)))).toEqual(wanted.slice(0, 13).map(({ at }) => at));
  }
});

it('finds the largest element', async () => {
  const file = rdbFile(
    'REDIS0011',
    keyRecord(2, 'set', [3, str('a'), str('bbbb'), str('cc')]),
    keyRecord(4, 'hash', [1, str('f'), str('value')]),
    keyRecord(0, 'text', str('abc')),
    keyRecord(0, 'number', [0xc1, 0x39, 0x30]),
  );
  const { top } = await topOf([file], { by: 'element-size' }, new LargestElementMeasure());
  expect(top.map(({ key, value, elements }) => [String.fromCharCode(...key), value, elements])).toEqual([
    ['hash', 5, 1],
    ['number', 5, 1],
    ['set', 4, 3],
    ['text', 3, 1],
  ]);
});

it('keeps an expiry that no number can hold', async () => {
  const file = rdbFile('REDIS0011', keyRecord(0, 'far', str('v'), [0xfc, int64Le(2n ** 62n + 1n)]));
  const { top } = await topOf([file], { by: 'serialized' });
  expect(top[0]!.expireAt!.signed()).toBe(2n ** 62n + 1n);
});

it('refuses a limit that is none', () => {
  expect(() => new TopCollector({ by: 'memory', limit: -1 })).toThrow(RangeError);
  expect(() => new TopCollector({ by: 'memory', limit: 1.5 })).toThrow(RangeError);
});

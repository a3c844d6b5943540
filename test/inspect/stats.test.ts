/** The page about a data set, against the entries that the decoder gives. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { ElementMeasure } from '../../src/inspect/facts/element-measure.js';
import { NO_MEASURE } from '../../src/inspect/facts/value-measure.js';
import type { KeyCounts } from '../../src/inspect/stats/key-counts.js';
import type { Distribution, KeyStats } from '../../src/inspect/stats/key-stats.js';
import { MAX_RELATIVE_ERROR } from '../../src/inspect/stats/log-histogram.js';
import { StatsCollector, type StatsOptions } from '../../src/inspect/stats/stats-collector.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { countElements, readKeys } from '../support/brute-filter.js';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const NOW = 2_000_000_000_000;

async function statsOf(files: readonly Uint8Array[], options: Partial<StatsOptions> = {}): Promise<KeyStats> {
  const collector = new StatsCollector({ nowMs: NOW, elements: true, ...options });
  for (const file of files) await collectFacts(file, collector, { measure: new ElementMeasure() });
  return collector.report();
}

function countsOf(keys: readonly KeyEntry[], madeAtMs: number): KeyCounts {
  const sum = (of: (key: KeyEntry) => number): number => keys.reduce((total, key) => total + of(key), 0);
  return {
    keys: keys.length,
    keysWithTtl: keys.filter(({ expireAtMs }) => expireAtMs !== undefined).length,
    expiredKeys: keys.filter(({ expireAtMs }) => expireAtMs !== undefined && expireAtMs < madeAtMs).length,
    expiredNowKeys: keys.filter(({ expireAtMs }) => expireAtMs !== undefined && expireAtMs < NOW).length,
    keyBytes: sum(({ key }) => key.length),
    valueBytes: sum(({ valueBytes }) => valueBytes!),
    elements: sum(({ value }) => countElements(value)),
    memoryBytes: 0,
  };
}

function expectSize(found: Distribution, numbers: readonly number[]): void {
  const sorted = numbers.toSorted((a, b) => a - b);
  expect(found.count).toBe(sorted.length);
  if (sorted.length === 0) return;
  expect(found).toMatchObject({ min: sorted[0], max: sorted.at(-1) });
  expect(found.mean).toBeCloseTo(sorted.reduce((total, number) => total + number, 0) / sorted.length, 6);
  for (const [name, share] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
    ['p999', 0.999],
  ] as const) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
    expect(Math.abs(found[name] - exact)).toBeLessThanOrEqual(exact * MAX_RELATIVE_ERROR);
  }
}

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);
  const keys = readKeys(file);

  it('is counted as the decoder finds it', async () => {
    const stats = await statsOf([file]);
    const madeAtMs = stats.files[0]!.createdAtMs ?? NOW;
    expect(stats.total).toEqual(countsOf(keys, madeAtMs));
    expect(stats.files[0]).toMatchObject({ keys: keys.length });
    for (const { type, encodings, sizes, ...counts } of stats.types) {
      const ofType = keys.filter(({ value }) => value.type === type);
      expect(counts, type).toEqual(countsOf(ofType, madeAtMs));
      expectSize(
        sizes.valueBytes,
        ofType.map(({ valueBytes }) => valueBytes!),
      );
      for (const { encoding, ...of } of encodings) {
        expect(of).toEqual(
          countsOf(
            ofType.filter(({ value }) => value.encoding === encoding),
            madeAtMs,
          ),
        );
      }
    }
    expect(
      stats.types.flatMap(({ type, encodings }) => encodings.map(({ encoding }) => `${type} ${encoding}`)).sort(),
    ).toEqual([...new Set(keys.map(({ value }) => `${value.type} ${value.encoding}`))].sort());
    for (const { db, ...counts } of stats.dbs) {
      expect(counts).toEqual(
        countsOf(
          keys.filter((key) => key.db === db),
          madeAtMs,
        ),
      );
    }
    expect(stats.dbs.map(({ db }) => db)).toEqual([...new Set(keys.map(({ db }) => db))].sort((a, b) => a - b));
  });

  it('has sizes', async () => {
    const { sizes } = await statsOf([file]);
    expectSize(
      sizes.keyBytes,
      keys.map(({ key }) => key.length),
    );
    expectSize(
      sizes.valueBytes,
      keys.map(({ valueBytes }) => valueBytes!),
    );
    const collections = keys.filter(({ value }) => value.type !== 'string');
    expectSize(
      sizes.elements!,
      collections.map(({ value }) => countElements(value)),
    );
    expect(sizes.memoryBytes).toBeUndefined();
  });

  it('adds up with itself', async () => {
    const [once, twice] = [await statsOf([file]), await statsOf([file, file])];
    expect(twice.files).toEqual([once.files[0], once.files[0]]);
    for (const [count, number] of Object.entries(once.total)) expect(twice.total).toHaveProperty(count, 2 * number);
    expect(twice.sizes.valueBytes).toMatchObject({ p50: once.sizes.valueBytes.p50, max: once.sizes.valueBytes.max });
    expect(twice.ttl).toEqual(once.ttl.map((bin) => ({ ...bin, keys: 2 * bin.keys, bytes: 2 * bin.bytes })));
  });

  it('names the largest', async () => {
    const { largest, largestBy } = await statsOf([file], { largest: 3 });
    const wanted = keys.toSorted((a, b) => b.valueBytes! - a.valueBytes! || a.offset - b.offset).slice(0, 3);
    expect(largestBy).toBe('serialized');
    expect(largest.map(({ offset }) => offset)).toEqual(wanted.map(({ offset }) => offset));
    expect(largest.map(({ key }) => key)).toEqual(wanted.map(({ key }) => key));
  });
});

it('knows what a file says about itself', async () => {
  const aux = (name: string, value: string): Uint8Array => Uint8Array.of(0xfa, ...str(name), ...str(value));
  const file = rdbFile(
    'VALKEY080',
    aux('valkey-ver', '8.1.1'),
    aux('redis-bits', '64'),
    aux('ctime', '1700000000'),
    aux('used-mem', '1048576'),
    aux('repl-id', 'abc'),
    aux('repl-offset', '12345678901'),
    aux('aof-base', '1'),
    keyRecord(0, 'k', str('v')),
  );
  const { files } = await statsOf([file, rdbFile('REDIS0003', keyRecord(0, 'k', str('v')))]);
  expect(files).toEqual([
    {
      magic: 'VALKEY',
      version: 80,
      keys: 1,
      server: { name: 'valkey', version: '8.1.1' },
      bits: 64,
      createdAtMs: 1_700_000_000_000,
      usedMemoryBytes: 1_048_576,
      isAofBase: true,
      replicationId: 'abc',
      replicationOffset: 12_345_678_901,
      functions: 0,
      modules: [],
      checksum: 'ok',
    },
    expect.objectContaining({ version: 3, server: undefined, createdAtMs: undefined, checksum: 'absent', keys: 1 }),
  ]);
});

it('counts lives from when each file was made', async () => {
  const file = (madeAt: number): Uint8Array =>
    rdbFile(
      'REDIS0011',
      [0xfa, str('ctime'), str(String(madeAt))],
      keyRecord(0, 'gone', str('v'), [0xfc, int64Le(BigInt(madeAt * 1000 - 1))]),
      keyRecord(0, 'soon', str('v'), [0xfc, int64Le(BigInt(madeAt * 1000 + 59_999))]),
      keyRecord(0, 'later', str('v'), [0xfc, int64Le(BigInt(NOW + 1))]),
      keyRecord(0, 'stored -1', str('v'), [0xfc, int64Le(-1n)]),
      keyRecord(0, 'never', str('v')),
    );
  const { total, ttl } = await statsOf([file(1_000_000_000), file(1_500_000_000)]);
  expect(total).toMatchObject({ keys: 10, keysWithTtl: 6, expiredKeys: 2, expiredNowKeys: 4 });
  expect(Object.fromEntries(ttl.map(({ name, keys }) => [name, keys]))).toMatchObject({
    expired: 2,
    '1m': 2,
    more: 2,
    none: 4,
  });
});

it('is empty where there is nothing', async () => {
  const stats = await statsOf([rdbFile('REDIS0011')]);
  expect(stats).toMatchObject({ total: { keys: 0 }, types: [], dbs: [], largest: [] });
  expect(stats.sizes.valueBytes).toEqual({
    count: 0,
    min: 0,
    mean: 0,
    p50: 0,
    p90: 0,
    p99: 0,
    p999: 0,
    max: 0,
    bins: [],
  });
});

it('tells the first thousand databases apart, and counts all', async () => {
  const records = Array.from({ length: 1100 }, (_, db) => [
    0xfe,
    0x80,
    0,
    0,
    db >> 8,
    db & 0xff,
    keyRecord(0, 'k', str('v')),
  ]);
  const { total, dbs } = await statsOf([rdbFile('REDIS0011', records)]);
  expect(total.keys).toBe(1100);
  expect(dbs).toHaveLength(1024);
});

it('goes by memory where it is measured', async () => {
  const collector = new StatsCollector({ nowMs: NOW, memory: true, largest: 1 });
  const measure = {
    ...NO_MEASURE,
    row: (_driver: unknown, _row: number, facts: { memoryBytes: number; memoryEncoding: string; elements: number }) => {
      facts.memoryBytes = facts.elements === 0 ? 100 : 0;
      facts.memoryEncoding = 'embstr';
    },
  };
  const file = rdbFile('REDIS0011', keyRecord(0, 'a', [0xc0, 1]), keyRecord(0, 'b', str('text')));
  await collectFacts(file, collector, { measure });
  const stats = collector.report();
  expect(stats).toMatchObject({ encodingsOf: 'server', largestBy: 'memory', total: { memoryBytes: 200 } });
  expect(stats.types[0]!.encodings).toMatchObject([{ encoding: 'embstr', keys: 2 }]);
  expect(stats.sizes.memoryBytes).toMatchObject({ count: 2, p50: 100 });
  expect(stats.largest).toMatchObject([{ value: 100, memoryEncoding: 'embstr' }]);
});

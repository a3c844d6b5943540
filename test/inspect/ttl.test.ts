/** The histogram of the life left, against the entries that the decoder gives. */
import { describe, expect, it } from 'vitest';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { PrefixCollector } from '../../src/inspect/prefix/prefix-collector.js';
import { topWithoutTtl } from '../../src/inspect/ttl/prefixes-without-ttl.js';
import { TTL_BINS, TtlCollector, type TtlOptions, type TtlReport } from '../../src/inspect/ttl/ttl-collector.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { listFixtures } from '../support/fixtures.js';

const NOW = 2_000_000_000_000;

async function ttlOf(files: readonly (Uint8Array | string)[], options: Partial<TtlOptions> = {}): Promise<TtlReport> {
  const collector = new TtlCollector({ nowMs: NOW, ...options });
  for (const file of files) await collectFacts(file, collector);
  return collector.report();
}

const aux = (name: string, value: string): Uint8Array => Uint8Array.of(0xfa, ...str(name), ...str(value));

/** A key that expires then. */
function expiring(atMs: number, name = 'k'): Uint8Array {
  return keyRecord(0, name, str('value'), [0xfc, int64Le(BigInt(atMs))]);
}

/** Keys per bin, by name. */
function binsOf(report: TtlReport): Record<string, number> {
  return Object.fromEntries(report.bins.filter(({ keys }) => keys > 0).map(({ name, keys }) => [name, keys]));
}

describe.each(listFixtures())('$name', ({ path }) => {
  it.each([undefined, NOW, 4_102_444_800_000])('at %s', async (atMs) => {
    const entries = [...readRdbSync(path)];
    const keys = entries.filter((entry) => entry.kind === 'key');
    const ctime = entries.find((entry) => entry.kind === 'aux' && Buffer.from(entry.name).toString() === 'ctime');
    const createdAtMs = ctime?.kind === 'aux' ? 1000 * Number(Buffer.from(ctime.value).toString()) : undefined;
    const report = await ttlOf([path], atMs === undefined ? {} : { atMs });
    const at = atMs ?? createdAtMs ?? NOW;
    expect(report).toMatchObject({ atMs: at, createdAtMs });
    expect(report.atIs).toBe(atMs !== undefined ? 'given' : createdAtMs !== undefined ? 'creation' : 'clock');

    const withTtl = keys.filter(({ expireAtMs }) => expireAtMs !== undefined);
    expect(report.all.keys).toBe(keys.length);
    expect(report.withoutTtl.keys).toBe(keys.length - withTtl.length);
    expect(report.expired.keys).toBe(withTtl.filter(({ expireAtMs }) => expireAtMs! < at).length);
    const wanted = TTL_BINS.map(({ untilMs }, index) => {
      const fromMs = TTL_BINS[index - 1]?.untilMs ?? -Infinity;
      const inBin = withTtl.filter(({ expireAtMs }) => expireAtMs! - at >= fromMs && expireAtMs! - at < untilMs);
      return { keys: inBin.length, bytes: inBin.reduce((sum, { valueBytes = 0 }) => sum + valueBytes, 0) };
    });
    expect(report.bins.map(({ keys: count, bytes }) => ({ keys: count, bytes }))).toEqual(wanted);
    for (const { db, all, withoutTtl } of report.dbs) {
      const ofDb = keys.filter((key) => key.db === db);
      expect(all.keys).toBe(ofDb.length);
      expect(withoutTtl.keys).toBe(ofDb.filter(({ expireAtMs }) => expireAtMs === undefined).length);
    }
    for (const { type, all } of report.types)
      expect(all.keys).toBe(keys.filter(({ value }) => value.type === type).length);
    expect(report.types.map(({ type }) => type).sort()).toEqual(
      [...new Set(keys.map(({ value }) => value.type))].sort(),
    );
  });
});

const SECOND = 1000;
const DAY = 86_400 * SECOND;

it.each<[number, string]>([
  [-1, 'expired'],
  [0, '1m'],
  [60 * SECOND - 1, '1m'],
  [60 * SECOND, '1h'],
  [3600 * SECOND, '1d'],
  [DAY, '7d'],
  [7 * DAY, '30d'],
  [30 * DAY, '1y'],
  [365 * DAY - 1, '1y'],
  [365 * DAY, 'more'],
])('%i ms left is in %s', async (leftMs, bin) => {
  const report = await ttlOf([rdbFile('REDIS0011', expiring(NOW + leftMs))], { atMs: NOW });
  expect(binsOf(report)).toEqual({ [bin]: 1 });
});

it('takes a stored -1 for none, and a time beyond all numbers for more', async () => {
  const far = keyRecord(0, 'far', str('v'), [0xfc, int64Le(2n ** 62n)]);
  const none = keyRecord(0, 'none', str('v'), [0xfc, int64Le(-1n)]);
  const report = await ttlOf([rdbFile('REDIS0011', far, none)]);
  expect(binsOf(report)).toEqual({ more: 1 });
  expect(report.withoutTtl.keys).toBe(1);
});

it('counts the life left in each file from when that was made', async () => {
  const first = rdbFile('REDIS0011', aux('ctime', '1000'), expiring(1_000_000 + DAY - 1));
  const second = rdbFile('REDIS0011', aux('ctime', '900000000'), expiring(900_000_000_000 - 1));
  const third = rdbFile('REDIS0011', aux('ctime', 'soon'), expiring(NOW + 1));
  const report = await ttlOf([first, second, third]);
  expect(report).toMatchObject({ atMs: 1_000_000, atIs: 'creation', createdAtMs: 1_000_000 });
  expect(binsOf(report)).toEqual({ '1d': 1, expired: 1, '1m': 1 });
});

it('names the prefixes of keys that never expire', async () => {
  const plain = (name: string): Uint8Array => keyRecord(0, name, str('value'));
  const file = rdbFile(
    'REDIS0011',
    ...['user:1', 'user:2', 'user:3', 'cache:a:1', 'cache:b:1'].map(plain),
    expiring(NOW, 'session:1'),
  );
  const collector = new PrefixCollector({ separators: [':'], depth: 2 });
  await collectFacts(file, collector);
  const top = topWithoutTtl(collector.report(), 2);
  expect(top.map(({ pattern, keysWithoutTtl }) => [Buffer.from(pattern).toString(), keysWithoutTtl])).toEqual([
    ['user:*', 3],
    ['cache:', 2],
  ]);
});

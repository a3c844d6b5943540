/** The numbers of the report, against the entries that the decoder gives. */
import { describe, expect, it } from 'vitest';
import type { ReportCount, ReportPrefix } from '../../../src/inspect/report/report-data.js';
import type { KeyEntry } from '../../../src/rdb/model.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { int64Le, keyRecord, rdbFile, str } from '../../support/file-builder.js';
import { listFixtures } from '../../support/fixtures.js';
import { hostileDump, NOW, reportOf } from './report-files.js';

function keysOf(path: string): KeyEntry[] {
  return [...readRdbSync(path)].filter((entry) => entry.kind === 'key');
}

const bytesIn = (keys: readonly KeyEntry[]): number => keys.reduce((sum, { valueBytes = 0 }) => sum + valueBytes, 0);

function sum(counts: readonly ReportCount[]): { keys: number; bytes: number } {
  return {
    keys: counts.reduce((total, { keys }) => total + keys, 0),
    bytes: counts.reduce((total, { bytes }) => total + bytes, 0),
  };
}

/** No prefix has less than what begins with it. */
function nodesOf(prefix: ReportPrefix): number {
  const children = sum(prefix.children);
  expect(prefix.keys).toBeGreaterThanOrEqual(children.keys);
  expect(prefix.bytes).toBeGreaterThanOrEqual(children.bytes);
  return prefix.children.reduce((count, child) => count + nodesOf(child), 1);
}

describe.each(listFixtures())('$name', ({ path }) => {
  it('adds up to all keys, in every part', async () => {
    const keys = keysOf(path);
    const all = { keys: keys.length, bytes: bytesIn(keys) };
    const report = await reportOf([path]);
    expect(report.totals).toMatchObject({
      ...all,
      expires: keys.filter(({ expireAtMs }) => expireAtMs !== undefined).length,
    });
    for (const part of [report.dbs, report.types, report.sizes, report.ttl, [report.prefixes]])
      expect(sum(part)).toEqual(all);
    expect(report.sources.map(({ keys: count }) => count)).toEqual([keys.length]);
    for (const { fromBytes, keys: count } of report.sizes) {
      const inBin = ({ valueBytes = 0 }: KeyEntry): boolean =>
        fromBytes === 0 ? valueBytes === 0 : valueBytes >= fromBytes && valueBytes < 2 * fromBytes;
      expect(keys.filter(inBin).length).toBe(count);
    }
    for (const type of new Set(keys.map(({ value }) => value.type))) {
      const ofType = keys.filter(({ value }) => value.type === type);
      expect(sum(report.types.filter((count) => count.type === type))).toEqual({
        keys: ofType.length,
        bytes: bytesIn(ofType),
      });
    }
    nodesOf(report.prefixes);
    const sizes = keys.map(({ valueBytes = 0 }) => valueBytes).sort((a, b) => b - a);
    expect(report.topKeys.map(({ bytes }) => bytes)).toEqual(sizes.slice(0, 200));
  });
});

it('adds shards up, and names them', async () => {
  const fixtures = listFixtures().filter(({ server }) => server === 'redis-7.0');
  const keys = fixtures.map(({ path }) => keysOf(path));
  const report = await reportOf(fixtures.map(({ path }) => path));
  expect(report.totals.keys).toBe(keys.flat().length);
  expect(report.sources.map(({ name, keys: count, server }) => [name, count, server])).toEqual(
    fixtures.map(({ path }, index) => [path, keys[index]!.length, 'redis 7.0.15']),
  );
});

it('says when keys expire, and which have expired', async () => {
  const file = rdbFile('REDIS0010', [
    keyRecord(0, 'gone', str('v'), [0xfc, int64Le(BigInt(NOW - 1))]),
    keyRecord(0, 'soon', str('vv'), [0xfc, int64Le(BigInt(NOW + 1000))]),
    keyRecord(0, 'never', str('vvv'), [0xfc, int64Le(-1n)]),
  ]);
  const report = await reportOf([file]);
  expect(report.totals).toMatchObject({ keys: 3, expires: 2, expired: 1 });
  expect(report.ttl.filter(({ keys }) => keys > 0).map(({ label, isWarning }) => [label, isWarning])).toEqual([
    ['expired, still present', true],
    ['< 1 min', false],
    ['no TTL', false],
  ]);
  expect(report.topKeys.map(({ key, expireAtMs }) => [key, expireAtMs])).toEqual([
    ['never', undefined],
    ['soon', NOW + 1000],
    ['gone', NOW - 1],
  ]);
  expect(report.warnings).toContainEqual(expect.objectContaining({ level: 'warning', value: 1 / 3, unit: 'share' }));
});

it('goes by memory where that was measured', async () => {
  const path = listFixtures()[0]!.path;
  const keys = keysOf(path);
  const memory = 2 * bytesIn(keys) + 100 * keys.length;
  const report = await reportOf([path], { memory: true });
  expect(report).toMatchObject({ memoryModel: 'a test server', totals: { memory, datasetMemory: 150 * 1024 } });
  for (const part of [report.dbs, report.types, report.sizes, report.ttl, [report.prefixes]])
    expect(part.reduce((total, count) => total + count.memory, 0)).toBe(memory);
  for (const { fromBytes, keys: count } of report.sizes) {
    const sizes = keys.map(({ valueBytes = 0 }) => 2 * valueBytes + 100);
    expect(sizes.filter((size) => size >= fromBytes && size < 2 * fromBytes).length).toBe(count);
  }
  expect(report.types.every(({ encoding }) => encoding.startsWith('some '))).toBe(true);
});

it('names software', async () => {
  const hash = [1, str('name'), str('x')];
  const file = rdbFile('REDIS0010', [keyRecord(4, 'bull:mail:meta', hash), keyRecord(4, 'bull:mail:1', hash)]);
  const report = await reportOf([file]);
  expect(report.layouts).toEqual([expect.objectContaining({ name: expect.stringMatching(/^Bull/) })]);
});

it('is bounded for any number of prefixes and any length of names', async () => {
  const report = await reportOf([hostileDump(9000, 10)], { topKeys: 1000 }, '<'.repeat(5000));
  expect(report.topKeys).toHaveLength(1000);
  expect(nodesOf(report.prefixes)).toBe(4000);
  expect(report.title).toHaveLength(256);
  expect(Math.max(...report.topKeys.map(({ key }) => key.length))).toBeLessThanOrEqual(256);
});

it('refuses more keys than fit', async () => {
  await expect(() => reportOf([], { topKeys: 1001 })).rejects.toThrow(RangeError);
});

it('reports an empty dump', async () => {
  const report = await reportOf([rdbFile('REDIS0010')]);
  expect(report.totals).toMatchObject({ keys: 0, bytes: 0 });
  expect(report).toMatchObject({ sizes: [], types: [], topKeys: [], warnings: [] });
});

/** Counting without decoding: the numbers are those of the entries that the decoder gives. */
import { describe, expect, it } from 'vitest';
import { type RdbSummary, type SummaryOptions, summarizeRdb } from '../../src/inspect/summary.js';
import type { KeyEntry, RdbEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { bytesOf, int64Le, keyRecord, len, len64, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';

describe.each(listFixtures())('$name', ({ path }) => {
  it('counts what the decoder reads', async () => {
    const summary = await summarizeRdb(path);
    const entries = [...readRdbSync(path)];
    const keys = entries.filter((entry) => entry.kind === 'key');
    expect(summary.keys).toBe(keys.length);
    expect(summary.expires).toBe(keys.filter((key) => key.expireAtMs !== undefined).length);
    expect(summary.dbs).toEqual(countDbs(entries));
    expect(
      new Set(summary.types.map(({ type, encoding, keys: count, bytes }) => ({ type, encoding, count, bytes }))),
    ).toEqual(new Set(countTypes(keys)));
    expect(summary.functions).toHaveLength(entries.filter((entry) => entry.kind === 'function').length);
    expect(summary.end).toEqual(entries.at(-1));
    expect(summary.bytes).toBe(readFixture(path.split('/').slice(-3, -1).join('/')).length);
    expect(summary.warnings).toEqual([]);
  });
});

function countDbs(entries: readonly RdbEntry[]): { db: number; keys: number; expires: number }[] {
  const dbs = new Map<number, { db: number; keys: number; expires: number }>();
  for (const entry of entries) {
    if (entry.kind !== 'select-db' && entry.kind !== 'key') continue;
    const count = dbs.get(entry.db) ?? { db: entry.db, keys: 0, expires: 0 };
    dbs.set(entry.db, count);
    if (entry.kind !== 'key') continue;
    count.keys++;
    if (entry.expireAtMs !== undefined) count.expires++;
  }
  return [...dbs.values()].sort((a, b) => a.db - b.db);
}

function countTypes(keys: readonly KeyEntry[]): { type: string; encoding: string; count: number; bytes: number }[] {
  const counts = new Map<string, { type: string; encoding: string; count: number; bytes: number }>();
  for (const { value, rdbType, valueBytes = 0 } of keys) {
    const { type, encoding } = value;
    const name = `${rdbType} ${encoding}`;
    const count = counts.get(name) ?? { type, encoding, count: 0, bytes: 0 };
    counts.set(name, count);
    count.count++;
    count.bytes += valueBytes;
  }
  return [...counts.values()];
}

const summarize = (file: Uint8Array, options: SummaryOptions = {}): Promise<RdbSummary> => summarizeRdb(file, options);

describe('records beside the keys', () => {
  const MODULE = 0x1234_5678_9abc_def0n;
  const file = rdbFile(
    'REDIS0013',
    [0xfa, str('redis-ver'), str('8.6.0')],
    [0xfa, str('lua'), str('return 1')],
    [0xfa, str('lua'), str('return 2')],
    [0xfa, str('x'), str('first')],
    [0xfa, str('X'), str('last')],
    [0xf7, len64(MODULE), len(2), len(1), len(0)],
    [0xf5, str('#!lua name=lib\nredis.call()')],
    [0xfe, len(3), 0xfb, len(1), len(0)],
    [0xf4, len(100), len(1), len(0)],
    [0xf3, len(1), [1, 0, 0, 0], len(0), keyRecord(7, 'm', [len64(MODULE), len(1), len(5), len(0)])],
    keyRecord(0, 'n', [0xc0, 5], [0xfc, int64Le(4102444800000n)]),
  );

  it('counts scripts, slots, modules, metadata and functions', async () => {
    const summary = await summarize(file);
    expect(summary).toMatchObject({
      magic: 'REDIS',
      version: 13,
      scripts: 2,
      slots: 1,
      keysWithMeta: 1,
      keys: 2,
      expires: 1,
    });
    expect(summary.functions).toEqual([{ name: 'lib', engine: 'lua', bytes: 27 }]);
    expect(summary.modules).toMatchObject([{ keys: 1, auxRecords: 1 }]);
    expect(summary.types).toEqual([
      { type: 'string', encoding: 'int', rdbType: 0, keys: 1, bytes: 2 },
      { type: 'module', encoding: 'module', rdbType: 7, keys: 1, bytes: 12 },
    ]);
  });

  it('keeps one aux field per name, the last', async () => {
    const { aux } = await summarize(file);
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
    expect(aux.map(({ name, value }) => [text(name), text(value)])).toEqual([
      ['redis-ver', '8.6.0'],
      ['X', 'last'],
    ]);
  });
});

describe('options', () => {
  it('counts only what the filter lets through', async () => {
    const all = await summarizeRdb(fixturePath('redis-7.0/types'));
    const some = await summarizeRdb(fixturePath('redis-7.0/types'), { filter: { types: ['hash'], dbs: [0] } });
    expect(some.types.every(({ type }) => type === 'hash')).toBe(true);
    expect(some.keys).toBeGreaterThan(0);
    expect(some.keys).toBeLessThan(all.keys);
    expect(some.dbs.find(({ db }) => db === 1)).toEqual({ db: 1, keys: 0, expires: 0 });
  });

  it('stops at the limit, without an end', async () => {
    const summary = await summarizeRdb(fixturePath('redis-7.0/types'), { filter: { limit: 5 } });
    expect(summary).toMatchObject({ keys: 5, stopped: true, end: undefined });
  });

  it('leaves the checksum alone where it is told to', async () => {
    const file = bytesOf(readFixture('redis-7.0/types'));
    file[file.length - 1]! ^= 1;
    await expect(summarize(file)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect((await summarize(file, { checksum: false })).end?.checksum).toBe('unchecked');
  });

  it('throws what reading throws', async () => {
    await expect(summarize(bytesOf('REDIS0010', 0x2a))).rejects.toMatchObject({ code: 'UNKNOWN_TYPE', offset: 9 });
    await expect(summarize(readFixture('redis-7.0/types').slice(0, 1000))).rejects.toMatchObject({ code: 'TRUNCATED' });
  });

  it('reads streams, and counts what follows the dump apart', async () => {
    const file = readFixture('redis-7.0/types');
    const chunks = [file.subarray(0, 100), file.subarray(100), bytesOf('*1\r\n$4\r\nPING\r\n')];
    const summary = await summarizeRdb(chunks);
    expect(summary.bytes).toBe(file.length);
    expect(summary.end).toMatchObject({ trailing: 'aof', trailingBytes: 14 });
  });
});

/** In which databases a source has keys, and whether the target has room for them. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../../src/bytes/errors.js';
import { findDatabases, requireDatabases } from '../../../src/import/source/databases.js';
import type { KeyOptions } from '../../../src/import/source/key-options.js';
import { keySourceOf } from '../../../src/import/source/key-source.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { keyRecord, rdbFile, str } from '../../support/file-builder.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';

const found = async (file: Uint8Array, options: KeyOptions = {}): Promise<number[]> => [
  ...(await findDatabases(keySourceOf(file, options), options)),
];

/** In databases 0, 3, 1, 3 again and 4, where the values are larger; 7 is selected and empty. */
const file = rdbFile(
  'REDIS0009',
  [0xfe, 0, keyRecord(0, 'a', str('1')), keyRecord(0, 'b', str('2'))],
  [0xfe, 3, keyRecord(0, 'c', str('3'))],
  [0xfe, 7],
  [0xfe, 1, keyRecord(0, 'd', str('3'))],
  [0xfe, 3, keyRecord(1, 'e', [1, str('3')])],
  [0xfe, 4, keyRecord(0, 'f', str('x'.repeat(60)))],
);

describe('databases', () => {
  it.each<[string, KeyOptions, number[]]>([
    ['all of them', {}, [0, 3, 1, 4]],
    ['those of keys that are meant', { filter: { match: ['b', 'd'] } }, [0, 1]],
    ['none', { filter: { match: 'z' } }, []],
    ['until there are enough keys', { filter: { limit: 3 } }, [0, 3]],
    ['by type', { filter: { types: ['list'] } }, [3]],
    ['with other numbers', { dbMap: new Map([[3, 9]]) }, [0, 9, 1, 4]],
    ['that could be merged', { filter: { dbs: [3] }, dbMap: new Map([[3, 1]]) }, [1]],
    ['of keys that somebody changes', { transform: (key) => (key.db === 1 ? { ...key, db: 5 } : undefined) }, [5]],
    ['also of large values', { limits: { largeValueBytes: 4 } }, [0, 3, 1, 4]],
    ['also of large values that are meant', { limits: { largeValueBytes: 4 }, filter: { match: 'f' } }, [4]],
    ['not of large values that are not', { limits: { largeValueBytes: 4 }, filter: { match: 'b' } }, [0]],
  ])('%s', async (_, options, expected) => {
    expect(await found(file, options)).toEqual(expected);
  });

  it.each(listFixtures())('of $name are those that reading it finds', async ({ name }) => {
    const bytes = readFixture(name);
    const dbs = [...readRdbSync(bytes)].flatMap((entry) => (entry.kind === 'key' ? [entry.db] : []));
    expect(await found(bytes)).toEqual([...new Set(dbs)]);
  });

  it('that would be merged are an error', async () => {
    await expect(found(file, { dbMap: new Map([[3, 1]]) })).rejects.toThrow(EncodeError);
  });

  it('of damaged dumps are an error', async () => {
    await expect(found(file.subarray(0, -12))).rejects.toMatchObject({ code: 'TRUNCATED' });
  });

  it('are no longer looked for when nobody wants them', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(found(readFixture('redis-7.0/types'), { signal })).rejects.toThrow('enough');
  });
});

describe('a target', () => {
  it.each<[number[], number, number | undefined]>([
    [[], 1, undefined],
    [[0], 1, undefined],
    [[0, 3, 15], 16, undefined],
    [[5], 16, 3],
    [[5], 1, 0],
    [[], 1, 4],
  ])('has room for %j with %i databases, all keys to %s', (dbs, count, only) => {
    expect(() => requireDatabases(new Set(dbs), count, only)).not.toThrow();
  });

  it.each<[number[], number, number | undefined, string]>([
    [[3], 1, undefined, 'the target has database 0 only'],
    [[0, 3], 1, undefined, 'database 0, 3,'],
    [[0, 16], 16, undefined, 'database 16, and the target has 16 databases'],
    [[0, 1], 16, 3, 'all are to go to database 3'],
    [[0, 3], 16, 3, 'all are to go to database 3'],
  ])('has none for %j with %i databases, all keys to %s', (dbs, count, only, message) => {
    const check = (): void => requireDatabases(new Set(dbs), count, only);
    expect(check).toThrow(EncodeError);
    expect(check).toThrow(message);
  });
});

/** What a deep check asks of values beyond their readers: elements that occur once, collections that are not empty. */
import { describe, expect, it } from 'vitest';
import type { FormatError } from '../../src/bytes/errors.js';
import { Window } from '../../src/bytes/window.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { compress } from '../../src/codecs/lzf.js';
import { encodeZiplist } from '../../src/codecs/ziplist.js';
import { encodeZipmap } from '../../src/codecs/zipmap.js';
import { checkRdb } from '../../src/inspect/check.js';
import { CheckHandler } from '../../src/inspect/check-handler.js';
import { findDuplicateKeys } from '../../src/inspect/duplicate-keys.js';
import { FingerprintSet, formatShare } from '../../src/inspect/fingerprints.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { bytesOf, doubleLe, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const listpack = (...entries: string[]): Piece => str(encodeListpack(entries.map(bytes)));
const ziplist = (...entries: string[]): Piece => str(encodeZiplist(entries.map(bytes)));
const HEAD = 9 + 1 + 2; // magic, type byte, key `k`

function lzf(content: Uint8Array): Piece {
  const packed = compress(content)!;
  return [0xc3, len(packed.length), len(content.length), packed];
}

async function firstError(type: number, value: Piece, magic = 'REDIS0012'): Promise<FormatError | undefined> {
  const report = await checkRdb(rdbFile(magic, keyRecord(type, 'k', value)), { deep: true });
  return report.errors[0];
}

describe('an element that occurs twice', () => {
  it.each<[string, number, Piece, number, string?]>([
    ['set', 2, [len(3), str('a'), str('b'), str('a')], HEAD + 5],
    ['set, as a number and as text', 2, [len(2), [0xc0, 7], str('7')], HEAD + 3],
    ['sorted set', 5, [len(2), str('a'), doubleLe(1), str('a'), doubleLe(2)], HEAD + 11],
    ['sorted set with text scores', 3, [len(2), str('a'), str('1'), str('a'), str('2')], HEAD + 5],
    ['hash', 4, [len(2), str('f'), str('1'), str('f'), str('2')], HEAD + 5],
    [
      'hash with expiry',
      24,
      [int64Le(1000n), len(2), len(1), str('f'), str('1'), len(0), str('f'), str('2')],
      HEAD + 15,
    ],
    [
      'hash of Valkey',
      22,
      [len(2), str('f'), str('1'), int64Le(-1n), str('f'), str('2'), int64Le(-1n)],
      HEAD + 13,
      'VALKEY080',
    ],
    ['hash as listpack', 16, listpack('f', '1', 'f', '2'), HEAD + 1 + 6 + 3 + 2],
    ['hash as listpack, a number', 16, listpack('10', '1', '10', '2'), HEAD + 1 + 6 + 2 + 2],
    [
      'hash as listpack with expiry',
      25,
      [int64Le(0n), listpack('f', '1', '0', 'f', '2', '0')],
      HEAD + 8 + 1 + 6 + 3 + 2 + 2,
    ],
    ['hash as ziplist', 13, ziplist('f', 'x', 'f', 'y'), HEAD + 1 + 10 + 3 + 3],
    [
      'hash as zipmap',
      9,
      str(
        encodeZipmap([
          [bytes('f'), bytes('1')],
          [bytes('f'), bytes('2')],
        ]),
      ),
      HEAD + 1 + 1 + 5,
    ],
    ['sorted set as listpack', 17, listpack('m', '1', 'm', '2'), HEAD + 1 + 6 + 3 + 2],
    ['sorted set as ziplist', 12, ziplist('m', '1', 'm', '2'), HEAD + 1 + 10 + 3 + 2],
    ['set as listpack', 20, listpack('m', 'n', 'm'), HEAD + 1 + 6 + 3 + 3],
  ])('%s', async (_, type, value, offset, magic) => {
    const error = await firstError(type, value, magic);
    expect(error).toMatchObject({ code: 'DUPLICATE_ELEMENT', offset, innerOffset: undefined });
    expect(error!.trail).toEqual(['db 0', 'key "k"']);
  });

  it('is placed inside the compressed string that it stands in', async () => {
    const packed = encodeListpack(['field', 'v'.repeat(60), 'field', 'w'].map(bytes));
    const error = await firstError(16, lzf(packed));
    expect(error).toMatchObject({ code: 'DUPLICATE_ELEMENT', offset: HEAD, innerOffset: 6 + 7 + 62 });
  });

  it('is named, cut where it is long', async () => {
    const error = await firstError(2, [len(2), str(['\n', 'm'.repeat(100)]), str(['\n', 'm'.repeat(100)])]);
    expect(error!.message).toBe(`the member "\\n${'m'.repeat(63)}…" occurs twice`);
  });

  it.each<[string, number, Piece]>([
    ['a list', 1, [len(2), str('a'), str('a')]],
    ['values of a hash', 4, [len(2), str('f'), str('1'), str('g'), str('1')]],
    ['scores', 5, [len(2), str('a'), doubleLe(1), str('b'), doubleLe(1)]],
    ['compressed members that differ', 2, [len(2), lzf(bytes(`${'x'.repeat(50)}1`)), lzf(bytes(`${'x'.repeat(50)}2`))]],
  ])('is none in %s', async (_, type, value) => {
    expect(await firstError(type, value)).toBeUndefined();
  });
});

it.each<[string, number, Piece]>([
  ['list', 1, len(0)],
  ['set', 2, len(0)],
  ['zset', 5, len(0)],
  ['hash', 16, listpack()],
])('warns of a %s without elements', async (type, rdbType, value) => {
  const report = await checkRdb(rdbFile('REDIS0010', keyRecord(rdbType, 'k', value)), { deep: true });
  expect(report.ok).toBe(true);
  expect(report.warnings).toMatchObject([{ code: 'EMPTY_KEY', offset: 9, message: expect.stringContaining(type) }]);
});

describe('a value that is streamed', () => {
  function checkInPieces(value: Piece, type: number): { error: unknown; handler: CheckHandler } {
    const file = rdbFile('REDIS0010', keyRecord(0, 'first', str('v')), keyRecord(type, 'big', value));
    const window = Window.over(file);
    const handler = new CheckHandler(findDuplicateKeys(undefined));
    const driver = new RdbDriver(window, handler, { deep: true, limits: { largeValueBytes: 1000 } });
    handler.driver = driver;
    try {
      driver.advance();
      return { error: undefined, handler };
    } catch (error) {
      return { error, handler };
    }
  }
  const members = Array.from({ length: 500 }, (_, index) => str(`member:${index}`));

  it('is held against the same rules', () => {
    expect(checkInPieces([len(500), members], 2).error).toBeUndefined();
    const { error } = checkInPieces([len(501), members, str('member:77')], 2);
    expect(error).toMatchObject({ code: 'DUPLICATE_ELEMENT', message: 'the member "member:77" occurs twice' });
    expect((error as FormatError).trail).toEqual(['db 0', 'key "big"']);
  });

  it('does not remember the one before', () => {
    const value = [len(500), members];
    const file = rdbFile('REDIS0010', keyRecord(2, 'a', value), keyRecord(2, 'b', value));
    const handler = new CheckHandler(findDuplicateKeys(undefined));
    const driver = new RdbDriver(Window.over(file), handler, { deep: true, limits: { largeValueBytes: 1000 } });
    handler.driver = driver;
    expect(driver.advance()).toBe('done');
    expect(handler).toMatchObject({ keys: 2, errorCount: 0, warnings: [] });
  });
});

describe('the set of fingerprints', () => {
  const add = (set: FingerprintSet, text: string, scope = 0): boolean => {
    const content = bytes(text);
    return set.add(scope, content, 0, content.length);
  };

  it('tells what came before, by scope', () => {
    const set = new FingerprintSet();
    expect(add(set, '')).toBe(true);
    expect(add(set, '')).toBe(false);
    expect(add(set, 'a')).toBe(true);
    expect(add(set, 'a', 1)).toBe(true);
    expect(add(set, 'a')).toBe(false);
    expect(add(set, 'a\0')).toBe(true);
    set.clear();
    expect(add(set, 'a')).toBe(true);
  });

  it('forgets one half after the other when it is full, and never invents', () => {
    const set = new FingerprintSet(1 << 10, 1, 2);
    for (let index = 0; index < 10_000; index++) expect(add(set, `key:${index}`)).toBe(true);
    expect(set.bits).toBe(4);
    const again = Array.from({ length: 10_000 }, (_, index) => add(set, `key:${index}`));
    const found = again.filter((isNew) => !isNew).length;
    expect(found).toBeGreaterThan(10_000 / 2 ** 4 / 1.2);
    expect(found).toBeLessThan((10_000 / 2 ** 4) * 1.2);
  });

  it.each([
    [0.5, '50%'],
    [1 / 3, '33%'],
    [1 / 128, '0.8%'],
    [0.0001, '0.01%'],
  ])('says %f as %s', (share, text) => {
    expect(formatShare(share)).toBe(text);
  });
});

/** Checking: sound files are, damaged ones are told apart, and errors inside values do not hide what follows. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeZiplist } from '../../src/codecs/ziplist.js';
import { type CheckOptions, type CheckReport, checkRdb } from '../../src/inspect/check.js';
import { readRdbSync } from '../../src/rdb/read.js';
import {
  bytesOf,
  doubleLe,
  hex,
  keyRecord,
  len,
  type Piece,
  rdbFile,
  str,
  withChecksum,
} from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const check = (file: Uint8Array, options: CheckOptions = {}): Promise<CheckReport> => checkRdb(file, options);
const bytes = (text: string): Uint8Array => bytesOf(text);
const codesOf = (report: CheckReport): string[] => report.errors.map(({ code }) => code);

describe.each(listFixtures())('$name', ({ path }) => {
  it.each([false, true])('is sound, deep: %s', async (deep) => {
    const report = await checkRdb(path, { deep });
    expect(report.errors).toEqual([]);
    expect(report).toMatchObject({ ok: true, complete: true, deep, aofTailBytes: 0 });
    expect(report.warnings).toEqual([]);
  });
});

describe('what a report says', () => {
  it('names the server, the version and the sizes', async () => {
    const file = readFixture('redis-7.0/types');
    expect(await check(file)).toMatchObject({
      magic: 'REDIS',
      version: 10,
      producer: 'Redis 7.0.15',
      keys: 238,
      checksum: 'ok',
      bytes: file.length,
      compression: undefined,
    });
    expect((await check(readFixture('valkey-9.1/types'))).producer).toBe('Valkey 9.1.2');
  });

  it.each([
    ['absent', 'redis-2.4/types', {}],
    ['disabled', 'redis-7.0/nocomp-nocrc', {}],
    ['unchecked', 'redis-7.0/types', { checksum: false }],
  ] as const)('tells a checksum that is %s', async (checksum, name, options) => {
    expect(await check(readFixture(name), options)).toMatchObject({ ok: true, checksum });
  });

  it('tells a checksum that is wrong', async () => {
    const file = bytesOf(readFixture('redis-7.0/types'));
    file[file.length - 3]! ^= 4;
    const report = await check(file);
    expect(codesOf(report)).toEqual(['CHECKSUM_MISMATCH']);
    expect(report).toMatchObject({ ok: false, keys: 238, checksum: 'mismatch', complete: false });
  });

  it('warns of a newer version, which may be sound', async () => {
    const report = await check(rdbFile('REDIS0099', keyRecord(0, 'k', str('v'))));
    expect(report.ok).toBe(true);
    expect(report.warnings.map(({ code }) => code)).toEqual(['NEWER_VERSION']);
  });

  it('takes an AOF tail for what it is, and anything else for an error', async () => {
    const file = readFixture('redis-7.0/types');
    expect(await check(bytesOf(file, '*1\r\n$4\r\nPING\r\n'))).toMatchObject({
      ok: true,
      aofTailBytes: 14,
      bytes: file.length,
    });
    const report = await check(bytesOf(file, 'x'));
    expect(codesOf(report)).toEqual(['TRAILING_BYTES']);
    expect(report).toMatchObject({ ok: false, keys: 238, bytes: file.length, warnings: [] });
    expect(report.errors[0]!.offset).toBe(file.length);
  });
});

/** A stream, whose size nobody knows before its end. */
async function* inPieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

describe('bytes behind the end', () => {
  it.each([1, 7, 4096])('are placed where they start, also in a stream: pieces of %i', async (size) => {
    const file = rdbFile('REDIS0010', keyRecord(0, 'k', str('v')));
    const report = await checkRdb(inPieces(bytesOf(file, 'some rubbish'), size));
    expect(codesOf(report)).toEqual(['TRAILING_BYTES']);
    expect(report.errors[0]).toMatchObject({ offset: file.length, message: expect.stringMatching(/^12 bytes follow/) });
    expect(report.bytes).toBe(file.length);
    const one = await checkRdb(inPieces(bytesOf(file, 'x'), size));
    expect(one.errors[0]).toMatchObject({ offset: file.length, message: expect.stringMatching(/^1 byte follows/) });
  });

  it.each([1, 7, 4096])('a checksum that cannot be there is too: pieces of %i', async (size) => {
    const file = bytesOf('REDIS0003', keyRecord(0, 'k', str('v')), 0xff);
    const report = await checkRdb(inPieces(bytesOf(file, '8 bytes.'), size));
    expect(codesOf(report)).toEqual(['UNEXPECTED_TRAILER']);
    expect(report.errors[0]!.offset).toBe(file.length);
  });
});

describe('damage between records ends the reading', () => {
  it.each<[string, Uint8Array, string, number]>([
    ['nothing', new Uint8Array(0), 'EMPTY_INPUT', 0],
    ['another file', bytes('PK\x03\x04 and so on'), 'NOT_RDB', 0],
    ['no digits', bytes('REDISxxxx'), 'BAD_VERSION', 5],
    ['an unknown type', bytesOf('REDIS0010', keyRecord(0, 'k', str('v')), 0x2a), 'UNKNOWN_TYPE', 14],
    ['a type of the release candidates', bytesOf('REDIS0008', keyRecord(6, 'k', str('v'))), 'UNSUPPORTED_TYPE', 9],
    ['an unknown type of a newer version', bytesOf('REDIS0099', 0x2a), 'UNSUPPORTED_VERSION', 9],
    ['a length of 2^63', bytesOf('REDIS0010', 0, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0), 'BAD_LENGTH', 10],
    ['no end', bytesOf('REDIS0010', keyRecord(0, 'k', str('v'))), 'TRUNCATED', 14],
  ])('%s', async (_, file, code, offset) => {
    const report = await check(file);
    expect(codesOf(report)).toEqual([code]);
    expect(report.errors[0]!.offset).toBe(offset);
    expect(report).toMatchObject({ ok: false, complete: false });
  });
});

const listpack = (...entries: string[]): Uint8Array => encodeListpack(entries.map(bytes));
const cut = (packed: Uint8Array): Uint8Array => packed.slice(0, -1);

describe('errors inside values do not', () => {
  const good = keyRecord(0, 'good', str('v'));
  const shallow: [string, number, Piece, string][] = [
    ['a listpack without its end', 16, str(cut(listpack('f', 'v'))), 'BAD_LISTPACK'],
    ['half a pair in a listpack', 16, str(listpack('f')), 'BAD_COLLECTION'],
    ['half a pair in a sorted set', 17, str(listpack('m', '1', 'n')), 'BAD_COLLECTION'],
    ['a ziplist of the wrong size', 10, str(cut(encodeZiplist([bytes('a')]))), 'BAD_ZIPLIST'],
    ['half a pair in a ziplist', 13, str(encodeZiplist([bytes('a')])), 'BAD_COLLECTION'],
    ['a zipmap without its end', 9, str([1, 1, 'f', 1, 0, 'v']), 'BAD_ZIPMAP'],
    ['an intset of the wrong size', 11, str([2, 0, 0, 0, 2, 0, 0, 0, 1, 0]), 'BAD_INTSET'],
    ['two of three in a listpack with expiry', 25, [new Array(8).fill(0), str(listpack('f', 'v'))], 'BAD_COLLECTION'],
  ];
  const deep: [string, number, Piece, string][] = [
    ['an unknown quicklist container', 18, [len(1), len(3), str('x')], 'BAD_QUICKLIST'],
    ['a score that is not a number', 5, [len(1), str('m'), doubleLe(Number.NaN)], 'BAD_SCORE'],
    ['an LZF stream that is none', 0, [0xc3, len(2), len(9), 0x20, 0x05], 'BAD_LZF'],
  ];

  it.each(shallow)('%s, also where the check is shallow', async (_, type, value, code) => {
    for (const deepToo of [false, true]) {
      const report = await check(rdbFile('REDIS0012', keyRecord(type, 'bad', value), good), { deep: deepToo });
      expect(codesOf(report)).toEqual([code]);
      expect(report).toMatchObject({ ok: false, complete: true, keys: 2, checksum: 'ok' });
      expect(report.errors[0]!.trail).toEqual(['db 0', 'key "bad"']);
    }
  });

  it.each(deep)('%s, where it is deep', async (_, type, value, code) => {
    const file = rdbFile('REDIS0012', keyRecord(type, 'bad', value), good);
    expect((await check(file)).ok).toBe(true);
    const report = await check(file, { deep: true });
    expect(codesOf(report)).toEqual([code]);
    expect(report).toMatchObject({ ok: false, complete: true, keys: 2 });
  });

  it('in the metadata of a key, where it is deep', async () => {
    const file = readFixture('redis-8.6/module');
    file[972] = 0;
    const code = 'BAD_LZF';
    expect(() => [...readRdbSync(file, { checksum: false })]).toThrow(expect.objectContaining({ code, offset: 973 }));
    expect(await check(file, { checksum: false })).toMatchObject({ ok: true });
    const report = await check(file, { checksum: false, deep: true });
    expect(report).toMatchObject({ ok: false, complete: true });
    expect(report.errors).toMatchObject([{ code, offset: 973, trail: [expect.anything(), expect.anything()] }]);
  });

  it('in the metadata of a large value, whose own errors are still found', async () => {
    const badLzf = [0xc3, len(2), len(9), 0x20, 0x05];
    const meta = [0xf3, len(1), hex('21 25 A4 30'), len(5), badLzf, len(0)];
    const items = Array.from({ length: 1100 }, (_, index) => str(`item ${index}`));
    const limits = { maxBlobBytes: 2 ** 29, largeValueBytes: 1000 };
    const file = rdbFile('REDIS0013', keyRecord(1, 'large', [len(items.length + 1), items, badLzf], meta), good);
    expect(await check(file)).toMatchObject({ ok: true, keys: 2 });
    for (const input of [file, inPieces(file, 100)]) {
      const report = await checkRdb(input, { deep: true, limits });
      expect(codesOf(report)).toEqual(['BAD_LZF', 'BAD_LZF']);
      expect(report.errors.map(({ offset }) => offset)).toEqual([19, file.length - 8 - 1 - bytesOf(good).length - 2]);
    }
  });

  it('are all found, up to a hundred', async () => {
    const bad = Array.from({ length: 250 }, (_, index) => keyRecord(16, `bad:${index}`, str(listpack('f'))));
    const report = await check(rdbFile('REDIS0010', bad));
    expect(report.errorCount).toBe(250);
    expect(report.errors).toHaveLength(100);
    expect(report.errors[99]!.trail).toEqual(['db 0', 'key "bad:99"']);
  });

  it('stand before a wrong checksum', async () => {
    const file = rdbFile('REDIS0010', keyRecord(16, 'bad', str(listpack('f'))));
    file[file.length - 1]! ^= 1;
    expect(codesOf(await check(file))).toEqual(['BAD_COLLECTION', 'CHECKSUM_MISMATCH']);
  });
});

describe('limits and signals', () => {
  it('refuses what is too large, which says nothing about the file', async () => {
    const file = rdbFile('REDIS0010', keyRecord(0, 'k', str('x'.repeat(5000))));
    expect(await check(file, { limits: { maxBlobBytes: 1000 } })).toMatchObject({ ok: true });
    const compressed = readFixture('redis-7.0/types');
    const report = await check(compressed, { deep: true, limits: { maxBlobBytes: 1000 } });
    expect(codesOf(report)).toEqual(['LIMIT_BLOB']);
  });

  it('throws the reason of the signal', async () => {
    const reason = new Error('enough');
    await expect(checkRdb(readFixture('redis-7.0/types'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('throws what kept the file from being opened', async () => {
    await expect(checkRdb('no such file')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

it('finds every flipped bit of a file with a checksum', async () => {
  const file = rdbFile(
    'REDIS0010',
    keyRecord(16, 'h', str(listpack('f', 'v', 'g', '12'))),
    keyRecord(0, 'k', str('v')),
  );
  for (let bit = 0; bit < file.length * 8; bit++) {
    const flipped = bytesOf(file);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect((await check(flipped, { deep: bit % 2 === 0 })).ok, `bit ${bit}`).toBe(false);
  }
  expect((await check(withChecksum(file))).ok).toBe(true);
});

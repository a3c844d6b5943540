/** Keys that occur twice in one database: found in one pass, in several, and as they come. */
import { describe, expect, it } from 'vitest';
import { checkRdb } from '../../src/inspect/check.js';
import { FingerprintLedger } from '../../src/inspect/fingerprint-ledger.js';
import { bytesOf, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';

const key = (name: Piece): Uint8Array => keyRecord(0, name, str('v'));

function* inChunks(file: Uint8Array, size = 1000): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

/** Once with random access, once as a stream. */
async function findings(
  file: Uint8Array,
  maxKeys?: number,
): Promise<{ offset: number; trail: string[]; message: string }[][]> {
  const options = { deep: true, ...(maxKeys && { maxKeys }) };
  const reports = [await checkRdb(file, options), await checkRdb(inChunks(file), options)];
  for (const report of reports) {
    for (const { code } of report.errors) expect(code).toBe('DUPLICATE_KEY');
    expect(report.complete).toBe(true);
  }
  return reports.map(({ errors }) => errors.map(({ offset, trail, message }) => ({ offset, trail, message })));
}

describe('a key that occurs twice', () => {
  it('is found with its place and that of the first', async () => {
    const file = rdbFile('REDIS0010', [0xfe, 3], key('a'), key('b'), key('a'), key('a'));
    const [whole, streamed] = await findings(file);
    const trail = ['db 3', 'key "a"'];
    expect(whole).toEqual([
      { offset: 21, trail, message: 'a key that this database has already; the first is at offset 11' },
      { offset: 26, trail, message: 'a key that this database has already; the first is at offset 11' },
    ]);
    expect(streamed).toEqual([
      { offset: 21, trail, message: 'a key that this database has already' },
      { offset: 26, trail, message: 'a key that this database has already' },
    ]);
  });

  it.each<[string, Piece, Piece]>([
    ['a number', str('12'), [0xc0, 12]],
    [
      'a compressed string',
      str('a'.repeat(100)),
      [0xc3, 9, 0x40, 0x64, 0x01, 0x61, 0x61, 0xe0, 0x57, 0x00, 0x01, 0x61, 0x61],
    ],
    ['a longer length', str('abc'), [0x80, 0, 0, 0, 3, 'abc']],
  ])('is found as %s', async (_, plain, other) => {
    const file = rdbFile('REDIS0010', [0, plain, str('v')], [0, other, str('v')]);
    for (const found of await findings(file)) expect(found).toHaveLength(1);
  });

  it('may have another type', async () => {
    for (const found of await findings(rdbFile('REDIS0010', key('a'), keyRecord(2, 'a', [len(1), str('m')])))) {
      expect(found).toHaveLength(1);
    }
  });

  it('is none in another database', async () => {
    const file = rdbFile('REDIS0010', key('a'), [0xfe, 1], key('a'), [0xfe, 2], key('a'));
    for (const found of await findings(file)) expect(found).toEqual([]);
  });

  it('is reported a hundred times at the most', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `key:${index}`);
    const file = rdbFile('REDIS0010', [...names, ...names].map(key));
    for (const found of await findings(file)) expect(found).toHaveLength(100);
  });

  it('is not looked for in a shallow check', async () => {
    expect((await checkRdb(rdbFile('REDIS0010', key('a'), key('a')))).ok).toBe(true);
  });
});

describe('more keys than are remembered at a time', () => {
  const names = Array.from({ length: 3000 }, (_, index) => `key:${index}`);
  const file = rdbFile('REDIS0010', [...names, 'key:5', 'key:2999', 'key:1234'].map(key));

  it('are covered by further passes where the input can be read again', async () => {
    const report = await checkRdb(file, { deep: true, maxKeys: 500 });
    expect(report.errors.map(({ trail }) => trail[1])).toEqual(['key "key:5"', 'key "key:2999"', 'key "key:1234"']);
    expect(report.warnings).toEqual([]);
  });

  it('are covered in part where it cannot, and the report says so', async () => {
    const report = await checkRdb(inChunks(file), { deep: true, maxKeys: 512 });
    expect(report.warnings).toMatchObject([{ code: 'PARTIAL_CHECK' }]);
    expect(report.warnings[0]!.message).toMatch(/in (12|6)% of the keys only/);
  });

  it('are given up beyond sixteen passes, and the report says so', async () => {
    const report = await checkRdb(file, { deep: true, maxKeys: 50 });
    expect(report.warnings).toMatchObject([{ code: 'PARTIAL_CHECK' }]);
  });

  it('are read through the source that the caller opens again', async () => {
    let opened = 0;
    const { BytesSource } = await import('../../src/bytes/source-plain.js');
    const rewind = (): InstanceType<typeof BytesSource> => {
      opened++;
      return new BytesSource(file);
    };
    const report = await checkRdb(inChunks(file), { deep: true, maxKeys: 500, rewind });
    expect(report.errorCount).toBe(3);
    expect(opened).toBeGreaterThan(2);
  });
});

describe('the ledger of fingerprints', () => {
  function fill(ledger: FingerprintLedger, names: readonly string[]): Set<number> {
    for (const name of names) {
      const bytes = bytesOf(name);
      ledger.add(0, bytes, 0, bytes.length);
    }
    return ledger.repeated(1000);
  }
  function hashOf(ledger: FingerprintLedger, name: string): number {
    const bytes = bytesOf(name);
    ledger.hash(0, bytes, 0, bytes.length);
    return ledger.lo;
  }
  const names = Array.from({ length: 20_000 }, (_, index) => `user:${index * 7}:name`);

  it('finds what came twice and nothing else', () => {
    const ledger = new FingerprintLedger(undefined, 42);
    const found = fill(ledger, [...names, names[17]!, names[19_999]!]);
    expect(found).toEqual(new Set([hashOf(ledger, names[17]!), hashOf(ledger, names[19_999]!)]));
    expect(ledger.share).toBe(1);
    expect(ledger.next()).toBe(false);
  });

  it('finds the same in several passes', () => {
    const ledger = new FingerprintLedger(6000, 42);
    const all = new Set<number>();
    let passes = 0;
    do {
      passes++;
      for (const lo of fill(ledger, [...names, names[17]!, names[5]!, names[19_999]!])) all.add(lo);
    } while (ledger.next());
    expect(passes).toBeGreaterThanOrEqual(4);
    expect(passes).toBeLessThan(8);
    expect(all).toEqual(new Set([17, 5, 19_999].map((index) => hashOf(ledger, names[index]!))));
  });

  it('tells lengths, tails and scopes apart', () => {
    const ledger = new FingerprintLedger(undefined, 1);
    const texts = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', '\0', '\0\0', '\0\0\0\0', 'a\0', 'ba'];
    expect(new Set(texts.map((text) => hashOf(ledger, text))).size).toBe(texts.length);
    ledger.hash(1, bytesOf('a'), 0, 1);
    expect(ledger.lo).not.toBe(hashOf(ledger, 'a'));
  });
});

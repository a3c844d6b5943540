/** Merging: what was split comes back together; conflicts are found exactly, and settled by policy. */
import { describe, expect, it } from 'vitest';
import {
  type ConflictPolicy,
  MergeConflictError,
  type MergeOptions,
  type MergeSummary,
  RdbMerge,
} from '../../src/convert/merge.js';
import { equalSlotOwners, type SplitBy } from '../../src/convert/split-rules.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { contentOf, entriesOf, keysOf, runSplit } from './split-run.js';

const string = (key: Piece, value: Piece): Uint8Array => keyRecord(0, key, str(value));
const file = (...records: Piece[]): Uint8Array => rdbFile('REDIS0011', ...records);
const library = (name: string, body: string): Piece => [0xf5, str(`#!lua name=${name}\n${body}`)];

async function merge(
  files: readonly Uint8Array[],
  options: MergeOptions = {},
): Promise<{ bytes: Uint8Array; summary: MergeSummary }> {
  const inputs = await Promise.all(
    files.map(async (bytes) => ({ source: await openRdbSource(bytes), rewind: () => new Rewound(bytes) })),
  );
  const chunks: Buffer[] = [];
  const summary = await new RdbMerge(inputs, { checksum: false, ...options }).run(
    (bytes, start, end) => void chunks.push(Buffer.from(bytes.slice(start, end))),
    async () => undefined,
  );
  return { bytes: new Uint8Array(Buffer.concat(chunks)), summary };
}

/** Bytes that are read from their start. */
class Rewound {
  readonly name = 'bytes';
  readonly compression = undefined;
  consumedBytes = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get sizeBytes(): number {
    return this.bytes.length;
  }

  get totalBytes(): number {
    return this.bytes.length;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const piece = this.bytes.subarray(this.consumedBytes, this.consumedBytes + max);
    target.set(piece, at);
    this.consumedBytes += piece.length;
    return piece.length;
  }

  close(): void {}
}

/** `key=value` of every string. */
function valuesOf(bytes: Uint8Array): string[] {
  return entriesOf(bytes).map((text) => {
    const { db, key, value } = JSON.parse(text) as { db: number; key: string; value: { value: string } };
    return `${db} ${key}=${value.value}`;
  });
}

describe.each(listFixtures())('$name', (fixture) => {
  const bytes = readFixture(fixture.name);
  const source = contentOf(bytes);
  const rules: readonly [string, SplitBy][] = [
    ['slot', { kind: 'slot', owners: equalSlotOwners(3) }],
    ['prefix', { kind: 'prefix', separator: new TextEncoder().encode(':') }],
    ['db', { kind: 'db' }],
    ['count', { kind: 'count', count: 5 }],
  ];

  it.each(rules)('split by %s and merged, all is as it was', async (_, by) => {
    const { bytes: merged, summary } = await merge([...runSplit(bytes, by).files.values()]);
    const content = contentOf(merged);
    expect(content.entries).toEqual(source.entries);
    expect(content.records).toEqual(source.records);
    expect(merged.subarray(0, 9)).toEqual(bytes.subarray(0, 9));
    expect(summary).toMatchObject({ keys: source.keys.length, sizeBytes: merged.length, conflicts: 0 });
  });

  it('merged with itself, it is itself', async () => {
    for (const onConflict of ['first', 'last'] as const) {
      const { bytes: merged, summary } = await merge([bytes, bytes], { onConflict });
      expect(contentOf(merged)).toEqual(source);
      expect(summary.conflicts).toBe(source.keys.length);
    }
    if (source.keys.length > 0) await expect(merge([bytes, bytes])).rejects.toThrow(MergeConflictError);
  });
});

describe('conflicts', () => {
  const files = [
    file(string('a', '1'), string('b', '1'), string('12', '1')),
    file(string('b', '2'), [0, 0xc0, 12, str('2')], [0xfe, 1], string('a', '2')),
    file(string('b', '3'), string('c', '3')),
  ];

  it.each<[ConflictPolicy, string[]]>([
    ['first', ['0 12=1', '0 a=1', '0 b=1', '0 c=3', '1 a=2']],
    ['last', ['0 12=2', '0 a=1', '0 b=3', '0 c=3', '1 a=2']],
  ])('%s', async (onConflict, expected) => {
    const { bytes, summary } = await merge(files, { onConflict });
    expect(valuesOf(bytes).sort()).toEqual(expected);
    expect(summary).toMatchObject({ keys: 5, conflicts: 3 });
    expect(summary.files.map(({ keys, kept }) => [keys, kept])).toEqual(
      onConflict === 'first'
        ? [
            [3, 3],
            [3, 1],
            [2, 1],
          ]
        : [
            [3, 1],
            [3, 2],
            [2, 2],
          ],
    );
  });

  it('error names them, and nothing is written', async () => {
    const failure = await merge(files).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MergeConflictError);
    const { code, count, shown, message } = failure as MergeConflictError;
    expect({ code, count, message }).toEqual({
      code: 'DUPLICATE_KEY',
      count: 3,
      message: '3 keys stand in more than one place: db 0 key "b", db 0 key "12", db 0 key "b"',
    });
    expect(shown.map(({ first, second }) => [first, second])).toEqual([
      [0, 1],
      [0, 1],
      [0, 2],
    ]);
  });

  it('in a file with itself', async () => {
    const twice = file(string('a', '1'), string('a', '2'));
    expect(valuesOf((await merge([twice, file()], { onConflict: 'last' })).bytes)).toEqual(['0 a=2']);
    await expect(merge([twice, file()])).rejects.toMatchObject({ count: 1 });
  });

  it('of long keys, LZF and plain', async () => {
    // 100 × `a`: a literal, then 99 bytes from one back.
    const packed = [0, 0xc3, 5, 0x40, 100, 0x00, 0x61, 0xe0, 90, 0x00, str('1')];
    const long = 'a'.repeat(100);
    const plain = string(long, '2');
    expect(keysOf(file(packed))).toEqual([`0 ${long}`]);
    expect(valuesOf((await merge([file(packed), file(plain)], { onConflict: 'last' })).bytes)).toEqual([`0 ${long}=2`]);
    expect(valuesOf((await merge([file(plain), file(packed)], { onConflict: 'last' })).bytes)).toEqual([`0 ${long}=1`]);
  });

  it('in several passes, where not all keys are held', async () => {
    const many = (from: number, to: number, value: string): Uint8Array =>
      file(Array.from({ length: to - from }, (_, index) => string(`key:${from + index}`, value)));
    const parts = [many(0, 1000, '1'), many(500, 1500, '2'), many(900, 2000, '3')];
    for (const onConflict of ['first', 'last'] as const) {
      const whole = await merge(parts, { onConflict });
      const passes = await merge(parts, { onConflict, maxKeys: 100 });
      expect(passes.bytes).toEqual(whole.bytes);
      expect(passes.summary).toEqual(whole.summary);
      expect(whole.summary).toMatchObject({ keys: 2000, conflicts: 1100 });
      expect(valuesOf(whole.bytes).filter((text) => text.endsWith('=2'))).toHaveLength(
        onConflict === 'first' ? 500 : 400,
      );
    }
    await expect(merge(parts, { maxKeys: 100 })).rejects.toMatchObject({ count: 1100 });
  });
});

describe('databases', () => {
  it('get other numbers', async () => {
    const files = [file(string('a', '1')), file([0xfe, 1], string('b', '2'))];
    const { bytes } = await merge(files, { dbMap: new Map([[1, 7]]) });
    expect(valuesOf(bytes)).toEqual(['0 a=1', '7 b=2']);
  });

  it('may become one: what both have is a conflict', async () => {
    const both = file(string('a', '1'), [0xfe, 1], string('a', '2'), string('b', '2'));
    const dbMap = new Map([[1, 0]]);
    await expect(merge([both, file()], { dbMap })).rejects.toMatchObject({ count: 1 });
    const { bytes } = await merge([both, file()], { dbMap, onConflict: 'first' });
    expect(valuesOf(bytes)).toEqual(['0 a=1', '0 b=2']);
  });
});

describe('records', () => {
  it('libraries by name, aux fields of the first', async () => {
    const first = file([0xfa, str('ctime'), str('1')], library('a', '1'), library('b', '1'));
    const second = file([0xfa, str('ctime'), str('2')], library('a', '2'), library('b', '1'), library('c', '2'));
    await expect(merge([first, second])).rejects.toMatchObject({
      count: 0,
      message: 'different versions of function library a',
    });
    for (const [onConflict, kept] of [
      ['first', '1'],
      ['last', '2'],
    ] as const) {
      const { bytes, summary } = await merge([first, second], { onConflict });
      const records = contentOf(bytes).records.map((text) => JSON.parse(text) as Record<string, string>);
      expect(records.map(({ kind, name, code, value }) => [kind, name, code?.slice(-1) ?? value])).toEqual([
        ['aux', 'ctime', '1'],
        ['function', 'a', kept],
        ['function', 'b', '1'],
        ['function', 'c', '2'],
      ]);
      expect(summary.recordConflicts).toEqual([{ what: 'function library a', first: 0, second: 1 }]);
    }
  });

  it('the newest version among the files', async () => {
    const old = rdbFile('REDIS0003', [0xfd, 5, 0, 0, 0, string('old', '1')]);
    const { bytes, summary } = await merge([old, file(string('new', '1'))]);
    expect(new TextDecoder().decode(bytes.subarray(0, 9))).toBe('REDIS0011');
    expect(summary).toMatchObject({ magic: 'REDIS', version: 11 });
    expect(entriesOf(bytes).join()).toContain('"expireAtMs":5000');
  });

  it('both dialects do not mix', async () => {
    await expect(merge([file(), rdbFile('VALKEY080')])).rejects.toMatchObject({
      code: 'CANNOT_ENCODE',
      message: expect.stringContaining('it is in the format of Valkey 9'),
    });
  });

  it('commands among the keys are an error, or a loss', async () => {
    const commands = rdbFile('VALKEY081', string('a', '1'), [0xf2, '*1\r\n$8\r\nFLUSHALL\r\n']);
    const files = [commands, rdbFile('VALKEY080', string('b', '1'))];
    await expect(merge(files)).rejects.toMatchObject({
      code: 'CANNOT_ENCODE',
      message: expect.stringContaining('commands inside the dump: 1'),
    });
    const { bytes, summary } = await merge(files, { onUnsupported: 'drop' });
    expect(valuesOf(bytes)).toEqual(['0 a=1', '0 b=1']);
    expect(summary.lost).toMatchObject([{ what: 'command', count: 1, dropped: 1 }]);
  });

  it('the place in the stream of a master is that of none of the files', async () => {
    const { bytes } = await merge([file([0xfa, str('repl-id'), str('x')], [0xfa, str('ctime'), str('1')]), file()]);
    expect(auxNames(bytes)).toEqual(['ctime']);
  });

  it('expiries of members (KeyDB) follow their keys', async () => {
    const member = [
      [0xfa, str('keydb-subexpire-key'), str('m')],
      [0xfa, str('keydb-subexpire-when'), str('5')],
    ];
    const files = ['a', 'b'].map((key) => rdbFile('REDIS0009', string(key, '1'), member));
    const { bytes } = await merge(files, { target: findTarget('keydb:6')! });
    expect([...readRdbSync(bytes)].map(({ kind }) => kind).join(' ')).toMatch(/key aux aux key aux aux end$/);
    await expect(merge(files, { target: findTarget('redis:6.2')! })).rejects.toThrow('no expiry of members');
  });

  it('sizes of databases are those of the merged file, where no key gives way', async () => {
    const sizesOf = (bytes: Uint8Array): object[] =>
      [...readRdbSync(bytes)].flatMap((entry) => (entry.kind === 'resize-db' ? [entry] : []));
    const one = file([0xfe, 0], [0xfb, 9, 9], string('a', '1'), [0xfc, int64Le(99n)], string('b', '1'));
    const two = file([0xfe, 1], [0xfb, 1, 0], string('b', '1'));
    expect(sizesOf((await merge([one, two])).bytes)).toMatchObject([
      { db: 0, keys: 2, expires: 1 },
      { db: 1, keys: 1, expires: 0 },
    ]);
    expect(sizesOf((await merge([one, two], { filter: { match: 'a' } })).bytes)).toMatchObject([{ db: 0, keys: 1 }]);
    expect(sizesOf((await merge([one, one], { onConflict: 'first' })).bytes)).toEqual([]);
  });

  it('large values pass in pieces, with their attributes', async () => {
    const members = Array.from({ length: 3000 }, (_, index) => str(`member ${index}`));
    const set = [[0xfc, int64Le(99n)], keyRecord(2, 'set', [len(3000), members])];
    const files = [file(string('a', '1'), set), file(set, string('b', 'x'.repeat(5000)))];
    const { bytes } = await merge(files, { onConflict: 'first', limits: { largeValueBytes: 1000 } });
    expect(keysOf(bytes)).toEqual(['0 a', '0 set', '0 b']);
    expect(entriesOf(bytes)).toEqual(
      [...entriesOf(files[0]!), ...entriesOf(file(string('b', 'x'.repeat(5000))))].sort(),
    );
  });

  it('template hashes of a second file are written out: the numbers of templates are those of one file', async () => {
    const template = (...names: string[]): Piece => [0xf2, 1, len(names.length), names.map(str)];
    const hash = (key: string, ...values: string[]): Uint8Array => keyRecord(32, key, [1, values.map(str)]);
    const first = rdbFile('REDIS0015', template('f', 'g'), hash('a', '1', '2'));
    const second = rdbFile('REDIS0015', template('x', 'y'), hash('b', '3', '4'));
    const { bytes } = await merge([first, second]);
    const hashes = contentOf(bytes).entries.map((text) => JSON.parse(text) as { rdbType: number; value: unknown });
    expect(hashes).toMatchObject([
      { key: 'a', rdbType: 32, value: { fields: [{ field: 'f' }, { field: 'g' }] } },
      {
        key: 'b',
        value: {
          fields: [
            { field: 'x', value: '3' },
            { field: 'y', value: '4' },
          ],
        },
      },
    ]);
    expect(hashes[1]!.rdbType).not.toBe(32);
  });
});

describe('as convert does it', () => {
  const hash = (key: string): Uint8Array => keyRecord(22, key, [1, str('f'), str('v'), int64Le(5000n)]);
  const valkey = rdbFile('VALKEY080', string('v', '1'), hash('h'));

  it('both dialects mix where a target is named', async () => {
    const { bytes, summary } = await merge([file(string('r', '1')), valkey], {
      target: findTarget('redis:7.4')!,
      nowMs: 0,
    });
    expect(new TextDecoder().decode(bytes.subarray(0, 9))).toBe('REDIS0012');
    expect(summary).toMatchObject({ keys: 3, lost: [] });
    expect(entriesOf(bytes).join()).toContain('"expireAtMs":5000');
    const old = { target: findTarget('redis:7.0')!, nowMs: 0 };
    await expect(merge([file(), valkey], old)).rejects.toThrow(/redis:7.0 does not hold everything: .*key "h"/);
    const kept = await merge([file(), valkey], { ...old, onUnsupported: 'convert' });
    expect(kept.summary).toMatchObject({ keys: 2, lost: [{ what: 'field-expiry', converted: 1 }] });
    const left = await merge([file(), valkey], { ...old, onUnsupported: 'drop' });
    expect(left.summary).toMatchObject({ keys: 1, lost: [{ what: 'field-expiry', dropped: 1 }] });
  });

  it('filters choose keys before conflicts are looked for, with one limit for all', async () => {
    const files = [file(string('a', '1'), string('b', '1')), file(string('a', '2'), string('c', '2'))];
    expect(valuesOf((await merge(files, { filter: { match: '[bc]' } })).bytes)).toEqual(['0 b=1', '0 c=2']);
    await expect(merge(files, { filter: { match: 'a' } })).rejects.toMatchObject({ count: 1 });
    const { bytes, summary } = await merge(files, { filter: { limit: 3 }, onConflict: 'last' });
    expect(valuesOf(bytes)).toEqual(['0 a=2', '0 b=1']);
    expect(summary.omitted).toEqual({ 'filtered keys': 1 });
  });

  it('keys that had expired are in no conflict; each file has its own time', async () => {
    const timed = (ctime: string, key: string, at: bigint): Uint8Array =>
      file([0xfa, str('ctime'), str(ctime)], [0xfc, int64Le(at)], string(key, ctime));
    const files = [timed('10', 'a', 11_000n), timed('20', 'a', 25_000n)];
    const skipped = await merge(files, { skipExpiredBeforeMs: 20_000 });
    expect(valuesOf(skipped.bytes)).toEqual(['0 a=20']);
    expect(skipped.summary.omitted).toEqual({ 'expired keys': 1 });
    const rebased = await merge([files[0]!, timed('20', 'b', 25_000n)], {
      setTtl: { action: 'rebase', toMs: 100_000 },
    });
    expect(entriesOf(rebased.bytes).map((text) => (JSON.parse(text) as { expireAtMs: number }).expireAtMs)).toEqual([
      101_000, 105_000,
    ]);
    const strip = await merge(files, { setTtl: { action: 'strip' }, onConflict: 'last' });
    expect(entriesOf(strip.bytes).join()).not.toContain('expireAtMs');
    await expect(
      merge([file([0xfc, int64Le(5n)], string('a', '1')), file()], { setTtl: { action: 'rebase' } }),
    ).rejects.toThrow('no aux field ctime');
  });

  it('functions and modules, where the target has none', async () => {
    const files = [file(library('a', '1')), file(string('b', '1'))];
    const target = findTarget('redis:6.2')!;
    await expect(merge(files, { target })).rejects.toThrow('function libraries: 1');
    const { summary } = await merge(files, { target, onUnsupported: 'drop' });
    expect(summary).toMatchObject({ keys: 1, lost: [{ what: 'function', dropped: 1 }] });
  });
});

describe('inputs', () => {
  it('that cannot be read twice are refused', async () => {
    const source = await openRdbSource([file()]);
    expect(() => new RdbMerge([{ source, rewind: () => source }])).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_INPUT' }),
    );
  });

  it('that are broken: the merge says which', async () => {
    const inputs = await Promise.all(
      [file(), rdbFile('REDIS0011').subarray(0, 9)].map(async (bytes) => ({
        source: await openRdbSource(bytes),
        rewind: () => new Rewound(bytes),
      })),
    );
    const run = new RdbMerge(inputs);
    await expect(run.run(() => undefined)).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect(run.reading).toBe(1);
  });
});

function auxNames(bytes: Uint8Array): string[] {
  return [...readRdbSync(bytes)].flatMap((entry) => (entry.kind === 'aux' ? [Buffer.from(entry.name).toString()] : []));
}

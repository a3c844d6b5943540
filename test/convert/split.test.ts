/** Splitting: every key goes to one file, by each rule, unchanged; every file is complete. */
import { describe, expect, it } from 'vitest';
import type { LossEntry } from '../../src/convert/loss.js';
import { equalSlotOwners, type SplitBy } from '../../src/convert/split-rules.js';
import { keySlot } from '../../src/rdb/key-slot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { parseSlotOwners } from '../../src/rdb/slot-owners.js';
import { bytesOf, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { contentOf, entriesOf, keysOf, runSplit } from './split-run.js';

const COLON = new TextEncoder().encode(':');
const RULES: readonly [string, SplitBy][] = [
  ['slot', { kind: 'slot', owners: equalSlotOwners(3) }],
  ['prefix', { kind: 'prefix', separator: COLON }],
  ['db', { kind: 'db' }],
  ['count', { kind: 'count', count: 5 }],
];

const string = (key: string | number[], value = 'v'): Uint8Array => keyRecord(0, key, str(value));
const file = (...records: Parameters<typeof rdbFile>[1][]): Uint8Array => rdbFile('REDIS0011', ...records);
const split = (bytes: Uint8Array, by: SplitBy): Record<string, readonly string[]> =>
  Object.fromEntries([...runSplit(bytes, by).files].map(([name, part]) => [name, keysOf(part)]));

describe.each(listFixtures())('$name', (fixture) => {
  const bytes = readFixture(fixture.name);
  const source = contentOf(bytes);

  it.each(RULES)('by %s: the same keys, in complete files of the same version', (_, by) => {
    const { parts, files } = runSplit(bytes, by);
    const contents = new Map([...files].map(([name, piece]) => [name, contentOf(piece)]));
    expect([...contents.values()].flatMap(({ entries }) => entries).sort()).toEqual(source.entries);
    for (const piece of files.values()) expect(piece.subarray(0, 9)).toEqual(bytes.subarray(0, 9));
    for (const { records } of contents.values()) expect(records).toEqual(source.records);
    expect(parts).toEqual(
      parts.map(({ name }) => ({
        name,
        sizeBytes: files.get(name)!.length,
        keys: contents.get(name)!.keys.length,
      })),
    );
  });
});

describe('files', () => {
  it('by prefix, named by it', () => {
    const records = ['user:1', 'user:2:x', 'plain', ':empty', 'a/b:1', 'USER:1', 'ü:1'].map((key) =>
      string([...new TextEncoder().encode(key)]),
    );
    expect(split(file(...records), { kind: 'prefix', separator: COLON })).toEqual({
      'prefix-user.rdb': ['0 user:1', '0 user:2:x'],
      'no-prefix.rdb': ['0 plain'],
      'prefix-.rdb': ['0 :empty'],
      'prefix-a%2Fb.rdb': ['0 a/b:1'],
      // Some file systems do not tell the case of letters apart.
      'prefix-USER~2.rdb': ['0 USER:1'],
      'prefix-%C3%BC.rdb': ['0 Ã¼:1'],
    });
  });

  it('by prefix, of a longer separator', () => {
    const separator = new TextEncoder().encode('::');
    expect(Object.keys(split(file(string('a:b::c'), string('x:y')), { kind: 'prefix', separator }))).toEqual([
      'prefix-a%3Ab.rdb',
      'no-prefix.rdb',
    ]);
  });

  it('no more than 256 prefixes', () => {
    const records = Array.from({ length: 300 }, (_, index) => string(`p${index}:k`));
    records.push(string('p3:more'), string(`${'x'.repeat(300)}:long`));
    const files = split(file(...records), { kind: 'prefix', separator: COLON });
    expect(Object.keys(files)).toHaveLength(257);
    expect(files['prefix-p3.rdb']).toEqual(['0 p3:k', '0 p3:more']);
    expect(files['other.rdb']).toHaveLength(45);
  });

  it('names that were chosen to lead elsewhere stay in the directory', () => {
    const names = ['../../etc/passwd', '.', '..', 'a\0b', 'x'.repeat(250), 'other', 'no-prefix'];
    const { parts } = runSplit(file(...names.map((name) => string(`${name}:k`))), { kind: 'prefix', separator: COLON });
    for (const { name } of parts) expect(name).toMatch(/^prefix-[A-Za-z0-9%_~-][A-Za-z0-9.%_~-]*\.rdb$/);
    expect(parts[0]!.name).toBe('prefix-%2E.%2F..%2Fetc%2Fpasswd.rdb');
    for (const { name } of parts) expect(name.length).toBeLessThan(140);
    const owners = [{ name: '../x', ranges: [{ start: 0, end: 16383 }] }];
    expect(Object.keys(split(file(string('a')), { kind: 'slot', owners }))).toEqual(['%2E.%2Fx.rdb']);
  });

  it('by database', () => {
    const bytes = file(string('a'), [0xfe, 3], string('b'), [0xfe, 0], string('c'));
    expect(split(bytes, { kind: 'db' })).toEqual({ 'db-0.rdb': ['0 a', '0 c'], 'db-3.rdb': ['3 b'] });
  });

  it('by count: the same key in the same file, whatever its database', () => {
    const keys = Array.from({ length: 400 }, (_, index) => string(`key:${index}`));
    const files = split(file(...keys, [0xfe, 1], ...keys), { kind: 'count', count: 4 });
    expect(Object.keys(files).sort()).toEqual([1, 2, 3, 4].map((part) => `part-${part}-of-4.rdb`));
    for (const names of Object.values(files)) {
      expect(names.length).toBeGreaterThan(140);
      const half = names.length / 2;
      expect(names.slice(half).map((name) => name.slice(1))).toEqual(names.slice(0, half).map((name) => name.slice(1)));
    }
  });

  it('by slot: those of an owner, hash tags and slots of nobody included', () => {
    const owners = parseSlotOwners('a 0-8000\nb 8001-12000 12002-16383\n');
    const tags = Array.from({ length: 200 }, (_, index) => `tag${index}`);
    const keys = tags.flatMap((tag) => [`{${tag}}:1`, `x{${tag}}`]);
    const files = split(file(...keys.map((key) => string(key))), { kind: 'slot', owners });
    const slots = (name: string): number[] =>
      (files[name] ?? []).map((key) => keySlot(new TextEncoder().encode(key.slice(2)), 0, key.length - 2));
    expect(Object.keys(files)).toEqual(['a.rdb', 'b.rdb']);
    expect(Math.max(...slots('a.rdb'))).toBeLessThanOrEqual(8000);
    expect(Math.min(...slots('b.rdb'))).toBeGreaterThan(8000);
    const few = split(file(...keys.map((key) => string(key))), { kind: 'slot', owners: owners.slice(1) });
    expect(few['unassigned.rdb']).toEqual(files['a.rdb']);
  });

  it('empty ones, where the rule says how many there are', () => {
    expect(Object.keys(split(file(), { kind: 'count', count: 2 }))).toEqual(['part-1-of-2.rdb', 'part-2-of-2.rdb']);
    const bytes = file([0xf5, str('#!lua name=lib\n')]);
    const { files } = runSplit(bytes, { kind: 'db' });
    expect([...files.keys()]).toEqual(['no-keys.rdb']);
    expect(contentOf(files.get('no-keys.rdb')!).records).toEqual(contentOf(bytes).records);
  });
});

describe('records', () => {
  it('are copied byte by byte', () => {
    const records = bytesOf([0xfc, int64Le(99n)], [0xf9, 7], string('a'), [0xf8, 3, keyRecord(2, 'b', [1, str('x')])]);
    const body = bytesOf('REDIS0011', [0xfe, 0], records, 0xff);
    const part = runSplit(rdbFile('REDIS0011', records), { kind: 'db' }).files.get('db-0.rdb')!;
    expect(part.subarray(0, body.length)).toEqual(body);
  });

  it('keep attributes that stand before another record', () => {
    const bytes = file([0xfc, int64Le(99n)], [0xfe, 2], [0xf9, 7], string('a'), string('b'));
    const part = runSplit(bytes, { kind: 'db' }).files.get('db-2.rdb')!;
    expect(entriesOf(part)).toEqual(entriesOf(bytes));
    expect(entriesOf(part)[0]).toContain('"expireAtMs":99,"freq":7');
  });

  it('keep the version, whatever it is', () => {
    for (const magic of ['REDIS0003', 'REDIS0005', 'REDIS0016', 'VALKEY080']) {
      const part = runSplit(rdbFile(magic, string('a')), { kind: 'db' }).files.get('db-0.rdb')!;
      expect(part).toEqual(rdbFile(magic, [0xfe, 0], string('a')));
    }
  });

  it('large ones pass in pieces', () => {
    const members = Array.from({ length: 5000 }, (_, index) => str(`member ${index}`));
    const bytes = file([0xfc, int64Le(99n), keyRecord(2, 'set', [len(5000), members])], string('s', 'x'.repeat(9000)));
    for (const largeValueBytes of [1, 1000]) {
      const part = runSplit(bytes, { kind: 'db' }, { largeValueBytes }).files.get('db-0.rdb')!;
      expect(entriesOf(part)).toEqual(entriesOf(bytes));
    }
  });

  it('commands among the keys belong to no part: an error, or a loss', () => {
    const bytes = rdbFile('VALKEY081', string('a'), [0xf2, '*1\r\n$8\r\nFLUSHALL\r\n'], string('b'));
    expect(() => runSplit(bytes, { kind: 'db' })).toThrow(
      'the parts do not hold everything: commands inside the dump: 1',
    );
    const losses: LossEntry[] = [];
    const onLoss = (entry: LossEntry): void => void losses.push(entry);
    const { files } = runSplit(bytes, { kind: 'db' }, { onUnsupported: 'drop', onLoss });
    expect(keysOf(files.get('db-0.rdb')!)).toEqual(['0 a', '0 b']);
    expect(losses).toMatchObject([{ what: 'command', db: 0, key: undefined, policy: 'drop' }]);
  });

  it('are no part of a replication stream any more', () => {
    const aux = (name: string): Piece => [0xfa, str(name), str('1')];
    const { files } = runSplit(file(aux('repl-id'), aux('ctime'), aux('repl-offset'), string('a')), { kind: 'db' });
    const [db] = [...files.values()];
    const names = [...readRdbSync(db!)].flatMap((entry) =>
      entry.kind === 'aux' ? [Buffer.from(entry.name).toString()] : [],
    );
    expect(names).toEqual(['ctime']);
  });

  it('expiries of members (KeyDB) go where their key goes', () => {
    const aux = (name: string, value: string): Piece => [0xfa, str(name), str(value)];
    const member = [aux('keydb-subexpire-key', 'm'), aux('keydb-subexpire-when', '5')];
    const bytes = rdbFile('REDIS0009', [0xfe, 0], string('a'), member, [0xfe, 1], string('b'));
    const { files } = runSplit(bytes, { kind: 'db' });
    const auxes = [...files].map(([name, part]) => [
      name,
      [...readRdbSync(part)].filter(({ kind }) => kind === 'aux').length,
    ]);
    expect(auxes).toEqual([
      ['db-0.rdb', 2],
      ['db-1.rdb', 0],
    ]);
  });

  it('that a filter leaves out go nowhere', () => {
    const bytes = file(string('a:1'), string('b:1'), string('a:2'));
    const { files } = runSplit(bytes, { kind: 'db' }, { filter: { match: 'a:*' } });
    expect(keysOf(files.get('db-0.rdb')!)).toEqual(['0 a:1', '0 a:2']);
    const first = runSplit(bytes, { kind: 'db' }, { filter: { limit: 1 } });
    expect(keysOf(first.files.get('db-0.rdb')!)).toEqual(['0 a:1']);
  });
});

describe('owners of slots', () => {
  it('from nodes.conf: masters, without slots on their way', () => {
    const id = (digit: string): string => digit.repeat(40);
    const text = [
      `${id('a')} 127.0.0.1:30001@31001,host myself,master - 0 1426238317239 1 connected 0-5460 [5461->-${id('b')}]`,
      `${id('b')} 127.0.0.1:30002@31002 master - 0 1426238316232 2 connected 5461-10921 10922`,
      `${id('c')} 127.0.0.1:30003@31003 slave ${id('a')} 0 1426238318243 3 connected`,
      `${id('d')} 127.0.0.1:30004@31004 master,fail - 1426238318 1426238318243 4 disconnected 10923-16383`,
      'vars currentEpoch 6 lastVoteEpoch 0',
      '',
    ].join('\n');
    expect(parseSlotOwners(text)).toEqual([
      { name: id('a'), ranges: [{ start: 0, end: 5460 }] },
      {
        name: id('b'),
        ranges: [
          { start: 5461, end: 10921 },
          { start: 10922, end: 10922 },
        ],
      },
      { name: id('d'), ranges: [{ start: 10923, end: 16383 }] },
    ]);
  });

  it.each<[string, string]>([
    ['', 'no node owns any slots'],
    ['a', 'line 1: a without slots'],
    ['# a comment\na 0-16384', 'line 2: 0-16384 is no range of slots'],
    ['a 9-3', 'line 1: 9-3 is no range of slots'],
    ['a 1 x', 'line 1: x is no range of slots'],
  ])('%j is refused', (text, message) => {
    expect(() => parseSlotOwners(text)).toThrow(message);
  });

  it('two for one slot, and too many', () => {
    const twice = parseSlotOwners('a 0-10\nb 10');
    expect(() => runSplit(file(), { kind: 'slot', owners: twice })).toThrow('slot 10 belongs to a and to b');
    expect(() => runSplit(file(), { kind: 'count', count: 257 })).toThrow(RangeError);
    expect(() => runSplit(file(), { kind: 'count', count: 0 })).toThrow(RangeError);
  });

  it('equal parts cover all slots', () => {
    for (const count of [1, 3, 7, 256]) {
      const ranges = equalSlotOwners(count).flatMap(({ ranges: one }) => one);
      expect(ranges[0]!.start).toBe(0);
      expect(ranges.at(-1)!.end).toBe(16383);
      for (let at = 1; at < count; at++) expect(ranges[at]!.start).toBe(ranges[at - 1]!.end + 1);
    }
    expect(equalSlotOwners(3)[0]!.name).toBe('slots-00000-05460');
  });
});

/** `diffRdb`: every kind of change made by hand, and none where there is none. */
import { describe, expect, it } from 'vitest';
import { bytesOf, int64Le, keyRecord, type Piece, rawId, rdbFile, str } from '../../support/file-builder.js';
import { expiring, FUTURE, file, hash, list, set, string, timedHash, zset } from './diff-records.js';
import { runDiff } from './diff-run.js';

const diff = async (before: Piece[], after: Piece[], options = {}): Promise<string[]> =>
  (await runDiff(file(...before), file(...after), options)).found;

describe('keys', () => {
  it.each<[string, Piece[], Piece[], string[]]>([
    ['nothing', [], [], []],
    ['the same', [string('a', '1'), string('b', '2')], [string('b', '2'), string('a', '1')], []],
    ['added', [string('a', '1')], [string('a', '1'), string('b', '2')], ['+ 0 string b']],
    ['removed', [string('a', '1'), list('b', 'x')], [string('a', '1')], ['- 0 list b']],
    ['another database', [string('a', '1')], [[0xfe, 3], string('a', '1')], ['+ 3 string a', '- 0 string a']],
    ['another type', [string('a', '1')], [list('a', '1')], ['~ 0 string->list type a']],
    ['another value', [string('a', '1')], [string('a', '2')], ['~ 0 string value a', '  ~ string: 1 -> 2']],
    ['an expiry', [string('a', '1')], [[expiring(FUTURE), string('a', '1')]], [`~ 0 string expiry a never->${FUTURE}`]],
    [
      'another expiry and value',
      [[expiring(5n), string('a', '1')]],
      [[expiring(6n), string('a', '2')]],
      ['~ 0 string value expiry a 5->6', '  ~ string: 1 -> 2'],
    ],
    ['an expiry of -1, which is none', [[expiring(-1n), string('a', '1')]], [string('a', '1')], []],
    ['seconds and milliseconds', [[0xfd, 5, 0, 0, 0, string('a', '1')]], [[expiring(5000n), string('a', '1')]], []],
    ['idle time and counter', [[0xf8, 9, string('a', '1')]], [[0xf9, 200, string('a', '1')]], []],
  ])('%s', async (_, before, after, expected) => {
    expect(await diff(before, after)).toEqual(expected);
  });

  it('names in integer and text form are the same', async () => {
    expect(await diff([[0, str('12'), str('v')]], [[0, 0xc0, 12, str('v')]])).toEqual([]);
  });

  it('metadata', async () => {
    const meta = (value: number): Piece => [0xf3, 1, 8, 0, 0, 0, 2, value, 0];
    const v13 = (value: number): Uint8Array => rdbFile('REDIS0013', meta(value), string('a', '1'));
    expect((await runDiff(v13(7), v13(7))).found).toEqual([]);
    expect((await runDiff(v13(7), v13(8))).found).toEqual(['~ 0 string metadata a']);
  });

  it('expiry can be left out', async () => {
    const before = [expiring(5n), timedHash('h', ['f', 'v', 1])];
    const after = [expiring(6n), timedHash('h', ['f', 'v', 2])];
    expect(await diff(before, after)).toEqual([
      '~ 0 hash value expiry h 5->6',
      '  ~ field f: v until 1000 -> v until 1001',
    ]);
    expect(await diff(before, after, { ignoreTtl: true })).toEqual([]);
    const changed = [expiring(6n), timedHash('h', ['f', 'w', 2])];
    expect(await diff(before, changed, { ignoreTtl: true })).toEqual(['~ 0 hash value h', '  ~ field f: v -> w']);
  });

  it('a key that occurs twice is an error in either file', async () => {
    const twice = file(string('a', '1'), string('a', '1'));
    const once = file(string('a', '1'));
    await expect(runDiff(twice, once)).rejects.toMatchObject({ code: 'DUPLICATE_KEY', trail: ['db 0', 'key "a"'] });
    await expect(runDiff(once, twice)).rejects.toMatchObject({ code: 'DUPLICATE_KEY', offset: 17 });
    await expect(runDiff(file(), twice)).rejects.toMatchObject({ code: 'DUPLICATE_KEY', trail: ['db 0', 'key "a"'] });
  });
});

describe('parts', () => {
  it.each<[string, Piece[], Piece[], string[]]>([
    ['order of a set', [set('k', 'a', 'b', 'c')], [set('k', 'c', 'a', 'b')], []],
    ['order of a hash', [hash('k', ['a', '1'], ['b', '2'])], [hash('k', ['b', '2'], ['a', '1'])], []],
    [
      'values between fields',
      [hash('k', ['a', '1'], ['b', '2'])],
      [hash('k', ['a', '2'], ['b', '1'])],
      ['~ 0 hash value k', '  ~ field a: 1 -> 2', '  ~ field b: 2 -> 1'],
    ],
    ['order of a sorted set', [zset('k', ['a', 2], ['b', 1])], [zset('k', ['b', 1], ['a', 2])], []],
    [
      'order of a list',
      [list('k', 'a', 'b', 'c')],
      [list('k', 'b', 'c', 'a')],
      ['~ 0 list value k', '  - item 0: a', '  + item 2: a'],
    ],
    ['members', [set('k', 'a', 'b')], [set('k', 'b', 'c')], ['~ 0 set value k', '  + member c: ', '  - member a: ']],
    [
      'scores',
      [zset('k', ['a', 1], ['b', 2], ['c', 0])],
      [zset('k', ['a', 1.5], ['b', 2], ['d', -0])],
      ['~ 0 zset value k', '  ~ member a: 1 -> 1.5', '  + member d: -0', '  - member c: 0'],
    ],
    ['a negative zero', [zset('k', ['a', 0])], [zset('k', ['a', -0])], ['~ 0 zset value k', '  ~ member a: 0 -> -0']],
    [
      'fields',
      [hash('k', ['a', '1'], ['b', '2'], ['c', '3'])],
      [hash('k', ['a', '1'], ['b', 'x'], ['d', '4'])],
      ['~ 0 hash value k', '  ~ field b: 2 -> x', '  + field d: 4', '  - field c: 3'],
    ],
    [
      'an expiry of a field',
      [timedHash('k', ['a', '1', 0], ['b', '2', 1])],
      [timedHash('k', ['a', '1', 5], ['b', '2', 1])],
      ['~ 0 hash value k', '  ~ field a: 1 -> 1 until 1004'],
    ],
    [
      'items',
      [list('k', 'a', 'b', 'c', 'd')],
      [list('k', 'b', 'X', 'd', 'e')],
      ['~ 0 list value k', '  - item 0: a', '  ~ item 1: c -> X', '  + item 3: e'],
    ],
    [
      'a queue that moved on',
      [list('q', '1', '2', '3', '4')],
      [list('q', '3', '4', '5')],
      ['~ 0 list value q', '  - item 0: 1', '  - item 1: 2', '  + item 2: 5'],
    ],
    [
      'a member that comes twice',
      [set('k', 'a', 'a', 'b')],
      [set('k', 'a', 'b', 'b')],
      ['~ 0 set value k', '  + member b: ', '  - member a: '],
    ],
  ])('%s', async (_, before, after, expected) => {
    expect(await diff(before, after)).toEqual(expected);
  });

  it('are left out at the level of keys', async () => {
    expect(await diff([string('a', '1')], [string('a', '2')], { level: 'keys' })).toEqual(['~ 0 string value a']);
  });
});

describe('encodings do not count', () => {
  const listpack = (...entries: string[]): Uint8Array => {
    const body = entries.map((text) => [0x80 | text.length, text, text.length + 1]);
    const size = 7 + bytesOf(body).length;
    return bytesOf(size, 0, 0, 0, entries.length, 0, body, 0xff);
  };

  it.each<[string, Piece, Piece]>([
    ['hash', hash('k', ['a', 'x'], ['b', 'y']), keyRecord(16, 'k', str(listpack('b', 'y', 'a', 'x')))],
    ['set', set('k', 'a', 'b'), keyRecord(20, 'k', str(listpack('b', 'a')))],
    ['list', list('k', 'a', 'b'), keyRecord(18, 'k', [2, 1, str('a'), 2, str(listpack('b'))])],
    ['hash with expiry', hash('k', ['a', 'x']), timedHash('k', ['a', 'x', 0])],
    ['string', string('k', '12345'), keyRecord(0, 'k', [0xc1, 0x39, 0x30])],
    ['sorted set', zset('k', ['a', 3]), keyRecord(3, 'k', [1, str('a'), str('3')])],
  ])('%s', async (_, before, after) => {
    expect(await diff([before], [after])).toEqual([]);
  });
});

describe('functions', () => {
  const library = (name: string, body: string): Piece => [0xf5, str(`#!lua name=${name}\n${body}`)];

  it('are compared by name', async () => {
    const before = [library('same', 'x'), library('old', 'x'), library('other', 'x')];
    const after = [library('other', 'y'), library('same', 'x'), library('new', 'x'), string('a', '1')];
    const { found, summary } = await runDiff(file(...before), file(...after));
    expect(found).toEqual(['+ 0 string a', '~ function other', '+ function new', '- function old']);
    expect(summary.functions).toEqual({ added: 1, removed: 1, changed: 1 });
  });

  it('not where a filter asks for keys', async () => {
    const { found, summary } = await runDiff(file(library('a', 'x')), file(), { filter: { match: 'k*' } });
    expect({ found, same: summary.same }).toEqual({ found: [], same: true });
  });
});

describe('streams', () => {
  /** One node of one entry `5-1 {a: v}`, v2, without deleted entries. */
  const node = (value: string): Uint8Array => {
    const body = bytesOf(
      [1, 1, 0, 1, 1, 1, 0x81, 'a', 2, 0, 1],
      [2, 1, 0, 1, 0, 1, 0x80 | value.length, value, value.length + 1, 4, 1],
    );
    return bytesOf(7 + body.length, 0, 0, 0, 9, 0, body, 0xff);
  };
  const group = (name: string, read: number, deliveries: number): Piece => [
    [str(name), 5, 1, read],
    [1, rawId(5, 1), int64Le(99n), deliveries],
    [1, str('me'), int64Le(98n), 1, rawId(5, 1)],
  ];
  const v2 = (value: string, added: number, ...groups: Piece[]): Uint8Array =>
    keyRecord(19, 's', [1, str(rawId(5, 1)), str(node(value)), 1, 5, 1, 5, 1, 0, 0, added, groups.length, groups]);
  const v1 = (value: string): Uint8Array => keyRecord(15, 's', [1, str(rawId(5, 1)), str(node(value)), 1, 5, 1, 0]);
  const v10 = (...records: Piece[]): Uint8Array => rdbFile('REDIS0010', ...records);

  it.each<[string, Piece, Piece, string[]]>([
    ['the same', v2('x', 1, group('g', 1, 2)), v2('x', 1, group('g', 1, 2)), []],
    ['an entry', v2('x', 1), v2('y', 1), ['  ~ entry 5-1: a x -> a y']],
    ['a counter', v2('x', 1), v2('x', 7), ['  ~ fact entries-added: 1 -> 7']],
    [
      'a group',
      v2('x', 1),
      v2('x', 1, group('g', 1, 2)),
      [
        '  + group g: last id 5-1, 1 entries read',
        '  + consumer g me: seen at 98',
        '  + pending g 5-1: "me", delivered 2 times, last at 99',
      ],
    ],
    [
      'the order of groups',
      v2('x', 1, group('g', 1, 2), group('h', 1, 2)),
      v2('x', 1, group('h', 1, 2), group('g', 1, 2)),
      [],
    ],
    [
      'a delivery',
      v2('x', 1, group('g', 1, 2)),
      v2('x', 1, group('g', 1, 3)),
      ['  ~ pending g 5-1: "me", delivered 2 times, last at 99 -> "me", delivered 3 times, last at 99'],
    ],
  ])('%s', async (_, before, after, expected) => {
    const { found } = await runDiff(v10(before), v10(after));
    expect(found).toEqual(expected.length === 0 ? [] : ['~ 0 stream value s', ...expected]);
  });

  it('what the older format does not record does not count', async () => {
    expect((await runDiff(rdbFile('REDIS0009', v1('x')), v10(v2('x', 9)))).found).toEqual([]);
    expect((await runDiff(rdbFile('REDIS0009', v1('x')), v10(v2('y', 9)))).found).toEqual([
      '~ 0 stream value s',
      '  ~ entry 5-1: a x -> a y',
    ]);
  });
});

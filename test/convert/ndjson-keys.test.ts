/** Lines of keys, from files made by hand: each rule of ndjson.md once on both of its sides. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { compressLzf } from '../../src/codecs/lzf.js';
import { bytesOf, doubleLe, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { linesOf, type RunOptions } from './export-run.js';

function line(record: Piece, options: RunOptions = {}, magic = 'REDIS0012'): string {
  const lines = linesOf(rdbFile(magic, record), options);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

/** The text behind `"value":`. */
function valueText(record: Piece, options: RunOptions = {}, magic?: string): string {
  const text = line(record, options, magic);
  const value = text.slice(text.indexOf('"value":') + 8, -1);
  expect(() => JSON.parse(text)).not.toThrow();
  return value;
}

function lzf(content: string): Piece {
  const input = bytesOf(content);
  const out = new Uint8Array(input.length);
  const size = compressLzf(input, 0, input.length, out, input.length - 1);
  expect(size).toBeGreaterThan(0);
  return [0xc3, len(size), len(input.length), out.subarray(0, size)];
}

const hash = (...fields: Piece[]): Piece => keyRecord(4, 'h', [len(fields.length / 2), ...fields]);

describe('a key', () => {
  it('has its members in order', () => {
    const attributes = [0xfc, int64Le(4102444800000n), 0xf8, len(100), 0xf9, 7];
    expect(line(keyRecord(0, 'k', str('v'), attributes))).toBe(
      '{"db":0,"key":"k","type":"string","encoding":"raw","rdbType":0,"expireAt":4102444800000,"idle":100,"freq":7,"value":"v"}',
    );
  });

  it('names its database', () => {
    const file = rdbFile(
      'REDIS0012',
      [0xfe, len(0)],
      keyRecord(0, 'a', str('1')),
      [0xfe, len(199)],
      keyRecord(0, 'b', str('2')),
    );
    expect(linesOf(file).map((text) => (JSON.parse(text) as { db: number }).db)).toEqual([0, 199]);
  });

  it.each([
    ['a short one', str('key'), '"key"'],
    ['no bytes', str(''), '""'],
    ['an integer', bytesOf(0xc1, 0x39, 0x30), '"12345"'],
    ['one of 64 bytes and more', str('k'.repeat(64)), JSON.stringify('k'.repeat(64))],
    ['a compressed one', lzf('k'.repeat(100)), JSON.stringify('k'.repeat(100))],
    ['bytes that are no text', str([0xff, 0x00]), '{"$b64":"/wA="}'],
  ])('may be %s', (_, key, expected) => {
    expect(line([0, key, str('v')])).toBe(
      `{"db":0,"key":${expected},"type":"string","encoding":"raw","rdbType":0,"value":"v"}`,
    );
  });

  it.each(['0', '-1', '9007199254740992', '9007199254740993', '9223372036854775807', '-9223372036854775808'])(
    'expires exactly at %s',
    (time) => {
      expect(line(keyRecord(0, 'k', str('v'), [0xfc, int64Le(BigInt(time))]))).toContain(`,"expireAt":${time},"value"`);
    },
  );
});

describe('a string', () => {
  it.each([
    ['raw', 'plain', str('text'), '"text"'],
    ['raw', '300 bytes', str('x'.repeat(300)), JSON.stringify('x'.repeat(300))],
    ['raw', '20000 bytes', str('"'.repeat(20000)), JSON.stringify('"'.repeat(20000))],
    ['raw', 'in a 32-bit length', bytesOf(0x80, 0, 0, 0, 2, 'ab'), '"ab"'],
    ['int', 'int8', bytesOf(0xc0, 0xff), '"-1"'],
    ['int', 'int32', bytesOf(0xc2, 0xff, 0xff, 0xff, 0x7f), '"2147483647"'],
    ['lzf', 'compressed', lzf('\u0001'.repeat(60)), JSON.stringify('\u0001'.repeat(60))],
  ])('is %s: %s', (encoding, _, value, expected) => {
    expect(line([0, str('k'), value])).toBe(
      `{"db":0,"key":"k","type":"string","encoding":"${encoding}","rdbType":0,"value":${expected}}`,
    );
  });
});

describe('a hash', () => {
  it.each<[string, Piece[], string]>([
    ['an object', [str('name'), str('Ada'), str('age'), bytesOf(0xc0, 36)], '{"name":"Ada","age":"36"}'],
    ['empty', [], '{}'],
    [
      'names in file order',
      ['b', '10', '9', '__proto__'].flatMap((name) => [str(name), str('')]),
      '{"b":"","10":"","9":"","__proto__":""}',
    ],
    ['an empty name', [str(''), str('v')], '{"":"v"}'],
    ['$ among others', [str('$b64'), str('a'), str('x'), str('b')], '{"$b64":"a","x":"b"}'],
    ['$ alone', [str('$b64'), str('a')], '{"$pairs":[["$b64","a"]]}'],
    [
      'a repeated name',
      [str('a'), str('1'), str('b'), str('2'), str('a'), str('3')],
      '{"$pairs":[["a","1"],["b","2"],["a","3"]]}',
    ],
    ['a repeated integer name', [bytesOf(0xc0, 5), str('1'), str('5'), str('2')], '{"$pairs":[["5","1"],["5","2"]]}'],
    [
      'a repeated compressed name',
      [lzf('n'.repeat(30)), str('1'), str('n'.repeat(30)), str('2')],
      `{"$pairs":[["${'n'.repeat(30)}","1"],["${'n'.repeat(30)}","2"]]}`,
    ],
    [
      'a name that is no text',
      [str('a'), str('1'), str([0xc3]), str([0xa9])],
      '{"$pairs":[["a","1"],[{"$b64":"ww=="},{"$b64":"qQ=="}]]}',
    ],
  ])('with %s', (_, fields, expected) => {
    expect(valueText(hash(...fields))).toBe(expected);
  });

  it('finds the repetition among thousands', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `field:${index}`);
    const distinct = valueText(hash(...names.flatMap((name) => [str(name), str('v')])));
    expect(Object.keys(JSON.parse(distinct) as object)).toEqual(names);
    const repeated = valueText(hash(...[...names, 'field:7'].flatMap((name) => [str(name), str('v')])));
    expect((JSON.parse(repeated) as { $pairs: unknown[] }).$pairs).toHaveLength(3001);
  });

  const timed = (...fields: [number, Piece, string][]): Piece =>
    keyRecord(24, 'h', [
      int64Le(1000n),
      len(fields.length),
      fields.map(([ttl, name, value]) => [len(ttl), str(name), str(value)]),
    ]);

  it.each<[string, [number, Piece, string][], string]>([
    ['none', [[0, 'a', '1']], '{"a":"1"}}'],
    [
      'some',
      [
        [6, 'a', '1'],
        [0, 'b', '2'],
        [7, 'c', '3'],
      ],
      '{"a":"1","b":"2","c":"3"},"fieldExpireAt":{"a":1005,"c":1006}}',
    ],
    [
      'one that starts with $',
      [
        [6, '$a', '1'],
        [0, 'b', '2'],
      ],
      '{"$a":"1","b":"2"},"fieldExpireAt":{"$pairs":[["$a",1005]]}}',
    ],
    [
      'two that start with $',
      [
        [6, '$a', '1'],
        [6, '$b', '2'],
      ],
      '{"$a":"1","$b":"2"},"fieldExpireAt":{"$a":1005,"$b":1005}}',
    ],
    ['the only field', [[6, '$a', '1']], '{"$pairs":[["$a","1"]]},"fieldExpireAt":{"$pairs":[["$a",1005]]}}'],
    [
      'another than the bad name',
      [
        [6, 'a', '1'],
        [0, [0xff], '2'],
      ],
      '{"$pairs":[["a","1"],[{"$b64":"/w=="},"2"]]},"fieldExpireAt":{"$pairs":[["a",1005]]}}',
    ],
  ])('with field expiry: %s', (_, fields, expected) => {
    expect(line(timed(...fields))).toBe(
      `{"db":0,"key":"h","type":"hash","encoding":"hashtable","rdbType":24,"value":${expected}`,
    );
  });

  it('forgets the field expiries of the hash before', () => {
    const file = rdbFile('REDIS0012', timed([6, 'a', '1']), timed([0, 'a', '1']), hash(str('a'), str('1')));
    expect(linesOf(file).map((text) => text.includes('fieldExpireAt'))).toEqual([true, false, false]);
  });
});

describe('a sorted set', () => {
  const zset2 = (...members: [Piece, number][]): Piece =>
    keyRecord(5, 'z', [len(members.length), members.map(([member, score]) => [member, doubleLe(score)])]);

  it.each<[string, [Piece, number][], string]>([
    [
      'descending as servers write it',
      [
        [str('c'), 3],
        [str('b'), 2.5],
        [str('a'), -1],
      ],
      '[["a",-1],["b",2.5],["c",3]]',
    ],
    [
      'ascending',
      [
        [str('a'), 1],
        [str('b'), 2],
      ],
      '[["a",1],["b",2]]',
    ],
    [
      'in no order',
      [
        [str('b'), 2],
        [str('c'), 3],
        [str('a'), 1],
      ],
      '[["a",1],["b",2],["c",3]]',
    ],
    [
      'with ties',
      [
        [str('b'), 1],
        [str('ab'), 1],
        [str('a'), 1],
        [str('z'), 0],
      ],
      '[["z",0],["a",1],["ab",1],["b",1]]',
    ],
    [
      'with ties of both zeros',
      [
        [str('b'), -0],
        [str('a'), 0],
      ],
      '[["a",0],["b",-0]]',
    ],
    [
      'infinite',
      [
        [str('b'), Infinity],
        [str('a'), -Infinity],
      ],
      '[["a","-inf"],["b","inf"]]',
    ],
    [
      'integers, compressed and plain',
      [
        [bytesOf(0xc0, 7), 3],
        [lzf('m'.repeat(30)), 2],
        [str('x'), 1],
      ],
      `[["x",1],["${'m'.repeat(30)}",2],["7",3]]`,
    ],
    ['bytes that are no text', [[str([0x80]), 1]], '[[{"$b64":"gA=="},1]]'],
    [
      'long texts',
      [
        [str('b'), 1e21],
        [str('a'), 5e-324],
      ],
      '[["a",5e-324],["b",1e+21]]',
    ],
    ['empty', [], '[]'],
  ])('is ascending: %s', (_, members, expected) => {
    expect(valueText(zset2(...members))).toBe(expected);
  });

  it('sorts thousands, from the window and from elsewhere', () => {
    const members = Array.from({ length: 3000 }, (_, index): [Piece, number] => {
      const number = (index * 7919) % 3001;
      return [index % 3 === 0 ? bytesOf(0xc1, number & 0xff, number >> 8) : str(`m${number}`), number / 4];
    });
    const value = JSON.parse(valueText(zset2(...members))) as [string, number][];
    expect(value.map(([, score]) => score)).toEqual(members.map(([, score]) => score).sort((a, b) => a - b));
    for (const [member, score] of value) expect(member.replace('m', '')).toBe(String(score * 4));
  });

  it('reads packed scores', () => {
    const packed = encodeListpack(
      ['a', '-5', 'b', '0.10000000000000001', '17', '0.5', 'c', '9223372036854775807'].map((text) => bytesOf(text)),
    );
    expect(valueText(keyRecord(17, 'z', str(packed)))).toBe(
      '[["a",-5],["b",0.1],["17",0.5],["c",9223372036854776000]]',
    );
  });
});

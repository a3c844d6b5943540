/** Values to bytes, by hand: one worked example per form, the orders, the texts of scores, and what does not fit. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { SLICE_INT, Slice } from '../../src/bytes/slice.js';
import { ByteWriter } from '../../src/bytes/writer.js';
import { decodeListpackEntry, LISTPACK_HEADER_SIZE } from '../../src/codecs/listpack.js';
import { decodeZiplistEntry, ZIPLIST_HEADER_SIZE } from '../../src/codecs/ziplist.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { writeValue } from '../../src/rdb/types/write.js';
import { ValueOutput } from '../../src/rdb/value-output.js';
import { hex, latin1, sliceText, toHex } from '../support/packed.js';
import { hash, list, set, string, zset } from '../support/values.js';
import { decodeValue, encodeValue, targetNamed } from '../support/written-values.js';

describe('worked examples', () => {
  // Several are DUMP payloads of Redis 7.0 without type byte and footer (rdb-format.md §10).
  it.each<[what: string, rdbType: number, value: RdbValue, target: string, bytes: string]>([
    ['a string', 0, string('hello'), 'redis:7.0', '05 68656c6c6f'],
    ['an integer', 0, string('12345'), 'redis:7.0', 'c1 3930'],
    ['a list of strings', 1, list('a', '7'), 'redis:2.2', '02 0161 c007'],
    ['a ziplist', 10, list('2', 'hi', '300'), 'redis:2.6', '15 15000000 10000000 0300 00f3 02026869 04c02c01 ff'],
    ['a ziplist of RDB 2', 10, list('2'), 'redis:2.4', '0f 0f000000 0a000000 0100 00c00200 ff'],
    ['a quicklist of ziplists', 14, list('a'), 'redis:5.0', '01 0e 0e000000 0a000000 0100 000161 ff'],
    ['a quicklist of listpacks', 18, list('a'), 'redis:7.0', '01 02 0a 0a000000 0100 816102 ff'],
    ['an empty list', 18, list(), 'redis:7.0', '00'],
    ['a set of strings', 2, set('a'), 'redis:7.0', '01 0161'],
    ['an intset', 11, set('1', '70000', '-3'), 'redis:7.0', '14 04000000 03000000 fdffffff 01000000 70110100'],
    ['a listpack set', 20, set('b', '1'), 'redis:7.2', '0c 0c000000 0200 816202 0101 ff'],
    ['text scores', 3, zset(['a', 1.5], ['b', 1 / 0], ['c', -1 / 0]), 'redis:2.4', '03 0161 03312e35 0162 fe 0163 ff'],
    ['a text score of 17 digits', 3, zset(['a', 0.1]), 'redis:2.4', '01 0161 13302e3130303030303030303030303030303031'],
    ['binary scores', 5, zset(['a', 1]), 'redis:4.0', '01 0161 000000000000f03f'],
    ['a ziplist of scores', 12, zset(['a', 2]), 'redis:6.2', '10 10000000 0d000000 0200 000161 03f3 ff'],
    ['a listpack of scores', 17, zset(['a', 2]), 'redis:7.0', '0c 0c000000 0200 816102 0201 ff'],
    ['a hash of strings', 4, hash(['f', '1']), 'redis:7.0', '01 0166 c001'],
    [
      'a zipmap',
      9,
      hash(['foo', 'bar'], ['hello', 'world']),
      'redis:2.4',
      '18 02 03666f6f 0300626172 0568656c6c6f 0500776f726c64 ff',
    ],
    ['a ziplist hash', 13, hash(['f', '1']), 'redis:2.6', '10 10000000 0d000000 0200 000166 03f2 ff'],
    ['a listpack hash', 16, hash(['f', 'v']), 'redis:7.0', '0d 0d000000 0200 816602 817602 ff'],
    [
      'timed fields',
      24,
      hash(['f', 'v', 1005], ['g', 'w', 1000], ['h', 'x']),
      'redis:7.4',
      'e803000000000000 03 06 01660176 01 01670177 00 01680178',
    ],
    [
      'a timed listpack',
      25,
      hash(['g', 'w'], ['f', 'v', 5]),
      'redis:7.4',
      '0500000000000000 17 17000000 0600 816602 817602 0501 816702 817702 0001 ff',
    ],
    [
      'a timed listpack without times',
      25,
      hash(['f', 'v']),
      'redis:7.4',
      '0000000000000000 0f 0f000000 0300 816602 817602 0001 ff',
    ],
    ['timed fields of 7.4-rc1', 22, hash(['f', 'v', 5], ['g', 'w']), 'redis:7.4', '02 05 01660176 00 01670177'],
    ['a timed listpack of 7.4-rc1', 23, hash(['f', 'v', 5]), 'redis:7.4', '0f 0f000000 0300 816602 817602 0501 ff'],
    [
      'timed fields of Valkey',
      22,
      hash(['f', 'v', 5], ['g', 'w']),
      'valkey:9.0',
      '02 01660176 0500000000000000 01670177 ffffffffffffffff',
    ],
  ])('%s, type %i', (_what, rdbType, value, target, bytes) => {
    const { version } = targetNamed(target);
    const encoded = encodeValue(value, rdbType, targetNamed(target));
    expect(toHex(encoded)).toBe(toHex(hex(bytes)));
    if (value.type !== 'list' || value.items.length > 0)
      expect(decodeValue(rdbType, encoded, version).type).toBe(value.type);
  });
});

describe('order', () => {
  const scored = zset(['b', 0], ['a', 2], ['c', -1], ['aa', -0], ['a\xff', 2], ['z', 1 / 0], ['', -1 / 0]);

  function membersOf(rdbType: number, target: string): string[] {
    const value = decodeValue(rdbType, encodeValue(scored, rdbType, targetNamed(target)), targetNamed(target).version);
    return value.type === 'zset' ? value.members.map(({ member }) => latin1(member)) : [];
  }

  it('of packed sorted sets ascends, members of equal scores too', () => {
    expect(membersOf(17, 'redis:7.2')).toEqual(['', 'c', 'aa', 'b', 'a', 'a\xff', 'z']);
    expect(membersOf(12, 'redis:6.2')).toEqual(['', 'c', 'aa', 'b', 'a', 'a\xff', 'z']);
  });

  it('of type 5 is the reverse', () => {
    expect(membersOf(5, 'redis:7.2')).toEqual(['z', 'a\xff', 'a', 'b', 'aa', 'c', '']);
  });

  it('of type 3 is that of the value', () => {
    expect(membersOf(3, 'redis:3.2')).toEqual(scored.members.map(({ member }) => latin1(member)));
  });

  it('does not change the value', () => {
    const before = scored.members.map(({ score }) => score);
    membersOf(17, 'redis:7.2');
    membersOf(5, 'redis:7.2');
    expect(scored.members.map(({ score }) => score)).toEqual(before);
  });

  it('of fields that expire is by time, and stable', () => {
    const value = hash(['a', '1'], ['b', '2', 9], ['c', '3', 7], ['d', '4'], ['e', '5', 9], ['f', '6', 7]);
    for (const rdbType of [23, 25]) {
      const back = decodeValue(rdbType, encodeValue(value, rdbType, targetNamed('redis:7.4')), 12);
      expect(back.type === 'hash' && back.fields.map(({ field }) => String.fromCharCode(field[0]!)).join('')).toBe(
        'cfbead',
      );
    }
  });
});

describe('packed scores', () => {
  const scores = [1.1, 1e300, 1e17, 2 ** 62, 2 ** 62 + 2048, -(2 ** 62), -0, 1 / 0, -1 / 0, 66847682821252.38, 1e-7];
  const slice = new Slice();

  /** `int` before those that are stored as integers. */
  function textsOf(rdbType: number, target: string): string[] {
    return scores.map((score) => {
      const bytes = encodeValue(zset(['m', score]), rdbType, targetNamed(target), false);
      // Behind the string's length, the header and the member's entry of three bytes.
      if (rdbType === 17) decodeListpackEntry(bytes, 1 + LISTPACK_HEADER_SIZE + 3, bytes.length, slice);
      else decodeZiplistEntry(bytes, 1 + ZIPLIST_HEADER_SIZE + 3, bytes.length, slice);
      return `${slice.form === SLICE_INT ? 'int ' : ''}${sliceText(slice)}`;
    });
  }

  it('are 17 digits up to 6.2', () => {
    expect(textsOf(12, 'redis:6.2')).toEqual([
      '1.1000000000000001',
      '1.0000000000000001e+300',
      '1e+17',
      '4.6116860184273879e+18',
      '4.61168601842739e+18',
      '-4.6116860184273879e+18',
      '-0',
      'inf',
      '-inf',
      '66847682821252.383',
      '9.9999999999999995e-08',
    ]);
  });

  it('are integers or 17 digits in 7.0', () => {
    expect(textsOf(17, 'redis:7.0')).toEqual([
      '1.1000000000000001',
      '1.0000000000000001e+300',
      'int 100000000000000000',
      'int 4611686018427387904',
      '4.61168601842739e+18',
      'int -4611686018427387904',
      '-0',
      'inf',
      '-inf',
      '66847682821252.383',
      '9.9999999999999995e-08',
    ]);
  });

  it('are integers or the text of fpconv from 7.2 on, which may be an integer again', () => {
    expect(textsOf(17, 'redis:7.2')).toEqual([
      '1.1',
      '1e+300',
      'int 100000000000000000',
      'int 4611686018427387904',
      'int 4611686018427390000',
      'int -4611686018427387904',
      '-0',
      'inf',
      '-inf',
      '66847682821252.38',
      '1e-7',
    ]);
  });
});

describe('boundary backlens', () => {
  it.each([
    ['redis:8.6', '00ffff'],
    ['valkey:8.1', '00ffff'],
    ['valkey:9.1', '7fff'],
  ])('are written as %s takes them', (target, backlen) => {
    for (const [rdbType, value] of [
      [16, hash(['f', 'x'.repeat(16378)])],
      [17, zset(['x'.repeat(16378), 1])],
      [20, set('x'.repeat(16378))],
    ] as const) {
      const text = toHex(encodeValue(value, rdbType, targetNamed(target), false));
      expect(text.endsWith(`78${backlen}${rdbType === 17 ? '0101' : ''}ff`)).toBe(true);
    }
  });
});

describe('what does not fit', () => {
  const megabytes = Array.from({ length: 1025 }, () => new Uint8Array(2 ** 20));

  it.each<[string, number, RdbValue, string, string]>([
    ['a string as a list', 1, string('x'), 'redis:7.0', 'type 1 holds no string'],
    ['a list as a set', 2, list('x'), 'redis:7.0', 'type 2 holds no list'],
    ['a set as a list', 18, set('x'), 'redis:7.0', 'type 18 holds no set'],
    ['a sorted set as a hash', 16, zset(['x', 1]), 'redis:7.0', 'type 16 holds no sorted set'],
    ['a hash as a sorted set', 17, hash(['f', 'v']), 'redis:7.0', 'type 17 holds no hash'],
    ['a hash as a path hash', 23, hash(['f', 'v']), 'valkey:9.2', 'type 23 holds no hash'],
    ['a hash by reference', 30, hash(['f', 'v']), 'redis:8.10', 'type 30 holds no hash'],
    [
      'an array as a stream',
      15,
      { type: 'array', encoding: 'array', elements: [] },
      'redis:8.8',
      'type 15 holds no array',
    ],
    [
      'a stream as a module',
      7,
      { type: 'stream', encoding: 'stream', entries: [], state: undefined },
      'redis:8.8',
      'type 7 holds no stream',
    ],
    [
      'a path hash for Redis',
      23,
      { type: 'pathhash', encoding: 'pathhash', paths: [] },
      'redis:7.4',
      'type 23 holds no path hash',
    ],
    ['an intset of none', 11, set(), 'redis:7.0', 'an intset has at least one member'],
    ['an intset of text', 11, set('1', 'x'), 'redis:7.0', 'an intset holds nothing but integers'],
    ['an intset of -0', 11, set('-0'), 'redis:7.0', 'an intset holds nothing but integers'],
    ['an intset of 2^63', 11, set('9223372036854775808'), 'redis:7.0', 'an intset holds nothing but integers'],
    ['an intset of one twice', 11, set('5', '1', '5'), 'redis:7.0', 'an intset holds no member twice'],
    ['a zipmap of none', 9, hash(), 'redis:2.4', 'a zipmap has at least one pair'],
    ['a score of NaN', 5, zset(['a', 1], ['b', Number.NaN]), 'redis:7.0', 'a score is not a number'],
    ['a packed score of NaN', 17, zset(['b', Number.NaN]), 'redis:7.0', 'a score is not a number'],
    ['an expiry in type 4', 4, hash(['f', 'v', 5]), 'redis:7.4', 'type 4 has no field expiry'],
    ['an expiry in type 9', 9, hash(['f', 'v', 5]), 'redis:7.4', 'type 9 has no field expiry'],
    ['an expiry in type 13', 13, hash(['f', 'v', 5]), 'redis:7.4', 'type 13 has no field expiry'],
    ['an expiry in type 16', 16, hash(['f', 'v', 5]), 'redis:7.4', 'type 16 has no field expiry'],
    ['an expiry of 0 in type 25', 25, hash(['f', 'v', 0]), 'redis:7.4', 'a field cannot expire at 0 in this form'],
    ['an expiry of 0 in type 22', 22, hash(['f', 'v', 0]), 'redis:7.4', 'a field cannot expire at 0 in this form'],
    ['an expiry of 0 in type 23', 23, hash(['f', 'v', 0]), 'redis:7.4', 'a field cannot expire at 0 in this form'],
    ['an expiry of -1', 24, hash(['f', 'v', -1]), 'redis:7.4', 'a field cannot expire at -1 in this form'],
    ['an expiry of -1 in Valkey', 22, hash(['f', 'v', -1]), 'valkey:9.0', 'a field cannot expire at -1 in this form'],
    [
      'an expiry of 2^48',
      24,
      hash(['f', 'v', 2 ** 48]),
      'redis:7.4',
      'a field cannot expire at 281474976710656 in this form',
    ],
    [
      'an expiry of 2^48',
      25,
      hash(['f', 'v', 2 ** 48]),
      'redis:7.4',
      'a field cannot expire at 281474976710656 in this form',
    ],
    ['half a millisecond', 24, hash(['f', 'v', 0.5]), 'redis:7.4', 'a field cannot expire at 0.5 in this form'],
    [
      'a listpack of more than 1 GiB',
      20,
      { ...set(), members: megabytes } as RdbValue,
      'redis:7.2',
      '1074790400 bytes are too many for one listpack',
    ],
    [
      'a ziplist of more than 1 GiB',
      10,
      { ...list(), items: megabytes },
      'redis:2.4',
      '1074790400 bytes are too many for one ziplist',
    ],
  ])('%s (type %i)', (_what, rdbType, value, target, why) => {
    expect(() => encodeValue(value, rdbType, targetNamed(target))).toThrow(new EncodeError(why));
  });

  it('leaves nothing behind for a caller who has set a mark', () => {
    const out = new ByteWriter(() => undefined);
    const to = new ValueOutput(out, targetNamed('redis:7.4'), { compress: true });
    out.byte(0xaa);
    out.mark();
    expect(() => writeValue(to, hash(['f', 'v', -1]), 25)).toThrow(EncodeError);
    out.rewind();
    expect(out.pos).toBe(1);
  });
});

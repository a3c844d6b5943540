/** Payloads for RESTORE: the examples of the format, values that no server at hand writes, and what cannot be written. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { DumpEncoder, decodeDump, encodeDump, encodeRawDump } from '../../src/rdb/dump.js';
import type { ArrayValue, HashValue, ModuleValue, RdbValue } from '../../src/rdb/model.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { bytesOf, hex } from '../support/file-builder.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const target = (name: string): Target => findTarget(name)!;
const REDIS_7 = target('redis:7.0');

const string = (text: string): RdbValue => ({ type: 'string', encoding: 'raw', value: bytes(text) });
const set = (...members: string[]): RdbValue => ({ type: 'set', encoding: 'hashtable', members: members.map(bytes) });

function hash(fields: Readonly<Record<string, string>>): HashValue {
  const pairs = Object.entries(fields).map(([field, value]) => ({ field: bytes(field), value: bytes(value) }));
  return { type: 'hash', encoding: 'listpack', fields: pairs };
}

function array(elements: readonly (readonly [bigint, string])[], insertIndex?: bigint): ArrayValue {
  const made = elements.map(([index, text]) => ({ index, value: bytes(text) }));
  return { type: 'array', encoding: 'array', ...(insertIndex !== undefined && { insertIndex }), elements: made };
}

function again(value: RdbValue, name: string, rdbType?: number): RdbValue {
  return decodeDump(encodeDump(value, { target: target(name), rdbType }), { deep: true, checksum: 'always' }).value;
}

describe('the examples of the format', () => {
  it.each<[string, RdbValue, string]>([
    ['a string', string('hello'), '00 05 68656c6c6f 0a00 6372df766534200a'],
    ['a hash', hash({ f: 'v' }), '10 0d 0d0000000200 816602 817602 ff 0a00 20f13d442354089d'],
    ['integers', set('1', '70000', '-3'), '0b 14 04000000 03000000 fdffffff 01000000 70110100 0a00 7b8d4dddaf2286d7'],
    ['a set', set('a'), '02 01 0161 0a00 6296e97e44d21a6d'],
  ])('%s', (_what, value, expected) => {
    const payload = encodeDump(value, { target: REDIS_7 });
    expect(Buffer.from(payload).toString('hex')).toBe(expected.replaceAll(' ', ''));
    const end = payload.length - 10;
    expect(encodeRawDump(payload[0]!, payload, 1, end, 10)).toEqual(payload);
  });

  it('template hashes', () => {
    const value = hash({ field1: '1', field2: '2' });
    const names = bytesOf(0x17, hex('17000000 0200 86'), 'field1', 7, 0x86, 'field2', 7, 0xff);
    const packed = bytesOf(0x1d, 0, names, 0x0d, hex('0D000000 0300 00 01 01 01 02 01 FF'));
    const plain = bytesOf(0x1f, 1, 2, 6, 'field1', 6, 'field2', hex('C001 C002'));
    const options = { target: target('redis:8.10') };
    expect(encodeDump(value, { ...options, rdbType: 29 }).slice(0, -10)).toEqual(packed);
    // The names go as strings where one is too long for a listpack.
    const settings = { ...options.target.settings, hashMaxPackedValue: 5 };
    const small = { target: { ...options.target, settings } };
    expect(encodeDump(value, { ...small, rdbType: 31 }).slice(0, -10)).toEqual(plain);
  });

  it('has the version of the target in its footer', () => {
    expect(decodeDump(encodeDump(string('v'), { target: target('valkey:9.1') })).version).toBe(80);
    expect(decodeDump(encodeDump(string('v'), { target: target('redis:2.6') })).version).toBe(6);
  });
});

describe('values that no server at hand writes', () => {
  it('template hashes in any order of their fields', () => {
    const value = hash({ zz: '3', 'a longer name': 'x', b: '-70000', a: '' });
    const names = ['a', 'b', 'zz', 'a longer name'];
    for (const rdbType of [29, 31]) {
      const found = again(value, 'redis:8.10', rdbType) as HashValue;
      expect(found.fields.map(({ field }) => Buffer.from(field).toString())).toEqual(names);
      expect(Buffer.from(found.fields[3]!.value).toString()).toBe('x');
    }
  });

  it('arrays', () => {
    const value = array(
      [
        [0n, ''],
        [1n, '7 bytes'],
        [2n, 'eight by'],
        [3n, '-2305843009213693952'],
        [4n, '2305843009213693951'],
        [5n, '2305843009213693952'],
        [6n, '1.50'],
        [7n, '-0.0'],
        [8n, '007'],
        [2n ** 64n - 2n, 'x'.repeat(5000)],
      ],
      2n ** 63n,
    );
    expect(again(value, 'redis:8.8')).toEqual(value);
    const tags = encodeDump(
      array([
        [1n, '12'],
        [2n, 'abc'],
        [3n, 'longer text'],
      ]),
      { target: target('redis:8.8') },
    );
    expect(tags.slice(0, -10)).toEqual(
      bytesOf(28, 3, 0, 1, 1, 12, new Uint8Array(7), 2, 3, 3, 'abc', 3, 0, 11, 'longer text'),
    );
  });

  it.each([
    ['1.5', 2],
    ['-0.0', 2],
    ['100.0', 2],
    ['-1234567.25', 2],
    ['0.5', 2],
    // Without its two lowest bits the double is another one, or the text has more than it needs.
    ['0.1', 3],
    ['1.50', 3],
    ['01.5', 3],
    ['.5', 3],
    ['5.', 3],
    ['1e5', 3],
    ['1.5.5', 3],
    ['-', 3],
    ['100000000000000000000000.0', 0],
    ['-1234567.2500', 0],
  ])('an array element %s is kept as tag %d', (text, tag) => {
    const value = array([[0n, text]]);
    expect(encodeDump(value, { target: target('redis:8.8') })[4]).toBe(tag);
    expect(again(value, 'redis:8.8')).toEqual(value);
  });

  it('arrays out of order', () => {
    expect(
      again(
        array([
          [5n, 'b'],
          [1n, 'a'],
        ]),
        'redis:8.8',
      ),
    ).toEqual(
      array([
        [1n, 'a'],
        [5n, 'b'],
      ]),
    );
  });

  it('path hashes', () => {
    const paths = [
      { path: bytes('a/b'), fields: hash({ f: 'v', g: '5' }).fields },
      { path: bytes(''), fields: hash({ h: '' }).fields },
    ];
    const value: RdbValue = { type: 'pathhash', encoding: 'pathhash', paths };
    expect(again(value, 'valkey:9.2')).toEqual(value);
    expect(again({ ...value, paths: [] }, 'valkey:9.2')).toEqual({ ...value, paths: [] });
  });

  it('cron jobs', () => {
    const value: RdbValue = {
      type: 'cron',
      encoding: 'cron',
      script: bytes('return 1'),
      startMs: -5,
      intervalMs: 2 ** 52,
      keys: ['k1', 'k2'].map(bytes),
      args: ['5'].map(bytes),
    };
    expect(again(value, 'keydb:6')).toEqual(value);
  });

  it('module values', () => {
    const value: ModuleValue = {
      type: 'module',
      encoding: 'module',
      module: 'ReJSON-RL',
      version: 3,
      items: [
        { kind: 'sint', value: -(2n ** 63n) },
        { kind: 'uint', value: 63n },
        { kind: 'float', value: 0.5 },
        { kind: 'double', value: Number.NEGATIVE_INFINITY },
        { kind: 'string', value: bytes('{"a":1}') },
        { kind: 'string', value: bytes('12') },
      ],
    };
    expect(again(value, 'redis:4.0')).toEqual(value);
  });
});

describe('key metadata', () => {
  const meta = [{ name: 'META-a-_9', version: 31, flags: 7, items: [] }];

  it('heads a payload for Redis 8.6', () => {
    const payload = encodeDump(string('v'), { target: target('redis:8.6'), meta });
    expect(decodeDump(payload)).toMatchObject({ rdbType: 0, version: 13, meta, value: { value: bytes('v') } });
  });

  it('is refused elsewhere', () => {
    expect(() => encodeDump(string('v'), { target: REDIS_7, meta })).toThrow(EncodeError);
  });
});

describe('what cannot be written', () => {
  const field = { field: bytes('f'), value: bytes('v'), expireAtMs: 5 };
  it.each<[string, RdbValue, string, number | undefined]>([
    ['an array before 8.8', array([[0n, 'a']]), 'redis:8.6', undefined],
    ['an array without elements', array([]), 'redis:8.8', undefined],
    ['an index of 2^64 - 1', array([[2n ** 64n - 1n, 'a']]), 'redis:8.8', undefined],
    ['a negative index', array([[-1n, 'a']]), 'redis:8.8', undefined],
    [
      'an index that is there twice',
      array([
        [1n, 'a'],
        [1n, 'b'],
      ]),
      'redis:8.8',
      undefined,
    ],
    ['a list as a set', { type: 'list', encoding: 'quicklist', items: [] }, 'redis:7.0', 2],
    ['a template hash without fields', hash({}), 'redis:8.10', 29],
    ['a template hash with expiry', { ...hash({}), fields: [field] }, 'redis:8.10', 31],
    [
      'a template hash with a field twice',
      { ...hash({}), fields: [...hash({ a: '1' }).fields, ...hash({ a: '2' }).fields] },
      'redis:8.10',
      29,
    ],
    ['a template of a file in a payload', hash({ a: '1' }), 'redis:8.10', 30],
    [
      'a module with a name of one letter',
      { type: 'module', encoding: 'module', module: 'x', version: 0, items: [] },
      'redis:7.0',
      undefined,
    ],
    [
      'a module of version 1024',
      { type: 'module', encoding: 'module', module: 'ReJSON-RL', version: 1024, items: [] },
      'redis:7.0',
      undefined,
    ],
    [
      'a path without fields',
      { type: 'pathhash', encoding: 'pathhash', paths: [{ path: bytes('p'), fields: [] }] },
      'valkey:9.2',
      undefined,
    ],
    [
      'a path with expiry',
      { type: 'pathhash', encoding: 'pathhash', paths: [{ path: bytes('p'), fields: [field] }] },
      'valkey:9.2',
      undefined,
    ],
    [
      'a cron job at no time',
      { type: 'cron', encoding: 'cron', script: bytes(''), startMs: 0.5, intervalMs: 1, keys: [], args: [] },
      'keydb:6',
      undefined,
    ],
  ])('%s', (_what, value, name, rdbType) => {
    expect(() => encodeDump(value, { target: target(name), rdbType })).toThrow(EncodeError);
  });

  it('leaves an encoder for many values as good as new', () => {
    const encoder = new DumpEncoder({ target: REDIS_7 });
    expect(() => encoder.encode(array([[0n, 'a']]))).toThrow(EncodeError);
    expect(() => encoder.encode(set('a'), 1)).toThrow(EncodeError);
    const huge = string('y'.repeat(600_000));
    expect(encoder.encode(huge)).toEqual(encodeDump(huge, { target: REDIS_7 }));
    expect(encoder.encode(set('a'))).toEqual(encodeDump(set('a'), { target: REDIS_7 }));
  });
});

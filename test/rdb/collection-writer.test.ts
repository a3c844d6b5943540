/** Collections whose elements are handed over one by one. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { Int64 } from '../../src/bytes/int64.js';
import { Slice } from '../../src/bytes/slice.js';
import { RdbEncoder } from '../../src/rdb/encoder.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { decodeDeep, encoded } from '../support/encode.js';
import { bytesOf, hex } from '../support/file-builder.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const target = (name: string): Target => findTarget(name)!;

describe('collections in pieces', () => {
  const at = (text: string): Slice => {
    const slice = new Slice();
    slice.set(bytes(text), 0, text.length);
    return slice;
  };
  const ms = (value: number): Int64 => {
    const int = new Int64();
    int.set(Math.floor(value / 2 ** 32), value);
    return int;
  };
  type Made = ReturnType<RdbEncoder['beginCollection']>;

  function collect(name: string, rdbType: number, count: number, fill: (to: Made) => void, options = {}): KeyEntry {
    const file = encoded({ target: target(name) }, (encoder) => {
      const collection = encoder.beginCollection({ db: 0, expireAtMs: 5 }, bytes('k'), rdbType, count, options);
      fill(collection);
      encoder.endCollection(collection);
    });
    return decodeDeep(file).find((entry) => entry.kind === 'key')!;
  }

  it.each<[string, string, number, number, (to: Made) => void, object]>([
    [
      'a list',
      'redis:2.2',
      1,
      2,
      (to) => {
        for (const item of ['a', '5']) to.listItem(at(item));
      },
      { items: ['a', '5'].map(bytes) },
    ],
    ['a set', 'redis:7.0', 2, 1, (to) => to.setMember(at('m')), { members: [bytes('m')] }],
    [
      'text scores',
      'redis:2.2',
      3,
      1,
      (to) => to.zsetMember(at('m'), 0.1),
      { members: [{ member: bytes('m'), score: 0.1 }] },
    ],
    [
      'binary scores',
      'redis:7.0',
      5,
      1,
      (to) => to.zsetMember(at('m'), -0),
      { members: [{ member: bytes('m'), score: -0 }] },
    ],
    [
      'a hash',
      'redis:7.0',
      4,
      1,
      (to) => to.hashField(at('f'), at('v'), undefined),
      { fields: [{ field: bytes('f'), value: bytes('v') }] },
    ],
    [
      'nodes that are ziplists',
      'redis:6.2',
      14,
      1,
      (to) => to.blob({ bytes: hex('0E000000 0A000000 0100 00 01 61 FF'.replaceAll(' ', '')), start: 0, end: 14 }),
      { items: [bytes('a')] },
    ],
    [
      'nodes of both kinds',
      'redis:7.0',
      18,
      2,
      (to) => {
        to.plainNode(at('p'));
        to.blob({ bytes: hex('0A000000 0100 8161 02 FF'), start: 0, end: 10 });
      },
      { items: ['p', 'a'].map(bytes) },
    ],
  ])('writes %s', (_what, name, rdbType, count, fill, expected) => {
    const entry = collect(name, rdbType, count, fill);
    expect(entry).toMatchObject({ rdbType, value: expected });
  });

  it.each([
    ['valkey:9.0', 22, {}],
    ['redis:7.4', 22, {}],
    ['redis:7.4', 24, {}],
    ['redis:7.4', 24, { minExpireMs: 900 }],
  ])('writes field expiry for %s as type %d with %o', (name, rdbType, options) => {
    const fill = (to: Made): void => {
      to.hashField(at('f'), at('v'), ms(2 ** 41));
      to.hashField(at('g'), at('w'), undefined);
      to.hashField(at('h'), at('x'), ms(900));
    };
    expect(collect(name, rdbType, 3, fill, options).value).toMatchObject({
      fields: [
        { field: bytes('f'), expireAtMs: 2 ** 41 },
        { field: bytes('g'), value: bytes('w') },
        { field: bytes('h'), expireAtMs: 900 },
      ],
    });
  });

  it('writes an array', () => {
    const fill = (to: Made): void => {
      to.arrayElement(ms(1), at('12'));
      to.arrayElement(ms(2 ** 40), at('a longer text'));
    };
    expect(collect('redis:8.8', 28, 2, fill, { insertIndex: 4n }).value).toMatchObject({
      insertIndex: 4n,
      elements: [
        { index: 1n, value: bytes('12') },
        { index: 2n ** 40n, value: bytes('a longer text') },
      ],
    });
  });

  it('refuses what does not add up', () => {
    const begin = (rdbType: number, count: number): Made =>
      new RdbEncoder(() => undefined, { target: target('redis:7.4') }).beginCollection(
        { db: 0 },
        bytes('k'),
        rdbType,
        count,
      );
    expect(() => begin(16, 1)).toThrow(EncodeError);
    expect(() => begin(28, 0)).toThrow(EncodeError);
    expect(() => begin(1, -1)).toThrow(EncodeError);
    expect(() => begin(1, 0).listItem(at('a'))).toThrow(EncodeError);
    expect(() => begin(1, 1).end()).toThrow(EncodeError);
    expect(() => begin(1, 1).setMember(at('a'))).toThrow(EncodeError);
    expect(() => begin(1, 1).hashField(at('a'), at('b'), undefined)).toThrow(EncodeError);
    expect(() => begin(1, 1).cronStart()).toThrow(EncodeError);
    expect(() => begin(4, 1).hashField(at('a'), at('b'), ms(5))).toThrow(EncodeError);
    expect(() => begin(5, 1).zsetMember(at('a'), Number.NaN)).toThrow(EncodeError);
    expect(() => begin(24, 1).hashField(at('a'), at('b'), ms(2 ** 48))).toThrow(EncodeError);
    expect(() => begin(24, 1).hashField(at('a'), at('b'), ms(0))).toThrow(EncodeError);
  });
});

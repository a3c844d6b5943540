/**
 * Every string, list, set, sorted set and hash of every fixture, written again for the server that wrote it: the same
 * value, and the same bytes but for what the value does not tell.
 *
 * LZF is compared by what it holds: compressors before 4.0 leave other tails.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Slice } from '../../src/bytes/slice.js';
import { skipLength } from '../../src/codecs/length.js';
import { readString } from '../../src/codecs/string.js';
import { TYPE } from '../../src/rdb/constants.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { listFixtures } from '../support/fixtures.js';
import { toHex } from '../support/packed.js';
import {
  decodeValue,
  encodeValue,
  type StoredValue,
  storedValues,
  targetOfFixture,
} from '../support/written-values.js';

const OURS: ReadonlySet<string> = new Set(['string', 'list', 'set', 'zset', 'hash']);

/** Values and the number that came out byte for byte, by type byte. */
const shares = new Map<number, { values: number; same: number; sameExpanded: number }>();

describe.each(listFixtures())('$name', (fixture) => {
  const written = storedValues(fixture)
    .map((stored) => ({ stored, value: decodeValue(stored.rdbType, stored.bytes, stored.version) }))
    .filter(({ value }) => OURS.has(value.type))
    .map(({ stored, value }) => {
      const target = targetOfFixture(fixture, stored.key);
      return { stored, value, bytes: encodeValue(value, stored.rdbType, target, fixture.case !== 'nocomp-nocrc') };
    });

  it('reads back as it was', () => {
    const changed = written.filter(({ stored, value, bytes }) => {
      const again = decodeValue(stored.rdbType, bytes, stored.version);
      return !isDeepStrictEqual({ ...again, encoding: '' }, { ...value, encoding: '' });
    });
    expect(changed.map(({ stored }) => stored.key)).toEqual([]);
  });

  it('has the bytes of the file, except where the value does not tell', () => {
    const unexplained: string[] = [];
    for (const { stored, value, bytes } of written) {
      const share = shares.get(stored.rdbType) ?? { values: 0, same: 0, sameExpanded: 0 };
      shares.set(stored.rdbType, share);
      share.values++;
      if (Buffer.compare(bytes, stored.bytes) === 0) share.same++;
      if (expanded(stored.rdbType, bytes) === expanded(stored.rdbType, stored.bytes)) share.sameExpanded++;
      else if (!isExplained(fixture.server, stored, value, bytes)) unexplained.push(stored.key);
    }
    expect(unexplained).toEqual([]);
  });
});

it('has nearly all values byte for byte', () => {
  const total = { values: 0, same: 0, sameExpanded: 0 };
  for (const share of shares.values()) {
    total.values += share.values;
    total.same += share.same;
    total.sameExpanded += share.sameExpanded;
  }
  expect([...shares.keys()].sort((a, b) => a - b)).toEqual([
    0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 16, 17, 18, 20, 22, 23, 24, 25,
  ]);
  expect(total.values).toBeGreaterThan(14_000);
  expect(total.same / total.values).toBeGreaterThan(0.98);
  expect(total.sameExpanded / total.values).toBeGreaterThan(0.997);
});

function isExplained(server: string, { key, rdbType, bytes }: StoredValue, value: RdbValue, ours: Uint8Array): boolean {
  switch (rdbType) {
    case TYPE.LIST_QUICKLIST_2:
      // Pushed in one command: the limit looked at the node before it only. Or under a DEBUG threshold for PLAIN nodes.
      return key === 'list:rep' || key === 'L:packed20';
    case TYPE.HASH_LISTPACK_EX:
      // The leading time is not raised when the earliest expiry goes; loaders do not look at it.
      return (
        value.type === 'hash' &&
        expanded(TYPE.HASH_LISTPACK, bytes.subarray(8)) === expanded(TYPE.HASH_LISTPACK, ours.subarray(8))
      );
    case TYPE.ZSET_LISTPACK:
      // The release candidate wrote a whole score of 10^17 as text.
      return server === 'redis-7.0rc1' && key === 'zset:scores';
    default:
      return false;
  }
}

/** Hex of a value with every string of it expanded. */
function expanded(rdbType: number, bytes: Uint8Array): string {
  const slice = new Slice();
  let pos = 0;
  let text = '';
  const string = (): void => {
    const next = readString(bytes, pos, bytes.length, slice, 2 ** 30);
    text += `"${toHex(slice.copy())}"`;
    pos = next;
  };
  const raw = (size: number): void => {
    text += toHex(bytes.subarray(pos, pos + size));
    pos += size;
  };
  switch (rdbType) {
    case TYPE.LIST:
    case TYPE.SET:
    case TYPE.HASH:
    case TYPE.LIST_QUICKLIST:
      for (raw(skipLength(bytes, 0, bytes.length)); pos < bytes.length; ) string();
      break;
    case TYPE.ZSET:
      for (raw(skipLength(bytes, 0, bytes.length)); pos < bytes.length; ) {
        string();
        raw(1 + (bytes[pos]! < 0xfd ? bytes[pos]! : 0));
      }
      break;
    case TYPE.LIST_QUICKLIST_2:
      for (raw(skipLength(bytes, 0, bytes.length)); pos < bytes.length; ) {
        raw(1);
        string();
      }
      break;
    case TYPE.ZSET_2:
    case TYPE.HASH_METADATA:
    case TYPE.V_HASH_2:
      // Equal as they are.
      return toHex(bytes);
    case TYPE.HASH_LISTPACK_EX:
      raw(8);
      string();
      break;
    default:
      string();
  }
  return text;
}

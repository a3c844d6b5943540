/**
 * Writing and reading are inverse: for every type byte of strings, lists, sets, sorted sets and hashes, and hostile values
 * in them. What is read is read in deep mode, so it is also sound.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseType } from '../../src/rdb/choose-encoding.js';
import type { HashField, HashValue, RdbValue, ZsetMember } from '../../src/rdb/model.js';
import { TARGETS, type Target } from '../../src/rdb/versions.js';
import { ascii, hostileValue, INTEGER_BOUNDARIES, latin1 } from '../support/packed.js';
import { decodeValue, encodeValue, targetNamed } from '../support/written-values.js';

/** Strings whose listpack entries have 16382 to 16384 and 2097150 to 2097152 bytes, around the backlen boundaries. */
const BOUNDARY_SIZES = [16377, 16378, 16379, 2097145, 2097146, 2097147];
const MAX_EXPIRY = 2 ** 48 - 1;
const DUMP_VERSIONS = new Map(TARGETS.map((target) => [target.name, target.version]));

const value = (): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { arbitrary: hostileValue(), weight: 40 },
    { arbitrary: fc.constantFrom(ascii(''), ascii('9223372036854775808'), ascii('\0\xff\r\n')), weight: 2 },
    {
      arbitrary: fc.constantFrom(...BOUNDARY_SIZES.slice(0, 3)).map((size) => new Uint8Array(size).fill(0x78)),
      weight: 1,
    },
  );

const distinct = (maxLength = 40): fc.Arbitrary<Uint8Array[]> =>
  fc.uniqueArray(value(), { selector: latin1, maxLength, minLength: 1 });

const score = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ noNaN: true }),
    fc.constantFrom(0, -0, 1 / 0, -1 / 0, 1, -1, 2 ** 53, 2 ** 62, -(2 ** 62), 2 ** 63, 2 ** 64, 1e17, 1e-7, 5e-324),
    fc.integer(),
    fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
  );

const expiry = (least: number): fc.Arbitrary<number | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(least, 1, 63, 64, 16383, 16384, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 47, MAX_EXPIRY - 1, MAX_EXPIRY),
    fc.integer({ min: least, max: MAX_EXPIRY }),
  );

/** Written for `target` as `rdbType` and read again. */
function again(written: RdbValue, rdbType: number, target: string | Target): RdbValue {
  const known = typeof target === 'string' ? targetNamed(target) : target;
  return decodeValue(rdbType, encodeValue(written, rdbType, known), DUMP_VERSIONS.get(known.name)!);
}

function itemsOf(back: RdbValue): string[] {
  if (back.type === 'list') return back.items.map(latin1);
  if (back.type === 'set') return back.members.map(latin1);
  throw new TypeError(back.type);
}

/** Hash fields as comparable text. */
function fieldsOf(fields: readonly HashField[]): string[] {
  return fields.map((field) => `${latin1(field.field)}=${latin1(field.value)}@${field.expireAtMs}`);
}

/** −0 is told from 0. */
function membersOf(members: readonly ZsetMember[]): string[] {
  return members
    .map((member) => `${latin1(member.member)}=${Object.is(member.score, -0) ? '-0' : member.score}`)
    .sort();
}

it('strings', () => {
  fc.assert(
    fc.property(value(), fc.boolean(), (bytes, compress) => {
      const target = targetNamed('redis:7.0');
      const written = encodeValue({ type: 'string', encoding: 'raw', value: bytes }, 0, target, compress);
      const back = decodeValue(0, written, 10);
      expect(back.type === 'string' && latin1(back.value)).toBe(latin1(bytes));
    }),
  );
});

describe('lists', () => {
  it.each([
    [1, 'redis:2.2'],
    [10, 'redis:2.4'],
    [10, 'redis:3.0'],
    [14, 'redis:3.2'],
    [18, 'redis:7.0'],
    [18, 'redis:7.2'],
    [18, 'redis:8.6'],
    [18, 'valkey:9.1'],
  ])('type %i for %s', (rdbType, target) => {
    fc.assert(
      fc.property(fc.array(value(), { maxLength: 200 }), fc.integer({ min: -6, max: 20 }), (items, listMaxNodeSize) => {
        const back = again(
          { type: 'list', encoding: 'quicklist', items },
          rdbType,
          targetNamed(target, { listMaxNodeSize }),
        );
        expect(itemsOf(back)).toEqual(items.map(latin1));
      }),
      { numRuns: 60 },
    );
  });
});

describe('sets', () => {
  it.each([
    [2, 'redis:2.2'],
    [20, 'redis:7.2'],
    [20, 'valkey:9.1'],
  ])('type %i for %s', (rdbType, target) => {
    fc.assert(
      fc.property(distinct(), (members) => {
        expect(itemsOf(again({ type: 'set', encoding: 'hashtable', members }, rdbType, target))).toEqual(
          members.map(latin1),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('type 11', () => {
    const integer = fc.oneof(
      fc.constantFrom(...INTEGER_BOUNDARIES),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      fc.bigInt({ min: -300n, max: 300n }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(integer, { minLength: 1, maxLength: 300 }), (values) => {
        const members = values.map((number) => ascii(String(number)));
        const sorted = values.toSorted((a, b) => (a < b ? -1 : 1)).map(String);
        expect(itemsOf(again({ type: 'set', encoding: 'intset', members }, 11, 'redis:2.4'))).toEqual(sorted);
      }),
    );
  });
});

describe('sorted sets', () => {
  it.each([
    [3, 'redis:2.2'],
    [3, 'redis:3.2'],
    [5, 'redis:4.0'],
    [12, 'redis:2.4'],
    [12, 'redis:6.2'],
    [17, 'redis:7.0'],
    [17, 'redis:7.2'],
    [17, 'valkey:9.1'],
  ])('type %i for %s', (rdbType, target) => {
    const member = fc.tuple(value(), score()).map(([bytes, number]) => ({ member: bytes, score: number }));
    fc.assert(
      fc.property(
        fc.uniqueArray(member, { selector: (one) => latin1(one.member), maxLength: 40, minLength: 1 }),
        (members) => {
          const back = again({ type: 'zset', encoding: 'skiplist', members }, rdbType, target);
          expect(back.type === 'zset' && membersOf(back.members)).toEqual(membersOf(members));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('hashes', () => {
  it.each([
    [4, 'redis:2.2', undefined],
    [9, 'redis:2.4', undefined],
    [13, 'redis:2.6', undefined],
    [16, 'redis:7.0', undefined],
    [16, 'valkey:9.1', undefined],
    [22, 'redis:7.4', 1],
    [22, 'valkey:9.0', 0],
    [23, 'redis:7.4', 1],
    [24, 'redis:7.4', 0],
    [25, 'redis:8.6', 1],
  ])('type %i for %s', (rdbType, target, leastExpiry) => {
    const time = leastExpiry === undefined ? fc.constant(undefined) : expiry(leastExpiry);
    const field = fc.tuple(value(), value(), time).map(([name, bytes, expireAtMs]) => ({
      field: name,
      value: bytes,
      ...(expireAtMs !== undefined && { expireAtMs }),
    }));
    fc.assert(
      fc.property(
        fc.uniqueArray(field, { selector: (one) => latin1(one.field), maxLength: 30, minLength: 1 }),
        (fields) => {
          const back = again({ type: 'hash', encoding: 'hashtable', fields }, rdbType, target);
          const ordered = rdbType === 23 || rdbType === 25 ? byExpiry(fields) : fields;
          expect(back.type === 'hash' && fieldsOf(back.fields)).toEqual(fieldsOf(ordered));
        },
      ),
      { numRuns: 60 },
    );
  });

  function byExpiry(fields: readonly HashField[]): HashField[] {
    const timed = fields.filter(({ expireAtMs }) => expireAtMs !== undefined);
    return [
      ...timed.toSorted((a, b) => a.expireAtMs! - b.expireAtMs!),
      ...fields.filter(({ expireAtMs }) => expireAtMs === undefined),
    ];
  }
});

describe.each([65_534, 65_535, 65_536])('%i entries', (count) => {
  const items = Array.from({ length: count }, (_, index) => ascii(`${index}x`));

  it.each([
    [1, 'redis:2.2'],
    [10, 'redis:2.6'],
    [14, 'redis:5.0'],
    [18, 'redis:7.2'],
  ])('in a list of type %i', (rdbType, target) => {
    const back = again({ type: 'list', encoding: 'quicklist', items }, rdbType, target);
    expect(Buffer.compare(Buffer.concat(back.type === 'list' ? back.items : []), Buffer.concat(items))).toBe(0);
    expect(itemsOf(back).length).toBe(count);
  });

  it.each([
    [2, 'redis:7.0'],
    [20, 'redis:7.2'],
  ])('in a set of type %i', (rdbType, target) => {
    expect(itemsOf(again({ type: 'set', encoding: 'hashtable', members: items }, rdbType, target)).length).toBe(count);
  });

  it('in an intset', () => {
    const members = items.map((_, index) => ascii(String(index * 7 - 9)));
    expect(itemsOf(again({ type: 'set', encoding: 'intset', members }, 11, 'redis:7.0'))).toEqual(members.map(latin1));
  });

  it.each([
    [9, 'redis:2.4', 1],
    [13, 'redis:2.6', 2],
    [16, 'redis:7.0', 2],
    [25, 'redis:7.4', 3],
  ])('in a hash of type %i', (rdbType, target, perField) => {
    const fields = items.slice(0, Math.ceil(count / perField)).map((field) => ({ field, value: ascii('') }));
    const back = again({ type: 'hash', encoding: 'listpack', fields }, rdbType, target);
    expect(back.type === 'hash' && back.fields.length).toBe(fields.length);
  });

  it.each([
    [12, 'redis:6.2'],
    [17, 'redis:7.0'],
  ])('in a sorted set of type %i', (rdbType, target) => {
    const members = items.slice(0, Math.ceil(count / 2)).map((member, index) => ({ member, score: index }));
    const back = again({ type: 'zset', encoding: 'listpack', members }, rdbType, target);
    expect(back.type === 'zset' && back.members.length).toBe(members.length);
  });
});

describe.each(['redis:8.6', 'valkey:9.1'])('entries at the backlen boundaries for %s', (target) => {
  it.each(BOUNDARY_SIZES)('a string of %i bytes', (size) => {
    const large = new Uint8Array(size).fill(0x78);
    const hash: HashValue = { type: 'hash', encoding: 'listpack', fields: [{ field: large, value: large }] };
    // Texts, since comparing arrays of megabytes takes seconds.
    const back = again(hash, 16, target);
    expect(back.type === 'hash' && fieldsOf(back.fields).join() === fieldsOf(hash.fields).join()).toBe(true);
    const list = again({ type: 'list', encoding: 'quicklist', items: [ascii('a'), large] }, 18, target);
    expect(itemsOf(list)[1] === latin1(large)).toBe(true);
  });
});

it('every target: what it would write reads back', () => {
  const member = fc.tuple(value(), score()).map(([bytes, number]) => ({ member: bytes, score: number }));
  const field = fc.tuple(value(), value()).map(([name, bytes]) => ({ field: name, value: bytes }));
  const anyValue = fc.oneof<fc.Arbitrary<RdbValue>[]>(
    fc.array(value()).map((items) => ({ type: 'list', encoding: 'quicklist', items })),
    distinct().map((members) => ({ type: 'set', encoding: 'hashtable', members })),
    fc
      .uniqueArray(member, { selector: (one) => latin1(one.member), minLength: 1 })
      .map((members) => ({ type: 'zset', encoding: 'skiplist', members })),
    fc
      .uniqueArray(field, { selector: (one) => latin1(one.field), minLength: 1 })
      .map((fields) => ({ type: 'hash', encoding: 'hashtable', fields })),
  );
  fc.assert(
    fc.property(anyValue, fc.constantFrom(...TARGETS), (written, target) => {
      const back = again(written, chooseType(written, target), target);
      if (back.type === 'list' && written.type === 'list') expect(itemsOf(back)).toEqual(itemsOf(written));
      else if (back.type === 'set' && written.type === 'set')
        expect(itemsOf(back).sort()).toEqual(itemsOf(written).sort());
      else if (back.type === 'zset' && written.type === 'zset')
        expect(membersOf(back.members)).toEqual(membersOf(written.members));
      else if (back.type === 'hash' && written.type === 'hash')
        expect(fieldsOf(back.fields)).toEqual(fieldsOf(written.fields));
      else expect(back.type).toBe(written.type);
    }),
    { numRuns: 300 },
  );
});

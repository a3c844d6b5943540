import { describe, expect, it } from 'vitest';
import { Int64 } from '../../../src/bytes/int64.js';
import { Slice } from '../../../src/bytes/slice.js';
import { compareExpiry } from '../../../src/import/verify/batch-check.js';
import { type Comparison, compareValues, mayBeGone } from '../../../src/import/verify/compare-values.js';
import { ValueFacts } from '../../../src/import/verify/value-facts.js';
import { PayloadReader, payloadParts } from '../../../src/import/verify/value-reader.js';
import { encodeDump } from '../../../src/rdb/dump.js';
import type { RdbValue, ValueType } from '../../../src/rdb/model.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { ascii } from '../../support/packed.js';

const HORIZON_MS = 10_000;

function slice(text: string): Slice {
  const made = new Slice();
  made.set(ascii(text), 0, text.length);
  return made;
}

function factsOf(type: ValueType, fill: (facts: ValueFacts) => void): ValueFacts {
  const facts = new ValueFacts();
  facts.begin(type, type === 'module' ? 'module' : 'hashtable');
  fill(facts);
  facts.end();
  return facts;
}

function compare(source: ValueFacts, target: ValueFacts, version = 'redis:8.0'): Comparison {
  return compareValues(source, target, { target: findTarget(version)!, toleranceMs: 1000, horizonMs: HORIZON_MS });
}

const texts = (type: ValueType, ...items: string[]): ValueFacts =>
  factsOf(type, (facts) => {
    for (const item of items) {
      if (type === 'string') facts.string(slice(item));
      else if (type === 'list') facts.listItem(slice(item));
      else facts.setMember(slice(item));
    }
  });

const zset = (...members: [string, number][]): ValueFacts =>
  factsOf('zset', (facts) => {
    for (const [member, score] of members) facts.zsetMember(slice(member), score);
  });

/** Fields as `name value` or `name value expiry`. */
const hash = (...fields: string[]): ValueFacts =>
  factsOf('hash', (facts) => {
    for (const text of fields) {
      const [field = '', value = '', expiry] = text.split(' ');
      const expireAt = new Int64();
      expireAt.set(0, Number(expiry ?? 0));
      facts.hashField(slice(field), slice(value), expiry === undefined ? undefined : expireAt);
    }
  });

const module = (version: number, ...items: string[]): ValueFacts =>
  factsOf('module', (facts) => {
    facts.moduleStart('some-data', version);
    for (const item of items) facts.moduleString(slice(item));
    facts.moduleNumber('double', 1.5);
  });

describe('two values', () => {
  const SAME: readonly (readonly [string, ValueFacts, ValueFacts])[] = [
    ['a string in pieces', texts('string', 'abc', 'def'), texts('string', 'abcdef')],
    ['an empty string', texts('string'), texts('string', '')],
    ['a list', texts('list', 'a', 'b'), texts('list', 'a', 'b')],
    ['a set in another order', texts('set', 'a', 'b'), texts('set', 'b', 'a')],
    ['−0', zset(['a', -0], ['b', 1]), zset(['b', 1], ['a', 0])],
    ['a hash in another order', hash('a 1', 'b 2 50000'), hash('b 2 51000', 'a 1')],
    ['a field that has expired', hash('a 1', 'b 2 10000'), hash('a 1')],
    ['a field that has expired, and is still there', hash('a 1'), hash('a 1', 'b 2 10000')],
    ['what a module saves', module(1, 'a', 'b'), module(2, 'a', 'b')],
  ];
  it.each(SAME)('%s are the same', (_, source, target) => {
    expect(compare(source, target)).toEqual([]);
    expect(compare(target, source)).toEqual([]);
  });

  const OTHER: readonly (readonly [string, ValueFacts, ValueFacts, string])[] = [
    ['value', texts('string', 'abc'), texts('string', 'abd'), 'other bytes, as many as they should be (3)'],
    ['value', texts('string', 'abc'), texts('string', 'a'), '1 byte, not 3'],
    ['value', texts('list', 'a', 'b'), texts('list', 'b', 'a'), 'other items, as many as they should be (2)'],
    ['value', texts('list', 'ab'), texts('list', 'a', 'b'), '2 items, not 1'],
    ['value', zset(['a', 1]), zset(['a', 2]), 'other members, as many as they should be (1)'],
    [
      'value',
      hash('a 1', 'b 2 50000'),
      hash('a 1'),
      'of the fields with an expiry, 1 are missing, 0 too many and 0 other values',
    ],
    [
      'value',
      hash('b 2 50000'),
      hash('b 3 50000'),
      'of the fields with an expiry, 0 are missing, 0 too many and 1 other values',
    ],
    ['value', hash('a 1', 'b 2 50000'), hash('a 2', 'b 2 50000'), 'other fields, as many as they should be (2)'],
    [
      'field ttl',
      hash('b 2 50000'),
      hash('b 2 51001'),
      '1 field expires at another time, the first at 51001, not 50000',
    ],
    ['field ttl', hash('a 1', 'b 2 50000'), hash('a 1', 'b 2'), '0 fields with an expiry, not 1'],
    ['field ttl', hash('a 1', 'b 2 9', 'c 3'), hash('a 1', 'c 3 50000'), '1 field with an expiry, not 0'],
    ['value', module(1, 'a', 'b'), module(1, 'b', 'a'), 'the module some-data saves it as something else'],
    ['type', texts('set', 'a'), texts('list', 'a'), 'list, not set'],
  ];
  it.each(OTHER)('differ: %s (%#)', (what, source, target, detail) => {
    expect(compare(source, target)).toEqual([{ what, detail }]);
  });

  it('of a module are unknown where it saves them in another version', () => {
    expect(compare(module(1, 'a'), module(2, 'b'))).toBe('unknown');
  });

  it('say that the target has no expiries of fields', () => {
    const detail = '0 fields with an expiry, not 1: redis:7.0 has none';
    expect(compare(hash('a 1 50000'), hash('a 1'), 'redis:7.0')).toEqual([{ what: 'field ttl', detail }]);
  });

  it('are gone where every field has expired', () => {
    const gone = [hash('a 1 10000', 'b 2 9'), hash('a 1 10001'), hash('a 1 9', 'b 2'), hash(), texts('set')];
    expect(gone.map((facts) => mayBeGone(facts, HORIZON_MS))).toEqual([true, false, false, false, false]);
  });
});

it('reads payloads of any target', () => {
  const value: RdbValue = {
    type: 'hash',
    encoding: 'listpackex',
    fields: [
      { field: ascii('a'), value: ascii('1') },
      { field: ascii('b'), value: ascii('2'), expireAtMs: 50_000 },
    ],
  };
  const reader = new PayloadReader();
  for (const name of ['redis:7.4', 'redis:8.6', 'valkey:9.0']) {
    const payload = encodeDump(value, { target: findTarget(name)! });
    const found = reader.read(payload, payloadParts(payload));
    expect(compare(hash('b 2 50000', 'a 1'), found)).toEqual([]);
  }
  expect(() => payloadParts(new Uint8Array(10))).toThrow('cannot hold a value');
  const unknown = new Uint8Array(20).fill(0xee);
  expect(() => reader.read(unknown, payloadParts(unknown))).toThrow('unknown type');
});

it('compares times of expiry', () => {
  const none = Number.NaN;
  expect([compareExpiry(none, -1, 0), compareExpiry(5000, 6000, 1000), compareExpiry(5000, 4000, 1000)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(compareExpiry(none, 5000, 1000)).toBe('expires at 5000, and should not');
  expect(compareExpiry(5000, -1, 1000)).toBe('no expiry, not 5000');
  expect(compareExpiry(5000, 3999, 1000)).toBe('expires at 3999, not 5000 (1001 ms earlier)');
});

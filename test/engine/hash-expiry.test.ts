import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

/** Unix ms of the test's clock. */
const NOW = 1_000_000;

type Case = [command: string, reply: unknown, fields: string, changes: number];

/** At 1000 s; f goes at 2000 s, g never. */
const START = 'f=1@2000000 g=2';
const BOTH: readonly Case[] = [
  ['HEXPIRE h 500 FIELDS 3 f g x', [1, 1, -2], 'f=1@1500000 g=2@1500000', 2],
  ['HPEXPIREAT h 3000000 NX FIELDS 2 f g', [0, 1], 'f=1@2000000 g=2@3000000', 1],
  ['HPEXPIREAT h 3000000 XX FIELDS 2 f g', [1, 0], 'f=1@3000000 g=2', 1],
  ['HPEXPIREAT h 3000000 GT FIELDS 2 f g', [1, 0], 'f=1@3000000 g=2', 1],
  ['HPEXPIREAT h 2000000 GT FIELDS 1 f', [0], START, 0],
  ['HPEXPIREAT h 1500000 LT FIELDS 2 f g', [1, 1], 'f=1@1500000 g=2@1500000', 2],
  ['HPEXPIREAT h 2000000 LT FIELDS 1 f', [0], START, 0],
  ['HEXPIREAT h 1000 FIELDS 2 f x', [2, -2], 'g=2', 1],
  ['HPEXPIRE h 0 FIELDS 2 f g', [2, 2], '', 2],
  ['HPEXPIREAT none 3000000 FIELDS 2 f g', [-2, -2], START, 0],
  ['HPERSIST h FIELDS 3 f g x', [1, -1, -2], 'f=1 g=2', 1],
  ['HSETEX h PX 500 FIELDS 2 f 5 i 6', 1, 'f=5@1000500 i=6@1000500 g=2', 2],
  ['HSETEX h FNX FIELDS 1 f 5', 0, START, 0],
  ['HSETEX h FXX FIELDS 2 f 5 i 6', 0, START, 0],
  ['HSETEX none FXX FIELDS 1 f 5', 0, START, 0],
  ['HSETEX h KEEPTTL FIELDS 2 f 5 g 6', 1, 'f=5@2000000 g=6', 2],
  ['HSETEX h FIELDS 1 f 5', 1, 'g=2 f=5', 1],
  ['HGETEX h FIELDS 2 f x', ['1', null], START, 0],
  ['HGETEX h EX 500 FIELDS 2 f x', ['1', null], 'f=1@1500000 g=2', 1],
  ['HGETEX h PERSIST FIELDS 2 f g', ['1', '2'], 'f=1 g=2', 1],
  ['HGETEX h PXAT 1 FIELDS 2 f g', ['1', '2'], '', 2],
  ['HGETDEL h FIELDS 3 f f g', ['1', null, '2'], '', 2],
  ['HINCRBY h f 1', 2, 'f=2@2000000 g=2', 1],
  ['HINCRBYFLOAT h f 1.5', '2.5', 'f=2.5@2000000 g=2', 1],
  ['HSET h f 5', 0, 'g=2 f=5', 1],
];

describe.each(['redis:8.0', 'redis:8.6', 'valkey:9.1'])('field expiry of %s', (target) => {
  it.each(BOTH)('%s', (command, reply, fields, changes) => {
    const { engine, run, runner } = filled(target);
    expect(run(...command.split(' '))).toEqual(reply);
    expect(runner.dirty).toBe(changes);
    expect(sortedFields(engine)).toBe(fields.split(' ').sort().join(' '));
    expect(engine.database(0).has('h')).toBe(fields !== '');
  });

  it('removes fields when their time has come, and the key with the last', () => {
    let now = NOW;
    const { engine, run } = testEngine({ target, clock: () => now });
    run('HSET', 'h', 'f', 1, 'g', 2);
    run('HPEXPIREAT', 'h', NOW + 10, 'FIELDS', 1, 'f');
    run('HPEXPIREAT', 'h', NOW + 20, 'FIELDS', 1, 'g');
    now += 11;
    expect(run('HDEL', 'h', 'f')).toBe(0);
    expect(sortedFields(engine)).toBe(`g=2@${NOW + 20}`);
    now += 11;
    expect(run('HSETNX', 'h', 'g', 3)).toBe(1);
    expect(sortedFields(engine)).toBe('g=3');
  });
});

describe('while a log is loaded', () => {
  it.each(['redis:7.0', 'redis:8.0', 'redis:8.6', 'valkey:8.1', 'valkey:9.1'])(
    '%s sets times that are past',
    (target) => {
      const { engine, run } = filled(target);
      engine.isLoading = true;
      expect(run('HPEXPIREAT', 'h', 5, 'FIELDS', 1, 'f')).toEqual([1]);
      expect(run('HSETEX', 'h', 'PXAT', 7, 'FIELDS', 1, 'g', 3)).toBe(1);
      expect(sortedFields(engine)).toBe('f=1@5 g=3@7');
      expect(run('HSET', 'h', 'i', 1)).toBe(1);
      expect(sortedFields(engine)).toBe('f=1@5 g=3@7 i=1');
    },
  );

  it.each(['redis:7.0', 'redis:8.0', 'redis:8.6', 'valkey:9.1'])('%s takes what any server has logged', (target) => {
    const { engine, run } = filled(target);
    engine.isLoading = true;
    expect(run('HPEXPIREAT', 'h', 3000000, 'FIELDS', 1, 'f', 'GT')).toEqual([1]);
    expect(run('HPEXPIREAT', 'h', 4000000, 'XX', 'GT', 'FIELDS', 2, 'f', 'g')).toEqual([1, 0]);
    expect(run('HSETEX', 'h', 'XX', 'PXAT', 3000000, 'FIELDS', 1, 'g', 3)).toBe(1);
    expect(run('HPEXPIREAT', 'h', '281474976710655', 'FIELDS', 1, 'f')).toEqual([1]);
    expect(sortedFields(engine)).toBe('f=1@281474976710655 g=3@3000000');
  });
});

describe('the encoding of a hash with times', () => {
  it.each([
    ['redis:7.4', 'HPEXPIREAT h 3000000 FIELDS 1 none', 'listpackex'],
    ['redis:7.4', 'HPERSIST h FIELDS 1 g', 'listpack'],
    ['redis:8.0', 'HGETEX h FIELDS 1 g', 'listpack'],
    ['redis:8.0', 'HGETEX h PERSIST FIELDS 1 g', 'listpackex'],
    ['redis:8.0', 'HSETEX h KEEPTTL FIELDS 1 g 1', 'listpack'],
    ['valkey:9.0', 'HPEXPIREAT h 3000000 FIELDS 1 none', 'listpack'],
    ['valkey:9.0', 'HPEXPIREAT h 3000000 XX FIELDS 1 g', 'listpack'],
    ['valkey:9.0', 'HPEXPIREAT h 3000000 FIELDS 1 g', 'hashtable'],
  ])('of %s after %s is %s', (target, command, expected) => {
    const { engine, run } = testEngine({ target });
    run('HSET', 'h', 'g', 2);
    run(...command.split(' '));
    expect(engine.database(0).getObject('h', 'hash')!.encoding(engine.settings)).toBe(expected);
  });
});

describe('errors', () => {
  it.each([
    ['redis:8.0', 'HEXPIRE h -1 FIELDS 1 f', 'invalid expire time, must be >= 0'],
    ['redis:8.0', 'HEXPIRE h 5 FIELD 1 f', 'Mandatory argument FIELDS is missing or not at the right position'],
    ['redis:8.0', 'HEXPIRE h 5 FIELDS 2 f', 'The `numfields` parameter must match the number of arguments'],
    ['redis:8.0', 'HEXPIRE h 5 FIELDS 0 f', 'Parameter `numFields` should be greater than 0'],
    ['redis:8.6', 'HEXPIRE h 5 FIELDS 2 f', 'wrong number of arguments'],
    ['redis:8.6', 'HEXPIRE h 5 NX GT FIELDS 1 f', 'Multiple condition flags specified'],
    ['redis:8.6', 'HGETEX h KEEPTTL FIELDS 1 f', 'unknown argument'],
    ['valkey:9.1', 'HEXPIRE h -1 FIELDS 1 f', "invalid expire time in 'hexpire' command"],
    ['valkey:9.1', 'HEXPIRE h 5 NX GT FIELDS 1 f', 'NX and XX, GT or LT options at the same time are not compatible'],
    ['valkey:9.1', 'HEXPIRE h 5 FOO FIELDS 1 f', 'Unsupported option FOO'],
    ['valkey:9.1', 'HGETEX h KEEPTTL FIELDS 1 f', 'syntax error'],
  ])('%s: %s', (target, command, message) => {
    expect(filled(target).run(...command.split(' '))).toBe(`-ERR ${message}`);
  });
});

function filled(target: string): TestEngine {
  const test = testEngine({ target, clock: () => NOW });
  test.run('HSET', 'h', 'f', 1, 'g', 2);
  test.run('HPEXPIREAT', 'h', 2 * NOW, 'FIELDS', 1, 'f');
  return test;
}

function sortedFields(engine: TestEngine['engine']): string {
  const hash = engine.database(0).getObject('h', 'hash');
  const { fields } = hash?.toRdb(engine.settings) ?? { fields: [] };
  return fields
    .map(({ field, value, expireAtMs }) => {
      const time = expireAtMs === undefined ? '' : `@${expireAtMs}`;
      return `${toByteString(field)}=${toByteString(value)}${time}`;
    })
    .sort()
    .join(' ');
}

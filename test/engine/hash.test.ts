import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { HashObject } from '../../src/engine/values/hash-object.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, fields: string, changes: number];

const START = 'f=1 g=x h=2.5';
const CASES: readonly Case[] = [
  ['HSET h f 2 i 3', 1, 'f=2 g=x h=2.5 i=3', 2],
  ['HSET h f', "-ERR wrong number of arguments for 'hset' command", START, 0],
  ['HSET h f 1 g', "-ERR wrong number of arguments for 'hset' command", START, 0],
  ['HMSET h f 2 f 3', '+OK', 'f=3 g=x h=2.5', 2],
  ['HSETNX h f 2', 0, START, 0],
  ['HSETNX h i 2', 1, `${START} i=2`, 1],
  ['HDEL h f i g', 2, 'h=2.5', 2],
  ['HDEL h f g h', 3, '', 3],
  ['HDEL none f', 0, START, 0],
  ['HINCRBY h f 5', 6, 'f=6 g=x h=2.5', 1],
  ['HINCRBY h i -5', -5, `${START} i=-5`, 1],
  ['HINCRBY h g 1', '-ERR hash value is not an integer', START, 0],
  ['HINCRBY h f 1.5', '-ERR value is not an integer or out of range', START, 0],
  ['HINCRBY h f 9223372036854775807', '-ERR increment or decrement would overflow', START, 0],
  ['HINCRBY h f 9223372036854775806', 9223372036854775807n, 'f=9223372036854775807 g=x h=2.5', 1],
  ['HINCRBYFLOAT h f 0.1', '1.1', 'f=1.1 g=x h=2.5', 1],
  ['HINCRBYFLOAT h h 5.0e3', '5002.5', 'f=1 g=x h=5002.5', 1],
  ['HINCRBYFLOAT h g 1', '-ERR hash value is not a float', START, 0],
  ['HINCRBYFLOAT h f x', '-ERR value is not a valid float', START, 0],
  ['HINCRBYFLOAT h f inf', '-ERR value is NaN or Infinity', START, 0],
  ['HSET list f 1', '-WRONGTYPE Operation against a key holding the wrong kind of value', START, 0],
];

describe('hash commands', () => {
  it.each(CASES)('%s', (command, reply, fields, changes) => {
    const { engine, run, runner } = filled('redis:7.0');
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    expect(fieldsOf(engine)).toBe(fields);
    expect(engine.database(0).has('h')).toBe(fields !== '');
  });
});

describe('the encoding of a hash', () => {
  const encoding = { hashMaxPackedEntries: 3, hashMaxPackedValue: 5 };

  it.each([
    ['redis:2.4', 'f 1', 'zipmap'],
    ['redis:2.8', 'f 1', 'ziplist'],
    ['redis:7.0', 'f 1', 'listpack'],
    ['redis:7.0', 'f 123456', 'hashtable'],
    ['redis:7.0', '123456 f', 'hashtable'],
    ['redis:7.0', 'f 1 g 1 h 1', 'listpack'],
    ['redis:7.0', 'f 1 g 1 h 1 i 1', 'hashtable'],
    ['redis:7.0', 'f 1 f 1 f 1 f 1', 'listpack'],
    ['redis:7.2', 'f 1 f 1 f 1 f 1', 'hashtable'],
  ])('of %s with %s is %s', (target, pairs, expected) => {
    const { engine, run } = testEngine({ target, encoding });
    run('HSET', 'h', ...pairs.split(' '));
    const hash = engine.database(0).getObject('h', 'hash')!;
    expect(hash.encoding(engine.settings)).toBe(expected);
    expect(hash.copy().encoding(engine.settings)).toBe(expected);
    run('HDEL', 'h', 'g', 'i', 'f');
    if (expected === 'hashtable' && hash.size > 0) expect(hash.encoding(engine.settings)).toBe(expected);
  });
});

describe('the order of a packed hash', () => {
  it('is that of its fields, whatever their values', () => {
    const { engine, run } = filled('redis:8.0');
    run('HSET', 'h', 'f', 5);
    run('HDEL', 'h', 'g');
    run('HSET', 'h', 'g', 1);
    expect(fieldsOf(engine)).toBe('f=5 h=2.5 g=1');
  });

  it('is that of the times where fields have some, the latest set first among equals', () => {
    const { engine, run } = filled('redis:8.0');
    run('HPEXPIREAT', 'h', 3000000, 'FIELDS', 2, 'f', 'h');
    run('HPEXPIREAT', 'h', 2000000, 'FIELDS', 1, 'g');
    run('HSET', 'h', 'i', 0);
    expect(fieldsOf(engine)).toBe('g=x@2000000 h=2.5@3000000 f=1@3000000 i=0');
    const value = engine.database(0).getObject('h', 'hash')!.toRdb(engine.settings);
    expect(HashObject.fromRdb(value, engine.settings).toRdb(engine.settings)).toEqual(value);
    run('HPERSIST', 'h', 'FIELDS', 1, 'g');
    expect(fieldsOf(engine)).toBe('h=2.5@3000000 f=1@3000000 i=0 g=x');
  });
});

function filled(target: string): TestEngine {
  const test = testEngine({ target });
  test.run('HSET', 'h', ...START.split(/[ =]/));
  test.run('RPUSH', 'list', 'x');
  return test;
}

function fieldsOf(engine: TestEngine['engine']): string {
  const hash = engine.database(0).getObject('h', 'hash');
  if (hash === undefined) return '';
  const { fields } = hash.toRdb(engine.settings);
  return fields
    .map(({ field, value, expireAtMs }) => {
      const time = expireAtMs === undefined ? '' : `@${expireAtMs}`;
      return `${toByteString(field)}=${toByteString(value)}${time}`;
    })
    .join(' ');
}

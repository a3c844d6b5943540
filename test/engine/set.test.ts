import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { SetReply } from '../../src/engine/reply.js';
import { SetObject } from '../../src/engine/values/set-object.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, state: Readonly<Record<string, string>>, changes: number];

const START = { a: '1 2 3', b: '2 3 x' };
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const CASES: readonly Case[] = [
  ['SADD a 3 4 4', 1, { a: '1 2 3 4' }, 1],
  ['SREM a 3 4', 1, { a: '1 2' }, 1],
  ['SREM a 1 2 3', 3, { a: '' }, 3],
  ['SREM none 1', 0, {}, 0],
  ['SMOVE a b 1', 1, { a: '2 3', b: '1 2 3 x' }, 2],
  ['SMOVE a b 2', 1, { a: '1 3', b: '2 3 x' }, 1],
  ['SMOVE a b 9', 0, {}, 0],
  ['SMOVE a a 1', 1, {}, 0],
  ['SMOVE a new 1', 1, { a: '2 3', new: '1' }, 2],
  ['SMOVE none list 1', 0, {}, 0],
  ['SMOVE a list 1', WRONG_TYPE, {}, 0],
  ['SPOP a 5', new SetReply(['1', '2', '3']), { a: '' }, 3],
  ['SPOP a 0', new SetReply([]), {}, 0],
  ['SPOP none', null, {}, 0],
  ['SPOP a -1', '-ERR value is out of range, must be positive', {}, 0],
  ['SPOP a 1 2', '-ERR syntax error', {}, 0],
  ['SINTERSTORE c a b', 2, { c: '2 3' }, 1],
  ['SINTERSTORE a a none', 0, { a: '' }, 1],
  ['SINTERSTORE none a empty', 0, {}, 0],
  ['SUNIONSTORE a a b none', 4, { a: '1 2 3 x' }, 1],
  ['SDIFFSTORE list a b', 1, { list: '1' }, 1],
  ['SDIFFSTORE a b a b', 0, { a: '' }, 1],
  ['SUNIONSTORE a list', WRONG_TYPE, {}, 0],
];

describe('set commands', () => {
  it.each(CASES)('%s', (command, reply, state, changes) => {
    const { engine, run, runner } = testEngine();
    for (const [key, members] of Object.entries(START)) run('SADD', key, ...members.split(' '));
    run('RPUSH', 'list', 'x');
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    for (const [key, members] of Object.entries({ ...START, ...state })) {
      expect(membersOf(engine, key).sort().join(' '), key).toBe(members);
      expect(engine.database(0).has(key), key).toBe(members !== '');
    }
  });

  it('takes members out at random', () => {
    const { engine, run } = testEngine({ random: () => 0.5 });
    run('SADD', 'a', 1, 2, 3, 4, 5);
    expect(run('SPOP', 'a')).toBe('3');
    expect(run('SPOP', 'a', 2)).toEqual(new SetReply(['5', '2']));
    expect(membersOf(engine, 'a')).toEqual(['1', '4']);
  });
});

describe('the encoding of a set', () => {
  const encoding = { setMaxIntsetEntries: 3, setMaxListpackEntries: 4, setMaxListpackValue: 5 };

  it.each([
    ['redis:7.0', ['1 2 3'], 'intset'],
    ['redis:7.0', ['1', '2', '3', '4'], 'hashtable'],
    ['redis:7.0', ['1', 'x'], 'hashtable'],
    ['redis:7.2', ['1', 'x'], 'listpack'],
    ['redis:7.2', ['x', '1', '2', '3', '4'], 'hashtable'],
    ['redis:7.2', ['1 2 3 4'], 'listpack'],
    ['redis:7.2', ['1 2 3', 'x x x x x'], 'hashtable'],
    ['redis:7.2', ['1', 'longer'], 'hashtable'],
    ['valkey:8.1', ['1', '123456', 'x'], 'hashtable'],
    ['redis:2.2', ['1'], 'intset'],
  ])('of %s after %j is %s', (target, additions, expected) => {
    const { engine, run } = testEngine({ target, encoding });
    for (const members of additions) run('SADD', 'a', ...members.split(' '));
    const set = engine.database(0).getObject('a', 'set')!;
    expect(set.encoding()).toBe(expected);
    expect(set.copy().encoding()).toBe(set.encoding());
  });

  it('never goes back', () => {
    const { engine, run } = testEngine({ encoding });
    run('SADD', 'a', 'x', '1');
    run('SREM', 'a', 'x');
    expect(engine.database(0).getObject('a', 'set')!.encoding()).toBe('hashtable');
  });
});

describe('the order of a set', () => {
  it('is that of the numbers, and stays in a listpack that comes after it', () => {
    const { engine, run } = testEngine({ target: 'redis:8.0' });
    run('SADD', 'a', 10, -5, '9223372036854775807', -10, 9, '-9223372036854775808');
    const numbers = ['-9223372036854775808', '-10', '-5', '9', '10', '9223372036854775807'];
    expect(membersOf(engine, 'a')).toEqual(numbers);
    run('SADD', 'a', 'x', '0');
    expect(membersOf(engine, 'a')).toEqual([...numbers, 'x', '0']);
    const set = engine.database(0).getObject('a', 'set')!;
    expect(SetObject.fromRdb(set.toRdb(), engine.settings).toRdb()).toEqual(set.toRdb());
  });
});

function membersOf(engine: TestEngine['engine'], key: string): string[] {
  const set = engine.database(0).get(key);
  if (typeof set !== 'object' || set.type !== 'set') return [];
  return set.toRdb().members.map((member) => toByteString(member));
}

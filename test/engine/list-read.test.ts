/** Reading lists, and moving several elements at once. */
import { describe, expect, it } from 'vitest';
import { NULL_ARRAY } from '../../src/engine/reply.js';
import { testEngine } from '../support/engine-run.js';

const RANK_ZERO =
  "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const RANGE = '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';

describe('reading a list of a b c a b', () => {
  it.each([
    ['LLEN l', 5],
    ['LLEN none', 0],
    ['LLEN set', WRONG_TYPE],
    ['LINDEX l 0', 'a'],
    ['LINDEX l -1', 'b'],
    ['LINDEX l 5', null],
    ['LINDEX l -6', null],
    ['LINDEX none x', null],
    ['LINDEX l x', '-ERR value is not an integer or out of range'],
    ['LRANGE l 0 -1', ['a', 'b', 'c', 'a', 'b']],
    ['LRANGE l -9223372036854775808 1', ['a', 'b']],
    ['LRANGE l -2 9223372036854775807', ['a', 'b']],
    ['LRANGE l 3 1', []],
    ['LRANGE none 0 -1', []],
    ['LPOS l a', 0],
    ['LPOS l z', null],
    ['LPOS none a', null],
    ['LPOS none a COUNT 0', []],
    ['LPOS l a RANK 2', 3],
    ['LPOS l a RANK -1', 3],
    ['LPOS l a RANK -2 COUNT 0', [0]],
    ['LPOS l b COUNT 0', [1, 4]],
    ['LPOS l b COUNT 1', [1]],
    ['LPOS l b COUNT 0 RANK -1', [4, 1]],
    ['LPOS l b COUNT 0 MAXLEN 4', [1]],
    ['LPOS l b COUNT 0 MAXLEN 0', [1, 4]],
    ['LPOS l c RANK -1 MAXLEN 2', null],
    ['LPOS l a RANK 1 rank 2', 3],
    ['LPOS l a RANK 0', RANK_ZERO],
    ['LPOS l a COUNT', '-ERR syntax error'],
    ['LPOS l a COUNT -1', "-ERR COUNT can't be negative"],
    ['LPOS l a MAXLEN x', "-ERR MAXLEN can't be negative"],
  ])('%s', (command, reply) => {
    const { run } = testEngine();
    run('RPUSH', 'l', 'a', 'b', 'c', 'a', 'b');
    run('SADD', 'set', 'm');
    expect(run(...command.split(' '))).toEqual(reply);
  });

  it.each([
    ['redis:7.0', 3],
    ['redis:7.2', RANGE],
    ['valkey:8.1', RANGE],
  ])('%s: from the least rank of all', (target, reply) => {
    const { run } = testEngine({ target });
    run('RPUSH', 'l', 'a', 'b', 'c', 'a', 'b');
    expect(run('LPOS', 'l', 'a', 'RANK', '-9223372036854775808')).toEqual(reply);
  });
});

describe('LPOP with a count', () => {
  it.each([
    ['redis:6.2', null],
    ['redis:7.0', NULL_ARRAY],
    ['valkey:8.0', NULL_ARRAY],
  ])('%s: of no list', (target, reply) => {
    const { run } = testEngine({ target });
    expect([run('LPOP', 'none'), run('LPOP', 'none', 3)]).toEqual([null, reply]);
  });
});

/** From 1 2 3 4 to 5 6 7; the reply is what stands in the destination. */
describe('LMOVEM', () => {
  it.each([
    ['LEFT LEFT COUNT 2 OBO', ['2', '1'], '3 4', '2 1 5 6 7'],
    ['LEFT LEFT COUNT 2 BULK', ['1', '2'], '3 4', '1 2 5 6 7'],
    ['LEFT RIGHT COUNT 2 OBO', ['1', '2'], '3 4', '5 6 7 1 2'],
    ['LEFT RIGHT COUNT 2 BULK', ['1', '2'], '3 4', '5 6 7 1 2'],
    ['RIGHT LEFT COUNT 2 OBO', ['3', '4'], '1 2', '3 4 5 6 7'],
    ['RIGHT LEFT COUNT 2 BULK', ['3', '4'], '1 2', '3 4 5 6 7'],
    ['RIGHT RIGHT COUNT 2 OBO', ['4', '3'], '1 2', '5 6 7 4 3'],
    ['RIGHT RIGHT COUNT 2 BULK', ['3', '4'], '1 2', '5 6 7 3 4'],
    ['LEFT LEFT', ['1'], '2 3 4', '1 5 6 7'],
    ['LEFT LEFT COUNT 9 BULK', ['1', '2', '3', '4'], '', '1 2 3 4 5 6 7'],
    ['LEFT LEFT EXACTLY 4 BULK', ['1', '2', '3', '4'], '', '1 2 3 4 5 6 7'],
    ['LEFT LEFT EXACTLY 5 BULK', NULL_ARRAY, '1 2 3 4', '5 6 7'],
    ['LEFT LEFT COUNT 2', '-ERR syntax error', '1 2 3 4', '5 6 7'],
    ['LEFT LEFT COUNT 0 OBO', '-ERR count should be greater than 0', '1 2 3 4', '5 6 7'],
  ])('%s', (options, reply, source, destination) => {
    const { run } = testEngine({ target: 'redis:8.10' });
    run('RPUSH', 'from', 1, 2, 3, 4);
    run('RPUSH', 'to', 5, 6, 7);
    expect(run('LMOVEM', 'from', 'to', ...options.split(' '))).toEqual(reply);
    const left = ['from', 'to'].map((key) => (run('LRANGE', key, 0, -1) as string[]).join(' '));
    expect(left).toEqual([source, destination]);
  });

  it('leaves a list that it empties into itself its time', () => {
    const { engine, run } = testEngine({ target: 'redis:8.10' });
    run('RPUSH', 'l', 1, 2, 3);
    engine.database(0).setExpiry('l', 5_000_000);
    expect(run('LMOVEM', 'l', 'l', 'LEFT', 'LEFT', 'COUNT', 3, 'OBO')).toEqual(['3', '2', '1']);
    expect(run('LRANGE', 'l', 0, -1)).toEqual(['3', '2', '1']);
    expect(engine.database(0).expiryOf('l')).toBe(5_000_000);
  });

  it('finds nothing where there is no list', () => {
    const { run } = testEngine({ target: 'redis:8.10' });
    expect(run('LMOVEM', 'none', 'to', 'LEFT', 'LEFT')).toBe(NULL_ARRAY);
    expect(run('BLMOVEM', 'none', 'to', 'LEFT', 'LEFT')).toBe("-ERR wrong number of arguments for 'blmovem' command");
  });
});

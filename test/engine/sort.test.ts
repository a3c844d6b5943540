import { describe, expect, it } from 'vitest';
import { sortPart } from '../../src/engine/commands/sort-part.js';
import { testEngine } from '../support/engine-run.js';
import { random } from '../support/random.js';

const CASES: readonly [command: string, reply: unknown][] = [
  ['SORT l', ['1', '2', '10', '10']],
  ['SORT l DESC', ['10', '10', '2', '1']],
  ['SORT l ALPHA', ['1', '10', '10', '2']],
  ['SORT l LIMIT 1 2', ['2', '10']],
  ['SORT l LIMIT -5 1', ['1']],
  ['SORT l LIMIT 9 1', []],
  ['SORT l LIMIT 0 -1', ['1', '2', '10', '10']],
  ['SORT l BY nosort', ['10', '2', '1', '10']],
  ['SORT l BY nosort DESC LIMIT 0 2', ['10', '1']],
  ['SORT l BY w_*', ['10', '10', '2', '1']],
  [
    'SORT l BY w_* GET # GET h_*->f GET none',
    ['10', 'ten', null, '10', 'ten', null, '2', null, null, '1', 'one', null],
  ],
  ['SORT l BY h_*->f ALPHA', ['2', '1', '10', '10']],
  ['SORT l BY h_*->f', "-ERR One or more scores can't be converted into double"],
  ['SORT words', "-ERR One or more scores can't be converted into double"],
  ['SORT words ALPHA DESC', ['y', 'x', '7']],
  ['SORT z BY nosort', ['c', 'a', 'b']],
  ['SORT z BY nosort DESC', ['b', 'a', 'c']],
  ['SORT z ALPHA', ['a', 'b', 'c']],
  ['SORT none', []],
  ['SORT none STORE l', 0],
  ['SORT w_1', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
  ['SORT l LIMIT x 1', '-ERR value is not an integer or out of range'],
  ['SORT l GET', '-ERR syntax error'],
  ['SORT_RO l STORE d', '-ERR syntax error'],
];

describe('SORT', () => {
  it.each(CASES)('%s', (command, reply) => {
    const { run } = filled();
    expect(run(...command.split(' '))).toEqual(reply);
  });

  it('stores, with empty strings for what is missing', () => {
    const { run, runner } = filled();
    expect([run('SORT', 'l', 'GET', 'h_*->f', 'STORE', 'd'), runner.dirty]).toEqual([4, 4]);
    expect(run('SORT', 'd', 'BY', 'nosort')).toEqual(['one', '', 'ten', 'ten']);
    expect([run('SORT', 'none', 'STORE', 'd'), runner.dirty]).toEqual([0, 1]);
    expect([run('SORT', 'none', 'STORE', 'd'), runner.dirty]).toEqual([0, 0]);
  });

  it('orders a set that is stored although it is not to be', () => {
    const { run } = filled();
    run('SADD', 'set', 'b', 'c', 'a');
    run('SORT', 'set', 'BY', 'nosort', 'STORE', 'd');
    expect(run('SORT', 'd', 'BY', 'nosort')).toEqual(['a', 'b', 'c']);
  });

  it('expands a sorted set', () => {
    const { run } = filled();
    run('SORT', 'z', 'BY', 'nosort');
    expect(run('OBJECT', 'ENCODING', 'z')).toBe('skiplist');
  });

  it.each([
    ['redis:7.0', [' 7', '0x8', '9']],
    ['redis:8.0', "-ERR One or more scores can't be converted into double"],
    ['valkey:8.1', [' 7', '0x8', '9']],
    ['valkey:9.1', "-ERR One or more scores can't be converted into double"],
  ])('reads numbers as %s does', (target, reply) => {
    const { run } = testEngine({ target });
    run('RPUSH', 'l', '9', '0x8', ' 7');
    expect(run('SORT', 'l')).toEqual(reply);
  });
});

describe('sorting a part', () => {
  it.each([1, 2, 3])('gives that part of the whole, seed %i', (seed) => {
    const next = random(seed);
    for (let round = 0; round < 200; round++) {
      const items = Array.from({ length: Math.floor(next() * 120) }, () => Math.floor(next() * 50));
      const start = Math.floor(next() * (items.length + 1));
      const end = start + Math.floor(next() * (items.length + 1 - start));
      const sorted = [...items].sort((a, b) => a - b);
      sortPart(items, (a, b) => a - b, start, end);
      expect(items.slice(start, end)).toEqual(sorted.slice(start, end));
      expect([...items].sort((a, b) => a - b)).toEqual(sorted);
    }
  });
});

function filled(): ReturnType<typeof testEngine> {
  const test = testEngine();
  test.run('RPUSH', 'l', '10', '2', '1', '10');
  test.run('RPUSH', 'words', 'x', '7', 'y');
  test.run('ZADD', 'z', 1, 'c', 2, 'a', 3, 'b');
  test.run('MSET', 'w_1', 3, 'w_2', 2, 'w_10', 1);
  test.run('HSET', 'h_1', 'f', 'one');
  test.run('HSET', 'h_10', 'f', 'ten');
  test.runner.dirty = 0;
  return test;
}

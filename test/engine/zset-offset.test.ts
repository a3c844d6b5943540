/** Negative offsets of LIMIT, as the servers were seen to take them. */
import { describe, expect, it } from 'vitest';
import { testEngine } from '../support/engine-run.js';

const MEMBERS = ['a', 'b', 'c', 'd', 'e'];
const COMMANDS: readonly (readonly [command: string, fromEnd: readonly string[]])[] = [
  ['ZRANGEBYSCORE k 2 +inf LIMIT -1 2', ['e']],
  ['ZRANGEBYSCORE k 2 4 LIMIT -2 9', ['c', 'd']],
  ['ZRANGEBYSCORE k 2 4 LIMIT -3 1', ['b']],
  ['ZRANGEBYSCORE k 2 4 LIMIT -4 9', []],
  ['ZREVRANGEBYSCORE k 4 2 LIMIT -1 2', ['b']],
  ['ZREVRANGEBYSCORE k 4 2 LIMIT -2 2', ['c', 'b']],
  ['ZRANGEBYLEX same [b + LIMIT -2 2', ['d', 'e']],
  ['ZREVRANGEBYLEX same [d [b LIMIT -2 2', ['c', 'b']],
];

describe.each([
  ['redis:7.0', false],
  ['redis:7.2', false],
  ['redis:7.4', true],
  ['redis:8.0', true],
  ['redis:8.2', false],
  ['redis:8.6', false],
  ['valkey:7.2', false],
  ['valkey:8.1', true],
  ['valkey:9.1', true],
] as const)('%s', (target, counts) => {
  const filled = (zsetMaxPackedEntries: number): ReturnType<typeof testEngine>['run'] => {
    const { run } = testEngine({ target, encoding: { zsetMaxPackedEntries } });
    for (const [at, member] of MEMBERS.entries()) run('ZADD', 'k', at + 1, member);
    for (const member of MEMBERS) run('ZADD', 'same', 0, member);
    return run;
  };

  it.each(COMMANDS)('%s', (command, fromEnd) => {
    expect(filled(2)(...command.split(' '))).toEqual(counts ? fromEnd : []);
    expect(filled(9)(...command.split(' '))).toEqual([]);
  });

  it('stores what is there', () => {
    const run = filled(2);
    expect(run('ZRANGESTORE', 'to', 'k', 2, 4, 'BYSCORE', 'LIMIT', -2, 9)).toBe(counts ? 2 : 0);
  });
});

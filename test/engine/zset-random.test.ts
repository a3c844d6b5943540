/** ZRANDMEMBER: how many, which, how often. */
import { describe, expect, it } from 'vitest';
import { PairsReply } from '../../src/engine/reply.js';
import { testEngine } from '../support/engine-run.js';
import { random } from '../support/random.js';

const DRAWS = 20_000;

function withMembers(count: number): ReturnType<typeof testEngine>['run'] {
  const { run } = testEngine({ random: random(50341) });
  for (let at = 0; at < count; at++) run('ZADD', 'z', at, `m${at}`);
  return run;
}

describe('ZRANDMEMBER', () => {
  it('draws each member as often as another', () => {
    const run = withMembers(5);
    const times = new Map<string, number>();
    const note = (member: unknown): unknown => times.set(String(member), (times.get(String(member)) ?? 0) + 1);
    for (let at = 0; at < DRAWS; at++) {
      note(run('ZRANDMEMBER', 'z'));
      for (const member of run('ZRANDMEMBER', 'z', 2) as string[]) note(member);
      for (const member of run('ZRANDMEMBER', 'z', -2) as string[]) note(member);
    }
    expect([...times.keys()].sort()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    for (const [member, count] of times) expect(Math.abs(count / DRAWS - 1), member).toBeLessThan(0.03);
  });

  it.each([
    [300, 1],
    [300, 7],
    [300, 100],
    [300, 101],
    [300, 299],
  ])('takes none of %d twice for a count of %d', (size, count) => {
    const members = withMembers(size)('ZRANDMEMBER', 'z', count) as string[];
    expect(members.length).toBe(count);
    expect(new Set(members).size).toBe(count);
  });

  it('goes down from the last where all are wanted', () => {
    const run = withMembers(4);
    const all = ['m3', 'm2', 'm1', 'm0'];
    expect([run('ZRANDMEMBER', 'z', 4), run('ZRANDMEMBER', 'z', 99)]).toEqual([all, all]);
  });

  it('repeats itself for a negative count', () => {
    const members = withMembers(3)('ZRANDMEMBER', 'z', -500) as string[];
    expect(members.length).toBe(500);
    expect(new Set(members)).toEqual(new Set(['m0', 'm1', 'm2']));
  });

  it.each([3, -3, 250, -250, 300])('says the scores that the members have, for a count of %d', (count) => {
    const reply = withMembers(300)('ZRANDMEMBER', 'z', count, 'withscores') as PairsReply;
    expect(reply).toBeInstanceOf(PairsReply);
    expect(reply.pairs.length).toBe(Math.abs(count));
    for (const [member, score] of reply.pairs) expect(score).toEqual({ value: Number(String(member).slice(1)) });
  });
});

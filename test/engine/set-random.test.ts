/** SRANDMEMBER and SPOP: how many, which, how often. */
import { describe, expect, it } from 'vitest';
import { SetReply } from '../../src/engine/reply.js';
import type { EngineOptions } from '../../src/engine/settings.js';
import { testEngine } from '../support/engine-run.js';
import { random } from '../support/random.js';

const DRAWS = 10_000;

/** Of each form, or of several while it is drawn from. */
const FORMS: readonly [form: string, options: EngineOptions, prefix: string][] = [
  ['an intset', { target: 'redis:8.6' }, ''],
  ['a listpack', { target: 'redis:8.6' }, 'm'],
  ['a table', { target: 'redis:7.0' }, 'm'],
];

function withMembers(count: number, options: EngineOptions, prefix: string): ReturnType<typeof testEngine> {
  const test = testEngine({ random: random(4711), ...options });
  for (let at = 0; at < count; at++) test.run('SADD', 's', `${prefix}${at}`);
  return test;
}

/** Each of the members as often as the others. */
function expectEven(times: ReadonlyMap<string, number>, members: number): void {
  expect(times.size).toBe(members);
  let all = 0;
  for (const count of times.values()) all += count;
  for (const [member, count] of times) expect(Math.abs((count * members) / all - 1), member).toBeLessThan(0.05);
}

describe.each(FORMS)('of %s', (_form, options, prefix) => {
  it('SRANDMEMBER draws each member as often as another', () => {
    const { run } = withMembers(5, options, prefix);
    const [single, some, any] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
    const note = (times: Map<string, number>, members: readonly string[]): void => {
      for (const member of members) times.set(member, (times.get(member) ?? 0) + 1);
    };
    for (let at = 0; at < DRAWS; at++) {
      note(single, [run('SRANDMEMBER', 's') as string]);
      note(some, run('SRANDMEMBER', 's', 2) as string[]);
      note(any, run('SRANDMEMBER', 's', -2) as string[]);
    }
    for (const times of [single, some, any]) expectEven(times, 5);
  });

  it.each([1, 2, 50, 99])('SRANDMEMBER takes none twice for a count of %d of 100', (count) => {
    const members = withMembers(100, options, prefix).run('SRANDMEMBER', 's', count) as string[];
    expect(members.length).toBe(count);
    expect(new Set(members).size).toBe(count);
  });

  it.each([100, 1000, '9223372036854775807'])('SRANDMEMBER gives all for a count of %s', (count) => {
    const { run } = withMembers(100, options, prefix);
    expect(run('SRANDMEMBER', 's', count)).toEqual((run('SMEMBERS', 's') as SetReply).members);
  });

  it('SRANDMEMBER repeats itself for a negative count, and has nothing for none', () => {
    const { run } = withMembers(3, options, prefix);
    const members = run('SRANDMEMBER', 's', -500) as string[];
    expect(members.length).toBe(500);
    expect(new Set(members).size).toBe(3);
    expect(run('SRANDMEMBER', 's', 0)).toEqual([]);
    expect(run('SRANDMEMBER', 's', '-4294967296')).toBe('-ERR value is out of range');
  });

  it('SPOP takes each as often as another, and nothing that is not there', () => {
    const [single, some] = [new Map<string, number>(), new Map<string, number>()];
    const { run } = withMembers(5, options, prefix);
    for (let at = 0; at < DRAWS; at++) {
      const one = run('SPOP', 's') as string;
      single.set(one, (single.get(one) ?? 0) + 1);
      const { members } = run('SPOP', 's', 2) as SetReply;
      for (const member of members as string[]) some.set(member, (some.get(member) ?? 0) + 1);
      expect(run('SCARD', 's')).toBe(2);
      expect(run('SADD', 's', one, ...(members as string[]))).toBe(3);
    }
    expectEven(single, 5);
    expectEven(some, 5);
  });

  it('what has come or gone meanwhile counts', () => {
    const { run } = withMembers(20, options, prefix);
    const seen = new Set<string>();
    for (let at = 0; at < 19; at++) {
      const taken = run('SPOP', 's') as string;
      expect(seen.has(taken)).toBe(false);
      seen.add(taken);
    }
    const last = run('SRANDMEMBER', 's') as string;
    expect(run('SADD', 's', '1000')).toBe(1);
    expect(run('SREM', 's', last)).toBe(1);
    expect(run('SRANDMEMBER', 's', -3)).toEqual(['1000', '1000', '1000']);
    expect(run('SPOP', 's')).toBe('1000');
    expect(run('EXISTS', 's')).toBe(0);
  });
});

describe('some members of a listpack', () => {
  it('are in its order', () => {
    const { run } = withMembers(50, { target: 'valkey:9.1' }, 'm');
    const order = (members: readonly unknown[]): number[] => members.map((member) => Number(String(member).slice(1)));
    for (const reply of [run('SRANDMEMBER', 's', 20), (run('SPOP', 's', 20) as SetReply).members]) {
      const numbers = order(reply as string[]);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });
});

describe('SPOP with a count', () => {
  it('answers with a set, also where there is none', () => {
    const { run } = testEngine();
    run('SADD', 's', 'a');
    expect(run('SPOP', 's', 1)).toEqual(new SetReply(['a']));
    expect(run('SPOP', 's', 1)).toEqual(new SetReply([]));
    expect(run('SPOP', 's')).toBe(null);
  });
});

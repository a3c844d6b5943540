/** What commands on sets leave in the log of each generation, and the events that they tell of. */
import { describe, expect, it } from 'vitest';
import type { SetReply } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { listenTo } from '../support/engine-told.js';
import { random } from '../support/random.js';

/** In place of the one line that a command leaves as it was sent. */
const AS_SENT = undefined;

type Case = [target: string, command: string, log: readonly string[] | undefined, events: readonly string[]];

/** `s` has a b c, `t` has c d, `one` has x, `list` is none. */
const CASES: readonly Case[] = [
  ['redis:7.0', 'sadd s a x', AS_SENT, ['s sadd s']],
  ['redis:7.0', 'SADD new x', AS_SENT, ['n new new', 's sadd new']],
  ['redis:7.0', 'SADD s a', [], []],
  ['redis:7.0', 'SREM s a x', AS_SENT, ['s srem s']],
  ['redis:7.0', 'SREM one x', AS_SENT, ['s srem one', 'g del one']],
  ['redis:7.0', 'SREM s x', [], []],
  ['redis:7.0', 'SMOVE s t a', AS_SENT, ['s srem s', 's sadd t']],
  ['redis:7.0', 'SMOVE s t c', AS_SENT, ['s srem s']],
  ['redis:7.0', 'SMOVE one new x', AS_SENT, ['s srem one', 'g del one', 'n new new', 's sadd new']],
  ['redis:7.0', 'SMOVE s s a', [], []],
  ['redis:7.0', 'SMOVE s t d', [], []],
  ['redis:7.0', 'SINTERSTORE new s t', AS_SENT, ['n new new', 's sinterstore new']],
  ['redis:7.0', 'SUNIONSTORE list s t', AS_SENT, ['s sunionstore list']],
  ['redis:7.0', 'sdiffstore s s t', AS_SENT, ['s sdiffstore s']],
  ['redis:7.0', 'SDIFFSTORE s s s', AS_SENT, ['g del s']],
  ['redis:7.0', 'SINTERSTORE list s none', AS_SENT, ['g del list']],
  ['redis:7.0', 'SINTERSTORE none s none', [], []],
  ['redis:2.4', 'SPOP one', ['SREM one x'], ['s spop one', 'g del one']],
  ['redis:7.0', 'spop one', ['SREM one x'], ['s spop one', 'g del one']],
  ['valkey:9.1', 'SPOP one', ['SREM one x'], ['s spop one', 'g del one']],
  ['redis:3.2', 'SPOP s 3', ['DEL s'], ['s spop s', 'g del s']],
  ['redis:7.0', 'SPOP one 1', ['DEL one'], ['s spop one', 'g del one']],
  ['redis:8.6', 'SPOP s 9', ['DEL s'], ['s spop s', 'g del s']],
  ['valkey:7.2', 'SPOP s 9', ['DEL s'], ['s spop s', 'g del s']],
  ['valkey:8.0', 'SPOP s 9', ['UNLINK s'], ['s spop s', 'g del s']],
  ['redis:7.0', 'SPOP s 0', [], []],
  ['redis:7.0', 'SPOP none', [], []],
  ['redis:7.0', 'SPOP none 3', [], []],
];

describe('the log and the events of', () => {
  it.each(CASES)('%s: %s', (target, command, log, events) => {
    const { engine, runner } = filled({ target });
    const told = listenTo(engine);
    runner.execute(command.split(' '));
    expect(told.lines).toEqual(log ?? [command]);
    expect(told.events).toEqual(events);
  });

  it.each([
    ['redis:7.0', 'DEL s'],
    ['redis:7.2', 'UNLINK s'],
  ])('%s: SPOP of a whole set with lazyfree-lazy-server-del', (target, line) => {
    const { engine, runner } = filled({ target, lazyFree: { serverDel: true } });
    const told = listenTo(engine);
    runner.execute(['SPOP', 's', '3']);
    expect(told.lines).toEqual([line]);
  });
});

describe('SPOP with a count is logged as', () => {
  const one = (members: readonly string[]): string[] => members.map((member) => `SREM big ${member}`);
  const asOne = (lines: readonly string[]): string[] => ['MULTI', ...lines, 'EXEC'];
  const together = (members: readonly string[], size: number): string[] => {
    const lines: string[] = [];
    for (let at = 0; at < members.length; at += size) lines.push(`SREM big ${members.slice(at, at + size).join(' ')}`);
    return lines;
  };

  it.each([
    ['redis:3.2', 3, one],
    ['redis:5.0', 3, one],
    ['redis:6.0', 3, (members: readonly string[]) => asOne(one(members))],
    ['redis:7.0', 3, (members: readonly string[]) => asOne(one(members))],
    ['redis:7.0', 1, one],
    ['redis:7.2', 3, (members: readonly string[]) => together(members, 3)],
    ['valkey:9.1', 1024, (members: readonly string[]) => together(members, 1024)],
    ['valkey:9.1', 1025, (members: readonly string[]) => asOne(together(members, 1024))],
    ['redis:8.6', 2500, (members: readonly string[]) => asOne(together(members, 1024))],
  ])('%s, %i members', (target, count, expected) => {
    const { engine, run, runner } = filled({ target });
    for (let at = 0; at < 3000; at++) run('SADD', 'big', `m${at}`);
    const told = listenTo(engine);
    const { members } = runner.execute(['SPOP', 'big', String(count)]) as SetReply;
    expect(told.lines).toEqual(expected(members as string[]));
    expect(told.events).toEqual(['s spop big']);
    expect(runner.dirty).toBe(count);
    expect(run('SCARD', 'big')).toBe(3000 - count);
  });

  it('part of the transaction that it is in', () => {
    const { engine, runner } = filled({ target: 'redis:7.0' });
    const told = listenTo(engine);
    runner.transaction(() => {
      runner.execute(['SPOP', 's', '2']);
      runner.execute(['SADD', 's', 'y']);
    });
    expect(told.lines.map((line) => line.split(' ')[0])).toEqual(['MULTI', 'SREM', 'SREM', 'SADD', 'EXEC']);
  });
});

function filled(options: Parameters<typeof testEngine>[0]): TestEngine {
  const test = testEngine({ random: random(7), ...options });
  test.run('SADD', 's', 'a', 'b', 'c');
  test.run('SADD', 't', 'c', 'd');
  test.run('SADD', 'one', 'x');
  test.run('RPUSH', 'list', 'x');
  return test;
}

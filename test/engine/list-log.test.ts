/** What commands on lists leave in the log of each generation, and the events that they tell of. */
import { describe, expect, it } from 'vitest';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { listenTo } from '../support/engine-told.js';

/** In place of the one line that a command leaves as it was sent. */
const AS_SENT = undefined;

type Case = [target: string, command: string, log: readonly string[] | undefined, events: readonly string[]];

/** `l` has a b c, `one` has x. */
const CASES: readonly Case[] = [
  ['redis:7.0', 'lpush l x', AS_SENT, ['l lpush l']],
  ['redis:7.0', 'RPUSH new x', AS_SENT, ['n new new', 'l rpush new']],
  ['redis:7.0', 'RPUSHX new x', [], []],
  ['redis:7.0', 'LPOP l 2', AS_SENT, ['l lpop l']],
  ['redis:7.0', 'RPOP one', AS_SENT, ['l rpop one', 'g del one']],
  ['redis:7.0', 'LPOP l 0', [], []],
  ['redis:7.0', 'LINSERT l BEFORE z x', [], []],
  ['redis:7.0', 'LSET l 0 x', AS_SENT, ['l lset l']],
  ['redis:7.0', 'LREM one 0 x', AS_SENT, ['l lrem one', 'g del one']],
  ['redis:7.0', 'LTRIM l 0 -1', [], ['l ltrim l']],
  ['redis:7.0', 'LTRIM one 1 0', AS_SENT, ['l ltrim one', 'g del one']],
  ['redis:7.0', 'rpoplpush one new', AS_SENT, ['n new new', 'l lpush new', 'l rpop one', 'g del one']],
  ['redis:7.0', 'LMOVE one one LEFT RIGHT', AS_SENT, ['l rpush one', 'l lpop one']],
  ['redis:7.0', 'LMPOP 2 none l LEFT COUNT 9', ['LPOP l 3'], ['l lpop l', 'g del l']],
  ['redis:7.0', 'LMPOP 1 l RIGHT', ['RPOP l 1'], ['l rpop l']],
  ['redis:2.4', 'BLPOP l 0', AS_SENT, ['l lpop l']],
  ['redis:2.6', 'blpop none l 0', ['LPOP l'], ['l lpop l']],
  ['valkey:9.1', 'BRPOP one 1', ['RPOP one'], ['l rpop one', 'g del one']],
  ['redis:2.4', 'BRPOPLPUSH l one 0', AS_SENT, ['l lpush one', 'l rpop l']],
  ['redis:3.2', 'brpoplpush l one 0', AS_SENT, ['l lpush one', 'l rpop l']],
  ['redis:4.0', 'brpoplpush l one 0', ['RPOPLPUSH l one'], ['l lpush one', 'l rpop l']],
  ['valkey:8.0', 'BRPOPLPUSH l one 0', ['RPOPLPUSH l one'], ['l lpush one', 'l rpop l']],
  ['redis:6.2', 'BLMOVE l one left Right 0', ['LMOVE l one left Right'], ['l rpush one', 'l lpop l']],
  ['redis:8.6', 'BLMPOP 0 2 none l RIGHT COUNT 2', ['RPOP l 2'], ['l rpop l']],
  ['redis:7.0', 'BLPOP none 1', [], []],
  ['redis:8.10', 'LMOVEM l one LEFT LEFT COUNT 2 OBO', AS_SENT, ['l lpush one', 'l lpop l']],
  ['redis:8.10', 'LMOVEM l one LEFT LEFT EXACTLY 4 OBO', [], []],
  [
    'redis:8.10',
    'BLMOVEM l new LEFT RIGHT 0 COUNT 9 bulk',
    ['LMOVEM l new LEFT RIGHT EXACTLY 3 BULK'],
    ['n new new', 'l rpush new', 'l lpop l', 'g del l'],
  ],
  ['redis:8.10', 'BLMOVEM l l LEFT RIGHT 0', ['LMOVEM l l LEFT RIGHT EXACTLY 1 OBO'], ['l rpush l', 'l lpop l']],
];

describe('the log and the events of', () => {
  it.each(CASES)('%s: %s', (target, command, log, events) => {
    const { engine, runner } = filled(target);
    const told = listenTo(engine);
    runner.execute(command.split(' '));
    expect(told.lines).toEqual(log ?? [command]);
    expect(told.events).toEqual(events);
  });
});

describe('the keys that change', () => {
  it.each([
    ['LTRIM l 0 -1', ['l']],
    ['RPOPLPUSH one l', ['l', 'one']],
    ['LREM l 1 z', []],
    ['LPOP l 0', []],
    ['LRANGE l 0 -1', []],
  ])('with %s', (command, keys) => {
    const { engine, runner } = filled('redis:7.0');
    const told = listenTo(engine);
    runner.execute(command.split(' '));
    expect(told.changed).toEqual(keys);
  });
});

describe('commands that would wait', () => {
  it.each([
    ['BLPOP none more 0.5', ['none', 'more'], 500],
    ['BRPOP none 0', ['none'], 0],
    ['BLMPOP 0.0001 2 none more LEFT', ['none', 'more'], 1],
    ['BRPOPLPUSH none l 2', ['none'], 2000],
    ['BLMOVE none l LEFT LEFT 1e3', ['none'], 1_000_000],
    ['BLMOVEM l none LEFT LEFT 1 EXACTLY 4 BULK', ['l'], 1000],
    ['BLPOP none -0.001', ['none'], 0],
    ['BLPOP none 0.002', ['none'], 2],
    ['BLPOP none 0x1p-8', ['none'], 4],
  ])('%s', (command, keys, timeoutMs) => {
    const { runner } = filled('redis:8.10');
    runner.execute(command.split(' '));
    expect(runner.wait).toMatchObject({ keys, type: 'list', timeoutMs });
    expect(runner.dirty).toBe(0);
  });

  it.each(['BLPOP none l 0', 'LMPOP 1 none LEFT', 'BLMOVE l none LEFT LEFT 0', 'BLPOP none -1'])(
    'not: %s',
    (command) => {
      const { runner } = filled('redis:7.0');
      runner.execute(command.split(' '));
      expect(runner.wait).toBeUndefined();
    },
  );
});

function filled(target: string): TestEngine {
  const test = testEngine({ target });
  test.run('RPUSH', 'l', 'a', 'b', 'c');
  test.run('RPUSH', 'one', 'x');
  return test;
}

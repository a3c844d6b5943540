/** What sorted sets and positions leave in the log of each generation, and the events that they tell of. */
import { describe, expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { CommandError } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

const START = ['ZADD z 1 a 2 b 3 c', 'ZADD lex 0 a 0 b', 'GEOADD g 13.361389 38.115556 Palermo', 'SADD s a x'];
/** In place of the one line that a command leaves as it was sent. */
const AS_SENT = undefined;

type Case = [target: string, command: string, log: readonly string[] | undefined, events: readonly string[]];

const CASES: readonly Case[] = [
  ['redis:7.0', 'zadd z CH 1 a 9 b 4 d', AS_SENT, ['zadd z']],
  ['redis:7.0', 'ZADD z 1 a', [], []],
  ['redis:7.0', 'ZADD new 1 a', AS_SENT, ['new new', 'zadd new']],
  ['redis:7.0', 'ZADD new XX 1 a', [], []],
  ['redis:7.0', 'ZADD z INCR 0.1 a', AS_SENT, ['zincr z']],
  ['redis:7.0', 'ZADD z NX INCR 1 a', [], []],
  ['redis:7.0', 'ZINCRBY z 0 a', [], []],
  ['redis:7.0', 'ZINCRBY new 0 a', AS_SENT, ['new new', 'zincr new']],
  ['redis:7.0', 'ZREM z q', [], []],
  ['redis:7.0', 'ZREM z a q', AS_SENT, ['zrem z']],
  ['redis:7.0', 'ZREM z a b c', AS_SENT, ['zrem z', 'del z']],
  ['redis:7.0', 'ZREMRANGEBYRANK z 0 0', AS_SENT, ['zremrangebyrank z']],
  ['redis:7.0', 'ZREMRANGEBYSCORE z -inf inf', AS_SENT, ['zremrangebyscore z', 'del z']],
  ['redis:7.0', 'ZREMRANGEBYLEX lex [c +', [], []],
  ['redis:7.0', 'ZREMRANGEBYLEX lex - [a', AS_SENT, ['zremrangebylex lex']],
  ['redis:7.0', 'ZPOPMIN z', AS_SENT, ['zpopmin z']],
  ['redis:7.0', 'zpopmax z 9', AS_SENT, ['zpopmax z', 'del z']],
  ['redis:7.0', 'ZPOPMIN z 0', [], []],
  ['redis:5.0', 'bzpopmin none z 0', ['ZPOPMIN z'], ['zpopmin z']],
  ['valkey:9.1', 'BZPOPMAX z 0', ['ZPOPMAX z'], ['zpopmax z']],
  ['redis:7.0', 'BZPOPMAX none 0', [], []],
  ['redis:7.0', 'ZMPOP 2 none z MIN', ['ZPOPMIN z 1'], ['zpopmin z']],
  ['redis:8.6', 'BZMPOP 0 1 z max COUNT 9', ['ZPOPMAX z 3'], ['zpopmax z', 'del z']],
  ['redis:7.0', 'ZMPOP 1 none MIN', [], []],
  ['redis:7.0', 'ZRANGESTORE s z 0 -1', AS_SENT, ['zrangestore s']],
  ['redis:7.0', 'ZRANGESTORE z z 5 9', AS_SENT, ['del z']],
  ['redis:7.0', 'ZRANGESTORE none z 5 9', [], []],
  ['redis:7.0', 'zunionstore new 2 z s', AS_SENT, ['new new', 'zunionstore new']],
  ['redis:7.0', 'ZINTERSTORE new 2 z s', AS_SENT, ['new new', 'zinterstore new']],
  ['redis:7.0', 'ZDIFFSTORE z 2 z z', AS_SENT, ['del z']],
  ['redis:7.0', 'ZDIFFSTORE new 2 z s', AS_SENT, ['new new', 'zdiffstore new']],
  ['redis:3.2', 'GEOADD g 0 0 null', ['zadd g 3377699720527872 null'], ['zadd g']],
  ['redis:8.6', 'GEOADD g nx CH 0 0 null', ['zadd g nx CH 3377699720527872 null'], ['zadd g']],
  ['valkey:8.1', 'GEOADD g 0 0 null', ['zadd g 3377699720527872 null'], ['zadd g']],
  ['valkey:9.1', 'geoadd g xx 0 0 Palermo', ['ZADD g xx 3377699720527872 Palermo'], ['zadd g']],
  ['redis:7.0', 'GEOADD g 180 33.3333 e', ['zadd g 10221336114843921 e'], ['zadd g']],
  ['redis:7.0', 'GEOADD g 13.361389 38.115556 Palermo', [], []],
  ['redis:7.0', 'GEOADD s 0 0 null', [], []],
  ['redis:7.0', 'GEORADIUS g 13 38 99 km store z', AS_SENT, ['georadiusstore z']],
  ['redis:7.0', 'GEORADIUSBYMEMBER g Palermo 1 m STOREDIST d', AS_SENT, ['new d', 'georadiusstore d']],
  ['redis:7.0', 'GEORADIUS g 99 38 1 km STORE z', AS_SENT, ['del z']],
  ['redis:7.0', 'GEORADIUS none 99 38 1 km STORE none', [], []],
  ['redis:7.0', 'GEOSEARCHSTORE z g FROMLONLAT 13 38 BYRADIUS 99 km', AS_SENT, ['geosearchstore z']],
];

describe('the log and the events of', () => {
  it.each(CASES)('%s: %s', (target, command, log, events) => {
    const { engine, runner } = filled(target);
    const lines: string[] = [];
    const told: string[] = [];
    engine.log = new CommandLog((args) => lines.push(args.join(' ')), engine.settings.target);
    engine.listener = { event: (_kind, event, key) => told.push(`${event} ${key}`) };
    runner.execute(command.split(' '));
    expect(lines.filter((line) => line !== 'SELECT 0')).toEqual(log ?? [command]);
    expect(told).toEqual(events);
  });
});

describe('a wait', () => {
  it.each([
    ['BZPOPMIN none z:none 0.5', ['none', 'z:none'], 500],
    ['BZPOPMAX none 0', ['none'], 0],
    ['BZMPOP 0.001 2 none other MAX COUNT 3', ['none', 'other'], 1],
  ] as const)('%s', (command, keys, timeoutMs) => {
    const { runner } = filled('redis:7.0');
    runner.execute(command.split(' '));
    expect(runner.wait).toEqual({ keys, type: 'zset', timeoutMs });
  });

  it('is none where there is something', () => {
    const { runner } = filled('redis:7.0');
    for (const command of ['BZPOPMIN none z 0', 'BZMPOP 0 1 z MIN', 'ZMPOP 1 none MIN', 'BZPOPMIN s 0']) {
      runner.execute(command.split(' '));
      expect(runner.wait, command).toBeUndefined();
    }
  });
});

function filled(target: string): TestEngine {
  const test = testEngine({ target });
  for (const command of START) {
    const reply = test.runner.execute(command.split(' '));
    if (reply instanceof CommandError) throw reply;
  }
  return test;
}

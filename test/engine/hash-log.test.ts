/** What commands on hashes leave in the log of each generation, and the events that they tell of. */
import { describe, expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

const NOW = 1_000_000;
/** In place of the one line that a command leaves as it was sent. */
const AS_SENT = undefined;

type Case = [target: string, command: string, log: readonly string[] | undefined, events: readonly string[]];

/** `h` has f, which expires, g and i; `plain` has f alone. */
const CASES: readonly Case[] = [
  ['redis:7.0', 'HSET new f 1', AS_SENT, ['n new new', 'h hset new']],
  ['redis:7.0', 'hmset plain f 1', AS_SENT, ['h hset plain']],
  ['redis:7.0', 'HSETNX plain f 1', [], []],
  ['redis:7.0', 'HDEL plain q', [], []],
  ['redis:7.0', 'HDEL plain q f', AS_SENT, ['h hdel plain', 'g del plain']],
  ['redis:7.0', 'HINCRBYFLOAT plain f 0.5', ['HSET plain f 1.5'], ['h hincrbyfloat plain']],
  ['redis:8.0', 'hincrbyfloat h f 1', ['HSET h f 2'], ['h hincrbyfloat h']],
  ['redis:8.2', 'HINCRBYFLOAT new f 1', ['HSETEX new KEEPTTL FIELDS 1 f 1'], ['n new new', 'h hincrbyfloat new']],
  ['valkey:9.1', 'HINCRBYFLOAT h f 1', ['HSETEX h PXAT 2000000 FIELDS 1 f 2'], ['h hincrbyfloat h']],
  ['valkey:9.1', 'HINCRBYFLOAT plain f 1', ['HSET plain f 2'], ['h hincrbyfloat plain']],
  ['redis:8.6', 'HINCRBY h f 1', AS_SENT, ['h hincrby h']],
  ['valkey:9.1', 'HINCRBY h f 1', ['HSETEX h PXAT 2000000 FIELDS 1 f 2'], ['h hincrby h']],
  ['valkey:9.1', 'hincrby h g 1', ['HSET h g 3'], ['h hincrby h']],
  ['valkey:9.1', 'hincrby plain f 1', AS_SENT, ['h hincrby plain']],
  ['redis:8.6', 'HSETNX h q 1', AS_SENT, ['h hset h']],
  ['valkey:9.1', 'HSETNX h q 1', ['HSET h q 1'], ['h hset h']],
  ['valkey:9.1', 'HSETNX plain q 1', AS_SENT, ['h hset plain']],
  ['redis:8.0', 'HEXPIRE h 500 FIELDS 3 f x g', ['HPEXPIREAT h 1500000 FIELDS 2 f g'], ['h hexpire h']],
  ['redis:8.0', 'hpexpire h 500 NX fields 2 f g', ['HPEXPIREAT h 1000500 NX fields 1 g'], ['h hexpire h']],
  ['redis:8.0', 'hpexpireat h 1500000 fields 2 f x', ['hpexpireat h 1500000 fields 1 f'], ['h hexpire h']],
  ['redis:8.6', 'HEXPIREAT h 1500 FIELDS 2 f g NX', ['HPEXPIREAT h 1500000 FIELDS 1 g NX'], ['h hexpire h']],
  ['redis:8.6', 'HPEXPIREAT h 1500000 NX FIELDS 1 f', [], []],
  ['valkey:9.1', 'HEXPIRE h 500 NX FIELDS 3 f x g', ['HPEXPIREAT h 1500000 NX FIELDS 3 f x g'], ['h hexpire h']],
  ['redis:8.0', 'HEXPIRE h 0 FIELDS 2 f x', ['HDEL h f'], ['h hdel h']],
  ['redis:8.6', 'HPEXPIREAT h 1 FIELDS 2 f g', ['MULTI', 'HDEL h f', 'HDEL h g', 'EXEC'], ['h hdel h']],
  ['redis:8.6', 'HEXPIRE plain 0 FIELDS 1 f', ['HDEL plain f'], ['h hdel plain', 'g del plain']],
  ['valkey:9.1', 'HPEXPIREAT h 1 FIELDS 3 f x g', ['HDEL h f g'], ['h hexpired h']],
  ['redis:8.0', 'hpersist h fields 2 f g', AS_SENT, ['h hpersist h']],
  ['valkey:9.1', 'HPERSIST h FIELDS 1 g', [], []],
  ['redis:8.0', 'HGETEX h EX 5 fields 2 f x', ['HPEXPIREAT h 1005000 fields 2 f x'], ['h hexpire h']],
  ['redis:8.6', 'HGETEX h fields 2 f x EX 5', ['HPEXPIREAT h 1005000 FIELDS 2 f x'], ['h hexpire h']],
  ['valkey:9.1', 'HGETEX h EX 5 fields 2 f x', ['HPEXPIREAT h 1005000 FIELDS 1 f'], ['h hexpire h']],
  ['redis:8.6', 'HGETEX h PERSIST FIELDS 2 f g', ['HPERSIST h FIELDS 2 f g'], ['h hpersist h']],
  ['valkey:9.1', 'HGETEX h PERSIST FIELDS 2 f g', ['HPERSIST h FIELDS 1 f'], ['h hpersist h']],
  ['redis:8.6', 'HGETEX h FIELDS 1 f', [], []],
  ['redis:8.6', 'HGETEX h PXAT 1 FIELDS 3 f x f', ['HDEL h f'], ['h hdel h']],
  ['valkey:9.1', 'HGETEX h PXAT 1 FIELDS 3 f x g', ['HDEL h f g'], ['h hexpired h']],
  [
    'redis:8.0',
    'hsetex h ex 5 FNX FIELDS 1 x 2',
    ['hsetex h PXAT 1005000 FNX FIELDS 1 x 2'],
    ['h hset h', 'h hexpire h'],
  ],
  ['redis:8.0', 'HSETEX h pxat 2000000 FIELDS 1 x 2', AS_SENT, ['h hset h', 'h hexpire h']],
  ['redis:8.6', 'HSETEX h FIELDS 1 x 2 EX 5', ['HSETEX h FIELDS 1 x 2 PXAT 1005000'], ['h hset h', 'h hexpire h']],
  ['redis:8.6', 'HSETEX h FXX KEEPTTL FIELDS 1 f 2', AS_SENT, ['h hset h']],
  ['valkey:9.1', 'HSETEX h FXX XX KEEPTTL FIELDS 1 f 2', ['HSETEX h KEEPTTL FIELDS 1 f 2'], ['h hset h']],
  [
    'valkey:9.1',
    'hsetex h fnx EX 5 fields 1 xx nx',
    ['hsetex h PXAT 1005000 fields 1 xx nx'],
    ['h hset h', 'h hexpire h'],
  ],
  ['redis:8.0', 'HSETEX h FNX FIELDS 1 f 2', [], []],
  [
    'redis:8.6',
    'HSETEX new PXAT 1 FIELDS 2 f 2 f 3',
    ['MULTI', 'HDEL new f', 'HDEL new f', 'EXEC'],
    ['n new new', 'h hset new', 'h hdel new', 'g del new'],
  ],
  ['valkey:9.1', 'HSETEX h PXAT 1 FIELDS 2 f 2 x 3', ['HDEL h f'], ['h hset h', 'h hexpire h', 'h hexpired h']],
  [
    'valkey:9.1',
    'HSETEX new PXAT 1 FIELDS 1 f 2',
    [],
    ['n new new', 'h hset new', 'h hexpire new', 'h hexpired new', 'g del new'],
  ],
  ['redis:8.0', 'hgetdel h fields 2 x f', ['HDEL h x f'], ['h hdel h']],
  ['valkey:9.1', 'hgetdel h fields 2 x f', AS_SENT, ['h hdel h']],
  ['redis:8.6', 'HGETDEL plain FIELDS 1 f', ['HDEL plain f'], ['h hdel plain', 'g del plain']],
  ['redis:8.6', 'HGETDEL plain FIELDS 1 x', [], []],
];

describe('the log and the events of', () => {
  it.each(CASES)('%s: %s', (target, command, log, events) => {
    const { engine, runner } = filled(testEngine({ target, clock: () => NOW }));
    const { lines, told } = listenTo(engine);
    runner.execute(command.split(' '));
    expect(lines()).toEqual(log ?? [command]);
    expect(told).toEqual(events);
  });
});

/** The times of f and g of `due` have come, and the time of all that `over` had. */
const LATER: readonly Case[] = [
  ['redis:8.6', 'HGET due i', ['MULTI', 'HDEL due f', 'HDEL due g', 'EXEC'], ['h hexpired due']],
  ['redis:8.6', 'HLEN over', ['HDEL over f'], ['h hexpired over', 'g del over']],
  [
    'redis:8.6',
    'HSETNX over f 1',
    ['MULTI', 'HDEL over f', 'HSETNX over f 1', 'EXEC'],
    ['h hexpired over', 'g del over', 'n new over', 'h hset over'],
  ],
  ['valkey:9.1', 'HGETALL due', ['HDEL due f g'], ['x hexpired due']],
  ['valkey:9.1', 'HLEN over', ['MULTI', 'HDEL over f', 'UNLINK over', 'EXEC'], ['x hexpired over', 'g del over']],
  ['valkey:9.1', 'HSET due f 1', ['MULTI', 'HDEL due f g', 'HSET due f 1', 'EXEC'], ['x hexpired due', 'h hset due']],
];

describe('fields whose time has come, in the log and the events of', () => {
  it.each(LATER)('%s: %s', (target, command, log, events) => {
    let nowMs = NOW;
    const { engine, runner } = filled(testEngine({ target, clock: () => nowMs }));
    nowMs += 11;
    const { lines, told } = listenTo(engine);
    runner.execute(command.split(' '));
    expect(lines()).toEqual(log);
    expect(told).toEqual(events);
  });

  it('are nobody’s while a log is loaded', () => {
    let nowMs = NOW;
    const { engine, runner } = filled(testEngine({ target: 'redis:8.6', clock: () => nowMs }));
    nowMs += 11;
    engine.isLoading = true;
    const { lines, told } = listenTo(engine);
    expect(runner.execute(['HGET', 'due', 'f'])).toBe('1');
    expect(lines()).toEqual([]);
    expect(told).toEqual([]);
  });

  it('end a transaction that watches their key', () => {
    let nowMs = NOW;
    const { engine, runner } = filled(testEngine({ target: 'redis:8.6', clock: () => nowMs }));
    const changed: string[] = [];
    engine.listener = { changed: (_db, key) => changed.push(key) };
    nowMs += 11;
    runner.execute(['HGET', 'due', 'i']);
    expect(changed).toEqual(['due']);
  });
});

function filled(test: TestEngine): TestEngine {
  const { run } = test;
  run('HSET', 'h', 'f', 1, 'g', 2, 'i', 3);
  run('HPEXPIREAT', 'h', 2 * NOW, 'FIELDS', 1, 'f');
  run('HSET', 'plain', 'f', 1);
  run('HSET', 'due', 'f', 1, 'g', 2, 'i', 3);
  run('HPEXPIREAT', 'due', NOW + 10, 'FIELDS', 2, 'f', 'g');
  run('HSET', 'over', 'f', 1);
  run('HPEXPIREAT', 'over', NOW + 10, 'FIELDS', 1, 'f');
  return test;
}

/** Lines but for SELECT, and events with their kinds. */
function listenTo(engine: TestEngine['engine']): { lines: () => string[]; told: string[] } {
  const all: string[] = [];
  const told: string[] = [];
  engine.log = new CommandLog((args) => all.push(args.join(' ')), engine.settings.target);
  engine.listener = { event: (kind, event, key) => told.push(`${kind} ${event} ${key}`) };
  return { lines: () => all.filter((line) => line !== 'SELECT 0'), told };
}

/** What streams and their groups leave in the log of each generation, and the events that they tell of. */
import { describe, expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { CommandError } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

/** In place of the one line that a command leaves as it was sent. */
const AS_SENT = undefined;

type Case = [target: string, command: string, log: readonly string[] | undefined, events?: readonly string[]];

const START = [
  ...['XADD s 1-1 f v', 'XADD s 2-1 f v', 'XADD s 3-1 f v', 'XADD s 4-1 f v', 'XGROUP CREATE s g 0'],
  ...['XREADGROUP GROUP g c COUNT 2 STREAMS s >', 'XDEL s 1-1'],
];

const claimed = (owner: string, id: string, deliveries: number, lastId: string): string =>
  `XCLAIM s g ${owner} 0 ${id} TIME 1000000 RETRYCOUNT ${deliveries} FORCE JUSTID LASTID ${lastId}`;

const inOne = (...lines: string[]): string[] => ['MULTI', ...lines, 'EXEC'];

const ENTRIES: readonly Case[] = [
  ['redis:7.0', 'xadd s * f v', ['xadd s 1000000-0 f v'], ['xadd s']],
  ['redis:7.0', 'XADD s 5-* f v', ['XADD s 5-0 f v'], ['xadd s']],
  ['redis:7.0', 'XADD s 05 f v', AS_SENT, ['xadd s']],
  ['redis:6.2', 'XADD s 05 f v', ['XADD s 5-0 f v'], ['xadd s']],
  ['redis:7.0', 'XADD new NOMKSTREAM * f v', [], []],
  ['redis:7.0', 'XADD new 1-1 f v', AS_SENT, ['new new', 'xadd new']],
  ['redis:7.0', 'XADD s MAXLEN 2 5-1 f v', AS_SENT, ['xadd s', 'xtrim s']],
  ['redis:7.0', 'XADD s maxlen ~ 2 LIMIT 5 * f v', ['XADD s maxlen = 4 LIMIT 5 1000000-0 f v'], ['xadd s']],
  ['redis:7.0', 'XADD s MINID ~ 2 5-1 f v', ['XADD s MINID = 1-1 5-1 f v'], ['xadd s']],
  ['redis:6.2', 'XADD s MINID ~ 2 5-1 f v', ['XADD s MINID = 2-1 5-1 f v'], ['xadd s']],
  ['redis:7.0', 'XTRIM s MAXLEN ~ 1', [], []],
  ['redis:7.0', 'XTRIM s MINID ~ 9', ['XTRIM s MINID = 18446744073709551615-18446744073709551615'], ['xtrim s']],
  ['redis:8.6', 'XTRIM s MAXLEN ~ 0 DELREF', ['XTRIM s MAXLEN = 0 DELREF'], ['xtrim s']],
  ['redis:7.0', 'XDEL s 2-1 9-9', AS_SENT, ['xdel s']],
  ['redis:7.0', 'XDEL s 9-9', [], []],
  ['redis:7.0', 'XSETID s 9-9', AS_SENT, ['xsetid s']],
  ['redis:8.2', 'XDELEX s IDS 2 2-1 9-9', AS_SENT, ['xdel s']],
  ['redis:8.2', 'XDELEX s ACKED IDS 1 2-1', [], []],
  ['redis:8.2', 'XACKDEL s g IDS 1 2-1', AS_SENT, ['xdel s']],
  ['redis:8.2', 'XACKDEL s g IDS 1 1-1', AS_SENT, []],
  ['redis:8.6', 'XADD s IDMP p i * f v', ['XADD s IDMP p i 1000000-0 f v'], ['xadd s']],
  ['redis:8.6', 'XCFGSET s IDMP-DURATION 7', AS_SENT, []],
];

const GROUPS: readonly Case[] = [
  ['redis:7.0', 'XGROUP CREATE s h $', AS_SENT, ['xgroup-create s']],
  ['redis:7.0', 'XGROUP CREATE new h $ MKSTREAM', AS_SENT, ['new new', 'xgroup-create new']],
  ['redis:7.0', 'XGROUP SETID s g 0', AS_SENT, ['xgroup-setid s']],
  ['redis:7.0', 'XGROUP DESTROY s g', AS_SENT, ['xgroup-destroy s']],
  ['redis:7.0', 'XGROUP CREATECONSUMER s g d', AS_SENT, ['xgroup-createconsumer s']],
  ['redis:7.0', 'XGROUP DELCONSUMER s g c', AS_SENT, ['xgroup-delconsumer s']],
  ['redis:7.0', 'XGROUP DELCONSUMER s g d', [], []],
  ['redis:7.0', 'XACK s g 1-1', AS_SENT, []],
  ['redis:7.0', 'XACK s g 9-9', [], []],
];

const READ = 'XREADGROUP GROUP g d STREAMS s >';
const READ_ALL = 'XREADGROUP GROUP g d NOACK STREAMS s >';
const MADE = ['xgroup-createconsumer s'];

const READS: readonly Case[] = [
  ['redis:5.0', READ, [claimed('d', '3-1', 1, '3-1'), claimed('d', '4-1', 1, '4-1')], []],
  ['redis:6.2', READ, [claimed('d', '3-1', 1, '3-1'), claimed('d', '4-1', 1, '4-1')], []],
  ['redis:7.0', READ, inOne(claimed('d', '3-1', 1, '3-1'), claimed('d', '4-1', 1, '4-1')), MADE],
  ['valkey:7.2', READ, inOne(claimed('d', '3-1', 1, '3-1'), claimed('d', '4-1', 1, '4-1')), MADE],
  ...['redis:7.4', 'redis:8.2', 'valkey:8.1'].map((target): Case => {
    const moved = 'XGROUP SETID s g 4-1 ENTRIESREAD 4';
    return [target, READ, inOne(claimed('d', '3-1', 1, '3-1'), claimed('d', '4-1', 1, '4-1'), moved), MADE];
  }),
  [
    'redis:8.6',
    READ,
    inOne(claimed('d', '3-1', 1, '2-1'), claimed('d', '4-1', 1, '2-1'), 'XGROUP SETID s g 4-1 ENTRIESREAD 4'),
    MADE,
  ],
  ['redis:5.0', READ_ALL, ['XGROUP SETID s g 3-1', 'XGROUP SETID s g 4-1'], []],
  ['redis:6.0', READ_ALL, ['XGROUP SETID s g 4-1'], []],
  ['redis:6.2', READ_ALL, ['XGROUP CREATECONSUMER s g d', 'XGROUP SETID s g 4-1'], []],
  ['redis:7.0', READ_ALL, inOne('XGROUP CREATECONSUMER s g d', 'XGROUP SETID s g 4-1 ENTRIESREAD 4'), MADE],
  ['redis:7.0', 'XREADGROUP GROUP g c STREAMS s 0', [], []],
  ['redis:7.0', 'XREADGROUP GROUP g d NOACK STREAMS s 0', ['XGROUP CREATECONSUMER s g d'], MADE],
  ['redis:8.6', 'XREADGROUP GROUP g d CLAIM 0 COUNT 1 STREAMS s >', [claimed('d', '2-1', 2, '2-1')], MADE],
];

const CLAIMS: readonly Case[] = [
  ['redis:7.0', 'XCLAIM s g d 0 2-01 9-9', [claimed('d', '2-01', 2, '2-1')], MADE],
  ['redis:7.0', 'XCLAIM s g d 0 1-1', [claimed('c', '1-1', 1, '2-1')], []],
  ['redis:6.2', 'XCLAIM s g d 0 1-1', [claimed('d', '1-1', 2, '2-1')], []],
  ['redis:7.0', 'XCLAIM s g d 0 9-9 LASTID 7-7', ['XGROUP SETID s g 7-7 ENTRIESREAD 2'], []],
  ['redis:6.2', 'XCLAIM s g d 0 9-9 LASTID 7-7', ['XGROUP SETID s g 7-7'], []],
  ['redis:7.0', 'XCLAIM s g d 0 2-1 LASTID 7-7', [claimed('d', '2-1', 2, '7-7')], MADE],
  ['redis:7.0', 'XCLAIM s g d 999 2-1', [], []],
  ['redis:8.0', 'XCLAIM s g d 999 2-1', [], MADE],
  ['redis:7.0', 'XAUTOCLAIM s g d 0 -', inOne(claimed('c', '1-1', 1, '2-1'), claimed('d', '2-1', 2, '2-1')), MADE],
  ['redis:6.2', 'XAUTOCLAIM s g d 0 -', [claimed('d', '1-1', 2, '2-1'), claimed('d', '2-1', 2, '2-1')], []],
];

describe('the log and the events of', () => {
  it.each([...ENTRIES, ...GROUPS, ...READS, ...CLAIMS])('%s: %s', (target, command, log, events) => {
    const { engine, runner } = filled(target);
    const lines: string[] = [];
    const told: string[] = [];
    engine.log = new CommandLog((args) => lines.push(args.join(' ')), engine.settings.target);
    engine.listener = { event: (_kind, event, key) => told.push(`${event} ${key}`) };
    const reply = runner.execute(command.split(' '));
    if (reply instanceof CommandError) throw reply;
    expect(lines.filter((line) => line !== 'SELECT 0')).toEqual(log ?? [command]);
    expect(told).toEqual(events);
  });

  it('redis:8.6: a message that comes again', () => {
    const { engine, runner, run } = filled('redis:8.6');
    run('XADD', 's', 'IDMP', 'p', 'i', '*', 'f', 'v');
    const lines: string[] = [];
    engine.log = new CommandLog((args) => lines.push(args.join(' ')), engine.settings.target);
    runner.execute('XADD s MAXLEN ~ 1 IDMP p i * f v'.split(' '));
    expect(lines).toEqual(['SELECT 0', 'XADD s MAXLEN ~ 1 IDMP p i * f v']);
  });
});

describe('a watched key', () => {
  it.each([
    ['XADD s * f v', true],
    ['XTRIM s MAXLEN 1', true],
    ['XDEL s 2-1', true],
    ['XGROUP CREATE new g $ MKSTREAM', true],
    ['XSETID s 9-9', false],
    ['XGROUP SETID s g 0', false],
    ['XACK s g 2-1', false],
    [READ, false],
  ])('%s: %s', (command, isTold) => {
    const { engine, runner } = filled('redis:7.0');
    let told = false;
    engine.listener = { changed: () => (told = true) };
    runner.execute(command.split(' '));
    expect(told).toBe(isTold);
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

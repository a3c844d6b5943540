/** Reading streams: what the generations answer, and what there is to wait for. */
import { describe, expect, it } from 'vitest';
import { type MapReply, NULL_ARRAY, type Reply, type Status } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

describe('a wait', () => {
  it.each([
    ['XREAD BLOCK 500 STREAMS s none $ $', ['s', 'none'], 500, 'XREAD BLOCK 500 STREAMS s none 9-9 0-0'],
    ['XREAD COUNT 2 BLOCK 0 STREAMS s $', ['s'], 0, 'XREAD COUNT 2 BLOCK 0 STREAMS s 9-9'],
    ['XREAD BLOCK 1 STREAMS $ 5', ['$'], 1, 'XREAD BLOCK 1 STREAMS $ 5'],
  ])('%s', (command, keys, timeoutMs, retry) => {
    const { runner } = filled('redis:7.0');
    expect(runner.execute(command.split(' '))).toBe(NULL_ARRAY);
    expect(runner.wait).toEqual({ keys, type: 'stream', timeoutMs, retry: retry.split(' ') });
  });

  it('for a group begins again as it was', () => {
    const { runner } = filled('redis:7.0');
    runner.execute('XREADGROUP GROUP g c BLOCK 7 STREAMS s >'.split(' '));
    expect(runner.wait).toEqual({ keys: ['s'], type: 'stream', timeoutMs: 7 });
  });

  it('is none where there is something, nor without BLOCK', () => {
    const { runner } = filled('redis:7.0');
    for (const command of [
      'XREAD BLOCK 0 STREAMS s 0',
      'XREAD STREAMS s $',
      'XREADGROUP GROUP g c BLOCK 1 STREAMS s 0',
    ]) {
      runner.execute(command.split(' '));
      expect(runner.wait, command).toBeUndefined();
    }
  });

  it.each([
    ['redis:7.0', NULL_ARRAY],
    ['redis:7.2', '-ERR timeout is out of range'],
  ])('%s, beyond the end of time', (target, reply) => {
    expect(filled(target).run('XREAD', 'BLOCK', '9223372036854775807', 'STREAMS', 's', '$')).toEqual(reply);
  });
});

describe('the last entry', () => {
  const BAD = '-ERR Invalid stream ID specified as stream command argument';
  const LAST = [['s', [['2-1', ['f', 'v']]]]];
  it.each([
    ['redis:7.2', 's', BAD],
    ['redis:7.4', 's', NULL_ARRAY],
    ['redis:8.0', 's', LAST],
    ['valkey:8.1', 's', NULL_ARRAY],
    ['redis:7.4', 'empty', '-ERR the stream last element ID is 0-0'],
    ['redis:8.0', 'empty', NULL_ARRAY],
    ['valkey:8.1', 'empty', '-ERR the stream last element ID is 0-0'],
    ['valkey:9.1', 'empty', NULL_ARRAY],
    ['redis:8.0', 'none', NULL_ARRAY],
  ])('%s: + of %s', (target, key, reply) => {
    const { run } = filled(target);
    run('XGROUP', 'CREATE', 'empty', 'g', '0', 'MKSTREAM');
    expect(run('XREAD', 'STREAMS', key, '+')).toEqual(reply);
  });
});

describe('XINFO', () => {
  const OLD = 'length radix-tree-keys radix-tree-nodes';
  const COUNTERS = 'max-deleted-entry-id entries-added recorded-first-entry-id';
  const PRODUCERS = 'idmp-duration idmp-maxsize pids-tracked iids-tracked iids-added iids-duplicates';
  it.each([
    ['redis:5.0', `${OLD} groups last-generated-id first-entry last-entry`],
    ['redis:6.2', `${OLD} last-generated-id groups first-entry last-entry`],
    ['redis:7.0', `${OLD} last-generated-id ${COUNTERS} groups first-entry last-entry`],
    ['redis:8.6', `${OLD} last-generated-id ${COUNTERS} ${PRODUCERS} groups first-entry last-entry`],
  ])('STREAM of %s', (target, names) => {
    expect(namesOf(filled(target).run('XINFO', 'STREAM', 's'))).toBe(names);
  });

  it.each([
    ['redis:6.2', 'name consumers pending last-delivered-id', 'name pending idle'],
    ['redis:7.0', 'name consumers pending last-delivered-id entries-read lag', 'name pending idle'],
    ['redis:7.2', 'name consumers pending last-delivered-id entries-read lag', 'name pending idle inactive'],
  ])('GROUPS and CONSUMERS of %s', (target, groups, consumers) => {
    const { run } = filled(target);
    expect((run('XINFO', 'GROUPS', 's') as Reply[]).map(namesOf)).toEqual([groups]);
    run('XGROUP', 'CREATECONSUMER', 's', 'g', 'd');
    expect((run('XINFO', 'CONSUMERS', 's', 'g') as Reply[]).map(namesOf)).toContain(consumers);
  });

  it.each([
    ['XINFO', 'redis:7.0', '    Prints this help.'],
    ['XGROUP', 'redis:8.0', '    Print this help.'],
  ])('and %s HELP of %s', (name, target, last) => {
    const lines = (filled(target).run(name, 'HELP') as Status[]).map(({ text }) => text);
    expect(lines[0]).toBe(`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
    expect(lines.slice(-2)).toEqual(['HELP', last]);
  });
});

describe('claiming while reading', () => {
  it('takes first what has been pending longest, and leaves what is gone', () => {
    const { run } = filled('redis:8.6');
    run('XGROUP', 'CREATE', 's', 'h', '0');
    run('XREADGROUP', 'GROUP', 'h', 'c', 'STREAMS', 's', '>');
    run('XADD', 's', '10-1', 'f', 'v');
    run('XCLAIM', 's', 'h', 'c', 0, '2-1', 'TIME', 5, 'JUSTID');
    const read = (): Reply => run('XREADGROUP', 'GROUP', 'h', 'd', 'CLAIM', 10, 'STREAMS', 's', '>');
    expect(read()).toEqual([
      [
        's',
        [
          ['2-1', ['f', 'v'], 999_995, 1],
          ['10-1', ['f', 'v'], 0, 0],
        ],
      ],
    ]);
    run('XCLAIM', 's', 'h', 'c', 0, '10-1', '1-1', 'TIME', 5, 'JUSTID');
    run('XDEL', 's', '1-1');
    expect(read()).toEqual([['s', [['10-1', ['f', 'v'], 999_995, 1]]]]);
    expect(run('XPENDING', 's', 'h')).toEqual([
      3,
      '1-1',
      '10-1',
      [
        ['c', '1'],
        ['d', '2'],
      ],
    ]);
  });
});

function namesOf(reply: Reply): string {
  return (reply as MapReply).pairs.map(([name]) => name).join(' ');
}

/** The last id is one that was deleted; the group has read everything. */
function filled(target: string): TestEngine {
  const test = testEngine({ target });
  test.run('XADD', 's', '1-1', 'f', 'v');
  test.run('XADD', 's', '2-1', 'f', 'v');
  test.run('XADD', 's', '9-9', 'f', 'v');
  test.run('XDEL', 's', '9-9');
  test.run('XGROUP', 'CREATE', 's', 'g', '$');
  return test;
}

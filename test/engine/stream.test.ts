import { describe, expect, it } from 'vitest';
import { fromByteString } from '../../src/bytes/byte-string.js';
import { toRdb } from '../../src/engine/snapshot.js';
import { fromRdb } from '../../src/engine/values/from-rdb.js';
import type { StreamObject } from '../../src/engine/values/stream-object.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import type { StreamState, StreamValue } from '../../src/rdb/model.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';

type Case = [command: string, reply: unknown, ids: string, changes: number];

const MAX = '18446744073709551615';
const START = '1-1 2-0 2-5';
const ENTRY_CASES: readonly Case[] = [
  ['XADD s * f v', '1000000-0', `${START} 1000000-0`, 1],
  ['XADD s 3-0 f v', '3-0', `${START} 3-0`, 1],
  ['XADD s 3 f v', '3-0', `${START} 3-0`, 1],
  ['XADD s 2-* f v', '2-6', `${START} 2-6`, 1],
  ['XADD s 9-* f v', '9-0', `${START} 9-0`, 1],
  ['XADD s 007-01 f v', '7-1', `${START} 7-1`, 1],
  [`XADD s ${MAX}-${MAX} f v`, `${MAX}-${MAX}`, `${START} ${MAX}-${MAX}`, 1],
  ['XADD none NOMKSTREAM 3-0 f v', null, START, 0],
  ['XADD s 2-5 f v', '-ERR The ID specified in XADD is equal or smaller than the target stream top item', START, 0],
  ['XADD s 0-0 f v', '-ERR The ID specified in XADD must be greater than 0-0', START, 0],
  ['XADD s 3-0 f', "-ERR wrong number of arguments for 'xadd' command", START, 0],
  ['XADD s 3-0 f v g', "-ERR wrong number of arguments for 'xadd' command", START, 0],
  ['XADD s x f v', '-ERR Invalid stream ID specified as stream command argument', START, 0],
  ['XADD list 3-0 f v', '-WRONGTYPE Operation against a key holding the wrong kind of value', START, 0],
  ['XADD s MAXLEN 2 3-0 f v', '3-0', '2-5 3-0', 1],
  ['XADD s MAXLEN = 2 3-0 f v', '3-0', '2-5 3-0', 1],
  ['XADD s MAXLEN ~ 2 3-0 f v', '3-0', `${START} 3-0`, 1],
  ['XADD s MINID 2-1 3-0 f v', '3-0', '2-5 3-0', 1],
  ['XADD s MAXLEN 0 3-0 f v', '3-0', '', 1],
  ['XADD s MAXLEN -1 3-0 f v', '-ERR The MAXLEN argument must be >= 0.', START, 0],
  [
    'XADD s LIMIT 3 3-0 f v',
    '-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy',
    START,
    0,
  ],
  ['XTRIM s MAXLEN 1', 2, '2-5', 2],
  ['XTRIM s MAXLEN ~ 0', 3, '', 3],
  ['XTRIM s MINID 2', 1, '2-0 2-5', 1],
  ['XTRIM s MINID 3', 3, '', 3],
  ['XTRIM s MAXLEN = 1 LIMIT 2', '-ERR syntax error, LIMIT cannot be used without the special ~ option', START, 0],
  ['XTRIM none MAXLEN 1', 0, START, 0],
  ['XTRIM s FOO 1', '-ERR syntax error', START, 0],
  ['XDEL s 2-0 2-0 9-9', 1, '1-1 2-5', 1],
  ['XDEL s 2-5 1-1 2-0', 3, '', 3],
  ['XDEL s 2-0 x', '-ERR Invalid stream ID specified as stream command argument', START, 0],
  ['XSETID s 9-0 ENTRIESADDED 20 MAXDELETEDID 3-3', '+OK', START, 1],
  ['XSETID s 2-4', '-ERR The ID specified in XSETID is smaller than the target stream top item', START, 0],
  [
    'XSETID s 9-0 ENTRIESADDED 2',
    '-ERR The entries_added specified in XSETID is smaller than the target stream length',
    START,
    0,
  ],
  ['XSETID none 9-0', '-ERR no such key', START, 0],
];

describe('commands on entries', () => {
  it.each(ENTRY_CASES)('%s', (command, reply, ids, changes) => {
    const { engine, run, runner } = filled();
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    expect(idsOf(engine)).toBe(ids);
    expect(engine.database(0).has('s')).toBe(true);
  });

  it('keep what is given, field by field', () => {
    const { engine, run } = testEngine();
    run('XADD', 's', '1-1', 'a', '1', 'b', '2');
    run('XADD', 's', '1-2', 'a', '3', 'b', '4');
    run('XADD', 's', '1-3', 'b', '5', '', '', 'b', '6');
    expect(
      storedStream(engine).entries.map(({ fields }) => fields.map((part) => Buffer.from(part).toString())),
    ).toEqual([
      ['a', '1', 'b', '2'],
      ['a', '3', 'b', '4'],
      ['b', '5', '', '', 'b', '6'],
    ]);
  });

  it('find entries of long streams, from which some are gone', () => {
    const { engine, run } = testEngine({ encoding: { streamNodeMaxEntries: 7 } });
    for (let ms = 1; ms <= 100; ms++) run('XADD', 's', `${ms}-0`, 'f', ms);
    for (let ms = 3; ms <= 100; ms += 3) expect(run('XDEL', 's', `${ms}-0`)).toBe(1);
    expect(run('XTRIM', 's', 'MAXLEN', 40)).toBe(27);
    const left = storedStream(engine).entries.map(({ id, fields }) => `${id.ms} ${Buffer.from(fields[1]!)}`);
    const expected = Array.from({ length: 100 }, (_, at) => at + 1).filter((ms) => ms % 3 !== 0);
    expect(left).toEqual(expected.slice(27).map((ms) => `${ms} ${ms}`));
    expect(run('XADD', 's', '101-0', 'f', 'v')).toBe('101-0');
  });
});

describe('groups', () => {
  it('deliver, claim and acknowledge', () => {
    const { engine, run, runner } = filled();
    expect(run('XGROUP', 'CREATE', 's', 'g', '0')).toBe('+OK');
    expect(run('XGROUP', 'CREATE', 's', 'g', '0')).toBe('-BUSYGROUP Consumer Group name already exists');
    expect(run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 2, 'STREAMS', 's', '>')).toEqual([
      [
        's',
        [
          ['1-1', ['f', '1']],
          ['2-0', ['f', '2']],
        ],
      ],
    ]);
    expect(pendingOf(engine)).toBe('1-1 c 1, 2-0 c 1');
    expect(run('XCLAIM', 's', 'g', 'd', 0, '2-0', '2-5', 'RETRYCOUNT', 7, 'JUSTID')).toEqual(['2-0']);
    expect(run('XCLAIM', 's', 'g', 'd', 0, '2-5', 'FORCE', 'LASTID', '9-9')).toEqual([['2-5', ['f', '3']]]);
    expect(pendingOf(engine)).toBe('1-1 c 1, 2-0 d 7, 2-5 d 2');
    expect(run('XACK', 's', 'g', '2-0', '2-1', '1-1')).toBe(2);
    expect(runner.dirty).toBe(2);
    expect(run('XGROUP', 'DELCONSUMER', 's', 'g', 'd')).toBe(1);
    expect(pendingOf(engine)).toBe('');
    expect(stateOf(engine).groups[0]).toMatchObject({ lastId: { ms: 9n, seq: 9n }, entriesRead: 2n });
  });

  it.each([
    ['redis:6.2', [null], '1-1 d 2'],
    ['redis:7.0', [], ''],
  ])('%s, when a pending entry is gone from the stream', (target, claimed, pending) => {
    const { engine, run } = filled(target);
    run('XGROUP', 'CREATE', 's', 'g', '0');
    run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 1, 'STREAMS', 's', '>');
    run('XDEL', 's', '1-1');
    expect(run('XCLAIM', 's', 'g', 'd', 0, '1-1')).toEqual(claimed);
    expect(pendingOf(engine)).toBe(pending);
  });

  it('claim automatically what is there, and drop what is not', () => {
    const { run } = filled();
    run('XGROUP', 'CREATE', 's', 'g', '0');
    run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>');
    run('XDEL', 's', '2-0');
    expect(run('XAUTOCLAIM', 's', 'g', 'd', 0, '-', 'COUNT', 2, 'JUSTID')).toEqual(['2-5', ['1-1'], ['2-0']]);
    expect(run('XAUTOCLAIM', 's', 'g', 'd', 0, '2-5', 'JUSTID')).toEqual(['0-0', ['2-5'], []]);
  });

  it('give back entries, and take them again', () => {
    const { engine, run } = filled('redis:8.8');
    run('XGROUP', 'CREATE', 's', 'g', '0');
    run('XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>');
    expect(run('XNACK', 's', 'g', 'FAIL', 'IDS', 2, '2-5', '1-1')).toBe(2);
    expect(run('XNACK', 's', 'g', 'SILENT', 'IDS', 2, '2-0', '7-7')).toBe(1);
    expect(pendingOf(engine)).toBe('1-1 - 1, 2-0 - 0, 2-5 - 1');
    expect(stateOf(engine).groups[0]!.nacked?.map(({ ms, seq }) => `${ms}-${seq}`)).toEqual(['2-5', '1-1', '2-0']);
    run('XCLAIM', 's', 'g', 'd', 0, '1-1', 'JUSTID');
    expect(run('XNACK', 's', 'g', 'FATAL', 'IDS', 1, '2-0')).toBe(1);
    expect(pendingOf(engine)).toBe('1-1 d 1, 2-0 - 9223372036854775807, 2-5 - 1');
    run('XACK', 's', 'g', '2-0');
    expect(run('XNACK', 's', 'g', 'FAIL', 'IDS', 1, '2-0', 'RETRYCOUNT', 4, 'FORCE')).toBe(1);
    expect(pendingOf(engine)).toBe('1-1 d 1, 2-0 - 4, 2-5 - 1');
  });
});

describe('what 8.2 and 8.6 added', () => {
  it.each([
    ['XDELEX s KEEPREF IDS 2 1-1 9-9', [1, -1], '2-0 2-5', '1-1 c 1, 2-0 c 1'],
    ['XDELEX s DELREF IDS 1 1-1', [1], '2-0 2-5', '2-0 c 1'],
    ['XDELEX s ACKED IDS 2 1-1 2-5', [2, 2], START, '1-1 c 1, 2-0 c 1'],
    ['XACKDEL s g ACKED IDS 2 1-1 2-5', [1, -1], '2-0 2-5', '2-0 c 1'],
    ['XTRIM s MAXLEN 1 DELREF', 2, '2-5', ''],
    ['XTRIM s MAXLEN 1 ACKED', 0, START, '1-1 c 1, 2-0 c 1'],
    ['XADD s MAXLEN 1 KEEPREF 3-0 f v', '3-0', '3-0', '1-1 c 1, 2-0 c 1'],
  ])('%s', (command, reply, ids, pending) => {
    const { engine, run } = filled('redis:8.6');
    run('XGROUP', 'CREATE', 's', 'g', '0');
    run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 2, 'STREAMS', 's', '>');
    expect(run(...command.split(' '))).toEqual(reply);
    expect(idsOf(engine)).toBe(ids);
    expect(pendingOf(engine)).toBe(pending);
  });

  it('adds a message of a producer once', () => {
    const { engine, run, runner } = testEngine({ target: 'redis:8.6' });
    expect(run('XADD', 's', 'IDMP', 'p', 'i', '*', 'f', 'v')).toBe('1000000-0');
    expect(run('XADD', 's', 'IDMP', 'p', 'i', '*', 'f', 'other')).toBe('1000000-0');
    expect(runner.dirty).toBe(1);
    expect(run('XADD', 's', 'IDMPAUTO', 'p', '*', 'f', 'v', 'g', 'w')).toBe('1000000-1');
    expect(run('XADD', 's', 'IDMPAUTO', 'p', '*', 'g', 'w', 'f', 'v')).toBe('1000000-1');
    expect(stateOf(engine).idmp).toMatchObject({ iidsAdded: 2n, iidsDuplicates: 2n });
    expect(run('XCFGSET', 's', 'IDMP-MAXSIZE', 1)).toBe('+OK');
    expect(stateOf(engine).idmp).toMatchObject({ maxEntries: 1, producers: [] });
    expect(run('XIDMPRECORD', 's', 'p', 'i', '1000000-0')).toBe('+OK');
    expect(run('XADD', 's', 'IDMP', 'p', 'i', '*', 'f', 'v')).toBe('1000000-0');
  });

  it('takes a message without an id in a log for one that was there', () => {
    const { engine, run } = testEngine({ target: 'redis:8.6' });
    engine.isLoading = true;
    expect(run('XADD', 's', 'IDMPAUTO', 'p', '1-1', 'f', 'v')).toBe('1-1');
    expect(run('XADD', 's', 'MAXLEN', '~', 1, 'LIMIT', 5, 'IDMPAUTO', 'p', '*', 'x', 'y')).toBe(null);
    expect(run('XADD', 's', 'MAXLEN', '=', 1, 'LIMIT', 5, '2-1', 'f', 'v')).toBe('2-1');
    expect(idsOf(engine)).toBe('2-1');
  });
});

describe('a stream in a dump', () => {
  it.each(['redis:5.0', 'redis:7.0', 'redis:7.2', 'redis:8.6', 'redis:8.8', 'valkey:9.1'])('%s', (name) => {
    const { engine, run } = filled(name);
    run('XGROUP', 'CREATE', 's', 'g', '0');
    run('XGROUP', 'CREATE', 's', 'a', '1-1');
    run('XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 2, 'STREAMS', 's', '>');
    run('XREADGROUP', 'GROUP', 'g', 'b', 'STREAMS', 's', '>');
    run('XDEL', 's', '2-0');
    const value = storedStream(engine);
    const target = findTarget(name)!;
    const read = decodeDump(encodeDump(value, { target })).value as StreamValue;
    const again = fromRdb(read, engine.settings) as StreamObject;
    const copy = again.copy().toRdb(engine.settings);
    expect(copy.entries).toEqual(value.entries);
    expect(copy.state!.groups.map(({ pending }) => pending)).toEqual(value.state!.groups.map(({ pending }) => pending));
    if (target.writes.stream! >= 3) expect(copy.state).toEqual(value.state);
    expect(again.encoding(engine.settings)).toBe('stream');
  });

  it('without what old files do not say', () => {
    const { settings } = testEngine().engine;
    const id = { ms: 5n, seq: 1n };
    const group = { name: fromByteString('g'), lastId: id, pending: [], consumers: [] };
    const state: StreamState = { length: 1, lastId: { ms: 9n, seq: 0n }, groups: [group] };
    const entries = [{ id, fields: [fromByteString('f'), fromByteString('v')] }];
    const read = fromRdb({ type: 'stream', encoding: 'stream', entries, state }, settings) as StreamObject;
    expect(read.toRdb(settings).state).toMatchObject({
      entriesAdded: 1n,
      firstId: id,
      maxDeletedId: { ms: 0n, seq: 0n },
      groups: [{ entriesRead: 1n }],
    });
  });
});

function filled(target = 'redis:7.0'): TestEngine {
  const test = testEngine({ target });
  test.run('XADD', 's', '1-1', 'f', '1');
  test.run('XADD', 's', '2-0', 'f', '2');
  test.run('XADD', 's', '2-5', 'f', '3');
  test.run('RPUSH', 'list', 'element');
  return test;
}

function storedStream(engine: TestEngine['engine']): StreamValue {
  return toRdb(engine.database(0).getObject('s', 'stream')!, engine.settings) as StreamValue;
}

function stateOf(engine: TestEngine['engine']): StreamState {
  return storedStream(engine).state!;
}

function idsOf(engine: TestEngine['engine']): string {
  return storedStream(engine)
    .entries.map(({ id }) => `${id.ms}-${id.seq}`)
    .join(' ');
}

/** `id consumer deliveries` of the group g. */
function pendingOf(engine: TestEngine['engine']): string {
  const group = stateOf(engine).groups.find(({ name }) => Buffer.from(name).toString() === 'g');
  return group!.pending
    .map(({ id, consumer, deliveries }) => `${id.ms}-${id.seq} ${consumer ? Buffer.from(consumer) : '-'} ${deliveries}`)
    .join(', ');
}

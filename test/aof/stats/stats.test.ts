/** Counting what a log consists of. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAof } from '../../../src/aof/read.js';
import { type AofStats, type AofStatsOptions, statsOfLog } from '../../../src/aof/stats/stats.js';
import { TimelineCounter } from '../../../src/aof/stats/stats-timeline.js';
import { joined, listAofFixtures, logged, text } from '../../support/aof-files.js';
import { memoryLog } from '../../support/memory-log.js';

const BASE = joined(logged('SELECT', '0'), logged('SET', 'user:1:name', 'x'), logged('RPUSH', 'list', 'a'));
const INCR = joined(
  logged('SELECT', '2'),
  text('#TS:1700000000\r\n'),
  logged('set', 'user:1:name', 'y'),
  logged('MSET', 'user:2:name', '1', 'user:3:name', '2'),
  text('#TS:1700000003\r\n'),
  logged('MULTI'),
  logged('DEL', 'list'),
  logged('MY.MODULE', 'list'),
  logged('COPY', 'user:2:name', 'other', 'DB', '7'),
  logged('EXEC'),
  logged('XGROUP', 'CREATE', 'stream', 'g', '$'),
  text('#odd\n'),
);

async function statsOf(files: readonly Uint8Array[], options: AofStatsOptions = {}): Promise<AofStats> {
  return await statsOfLog(memoryLog(files), options);
}

function keysOf(entries: AofStats['hotKeys']): [string, number, number, number][] {
  return entries.map(({ db, key, count, bytes }) => [Buffer.from(key).toString(), db, count, bytes]);
}

it('counts commands, databases, transactions and files', async () => {
  const stats = await statsOf([BASE, INCR]);
  expect(stats.commands).toBe(12);
  expect(stats.annotations).toBe(3);
  expect(stats.commandBytes).toBe(BASE.length + INCR.length - '#TS:1700000000\r\n'.length * 2 - '#odd\n'.length);
  expect(stats.transactions).toEqual({ count: 1, commands: 3, largestCommands: 3 });
  expect(stats.byDb.map(({ db, commands }) => [db, commands])).toEqual([
    [0, 2],
    [2, 6],
  ]);
  const byName = new Map(stats.byCommand.map((entry) => [entry.name, entry]));
  expect([...byName].map(([name, { commands }]) => `${name} ${commands}`).sort()).toEqual([
    'COPY 1',
    'DEL 1',
    'EXEC 1',
    'MSET 1',
    'MULTI 1',
    'MY.MODULE 1',
    'RPUSH 1',
    'SELECT 2',
    'SET 2',
    'XGROUP CREATE 1',
  ]);
  expect(byName.get('MY.MODULE')).toEqual({ name: 'MY.MODULE', isKnown: false, commands: 1, bytes: 29 });
  expect(stats.files.map(({ role, bytes, commands }) => [role, bytes, commands])).toEqual([
    ['base', BASE.length, 3],
    ['incr', INCR.length, 9],
  ]);
  expect(stats.largest[0]).toMatchObject({ name: 'MSET', file: 1, key: text('user:2:name') });
  expect(stats.failure).toBeUndefined();
});

it('counts keys where they lie, and splits bytes among those of one command', async () => {
  const { hotKeys, distinctKeys } = await statsOf([BASE, INCR]);
  const mset = logged('MSET', 'user:2:name', '1', 'user:3:name', '2').length;
  const copy = logged('COPY', 'user:2:name', 'other', 'DB', '7').length;
  expect(keysOf(hotKeys)).toEqual([
    ['user:2:name', 2, 2, Math.round(mset / 2) + Math.round(copy / 2)],
    ['list', 0, 1, logged('RPUSH', 'list', 'a').length],
    ['list', 2, 1, logged('DEL', 'list').length],
    ['other', 7, 1, Math.round(copy / 2)],
    ['stream', 2, 1, logged('XGROUP', 'CREATE', 'stream', 'g', '$').length],
    ['user:1:name', 0, 1, logged('SET', 'user:1:name', 'x').length],
    ['user:1:name', 2, 1, logged('SET', 'user:1:name', 'y').length],
    ['user:3:name', 2, 1, Math.round(mset / 2)],
  ]);
  expect(distinctKeys).toBe(8);
});

describe('prefixes', () => {
  const log = joined(
    ...['a:b:c', 'a:b:d', 'a:x', 'plain', ':odd', 'a::c', 'a--b--c'].map((key) => logged('INCR', key)),
  );
  it.each([
    [{}, { 'a:': 4, '': 2, ':': 1 }],
    [{ depth: 2 }, { 'a:b:': 2, 'a:': 1, '': 2, ':': 1, 'a::': 1 }],
    [{ separator: '--' }, { '': 6, 'a--': 1 }],
    [
      { separator: '--', depth: 3 },
      { '': 6, 'a--b--': 1 },
    ],
    [{ separator: '::' }, { '': 6, 'a::': 1 }],
  ])('%j', async (options, expected) => {
    const { prefixes, distinctPrefixes } = await statsOf([log], options);
    expect(Object.fromEntries(prefixes.map(({ key, count }) => [Buffer.from(key).toString(), count]))).toEqual(
      expected,
    );
    expect(distinctPrefixes).toBe(Object.keys(expected).length);
  });

  it('refuses a separator of nothing', async () => {
    await expect(statsOf([log], { separator: '' })).rejects.toThrow(RangeError);
  });
});

describe('time', () => {
  it('goes by annotations, anew in each file', async () => {
    const { timeline } = await statsOf([BASE, INCR]);
    expect(timeline).toMatchObject({
      widthSeconds: 1,
      firstSeconds: 1700000000,
      lastSeconds: 1700000003,
      untimed: { commands: 4 },
    });
    expect(timeline!.buckets.map(({ startSeconds, commands }) => [startSeconds, commands])).toEqual([
      [1700000000, 2],
      [1700000003, 6],
    ]);
    expect((await statsOf([BASE])).timeline).toBeUndefined();
  });

  it('widens its buckets, and loses nothing', () => {
    const counter = new TimelineCounter();
    let bytes = 0;
    for (let second = 0; second < 100_000; second += 7) {
      counter.moveTo(1_600_000_000 + second);
      counter.add(second);
      bytes += second;
    }
    // A clock that was put back.
    counter.moveTo(1_600_000_000);
    counter.add(1);
    const { buckets, widthSeconds } = counter.result()!;
    expect(buckets.length).toBeLessThanOrEqual(240);
    expect(buckets.length).toBeGreaterThan(40);
    expect(buckets.every(({ startSeconds }) => startSeconds % widthSeconds === 0)).toBe(true);
    expect(buckets.reduce((sum, bucket) => sum + bucket.bytes, 0)).toBe(bytes + 1);
  });

  it('goes from the beginning of time to its end', () => {
    const counter = new TimelineCounter();
    for (let at = 0; at < 1000; at++) {
      counter.moveTo(at * 1_000_000_000_000);
      counter.add(1);
    }
    expect(counter.result()!.buckets.length).toBeLessThanOrEqual(240);
  });
});

describe('where a log is not whole', () => {
  it.each([
    ['cut inside a command', BASE.subarray(0, BASE.length - 3), 'TRUNCATED', true, 2],
    ['an open transaction', joined(BASE, logged('MULTI'), logged('SET', 'k', 'v')), 'OPEN_TRANSACTION', true, 5],
    ['damage', joined(BASE, text('oops')), 'BAD_COMMAND', false, 3],
  ])('%s: counts what stands before', async (_, bytes, code, isTruncation, commands) => {
    const stats = await statsOf([bytes]);
    expect(stats.commands).toBe(commands);
    expect(stats.failure).toMatchObject({ file: 0, isTruncation, error: { code } });
  });

  it('an earlier file ends the reading, and is no truncation', async () => {
    const stats = await statsOf([BASE.subarray(0, BASE.length - 3), INCR]);
    expect(stats.files).toHaveLength(1);
    expect(stats.failure).toMatchObject({ file: 0, isTruncation: false, error: { code: 'TRUNCATED' } });
  });
});

it('counts the same in any pieces, and large commands by their size', async () => {
  const large = logged('RPUSH', 'many', ...Array.from({ length: 3000 }, (_, at) => `${at}`.repeat(300)));
  const files = [joined(BASE, large), INCR];
  const whole = await statsOf(files);
  expect(whole.largest[0]).toMatchObject({ name: 'RPUSH', bytes: large.length, offset: BASE.length });
  expect(large.length).toBeGreaterThan(2 * 1024 * 1024);
  expect(await statsOfLog(memoryLog(files, 4096))).toEqual(whole);
  const small = await statsOf([BASE, INCR]);
  expect(await statsOfLog(memoryLog([BASE, INCR], 1))).toEqual(small);
});

it.each(listAofFixtures())('$name has as many commands as readAof finds', async ({ path }) => {
  const bytes = new Uint8Array(fs.readFileSync(path));
  const { commands, files, failure, byCommand } = await statsOf([bytes]);
  let found = 0;
  for await (const { kind } of readAof(bytes)) if (kind === 'command') found++;
  expect(commands).toBe(found);
  expect(files[0]!.bytes).toBe(bytes.length);
  expect(failure).toBeUndefined();
  expect(byCommand.filter(({ isKnown }) => !isKnown)).toEqual([]);
});

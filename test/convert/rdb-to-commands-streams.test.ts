/** Streams: what each generation says of groups, pending entries, counters and producers. */
import { describe, expect, it } from 'vitest';
import type { StreamState } from '../../src/rdb/model.js';
import { commandLines, commandRun } from '../support/command-run.js';
import { dumpOf, linesOf, streamOf } from '../support/command-values.js';
import { ascii } from '../support/packed.js';
import { targetNamed } from '../support/written-values.js';

const id = (ms: number): { ms: bigint; seq: bigint } => ({ ms: BigInt(ms), seq: 1n });
const pending = (ms: number, consumer?: string, deliveries = 1n): StreamState['groups'][0]['pending'][0] => ({
  id: id(ms),
  deliveredAtMs: 1_700_000_000_000,
  deliveries,
  consumer: consumer === undefined ? undefined : ascii(consumer),
});
const consumer = (name: string): StreamState['groups'][0]['consumers'][0] => ({ name: ascii(name), seenAtMs: 5 });

const COUNTERS = { firstId: id(1), maxDeletedId: id(3), entriesAdded: 7n };
const GROUP = {
  name: ascii('g'),
  lastId: id(2),
  entriesRead: 2n,
  pending: [pending(1, 'b'), pending(2, 'a', 3n)],
  consumers: [consumer('a'), consumer('b'), consumer('idle')],
};

const CLAIMS = [
  'XCLAIM k g a 0 2-1 TIME 1700000000000 RETRYCOUNT 3 JUSTID FORCE',
  'XCLAIM k g b 0 1-1 TIME 1700000000000 RETRYCOUNT 1 JUSTID FORCE',
];

it('says all of it from 7.0 on', () => {
  expect(linesOf(streamOf({ ...COUNTERS, groups: [GROUP] }, 1n, 2n), 'redis:7.0')).toEqual([
    'XADD k 1-1 f v',
    'XADD k 2-1 f v',
    'XSETID k 9-0 ENTRIESADDED 7 MAXDELETEDID 3-1',
    'XGROUP CREATE k g 2-1 ENTRIESREAD 2',
    ...CLAIMS,
    'XGROUP CREATECONSUMER k g idle',
  ]);
});

describe('before 7.0', () => {
  const file = dumpOf('redis:7.0', { value: streamOf({ ...COUNTERS, groups: [GROUP] }, 1n, 2n) });

  it.each([
    ['redis:6.2', ['XGROUP CREATECONSUMER k g idle']],
    ['redis:6.0', []],
    ['keydb:6', []],
  ])('%s loses the counters', (name, more) => {
    const run = commandRun(file, { target: targetNamed(name), onUnsupported: 'convert' });
    expect(commandLines(run.bytes).slice(1)).toEqual([
      'XADD k 1-1 f v',
      'XADD k 2-1 f v',
      'XSETID k 9-0',
      'XGROUP CREATE k g 2-1',
      ...CLAIMS,
      ...more,
    ]);
    expect(run.losses.map(({ what }) => what)).toEqual(['stream-counters']);
  });

  it('leaves out the whole key where that is asked for', () => {
    for (const limits of [{}, { largeValueBytes: 1 }]) {
      const run = commandRun(file, { target: targetNamed('redis:6.2'), onUnsupported: 'drop', limits });
      expect(run.losses.map(({ what, policy }) => `${what} ${policy}`)).toEqual(['stream-counters drop']);
      // A streamed value is written before anybody knows: then it is deleted again.
      expect(commandLines(run.bytes).at(-1)).toBe('largeValueBytes' in limits ? 'DEL k' : undefined);
    }
  });

  it('has no streams at all before 5.0', () => {
    const run = commandRun(file, { target: targetNamed('redis:4.0'), onUnsupported: 'convert' });
    expect([run.bytes.length, run.losses.map(({ what, policy }) => `${what} ${policy}`)]).toEqual([0, ['stream drop']]);
  });
});

describe('an empty stream', () => {
  it.each([
    ['redis:5.0', 'XADD k MAXLEN 0 9-0 x y'],
    ['redis:6.2', 'XADD k MAXLEN 0 0-1 x y'],
    ['redis:7.0', 'XADD k MAXLEN 0 0-1 x y'],
  ])('%s', (name, expected) => {
    expect(linesOf(streamOf({}), name, { target: targetNamed(name) })[0]).toBe(expected);
  });

  it('is not lost where its last id is 0-0', () => {
    const value = streamOf({ lastId: { ms: 0n, seq: 0n } });
    expect(linesOf(value, 'redis:5.0')).toEqual(['XADD k MAXLEN 0 0-1 x y', 'XSETID k 0-0']);
  });
});

it.each([
  ['before the first entry', 0, '0'],
  ['at the first entry', 1, '1'],
  ['in between', 2, '-1'],
  ['at the end', 9, '2'],
  ['beyond the end', 10, '-1'],
])('assumes of a group %s what a server assumes that has loaded a stream without counters', (_, ms, read) => {
  const { entriesRead: __, ...group } = GROUP;
  const lastId = { ms: BigInt(ms), seq: 0n };
  const groups = [{ ...group, lastId: ms === 1 || ms === 2 ? id(ms) : lastId, pending: [], consumers: [] }];
  const file = dumpOf('redis:6.2', { value: streamOf({ groups }, 1n, 2n) });
  const lines = commandLines(commandRun(file, { target: targetNamed('redis:7.0') }).bytes);
  expect(lines).toContain('XSETID k 9-0 ENTRIESADDED 2 MAXDELETEDID 0-0');
  expect(lines.find((line) => line.startsWith('XGROUP'))).toMatch(new RegExp(`ENTRIESREAD ${read}$`));
});

describe('entries that nobody owns', () => {
  const nacks = Array.from({ length: 70 }, (_, index) => index + 1);
  const group = {
    ...GROUP,
    pending: [...nacks.map((ms) => pending(ms, undefined, ms > 66 ? 4n : 2n)), pending(80, 'a')],
    nacked: nacks.map(id),
    consumers: [consumer('a')],
  };
  const file = dumpOf('redis:8.8', { value: streamOf({ ...COUNTERS, groups: [group] }, 1n) });

  it('come in runs of as many deliveries for 8.8', () => {
    const lines = commandLines(commandRun(file, { target: targetNamed('redis:8.8') }).bytes);
    const runs = lines.filter((line) => line.startsWith('XNACK'));
    expect(runs.map((line) => line.replace(/(\d+-1 )+/, '… '))).toEqual([
      'XNACK k g FAIL IDS 64 … RETRYCOUNT 2 FORCE',
      'XNACK k g FAIL IDS 2 … RETRYCOUNT 2 FORCE',
      'XNACK k g FAIL IDS 4 … RETRYCOUNT 4 FORCE',
    ]);
  });

  it('go to the first consumer elsewhere', () => {
    const run = commandRun(file, { target: targetNamed('redis:8.0'), onUnsupported: 'convert' });
    expect(commandLines(run.bytes).filter((line) => line.startsWith('XCLAIM k g a 0 '))).toHaveLength(71);
    expect(run.losses.map(({ what }) => what)).toEqual(['stream-nacks']);
  });
});

describe('idempotent producers', () => {
  const idmp = {
    durationSeconds: 3600,
    maxEntries: 100,
    producers: [{ id: ascii('p'), entries: [{ iid: ascii('i'), id: id(1) }] }],
    iidsAdded: 4n,
    iidsDuplicates: 1n,
  };
  const fileWith = (changed: Partial<typeof idmp>): Uint8Array =>
    dumpOf('redis:8.6', { value: streamOf({ ...COUNTERS, idmp: { ...idmp, ...changed } }, 1n) });

  it('come last', () => {
    expect(commandLines(commandRun(fileWith({})).bytes).slice(-2)).toEqual([
      'XCFGSET k IDMP-DURATION 3600 IDMP-MAXSIZE 100',
      'XIDMPRECORD k p i 1-1',
    ]);
    const unset = fileWith({ durationSeconds: 100, producers: [] });
    expect(commandLines(commandRun(unset).bytes).at(-1)).toMatch(/^XSETID/);
  });

  it('are lost before 8.6', () => {
    const run = commandRun(fileWith({}), { target: targetNamed('redis:8.4'), onUnsupported: 'convert' });
    expect(run.losses.map(({ what }) => what)).toEqual(['stream-idempotency']);
  });
});

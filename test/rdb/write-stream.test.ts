/** Streams as the encoder writes them: nodes, groups, producers, and what older and newer layouts leave out or add. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import type { StreamEntry, StreamGroup, StreamState, StreamValue } from '../../src/rdb/model.js';
import { splitStreamNodes } from '../../src/rdb/types/stream-nodes.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { bytesOf, hex } from '../support/file-builder.js';
import { random } from '../support/random.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const target = (name: string): Target => findTarget(name)!;
const LIMITS = { streamNodeMaxBytes: 4096, streamNodeMaxEntries: 100 };

function entry(ms: number, seq: number, ...fields: readonly string[]): StreamEntry {
  return { id: { ms: BigInt(ms), seq: BigInt(seq) }, fields: fields.map(bytes) };
}

function stream(entries: StreamEntry[], state?: StreamState): StreamValue {
  return { type: 'stream', encoding: 'stream', entries, state };
}

const id = (ms: number, seq = 0): { ms: bigint; seq: bigint } => ({ ms: BigInt(ms), seq: BigInt(seq) });
const ENTRIES = [entry(5, 1, 'a', '1', 'b', '2'), entry(7, 0, 'a', '9', 'b', '-5000')];

const GROUP: StreamGroup = {
  name: bytes('g'),
  lastId: id(7),
  entriesRead: -1n,
  pending: [
    { id: id(5, 1), deliveredAtMs: 1000, deliveries: 3n, consumer: bytes('c2') },
    { id: id(7), deliveredAtMs: 2000, deliveries: 1n, consumer: bytes('c1') },
  ],
  consumers: [
    { name: bytes('c1'), seenAtMs: 3000, activeAtMs: -1 },
    { name: bytes('c2'), seenAtMs: 4000, activeAtMs: 3500 },
  ],
};

const STATE: StreamState = {
  length: 2,
  lastId: id(9, 9),
  firstId: id(5, 1),
  maxDeletedId: id(6),
  entriesAdded: 3n,
  groups: [GROUP],
};

const IDMP = {
  durationSeconds: 60,
  maxEntries: 10,
  producers: [{ id: bytes('p'), entries: [{ iid: bytes('i'), id: id(7) }] }],
  iidsAdded: 5n,
  iidsDuplicates: 2n ** 63n,
};

function again(value: StreamValue, name: string): StreamValue {
  const found = decodeDump(encodeDump(value, { target: target(name) }), { deep: true }).value;
  if (found.type !== 'stream') throw new TypeError(found.type);
  return found;
}

describe('a node', () => {
  it('is written as in the example of the format, without the deleted entry', () => {
    const payload = encodeDump(stream(ENTRIES), { target: target('redis:7.0'), compress: false });
    const node = hex(`3000 0000 1200 0201 0001 0201 816102 816202 0001
      0201 0001 0001 0101 0201 0501   0201 0201 DFFF02 0901 F178EC03 0501   FF`);
    expect(payload.subarray(0, 20)).toEqual(bytesOf(0x13, 1, 0x10, hex('0000000000000005 0000000000000001'), 0x30));
    expect(payload.subarray(20, 20 + node.length)).toEqual(node);
  });

  it('takes the fields of its first entry as master fields, and others as they are', () => {
    const mixed = [...ENTRIES, entry(8, 0, 'b', '1', 'a', '2'), entry(9, 0, 'a', ''), entry(10, 0)];
    expect(again(stream(mixed), 'redis:7.0').entries).toEqual(mixed);
  });

  it('wraps deltas modulo 2^64', () => {
    const last = 2n ** 64n - 1n;
    const entries = [
      { id: { ms: 0n, seq: last }, fields: [] },
      { id: { ms: last, seq: 0n }, fields: [bytes('k'), bytes('v')] },
    ];
    expect(again(stream(entries), 'redis:7.0').entries).toEqual(entries);
  });

  it('cannot hold a field without a value', () => {
    expect(() => encodeDump(stream([entry(1, 0, 'odd')]), { target: target('redis:7.0') })).toThrow(EncodeError);
  });
});

describe('the nodes of a stream', () => {
  const many = (count: number, size: number): StreamEntry[] =>
    Array.from({ length: count }, (_, at) => entry(at + 1, 0, 'f', 'x'.repeat(size)));

  it.each([
    [0, 1, LIMITS, []],
    [1, 5000, LIMITS, [1]],
    [100, 1, LIMITS, [100]],
    [101, 1, LIMITS, [100, 101]],
    [250, 1, LIMITS, [100, 200, 250]],
    [250, 1, { ...LIMITS, streamNodeMaxEntries: 0 }, [250]],
    [250, 1, { ...LIMITS, streamNodeMaxEntries: 60 }, [60, 120, 180, 240, 250]],
    [4, 5000, LIMITS, [1, 2, 3, 4]],
    [4, 5000, { ...LIMITS, streamNodeMaxBytes: 0 }, [4]],
  ])('%d entries of %d bytes at %o end at %j', (count, size, limits, ends) => {
    expect(splitStreamNodes(many(count, size), limits)).toEqual(ends);
  });

  it('end where the bytes so far and the bare bytes of the next entry reach the limit', () => {
    // Header 6, end 1, counts 2 + 2 + 2, field 3, zero 2: 18. Each entry: 2 + 2 + 2 + 103 + 2 and its bare bytes 101.
    const entries = many(40, 100);
    const first = splitStreamNodes(entries, LIMITS)[0]!;
    expect(18 + 111 * (first - 1) + 101).toBeLessThan(4096);
    expect(18 + 111 * first + 101).toBeGreaterThanOrEqual(4096);
  });

  it('are counted with the size that they get', () => {
    const next = random(7);
    const entries = Array.from({ length: 500 }, (_, at) => {
      const names = next() < 0.8 ? ['a', 'bb'] : ['other'];
      const value = (): string =>
        next() < 0.5 ? String(Math.floor(next() * 1e9) - 5e8) : 'y'.repeat(Math.floor(next() * 70));
      return entry(1_700_000_000_000 + at * 77, Math.floor(next() * 5), ...names.flatMap((name) => [name, value()]));
    });
    const limits = { streamNodeMaxBytes: 2000, streamNodeMaxEntries: 0 };
    const settings = { ...target('redis:7.0').settings, ...limits };
    const payload = encodeDump(stream(entries), { target: { ...target('redis:7.0'), settings }, compress: false });
    const ends = splitStreamNodes(entries, limits);
    expect(payload[1]).toBe(ends.length);
    let pos = 2;
    ends.forEach((end, at) => {
      pos += 17;
      const size = ((payload[pos]! & 0x3f) << 8) | payload[pos + 1]!;
      const upcoming = entries[end]?.fields.reduce((sum, part) => sum + part.length, 0) ?? 2000;
      expect(size + upcoming, `node ${at}`).toBeGreaterThanOrEqual(2000);
      expect(size - 150, `node ${at}`).toBeLessThan(2000);
      pos += 2 + size;
    });
  });
});

describe('the state of a stream', () => {
  it.each(['redis:8.8', 'redis:8.6', 'redis:7.2', 'valkey:9.1'])('is whole for %s', (name) => {
    expect(again(stream(ENTRIES, STATE), name).state).toMatchObject(STATE);
  });

  it('loses what older layouts do not have', () => {
    const { firstId, maxDeletedId, entriesAdded, ...v1 } = STATE;
    const consumers = GROUP.consumers.map(({ name, seenAtMs }) => ({ name, seenAtMs }));
    const { entriesRead, ...group } = GROUP;
    expect(again(stream(ENTRIES, { ...STATE, idmp: IDMP }), 'redis:7.0').state).toEqual({
      ...STATE,
      groups: [{ ...GROUP, consumers }],
    });
    expect(again(stream(ENTRIES, STATE), 'redis:6.2').state).toEqual({ ...v1, groups: [{ ...group, consumers }] });
  });

  it('keeps producers, and has defaults for a stream without', () => {
    expect(again(stream(ENTRIES, { ...STATE, idmp: IDMP }), 'redis:8.6').state!.idmp).toEqual(IDMP);
    expect(again(stream(ENTRIES, STATE), 'redis:8.8').state!.idmp).toEqual({
      durationSeconds: 100,
      maxEntries: 100,
      producers: [],
      iidsAdded: 0n,
      iidsDuplicates: 0n,
    });
  });

  it.each([
    [id(4), 0n],
    [id(5, 1), 1n],
    [id(9, 8), -1n],
    [id(9, 9), 2n],
    [id(10), -1n],
  ])('of version 1 gets the upgrade defaults of servers, a group at %o has read %d', (lastId, entriesRead) => {
    const { entriesRead: _, ...group } = GROUP;
    const old = {
      length: 2,
      lastId: id(9, 9),
      groups: [{ ...group, lastId, pending: [], consumers: [{ name: bytes('c'), seenAtMs: 8 }] }],
    };
    expect(again(stream(ENTRIES, old), 'redis:7.2').state).toMatchObject({
      firstId: id(5, 1),
      maxDeletedId: id(0),
      entriesAdded: 2n,
      groups: [{ lastId, entriesRead, consumers: [{ seenAtMs: 8, activeAtMs: 8 }] }],
    });
  });

  it('may be missing: then the entries have been added one by one', () => {
    expect(again(stream(ENTRIES), 'redis:7.2').state).toEqual({
      length: 2,
      lastId: id(7),
      firstId: id(5, 1),
      maxDeletedId: id(0),
      entriesAdded: 2n,
      groups: [],
    });
    expect(again(stream([]), 'redis:7.2').state).toMatchObject({ length: 0, lastId: id(0), firstId: id(0) });
  });

  it('has the length that the entries have', () => {
    expect(again(stream(ENTRIES, { ...STATE, length: 77 }), 'redis:7.2').state!.length).toBe(2);
  });
});

describe('NACKed entries', () => {
  const unowned = { id: id(6), deliveredAtMs: 1, deliveries: 2n, consumer: undefined };
  const pending = [GROUP.pending[0]!, unowned, { ...unowned, id: id(6, 5) }, GROUP.pending[1]!];
  const withGroup = (group: Partial<StreamGroup>): StreamValue =>
    stream(ENTRIES, { ...STATE, groups: [{ ...GROUP, pending, ...group }] });

  it('keep the order of their zone; others that nobody owns come behind them', () => {
    const nacked = [id(6, 5), id(6)];
    expect(again(withGroup({ nacked }), 'redis:8.8').state!.groups).toEqual([{ ...GROUP, pending, nacked }]);
    expect(again(withGroup({ nacked: [id(6, 5)] }), 'redis:8.8').state!.groups[0]!.nacked).toEqual(nacked);
    expect(again(withGroup({}), 'redis:8.8').state!.groups[0]!.nacked).toEqual([id(6), id(6, 5)]);
  });

  it.each<[string, string, Partial<StreamGroup>]>([
    ['have no room before version 5', 'redis:8.6', { nacked: [id(6), id(6, 5)] }],
    ['cannot have an owner', 'redis:8.8', { nacked: [id(7)] }],
    ['cannot be listed twice', 'redis:8.8', { nacked: [id(6), id(6)] }],
    ['must be pending', 'redis:8.8', { nacked: [id(99)] }],
  ])('%s', (_what, name, group) => {
    expect(() => encodeDump(withGroup(group), { target: target(name) })).toThrow(EncodeError);
  });
});

describe('what cannot be', () => {
  const other = { ...GROUP, consumers: [GROUP.consumers[0]!] };
  it.each<[string, Partial<StreamState>]>([
    ['an owner that is no consumer', { groups: [other] }],
    [
      'a delivery at half a millisecond',
      { groups: [{ ...GROUP, pending: [{ ...GROUP.pending[0]!, deliveredAtMs: 0.5 }] }] },
    ],
    ['producers for no time', { idmp: { ...IDMP, durationSeconds: 0 } }],
    ['producers for more than a day', { idmp: { ...IDMP, durationSeconds: 86401 } }],
    ['producers with too many entries', { idmp: { ...IDMP, maxEntries: 10001 } }],
  ])('%s', (_what, state) => {
    expect(() => encodeDump(stream(ENTRIES, { ...STATE, ...state }), { target: target('redis:8.8') })).toThrow(
      EncodeError,
    );
  });
});

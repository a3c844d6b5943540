/** Lines that tell two datasets apart where their digests do not. */
import { describe, expect, it } from 'vitest';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEntries } from '../../src/engine/digest.js';
import type { KeyEntry, RdbEntry, RdbValue, StreamGroup, StreamState } from '../../src/rdb/model.js';
import { readRdb, readRdbSync } from '../../src/rdb/read.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const HEADER: RdbEntry = { kind: 'header', magic: 'REDIS', version: 13 };
const STRING: RdbValue = { type: 'string', encoding: 'raw', value: bytes('v') };

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function keyOf(key: string, value: RdbValue, more: Partial<KeyEntry> = {}): KeyEntry {
  return { kind: 'key', db: 0, key: bytes(key), value, rdbType: 0, offset: 0, ...more };
}

function linesOf(...entries: RdbEntry[]): Promise<string[]> {
  return canonicalLines([HEADER, ...entries]);
}

const GROUP: StreamGroup = {
  name: bytes('g'),
  lastId: { ms: 5n, seq: 1n },
  entriesRead: 3n,
  consumers: [{ name: bytes('c'), seenAtMs: 10, activeAtMs: 9 }],
  pending: [
    { id: { ms: 5n, seq: 0n }, consumer: bytes('c'), deliveredAtMs: 8, deliveries: 2n },
    { id: { ms: 5n, seq: 1n }, consumer: undefined, deliveredAtMs: 0, deliveries: 0n },
  ],
  nacked: [{ ms: 5n, seq: 1n }],
};
const STATE: StreamState = {
  length: 0,
  lastId: { ms: 7n, seq: 0n },
  maxDeletedId: { ms: 6n, seq: 2n },
  entriesAdded: 9n,
  groups: [GROUP],
  idmp: {
    durationSeconds: 60,
    maxEntries: 100,
    producers: [{ id: bytes('p'), entries: [{ iid: bytes('i'), id: { ms: 7n, seq: 0n } }] }],
    iidsAdded: 1n,
    iidsDuplicates: 0n,
  },
};

function stream(state: StreamState): RdbValue {
  return { type: 'stream', encoding: 'stream', entries: [], state };
}

describe('lines', () => {
  it('stand in one order, whatever that of the entries', async () => {
    const code = bytes('#!lua name=l\n');
    const library: RdbEntry = { kind: 'function', code, name: 'l', engine: 'LUA' };
    const keys = [keyOf('b', STRING), keyOf('a', STRING, { expireAtMs: 99 }), keyOf('a', STRING, { db: 1 })];
    const lines = await linesOf(...keys, library);
    expect(lines).toEqual(await linesOf(library, ...keys.toReversed()));
    expect(lines.map((line) => line.replace(/[0-9a-f]{40}/, 'HASH'))).toEqual([
      'function "l" "LUA" HASH',
      '0 "a" string expires=99 digest=HASH',
      '0 "b" string expires=- digest=HASH',
      '1 "a" string expires=- digest=HASH',
    ]);
  });

  it('of a hash have the times of its fields', async () => {
    const fields = [
      { field: bytes('y'), value: bytes('1'), expireAtMs: 5 },
      { field: bytes('x\n'), value: bytes('1'), expireAtMs: 7 },
      { field: bytes('z'), value: bytes('1') },
    ];
    const [, ...details] = await linesOf(keyOf('h', { type: 'hash', encoding: 'hashtable', fields }));
    expect(details).toEqual(['0 "h" field "x\\n" expires=7', '0 "h" field "y" expires=5']);
  });

  it('of a stream have its state', async () => {
    const [, ...details] = await linesOf(keyOf('s', stream(STATE)));
    expect(details).toEqual([
      '0 "s" group "g" consumer "c" seen=10 active=9',
      '0 "s" group "g" last=5-1 read=3',
      '0 "s" group "g" nacked 5-1',
      '0 "s" group "g" pending 5-0 "c" delivered=8 times=2',
      '0 "s" group "g" pending 5-1 - delivered=0 times=0',
      '0 "s" idmp "p" "i" 7-0',
      '0 "s" idmp duration=60 max=100 added=1 duplicates=0',
      '0 "s" stream last=7-0 deleted=6-2 added=9',
    ]);
  });

  it('have metadata, insert indexes and what modules store', async () => {
    const meta = [{ name: 'META-x', version: 2, flags: 0, items: [] }];
    const elements = [{ index: 0n, value: bytes('e') }];
    const array: RdbValue = { type: 'array', encoding: 'array', insertIndex: 4n, elements };
    const module: RdbValue = { type: 'module', encoding: 'module', module: 'other-mod', version: 3, items: [] };
    const lines = await linesOf(keyOf('a', array), keyOf('m', module), keyOf('s', STRING, { meta }));
    expect(lines.map((line) => line.replace(/ (?:digest=)?[0-9a-f]{40}/, ''))).toEqual([
      '0 "a" array expires=-',
      '0 "a" insert-index 4',
      '0 "m" module expires=- digest=?',
      '0 "m" module other-mod 3',
      '0 "s" string expires=-',
      '0 "s" meta META-x 2',
    ]);
  });

  it('leave out what had expired', async () => {
    const keys = [keyOf('a', STRING, { expireAtMs: 99 }), keyOf('b', STRING)];
    expect(await canonicalLines([HEADER, ...keys], { atMs: 100 })).toEqual(await linesOf(keys[1]!));
    expect(await canonicalLines([HEADER, ...keys], { atMs: 99 })).toEqual(await linesOf(...keys));
  });
});

describe('what the digest does not see', () => {
  const [pending] = GROUP.pending;
  const withGroup = (more: Partial<StreamGroup>): RdbValue => stream({ ...STATE, groups: [{ ...GROUP, ...more }] });
  it.each<[string, KeyEntry]>([
    ['the time of an expiry', keyOf('s', stream(STATE), { expireAtMs: 5 })],
    ['the last id of a stream', keyOf('s', stream({ ...STATE, lastId: { ms: 8n, seq: 0n } }), { expireAtMs: 4 })],
    ['a counter', keyOf('s', stream({ ...STATE, entriesAdded: 10n }), { expireAtMs: 4 })],
    ['the name of a group', keyOf('s', withGroup({ name: bytes('h') }), { expireAtMs: 4 })],
    ['where a group stands', keyOf('s', withGroup({ entriesRead: 4n }), { expireAtMs: 4 })],
    ['a delivery', keyOf('s', withGroup({ pending: [{ ...pending!, deliveries: 3n }] }), { expireAtMs: 4 })],
    ['a consumer', keyOf('s', withGroup({ consumers: [] }), { expireAtMs: 4 })],
  ])('%s', async (_, other) => {
    const entries: RdbEntry[] = [HEADER, keyOf('s', stream(STATE), { expireAtMs: 4 })];
    expect((await digestEntries([HEADER, other])).digest).toBe((await digestEntries(entries)).digest);
    expect(await canonicalLines([HEADER, other])).not.toEqual(await canonicalLines(entries));
  });
});

it.each(listFixtures())('$name has the same lines whole and in parts', async ({ name }) => {
  const lines = await canonicalLines(readRdbSync(readFixture(name)));
  expect(await canonicalLines(readRdb(readFixture(name), { maxEntryBytes: 64 }))).toEqual(lines);
  expect(new Set(lines).size).toBe(lines.length);
});

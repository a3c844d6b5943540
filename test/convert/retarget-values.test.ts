/** What each target cannot hold, value by value: what becomes of it under each policy, and what is said about it. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import type { ConvertOptions } from '../../src/convert/convert.js';
import type { KeyEntry, RdbValue, StreamState, StreamValue } from '../../src/rdb/model.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type Converted, convert, fieldsOf, lossTexts } from '../support/converting.js';
import { encoded } from '../support/encode.js';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { ascii } from '../support/packed.js';
import { hash } from '../support/values.js';

const FAR = 4_102_444_800_000;
const NOW = 1_700_000_000_000;

type Options = Omit<ConvertOptions, 'target'>;

/** One key as `from` would write it, converted for `to`. */
async function convertValue(from: string, value: RdbValue, to: string, options: Options = {}): Promise<Converted> {
  const entry: KeyEntry = { kind: 'key', db: 0, key: ascii('k'), rdbType: 0, offset: 0, value };
  const file = encoded({ target: findTarget(from)! }, (encoder) => encoder.key(entry));
  return await convert(file, { target: to, onUnsupported: 'convert', nowMs: NOW, ...options });
}

const STATE: StreamState = {
  length: 1,
  lastId: { ms: 5n, seq: 0n },
  firstId: { ms: 5n, seq: 0n },
  maxDeletedId: { ms: 0n, seq: 0n },
  entriesAdded: 1n,
  groups: [],
};

function stream(state: Partial<StreamState>): StreamValue {
  const entries = [{ id: { ms: 5n, seq: 0n }, fields: [ascii('f'), ascii('v')] }];
  return { type: 'stream', encoding: 'stream', entries, state: { ...STATE, ...state } };
}

const GROUP = { name: ascii('g'), lastId: { ms: 5n, seq: 0n }, entriesRead: 1n, pending: [], consumers: [] };
const ANN = { name: ascii('ann'), seenAtMs: 10, activeAtMs: 10 };
const ORPHAN = { id: { ms: 5n, seq: 0n }, deliveredAtMs: 7, deliveries: 2n, consumer: undefined };

describe('fields that expire', () => {
  const value = hash(['a', '1', FAR], ['b', '2'], ['c', '3', NOW - 1]);

  it('lose their expiry, and stay away where they had expired', async () => {
    const converted = await convertValue('redis:7.4', value, 'redis:7.0');
    expect(fieldsOf(converted)).toEqual(hash(['a', '1'], ['b', '2']).fields);
    expect(lossTexts(converted)).toEqual(['field-expiry: convert']);
    expect(converted.losses[0]).toMatchObject({ db: 0, key: ascii('k'), detail: '1 of 3 fields have an expiry' });
    expect(converted.summary.omitted).toEqual({ 'expired fields': 1 });
  });

  it('take the key with them under the policy drop', async () => {
    const converted = await convertValue('redis:7.4', value, 'redis:7.0', { onUnsupported: 'drop' });
    expect(converted.keys).toEqual([]);
    expect(lossTexts(converted)).toEqual(['field-expiry: drop']);
  });

  it('stop the conversion under the policy error, with place and count', async () => {
    await expect(convertValue('redis:7.4', value, 'redis:7.0', { onUnsupported: 'error' })).rejects.toMatchObject({
      code: 'CANNOT_ENCODE',
      why: 'redis:7.0 does not hold everything: expiries of hash fields: 1 (the first: db 0, key "k", 1 of 3 fields have an expiry)',
    });
  });

  it('are no loss where all of them had expired', async () => {
    const converted = await convertValue('redis:7.4', hash(['a', '1', NOW - 1]), 'redis:7.0', {
      onUnsupported: 'error',
    });
    expect([converted.keys, converted.losses]).toEqual([[], []]);
    expect(converted.summary.omitted).toEqual({ 'expired fields': 1, 'expired keys': 1 });
  });

  it.each([
    ['redis:7.4', 'valkey:9.1', 22],
    ['valkey:9.1', 'redis:7.4', 25],
  ])('of %s are kept for %s', async (from, to, rdbType) => {
    const converted = await convertValue(from, hash(['a', '1', FAR], ['b', '2']), to);
    expect(converted.losses).toEqual([]);
    expect(fieldsOf(converted)).toEqual(hash(['a', '1', FAR], ['b', '2']).fields);
    expect(converted.keys[0]?.rdbType).toBe(rdbType);
  });

  it.each(['error', 'convert'] as const)(
    'keep a time of 0, which stands for none in Redis, as long past (%s)',
    async (onUnsupported) => {
      const converted = await convertValue('valkey:9.1', hash(['a', '1', 0], ['b', '2']), 'redis:7.4', {
        onUnsupported,
      });
      expect(fieldsOf(converted)).toEqual(hash(['a', '1', 1], ['b', '2']).fields);
      expect(converted.losses).toEqual([]);
    },
  );

  it.each([
    ['22 of the release candidates', 22, [len(2), len(0), str('a'), str('1'), len(5), str('b'), str('2')]],
    ['23 of the release candidates', 23, str(encodeListpack(['b', '2', '5', 'a', '1', '0'].map(ascii)))],
    ['25', 25, [int64Le(5n), str(encodeListpack(['b', '2', '5', 'a', '1', '0'].map(ascii)))]],
  ])('never turn the 0 of type %s into an expiry', async (_, rdbType, value) => {
    const file = rdbFile('REDIS0012', keyRecord(rdbType, 'k', value));
    for (const target of ['valkey:9.1', 'redis:7.4']) {
      const { keys, losses } = await convert(file, { target, setTtl: { action: 'shift', byMs: 1000 }, nowMs: 0 });
      const fields = keys[0]?.value.type === 'hash' ? keys[0].value.fields : [];
      expect(
        Object.fromEntries(fields.map(({ field, expireAtMs }) => [String.fromCharCode(...field), expireAtMs])),
      ).toEqual({
        a: undefined,
        b: 1005,
      });
      expect(losses).toEqual([]);
    }
  });

  it('lose an expiry that is too far away for Redis', async () => {
    const converted = await convertValue('valkey:9.1', hash(['a', '1', 2 ** 48], ['b', '2', FAR]), 'redis:7.4');
    expect(fieldsOf(converted)).toEqual(hash(['b', '2', FAR], ['a', '1']).fields);
    expect(lossTexts(converted)).toEqual(['field-expiry: convert']);
  });
});

describe('streams', () => {
  it.each([
    [
      'NACKed entries go to the first consumer',
      'redis:8.8',
      'redis:8.6',
      { groups: [{ ...GROUP, pending: [ORPHAN], consumers: [ANN], nacked: [ORPHAN.id] }] },
      'stream-nacks',
    ],
    [
      'producers are forgotten',
      'redis:8.6',
      'redis:8.4',
      { idmp: { durationSeconds: 5, maxEntries: 9, producers: [], iidsAdded: 0n, iidsDuplicates: 0n } },
      'stream-idempotency',
    ],
    [
      'activity is forgotten',
      'redis:7.2',
      'redis:7.0',
      { groups: [{ ...GROUP, consumers: [{ ...ANN, activeAtMs: 9 }] }] },
      'stream-activity',
    ],
    ['deletions are forgotten', 'redis:7.0', 'redis:6.2', { maxDeletedId: { ms: 4n, seq: 0n } }, 'stream-counters'],
    ['entries added are forgotten', 'redis:7.0', 'redis:6.2', { entriesAdded: 7n }, 'stream-counters'],
    [
      'entries read are forgotten',
      'redis:7.0',
      'redis:6.2',
      { groups: [{ ...GROUP, entriesRead: -1n }] },
      'stream-counters',
    ],
  ])('%s', async (_, from, to, state, what) => {
    const converted = await convertValue(from, stream(state), to);
    expect(lossTexts(converted)).toEqual([`${what}: convert`]);
    const [key] = converted.keys;
    expect(key?.value).toMatchObject({ type: 'stream', entries: stream({}).entries });
    await expect(convertValue(from, stream(state), to, { onUnsupported: 'error' })).rejects.toThrow('cannot encode');
  });

  it.each([
    ['redis:8.8', 'redis:8.6', {}],
    ['redis:8.6', 'redis:8.4', {}],
    ['redis:7.2', 'redis:7.0', { groups: [{ ...GROUP, consumers: [ANN] }] }],
    [
      'redis:7.0',
      'redis:6.2',
      { groups: [GROUP, { ...GROUP, name: ascii('h'), lastId: { ms: 4n, seq: 0n }, entriesRead: 0n }] },
    ],
  ])('of %s are nothing new to %s where there is nothing to forget', async (from, to, state) => {
    const converted = await convertValue(from, stream(state), to, { onUnsupported: 'error' });
    expect(converted.summary).toMatchObject({ lost: [], keysRewritten: 1 });
  });

  it('gives NACKed entries to the heir, or to nobody', async () => {
    const pending = [ORPHAN];
    const groups = [
      { ...GROUP, pending, consumers: [ANN], nacked: [ORPHAN.id] },
      { ...GROUP, name: ascii('h'), pending, nacked: [ORPHAN.id] },
    ];
    const { keys } = await convertValue('redis:8.8', stream({ groups }), 'redis:8.6');
    const value = keys[0]?.value as StreamValue;
    expect(value.state?.groups.map((group) => group.pending)).toEqual([[{ ...ORPHAN, consumer: ascii('ann') }], []]);
  });
});

describe('values without a form', () => {
  const module: RdbValue = { type: 'module', encoding: 'module', module: 'testrdb-a', version: 1, items: [] };
  const vectors: RdbValue = { ...module, module: 'vectorset', version: 0, items: [0, 0, 0, 0].map(uint) };
  it.each<[string, RdbValue, string, string]>([
    [
      'redis:8.8',
      { type: 'array', encoding: 'array', elements: [{ index: 0n, value: ascii('a') }] },
      'redis:8.6',
      'array',
    ],
    ['redis:6.2', stream({ groups: [] }), 'redis:4.0', 'stream'],
    [
      'valkey:9.2',
      { type: 'pathhash', encoding: 'pathhash', paths: [{ path: ascii('p'), fields: hash(['a', 'b']).fields }] },
      'valkey:9.1',
      'path-hash',
    ],
    [
      'keydb:6',
      { type: 'cron', encoding: 'cron', script: ascii('s'), startMs: 1, intervalMs: 2, keys: [], args: [] },
      'redis:6.2',
      'cron-job',
    ],
    ['redis:7.0', module, 'redis:3.2', 'module'],
    ['redis:8.0', vectors, 'redis:7.4', 'vector-set'],
    ['redis:8.0', vectors, 'valkey:9.1', 'vector-set'],
  ])('of %s: %#', async (from, value, to, what) => {
    for (const onUnsupported of ['convert', 'drop'] as const) {
      const converted = await convertValue(from, value, to, { onUnsupported });
      expect([converted.keys, lossTexts(converted)]).toEqual([[], [`${what}: drop`]]);
    }
    await expect(convertValue(from, value, to, { onUnsupported: 'error' })).rejects.toMatchObject({
      code: 'CANNOT_ENCODE',
    });
  });

  it('keeps modules where the version has them, and says which', async () => {
    const { keys, summary } = await convertValue('redis:7.0', module, 'redis:4.0', { onUnsupported: 'error' });
    expect(keys).toHaveLength(1);
    expect(summary.needs).toEqual({ modules: ['testrdb-a'], databases: 1 });
    expect((await convertValue('redis:8.0', vectors, 'redis:8.6')).summary.needs.modules).toEqual([]);
  });

  it('drops modules where that is asked for, whatever the policy', async () => {
    const converted = await convertValue('redis:7.0', module, 'redis:7.0', {
      onUnsupported: 'error',
      dropModules: true,
    });
    expect([converted.keys, lossTexts(converted)]).toEqual([[], ['module: drop']]);
    const aux = { kind: 'module-aux', module: 'testrdb-a', version: 1, when: 1, items: [] } as const;
    const file = encoded({ target: findTarget('redis:7.0')! }, (encoder) => encoder.record(aux));
    const record = await convert(file, { onUnsupported: 'error', dropModules: true });
    expect(lossTexts(record)).toEqual(['module-aux: drop']);
  });
});

function uint(value: number): { kind: 'uint'; value: bigint } {
  return { kind: 'uint', value: BigInt(value) };
}

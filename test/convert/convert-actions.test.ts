/** What is asked for beside another server: other databases, other expiries, some of the keys. */
import { describe, expect, it } from 'vitest';
import { checkCompatibility, convertRdb } from '../../src/convert/convert.js';
import { parseDbMap } from '../../src/convert/db-map.js';
import { parseExpiryAction, parseTimeMs } from '../../src/convert/expiry-action.js';
import type { KeyFilter } from '../../src/rdb/filter.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { readKeys } from '../support/brute-filter.js';
import { type Converted, convert, keyName, plainText } from '../support/converting.js';
import { encoded } from '../support/encode.js';
import { bytesOf, int64Le, keyRecord, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { ascii } from '../support/packed.js';
import { randomSizes } from '../support/random.js';
import { hash } from '../support/values.js';

const HOUR = 3_600_000;

function expiring(key: string, atMs: bigint): Uint8Array {
  return keyRecord(0, key, str('v'), [0xfc, int64Le(atMs)]);
}

function aux(name: string, value: string): Piece {
  return [0xfa, str(name), str(value)];
}

function names({ keys }: Converted): string[] {
  return keys.map(({ db, key }) => `${db}:${Buffer.from(key).toString()}`);
}

function times({ keys }: Converted): (number | undefined)[] {
  return keys.map(({ expireAtMs }) => expireAtMs);
}

describe('databases', () => {
  const file = rdbFile(
    'REDIS0010',
    0xfe,
    0,
    0xfb,
    1,
    0,
    keyRecord(0, 'a', str('1')),
    0xfe,
    1,
    0xfb,
    1,
    0,
    keyRecord(0, 'b', str('2')),
    0xfe,
    3,
    keyRecord(0, 'c', str('3')),
  );

  it('get other numbers', async () => {
    const converted = await convert(file, { dbMap: parseDbMap('0:7, 3:0') });
    expect(names(converted)).toEqual(['7:a', '1:b', '0:c']);
    expect(sizes(converted)).toEqual([
      [7, 1, 0],
      [1, 1, 0],
    ]);
    expect(converted.summary.needs.databases).toBe(8);
  });

  it('keep their sizes where all keys stay; none expires any more where all expiries go', async () => {
    const timed = rdbFile('REDIS0011', 0xfe, 0, 0xfb, 1, 1, keyRecord(0, 'a', str('1'), [0xfc, int64Le(5n)]));
    expect(sizes(await convert(timed, { setTtl: { action: 'shift', byMs: 5 } }))).toEqual([[0, 1, 1]]);
    expect(sizes(await convert(timed, { setTtl: { action: 'strip' } }))).toEqual([[0, 1, 0]]);
    expect(sizes(await convert(timed, { filter: { dbs: [0] } }))).toEqual([]);
  });

  it('never become one', async () => {
    await expect(convert(file, { dbMap: parseDbMap('0:3') })).rejects.toThrow('databases 0 and 3 would both become 3');
    expect(names(await convert(file, { dbMap: parseDbMap('0:3'), filter: { dbs: [0, 1] } }))).toEqual(['3:a', '1:b']);
  });

  it.each(['', '0', '0:x', '0:1,0:2', '1:99999999999'])('refuses %j', (text) => {
    expect(() => parseDbMap(text)).toThrow(/maps no database|mapped twice/);
  });
});

describe('expiries', () => {
  const far = 9_000_000_000_000_000_001n;
  const file = rdbFile(
    'REDIS0010',
    aux('ctime', '1000'),
    expiring('a', 5_000_000n),
    keyRecord(0, 'b', str('v')),
    expiring('c', far),
  );

  it.each([
    ['keep', [5_000_000n, undefined, far]],
    ['strip', [undefined, undefined, undefined]],
    ['+1h', [8_600_000n, undefined, far + BigInt(HOUR)]],
    ['-1h', [1_400_000n, undefined, far - BigInt(HOUR)]],
    ['-2h', [1n, undefined, far - 2n * BigInt(HOUR)]],
    ['rebase', [5_000_000n + 1000n, undefined, far + 1000n]],
    ['rebase=2000000', [6_000_000n, undefined, far + 1_000_000n]],
    ['rebase=1970-01-01T00:33:20Z', [6_000_000n, undefined, far + 1_000_000n]],
  ])('%s', async (text, expected) => {
    const { bytes } = await convert(file, { setTtl: parseExpiryAction(text), nowMs: 1_001_000 });
    expect(exactTimes(bytes)).toEqual(expected);
  });

  it('says to which time it has rebased', async () => {
    const setTtl = parseExpiryAction('rebase=2000000');
    const once = await convert(file, { setTtl });
    const twice = await convert(once.bytes, { setTtl });
    expect(exactTimes(twice.bytes)).toEqual(exactTimes(once.bytes));
    expect(once.entries).toContainEqual({ kind: 'aux', name: ascii('ctime'), value: ascii('2000') });
  });

  it('of fields are treated alike', async () => {
    const value = hash(['a', '1', 5_000_000], ['b', '2'], ['c', '3', 9_000_000]);
    const entry = { kind: 'key', db: 0, key: ascii('k'), rdbType: 0, offset: 0, value } as const;
    const dump = encoded({ target: findTarget('redis:7.4')! }, (encoder) => encoder.key(entry));
    const fieldTimes = async (options: Parameters<typeof convert>[1]): Promise<unknown> => {
      const [key] = (await convert(dump, options)).keys;
      return (
        key?.value.type === 'hash' &&
        Object.fromEntries(key.value.fields.map((f) => [Buffer.from(f.field).toString(), f.expireAtMs]))
      );
    };
    expect(await fieldTimes({ setTtl: parseExpiryAction('+1h') })).toEqual({
      a: 8_600_000,
      b: undefined,
      c: 12_600_000,
    });
    expect(await fieldTimes({ setTtl: parseExpiryAction('strip') })).toEqual({
      a: undefined,
      b: undefined,
      c: undefined,
    });
    expect(await fieldTimes({ skipExpiredBeforeMs: 6_000_000 })).toEqual({ b: undefined, c: 9_000_000 });
  });

  it('cannot be rebased without the time of the snapshot', async () => {
    const setTtl = parseExpiryAction('rebase');
    await expect(convert(rdbFile('REDIS0010', expiring('a', 5n)), { setTtl })).rejects.toThrow('no aux field ctime');
    expect(times(await convert(rdbFile('REDIS0010', keyRecord(0, 'a', str('v'))), { setTtl }))).toEqual([undefined]);
  });

  it('leave out what had expired', async () => {
    const converted = await convert(file, { skipExpiredBeforeMs: 5_000_001 });
    expect(names(converted)).toEqual(['0:b', '0:c']);
    expect(converted.summary.omitted).toEqual({ 'expired keys': 1 });
    expect(names(await convert(file, { skipExpiredBeforeMs: 5_000_000 }))).toEqual(['0:a', '0:b', '0:c']);
  });

  it.each(['', 'never', '1h', '+', '+1x', 'rebase=', 'rebase=yesterday'])('refuses %j', (text) => {
    expect(() => parseExpiryAction(text)).toThrow(/write /);
  });

  it.each([
    ['1700000000000', 1_700_000_000_000],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31T12:00', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31 12:00:01.5', Date.UTC(2026, 0, 31, 12, 0, 1, 500)],
    ['2026-01-31T12:00:00+02:00', Date.UTC(2026, 0, 31, 10)],
  ])('reads the time %s', (text, expected) => expect(parseTimeMs(text)).toBe(expected));
});

describe('attributes that no server writes', () => {
  it.each<[string, Piece, bigint | undefined]>([
    ['no expiry, said in so many words', [0xfc, int64Le(-1n)], undefined],
    ['two expiries', [0xfc, int64Le(5n), 0xfc, int64Le(6n)], 6n],
    ['an expiry in seconds', [0xfd, 7, 0, 0, 0], 7000n],
    ['idle time before the expiry', [0xf8, 9, 0xfc, int64Le(5n)], 5n],
  ])('%s', async (_, attributes, expected) => {
    const { bytes } = await convert(rdbFile('REDIS0009', keyRecord(0, 'a', str('v'), attributes)));
    const plain = expected === undefined ? [] : [0xfc, int64Le(expected)];
    const idle = Array.isArray(attributes) && attributes[0] === 0xf8 ? [0xf8, 9] : [];
    expect(Buffer.from(bytes.subarray(9)).toString('hex')).toBe(
      Buffer.from(rdbFile('REDIS0009', 0xfe, 0, keyRecord(0, 'a', str('v'), [plain, idle])).subarray(9)).toString(
        'hex',
      ),
    );
  });

  it('stand before another record', async () => {
    const file = rdbFile(
      'REDIS0009',
      0xfc,
      int64Le(5n),
      aux('x', 'y'),
      keyRecord(0, 'a', str('v')),
      keyRecord(0, 'b', str('v')),
    );
    expect(times(await convert(file))).toEqual([5, undefined]);
  });
});

describe('some of the keys', () => {
  const filters: KeyFilter[] = [
    { match: 's:*' },
    { notTypes: ['hash'] },
    { ttl: 'any' },
    { sample: { fraction: 0.5 } },
    { limit: 7 },
    { dbs: [5, 63] },
  ];
  const fixtures = listFixtures().filter(({ case: name }) => name === 'types' || name === 'lru' || name === 'cluster');

  it.each(fixtures)('of $name', async ({ name }) => {
    const file = readFixture(name);
    for (const filter of filters) {
      const { keys, entries } = await convert(file, { filter });
      const expected = readKeys(file, filter, 0);
      expect(keys.map((key) => `${keyName(key)} ${key.expireAtMs} ${key.idleSeconds} ${plainText(key.value)}`)).toEqual(
        expected.map((key) => `${keyName(key)} ${key.expireAtMs} ${key.idleSeconds} ${plainText(key.value)}`),
      );
      expect(entries.some(({ kind }) => kind === 'resize-db' || kind === 'slot-info')).toBe(false);
    }
  });

  it('are no replica of anything', async () => {
    const file = rdbFile(
      'REDIS0010',
      aux('redis-ver', '7.0.15'),
      aux('repl-id', 'x'.repeat(40)),
      aux('repl-offset', '5'),
      keyRecord(0, 'a', str('v')),
    );
    const { entries } = await convert(file, { filter: { match: '*' } });
    expect(entries.filter(({ kind }) => kind === 'aux')).toEqual([
      { kind: 'aux', name: ascii('redis-ver'), value: ascii('7.0.15') },
    ]);
    expect((await convert(file)).entries.filter(({ kind }) => kind === 'aux')).toHaveLength(3);
  });
});

describe('whatever the pieces', () => {
  it.each(['redis-7.0/types', 'redis-8.6/hfe', 'redis-7.4/cluster', 'redis-6.2/lru'])('%s', async (name) => {
    const file = readFixture(name);
    const options = { target: findTarget('redis:7.0')!, onUnsupported: 'convert', nowMs: 0 } as const;
    const whole = await convert(file, { ...options });
    for (const most of [1, 7, 4096]) {
      const chunks: Uint8Array[] = [];
      await convertRdb(piecesOf(file, most), async (chunk) => void chunks.push(chunk), options);
      expect(Buffer.concat(chunks).equals(whole.bytes)).toBe(true);
    }
  });

  it('stops at damage', async () => {
    const file = readFixture('redis-7.0/types');
    await expect(convert(file.subarray(0, file.length - 9))).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect(convert(bytesOf(file.subarray(0, -1), 0))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  });
});

describe('compatibility', () => {
  it.each<[string, string, boolean, string]>([
    ['redis-7.0/types', 'redis:7.0', true, 'lossless'],
    ['redis-7.0/types', 'redis:8.6', true, 'lossless'],
    ['redis-7.0/types', 'valkey:9.1', true, 'lossless'],
    ['redis-7.0/compact', 'redis:6.2', false, 'loss'],
    ['redis-7.0/lists', 'redis:6.2', false, 'lossless'],
    ['redis-7.0/lists', 'redis:2.6', false, 'lossless'],
    ['redis-6.2/lru', 'redis:4.0', false, 'lossless'],
    ['redis-6.2/streams', 'redis:4.0', false, 'drops keys'],
    ['redis-8.6/hfe', 'redis:7.2', false, 'loss'],
    ['redis-7.4/cluster', 'redis:7.2', false, 'lossless'],
    ['valkey-9.1/lists', 'redis:8.6', false, 'lossless'],
    ['redis-2.4/types', 'valkey:8.1', true, 'lossless'],
  ])('of %s with %s', async (name, target, loads, convertible) => {
    const compat = await checkCompatibility(readFixture(name), findTarget(target)!, { nowMs: 0 });
    expect([compat.loads, compat.convertible]).toEqual([loads, convertible]);
    const { losses, keys } = await convert(readFixture(name), { target, onUnsupported: 'convert' });
    expect(compat.lost.reduce((sum, { count }) => sum + count, 0)).toBe(losses.length);
    expect(compat.keysWritten).toBe(keys.length);
  });
});

async function* piecesOf(file: Uint8Array, most: number): AsyncGenerator<Uint8Array> {
  const next = randomSizes(most, most);
  for (let at = 0; at < file.length; ) {
    const size = next();
    yield file.subarray(at, at + size);
    at += size;
  }
}

/** Straight from the bytes: some are too large for numbers. */
function exactTimes(file: Uint8Array): (bigint | undefined)[] {
  return [...readRdbSync(file)].flatMap((entry) => {
    if (entry.kind !== 'key') return [];
    const view = new DataView(file.buffer, file.byteOffset + entry.offset);
    return [view.getUint8(0) === 0xfc ? view.getBigInt64(1, true) : undefined];
  });
}

/** Of databases: number, keys, keys that expire. */
function sizes({ entries }: Converted): number[][] {
  return entries.flatMap((entry) => (entry.kind === 'resize-db' ? [[entry.db, entry.keys, entry.expires]] : []));
}

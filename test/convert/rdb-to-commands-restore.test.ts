/** RESTORE: payloads as they stand and encoded anew, and the arguments around them. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, TARGETS } from '../../src/rdb/versions.js';
import { commandRun, commandsOf, type RunOptions } from '../support/command-run.js';
import { dumpOf, listOf } from '../support/command-values.js';
import { convert } from '../support/converting.js';
import { bytesOf, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { fromBase64, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { ascii, latin1 } from '../support/packed.js';
import { randomSizes } from '../support/random.js';
import { valueAsTruth } from '../support/truth.js';
import { targetNamed } from '../support/written-values.js';

const SEED = 20261127;
const NOW = 1_700_000_000_000;

const restored = (file: Uint8Array, options: RunOptions = {}): string[][] =>
  commandsOf(commandRun(file, { format: 'restore', nowMs: NOW, ...options }).bytes).filter(
    ([name]) => name !== 'SELECT',
  );
/** The arguments but for the payload. */
const around = (file: Uint8Array, options: RunOptions = {}): string[] =>
  restored(file, options).map((args) => args.map((arg, index) => (index === 3 ? '…' : arg)).join(' '));
const bytesFrom = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

it('writes the payload that the server itself gives', () => {
  const file = rdbFile('REDIS0010', keyRecord(0, 'k', str('hello')));
  const [args] = restored(file);
  expect(args!.slice(0, 3)).toEqual(['RESTORE', 'k', '0']);
  expect(Buffer.from(args![3]!, 'latin1').toString('hex')).toBe('000568656c6c6f0a006372df766534200a');
});

const DUMPED = listFixtures().filter(({ server, case: name }) => server !== 'redis-2.4' && !name.startsWith('aof-'));

/** The bytes of the file are those of DUMP, but for what servers lay out anew when they write a file. */
describe.each(DUMPED)('$name', (fixture) => {
  const file = readFixture(fixture.name);
  const run = commandRun(file, { format: 'restore', nowMs: NOW, onUnsupported: 'drop' });

  it('has the payloads that the server said', () => {
    const { keys } = readTruth(fixture);
    const dumps = new Map(keys.flatMap(({ db, key, dump }) => (dump === undefined ? [] : [[`${db} ${key}`, dump]])));
    const payloads = payloadsOf(run.bytes);
    let same = 0;
    for (const [place, dump] of dumps) {
      const payload = payloads.get(place);
      if (payload === undefined) continue;
      if (Buffer.compare(payload, fromBase64(dump)) === 0) same++;
      else expect(valueAsTruth(decodeDump(payload).value)).toEqual(valueAsTruth(decodeDump(fromBase64(dump)).value));
    }
    expect(same).toBeGreaterThan(dumps.size * 0.6);
  });

  it(`gives the same however the bytes arrive, also as large values (seed ${SEED})`, () => {
    for (const limits of [{}, { largeValueBytes: 1 }]) {
      const again = commandRun(file, {
        format: 'restore',
        nowMs: NOW,
        onUnsupported: 'drop',
        chunk: randomSizes(SEED, 3000),
        limits,
      });
      expect(Buffer.compare(again.bytes, run.bytes)).toBe(0);
    }
  });
});

function payloadsOf(bytes: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  let db = '';
  for (const [name, key = '', , payload = ''] of commandsOf(bytes)) {
    if (name === 'SELECT') db = key;
    if (name === 'RESTORE') found.set(`${db} ${Buffer.from(key, 'latin1').toString('base64')}`, bytesFrom(payload));
  }
  return found;
}

describe('for other targets', () => {
  it.each(['redis-7.0/types', 'redis-8.6/types', 'valkey-9.1/types', 'redis-7.4/hfe', 'redis-8.6/streams'])(
    '%s keeps its values wherever they fit',
    (name) => {
      const file = readFixture(name);
      const values = new Map<string, RdbValue>();
      for (const entry of readRdbSync(file))
        if (entry.kind === 'key') values.set(`${entry.db} ${Buffer.from(entry.key).toString('base64')}`, entry.value);
      for (const target of TARGETS.filter((one) => one.version >= 6)) {
        for (const limits of [{}, { largeValueBytes: 1 }]) {
          const run = commandRun(file, { format: 'restore', target, onUnsupported: 'convert', limits });
          const payloads = payloadsOf(run.bytes);
          const dropped = new Set(
            run.losses.flatMap(({ policy, key }) => (policy === 'drop' && key ? latin1(key) : [])),
          );
          expect(payloads.size + dropped.size).toBe(values.size);
          for (const [place, payload] of payloads) {
            const { value, version, rdbType } = decodeDump(payload, { deep: target.dialect === 'redis' });
            expect(version).toBe(target.version);
            expect(target.types.has(rdbType)).toBe(true);
            expect(valueAsTruth(value)).toEqual(valueAsTruth(values.get(place)!));
          }
        }
      }
    },
  );

  it('has no RESTORE before 2.6', () => {
    expect(() => restored(dumpOf('redis:2.4', { value: listOf('a') }))).toThrow(EncodeError);
  });

  it('writes template hashes, which refer to their file, as plain ones', () => {
    const template = bytesOf(0xf2, len(5), len(1), str('f'));
    const file = rdbFile('REDIS0015', template, keyRecord(32, 'k', bytesOf(len(5), str('v'))));
    for (const limits of [{}, { largeValueBytes: 1 }]) {
      const { rdbType, value } = decodeDump(bytesFrom(restored(file, { limits })[0]![3]!));
      expect([rdbType, valueAsTruth(value)]).toEqual([16, { 'Zg==': 'dg==' }]);
    }
  });

  it('leaves out vector sets where there are none, and knows the modules of its own version only', () => {
    const file = readFixture('redis-8.6/vset');
    const kinds = (name: string): string[] => [
      ...new Set(
        commandRun(file, { format: 'restore', target: targetNamed(name), onUnsupported: 'drop' }).losses.map(
          ({ what }) => what,
        ),
      ),
    ];
    expect([kinds('redis:7.0'), kinds('redis:8.6')]).toEqual([['vector-set'], []]);
  });
});

describe('arguments', () => {
  const file = (...attributes: readonly Piece[]): Uint8Array =>
    rdbFile('REDIS0009', keyRecord(0, 'k', str('v'), bytesOf(...attributes)));
  const at = (ms: bigint): Uint8Array => bytesOf(0xfc, int64Le(ms));

  it.each<[string, Uint8Array, string]>([
    ['a time', file(at(1_900_000_000_123n)), 'RESTORE k 1900000000123 … ABSTTL'],
    ['a time beyond 2^53', file(at(2n ** 63n - 1n)), 'RESTORE k 9223372036854775807 … ABSTTL'],
    ['a time that RESTORE would not take', file(at(-5n)), 'RESTORE k 1 … ABSTTL'],
    ['none', file(at(-1n)), 'RESTORE k 0 …'],
    ['an idle time', file(0xf8, len(77)), 'RESTORE k 0 … IDLETIME 77'],
    ['an LFU counter', file(0xf9, 9), 'RESTORE k 0 … FREQ 9'],
    ['all of it', file(at(99n), 0xf8, len(77)), 'RESTORE k 99 … ABSTTL IDLETIME 77'],
  ])('%s', (_, dump, expected) => {
    expect(around(dump)).toEqual([expected]);
  });

  it('counts from now, and says nothing else, before 5.0', () => {
    const target = targetNamed('redis:4.0');
    expect(around(file(at(BigInt(NOW) + 1234n), 0xf8, len(7)), { target })).toEqual(['RESTORE k 1234 …']);
    expect(around(file(at(5n)), { target })).toEqual(['RESTORE k 1 …']);
  });

  it('replaces where that is asked for', () => {
    const dump = file(at(99n));
    expect(around(dump, { replace: true })).toEqual(['RESTORE k 99 … REPLACE ABSTTL']);
    const old = { replace: true, target: targetNamed('redis:2.8') };
    expect(around(file(), old)).toEqual(['DEL k', 'RESTORE k 0 …']);
  });

  it('carries the metadata of keys inside of the payload', () => {
    const dump = readFixture('redis-8.6/module');
    const run = commandRun(dump, { format: 'restore', onUnsupported: 'drop' });
    const metas = [...payloadsOf(run.bytes).values()].map((payload) => decodeDump(payload).meta?.length ?? 0);
    const own = [...readRdbSync(dump)].flatMap((entry) => (entry.kind === 'key' ? (entry.meta?.length ?? 0) : []));
    expect(metas.sort()).toEqual(own.sort());
    expect(metas.some((count) => count > 0)).toBe(true);
    const older = commandRun(dump, { format: 'restore', target: targetNamed('redis:8.0'), onUnsupported: 'convert' });
    expect(older.losses.filter(({ what }) => what === 'key-meta')).toHaveLength(
      own.filter((count) => count > 0).length,
    );
  });
});

it.each([{}, { largeValueBytes: 1 }])(
  'gives vector sets the layout that 8.0 knows, as convert does, %o',
  async (limits) => {
    const file = readFixture('redis-8.6/vset');
    const target = targetNamed('redis:8.0');
    const payloads = payloadsOf(commandRun(file, { format: 'restore', target, limits, onUnsupported: 'drop' }).bytes);
    const { keys } = await convert(file, { target });
    const sets = keys.filter(({ value }) => value.type === 'module');
    expect(sets.length).toBeGreaterThan(3);
    for (const { db, key, value } of sets) {
      const restored = decodeDump(payloads.get(`${db} ${Buffer.from(key).toString('base64')}`)!).value;
      expect(restored).toEqual(value);
    }
    // Its own version takes them as they are.
    const own = readRdbSync(file);
    const kept = payloadsOf(commandRun(file, { format: 'restore' }).bytes);
    for (const entry of own) {
      if (entry.kind !== 'key' || entry.value.type !== 'module') continue;
      expect(decodeDump(kept.get(`${entry.db} ${Buffer.from(entry.key).toString('base64')}`)!).value).toEqual(
        entry.value,
      );
    }
  },
);

describe('values beyond the size that servers take', () => {
  const file = dumpOf(
    'redis:7.0',
    { value: { type: 'string', encoding: 'raw', value: ascii('x'.repeat(3000)) } },
    { value: listOf('small'), key: ascii('k2') },
  );

  it.each([{}, { largeValueBytes: 1 }])('are left out and told, %o', (limits) => {
    const small = { format: 'restore', maxPayloadBytes: 20, limits } as const;
    const raw = commandRun(rdbFile('REDIS0010', keyRecord(0, 'k', str('x'.repeat(3000)))), {
      ...small,
      onUnsupported: 'drop',
    });
    expect(raw.losses.map(({ what, policy }) => `${what} ${policy}`)).toEqual(['value drop']);
    expect(() => commandRun(rdbFile('REDIS0010', keyRecord(0, 'k', str('x'.repeat(3000)))), small)).toThrow(
      EncodeError,
    );
    const encoded = commandRun(file, { ...small, target: findTarget('redis:6.2'), onUnsupported: 'drop' });
    expect(encoded.losses.map(({ what }) => what)).toContain('value');
  });
});

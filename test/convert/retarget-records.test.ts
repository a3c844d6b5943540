/** Records that are no keys, attributes of keys, and the forms of old versions: what each target gets of them. */
import { describe, expect, it } from 'vitest';
import type { ConvertOptions } from '../../src/convert/convert.js';
import type { KeyEntry, RdbRecord } from '../../src/rdb/model.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type Converted, convert, fieldsOf, lossTexts } from '../support/converting.js';
import { encoded } from '../support/encode.js';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { ascii } from '../support/packed.js';
import { hash, list, string, zset } from '../support/values.js';

const FAR = 4_102_444_800_000;

type Options = Omit<ConvertOptions, 'target'>;

async function convertRecord(from: string, record: RdbRecord, to: string, options: Options = {}): Promise<Converted> {
  const file = encoded({ target: findTarget(from)! }, (encoder) => encoder.record(record));
  return await convert(file, { target: to, onUnsupported: 'convert', ...options });
}

async function convertEntry(from: string, value: KeyEntry['value'], to: string): Promise<Converted> {
  const entry: KeyEntry = { kind: 'key', db: 0, key: ascii('k'), rdbType: 0, offset: 0, value };
  const file = encoded({ target: findTarget(from)! }, (encoder) => encoder.key(entry));
  return await convert(file, { target: to, onUnsupported: 'error' });
}

describe('records', () => {
  it.each<[string, RdbRecord, string, string]>([
    [
      'redis:7.0',
      { kind: 'function', code: ascii('#!lua name=l\n'), name: 'l', engine: 'lua' },
      'redis:6.2',
      'function',
    ],
    [
      'redis:7.0',
      { kind: 'module-aux', module: 'testrdb-a', version: 1, when: 2, items: [] },
      'redis:3.2',
      'module-aux',
    ],
    [
      'valkey:9.1',
      { kind: 'slot-import', job: ascii('j'.repeat(40)), ranges: [{ start: 1, end: 2 }] },
      'redis:7.2',
      'slot-import',
    ],
    ['valkey:9.2', { kind: 'command', db: 0, args: [ascii('SET'), ascii('a'), ascii('b')] }, 'valkey:9.1', 'command'],
  ])('of %s: %#', async (from, record, to, what) => {
    expect(lossTexts(await convertRecord(from, record, to))).toEqual([`${what}: drop`]);
    await expect(convertRecord(from, record, to, { onUnsupported: 'error' })).rejects.toThrow(/cannot encode/);
    expect((await convertRecord(from, record, from, { onUnsupported: 'error' })).entries).toContainEqual(
      expect.objectContaining({ kind: record.kind }),
    );
  });

  it('finds commands out of place among chosen keys', async () => {
    const command = { kind: 'command', db: 0, args: [ascii('DEL'), ascii('a')] } as const;
    const converted = await convertRecord('valkey:9.2', command, 'valkey:9.2', { filter: { dbs: [0] } });
    expect(lossTexts(converted)).toEqual(['command: drop']);
  });

  it('writes libraries of the release candidates as everybody reads them', async () => {
    const f6 = bytesOf(0xf6, str('lib'), str('LUA'), len(1), str('text'), str('return 1'));
    const { entries, summary } = await convert(rdbFile('REDIS0010', f6), {
      target: 'redis:7.2',
      onUnsupported: 'error',
    });
    const code = entries.find((entry) => entry.kind === 'function')?.code;
    expect(Buffer.from(code!).toString()).toBe('#!LUA name=lib\nreturn 1');
    expect(summary.omitted).toEqual({ 'function descriptions': 1 });
  });

  it('writes template hashes as plain ones, or leaves them as they are', async () => {
    const file = rdbFile(
      'REDIS0015',
      0xf2,
      len(0),
      len(2),
      str('a'),
      str('b'),
      keyRecord(32, 'k', [len(0), str('1'), str('2')]),
    );
    for (const [target, rdbType] of [
      ['redis:8.8', 16],
      ['redis:8.10', 32],
    ] as const) {
      const converted = await convert(file, { target, onUnsupported: 'error' });
      expect(fieldsOf(converted)).toEqual(hash(['a', '1'], ['b', '2']).fields);
      expect(converted.keys[0]?.rdbType).toBe(rdbType);
    }
  });

  it('never passes over an append-only file behind the dump', async () => {
    const file = bytesOf(rdbFile('REDIS0009', keyRecord(0, 'k', str('v'))), '*1\r\n$4\r\nPING\r\n');
    expect(lossTexts(await convert(file, { onUnsupported: 'convert' }))).toEqual(['aof-tail: drop']);
    await expect(convert(file)).rejects.toThrow('14 bytes of commands');
  });
});

describe('KeyDB', () => {
  const file = rdbFile(
    'REDIS0009',
    keyRecord(2, 'k', [len(1), str('m')]),
    0xfa,
    str('keydb-subexpire-key'),
    str('m'),
    0xfa,
    str('keydb-subexpire-when'),
    str(String(FAR)),
    keyRecord(0, 'l', str('v')),
  );

  it('keeps the expiry of members', async () => {
    const { entries } = await convert(file, { target: 'keydb:6', onUnsupported: 'error' });
    expect(entries.map(({ kind }) => kind)).toEqual(['header', 'select-db', 'key', 'aux', 'aux', 'key', 'end']);
  });

  it('says that nobody else does', async () => {
    const converted = await convert(file, { target: 'redis:6.2', onUnsupported: 'convert' });
    expect(converted.entries.map(({ kind }) => kind)).toEqual(['header', 'select-db', 'key', 'key', 'end']);
    expect(converted.losses).toMatchObject([{ what: 'member-expiry', key: ascii('k'), policy: 'convert' }]);
  });

  it('leaves it out with its key', async () => {
    const { entries, losses } = await convert(file, { target: 'keydb:6', filter: { types: ['string'] } });
    expect([entries.map(({ kind }) => kind), losses]).toEqual([['header', 'select-db', 'key', 'end'], []]);
  });
});

describe('key metadata', () => {
  const meta = [{ name: 'META-abcd', version: 1, flags: 1, items: [{ kind: 'uint', value: 7n }] }] as const;
  const file = encoded({ target: findTarget('redis:8.6')! }, (encoder) =>
    encoder.key({ kind: 'key', db: 0, key: ascii('k'), rdbType: 0, offset: 0, value: string('v'), meta }),
  );

  it.each([
    ['redis:8.6', {}, meta, []],
    ['redis:8.8', { setTtl: { action: 'strip' } }, meta, []],
    ['redis:8.4', {}, undefined, ['key-meta: convert']],
    ['redis:8.6', { dropModules: true, onUnsupported: 'error' }, undefined, ['key-meta: convert']],
  ] as const)('for %s %j', async (target, options, expected, losses) => {
    const converted = await convert(file, { target, onUnsupported: 'convert', ...options });
    expect(converted.keys[0]?.meta).toEqual(expected);
    expect(lossTexts(converted)).toEqual(losses);
  });
});

describe('expiry in seconds', () => {
  it.each<[number, number | undefined, string[]]>([
    [1_700_000_000_000, 1_700_000_000_000, []],
    [1_700_000_000_001, 1_700_000_001_000, ['expiry-fraction: convert']],
    [0x7fffffff * 1000, 0x7fffffff * 1000, []],
    [0x7fffffff * 1000 + 1, undefined, ['expiry-range: convert']],
    [FAR, undefined, ['expiry-range: convert']],
    [-5000, 1000, []],
  ])('%d', async (expireAtMs, expected, losses) => {
    const file = rdbFile('REDIS0010', keyRecord(0, 'k', str('v'), [0xfc, int64Le(BigInt(expireAtMs))]));
    const converted = await convert(file, { target: 'redis:2.4', onUnsupported: 'convert' });
    expect(converted.keys[0]?.expireAtMs).toBe(expected);
    expect(lossTexts(converted)).toEqual(losses);
    const dropped = await convert(file, { target: 'redis:2.4', onUnsupported: 'drop' });
    expect(dropped.keys).toHaveLength(losses.length === 0 ? 1 : 0);
  });
});

describe('old forms', () => {
  it('has no short integers in ziplists before version 6', async () => {
    const { keys, bytes } = await convertEntry('redis:2.6', list('5', '100', '1000000'), 'redis:2.4');
    expect(keys[0]?.rdbType).toBe(10);
    expect(Buffer.from(bytes).includes(Buffer.from(bytesOf(0xc0, 5, 0)))).toBe(true);
    expect(Buffer.from(bytes).includes(Buffer.from(bytesOf(0xd0, 0x40, 0x42, 0x0f, 0)))).toBe(true);
  });

  it('has no lengths of 64 bits before version 8', async () => {
    const long = (size: number): Uint8Array => bytesOf(0x81, [0, 0, 0, 0, 0, 0, 0, size]);
    const file = rdbFile(
      'REDIS0009',
      keyRecord(0, 'a', [long(1), 'v']),
      0,
      long(1),
      'b',
      str('w'),
      keyRecord(1, 'c', [len(1), long(1), 'x']),
    );
    const { bytes, keys } = await convert(file, { target: 'redis:3.2', onUnsupported: 'error' });
    expect(bytes.includes(0x81)).toBe(false);
    expect(keys.map(({ value }) => value)).toMatchObject([string('v'), string('w'), { items: [ascii('x')] }]);
  });

  it('writes scores of every kind as texts', async () => {
    const value = zset(['a', 0.1], ['b', -Infinity], ['c', 1e300], ['d'.repeat(100), 17]);
    const { keys } = await convertEntry('redis:7.0', value, 'redis:2.4');
    expect(keys[0]).toMatchObject({
      rdbType: 3,
      value: { members: value.members.toSorted((x, y) => y.score - x.score) },
    });
  });
});

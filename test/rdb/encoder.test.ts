/** The encoder of a file: header, databases, key attributes, raw copies, collections in pieces, end. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { Int64 } from '../../src/bytes/int64.js';
import { Slice } from '../../src/bytes/slice.js';
import { RdbEncoder } from '../../src/rdb/encoder.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { findTarget, TARGETS, type Target } from '../../src/rdb/versions.js';
import { decodeDeep, encoded, encodeEntries, textOf } from '../support/encode.js';
import { bytesOf, hex, int64Le, str } from '../support/file-builder.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const target = (name: string): Target => findTarget(name)!;

function stringKey(name: string, attributes: Partial<KeyEntry> = {}): KeyEntry {
  const value: RdbValue = { type: 'string', encoding: 'raw', value: bytes('v') };
  return { kind: 'key', db: 0, key: bytes(name), rdbType: 0, offset: 0, value, ...attributes };
}

function listKey(items: readonly string[], rdbType = 1): KeyEntry {
  return { ...stringKey('l', { rdbType }), value: { type: 'list', encoding: 'linkedlist', items: items.map(bytes) } };
}

function keysOf(file: Uint8Array): KeyEntry[] {
  return decodeDeep(file).filter((entry): entry is KeyEntry => entry.kind === 'key');
}

describe.each(TARGETS)('for $name', (made) => {
  const file = encoded({ target: made }, (encoder) => encoder.key(stringKey('k')));

  it('writes its header, and a checksum where its version has one', () => {
    const entries = decodeDeep(file);
    expect(entries[0]).toEqual({ kind: 'header', magic: made.magic, version: made.version });
    expect(entries.at(-1)).toMatchObject({ kind: 'end', checksum: made.version < 5 ? 'absent' : 'ok' });
  });

  it('writes expiry in its own unit', () => {
    const late = encoded({ target: made }, (encoder) => encoder.key(stringKey('k', { expireAtMs: 1001 })));
    expect(keysOf(late)[0]!.expireAtMs).toBe(made.version < 3 ? 2000 : 1001);
  });

  it('writes idle times and counters where it has records for them', () => {
    const idle = encoded({ target: made }, (encoder) => encoder.key(stringKey('k', { idleSeconds: 70000, freq: 255 })));
    const { idleSeconds, freq } = keysOf(idle)[0]!;
    expect([idleSeconds, freq]).toEqual(made.version < 9 ? [undefined, undefined] : [70000, 255]);
  });
});

it.each(['redis:7.4', 'redis:8.10', 'valkey:9.1'])('keeps a field that expired at 0 for %s', (name) => {
  const times = [undefined, 0, 5].map((expireAtMs, at) => ({
    field: bytes(`f${at}`),
    value: bytes('v'),
    ...(expireAtMs !== undefined && { expireAtMs }),
  }));
  const value: RdbValue = { type: 'hash', encoding: 'hashtable', fields: times };
  const file = encoded({ target: target(name) }, (encoder) => encoder.key(stringKey('h', { value })));
  expect(keysOf(file)[0]!.value).toEqual(value);
});

describe('header and end', () => {
  it('writes what the format says, byte by byte', () => {
    expect(encoded({ target: target('redis:2.4') }, (encoder) => encoder.key(stringKey('k')))).toEqual(
      bytesOf('REDIS0002', 0xfe, 0, 0, str('k'), str('v'), 0xff),
    );
    expect(encoded({ target: target('valkey:9.0'), checksum: false }, () => undefined)).toEqual(
      bytesOf('VALKEY080', 0xff, new Uint8Array(8)),
    );
  });

  it('counts keys and bytes and gives the checksum', () => {
    const chunks: Uint8Array[] = [];
    const encoder = new RdbEncoder((data, start, end) => chunks.push(data.slice(start, end)), {
      target: target('redis:7.0'),
    });
    encoder.key(stringKey('a'));
    const summary = encoder.end();
    const file = Buffer.concat(chunks);
    expect(summary).toEqual({ sizeBytes: file.length, keys: 1, crc64: file.readBigUInt64LE(file.length - 8) });
    expect(() => encoder.key(stringKey('b'))).toThrow(TypeError);
    expect(() => encoder.end()).toThrow(TypeError);
  });

  it('passes over the header and the end of a source, and selects a database where it changes', () => {
    const file = encoded({ target: target('redis:7.0') }, (encoder) => {
      encoder.record({ kind: 'header', magic: 'REDIS', version: 3 });
      encoder.record({ kind: 'select-db', db: 0 });
      encoder.record({ kind: 'select-db', db: 0 });
      encoder.key(stringKey('a'));
      encoder.key(stringKey('b', { db: 700 }));
      encoder.record({ kind: 'resize-db', db: 2, keys: 1, expires: 0 });
      encoder.key(stringKey('c', { db: 2 }));
      encoder.record({ kind: 'end', checksum: 'ok', crc64: 1n, trailingBytes: 0, trailing: undefined });
    });
    const entries = decodeDeep(file).map((entry) => (entry.kind === 'select-db' ? `select ${entry.db}` : entry.kind));
    expect(entries).toEqual(['header', 'select 0', 'key', 'select 700', 'key', 'select 2', 'resize-db', 'key', 'end']);
  });

  it('compresses strings unless told not to', () => {
    const long = {
      ...stringKey('k'),
      value: { type: 'string', encoding: 'raw', value: bytes('a'.repeat(100)) },
    } as const;
    const small = encodeEntries([long], { target: target('redis:7.0') });
    const large = encodeEntries([long], { target: target('redis:7.0'), compress: false });
    expect(large.length - small.length).toBeGreaterThan(80);
    expect(keysOf(small)[0]!.value).toMatchObject({ encoding: 'lzf', value: bytes('a'.repeat(100)) });
    expect(keysOf(large)[0]!.value).toMatchObject({ encoding: 'raw', value: bytes('a'.repeat(100)) });
  });
});

describe('expiry', () => {
  const attributesOf = (name: string, entry: KeyEntry): Uint8Array => {
    const file = encoded({ target: target(name), checksum: false }, (encoder) => encoder.key(entry));
    return file.subarray(11, file.indexOf(0x6b) - 2);
  };

  it.each([
    [0, 'FC 0000000000000000'],
    [1, 'FC 0100000000000000'],
    [-2, 'FC FEFFFFFFFFFFFFFF'],
    [-1, ''],
    [4294967296, 'FC 0000000001000000'],
    [2 ** 53 - 1, 'FC FFFFFFFFFFFF1F00'],
    [-(2 ** 40), 'FC 0000000000FFFFFF'],
  ])('writes %d ms', (expireAtMs, expected) => {
    expect(attributesOf('redis:7.0', stringKey('k', { expireAtMs }))).toEqual(hex(expected));
  });

  it.each([
    [0, 'FD 00000000'],
    [1, 'FD 01000000'],
    [1000, 'FD 01000000'],
    [1001, 'FD 02000000'],
    [-1500, 'FD FFFFFFFF'],
    [(2 ** 31 - 1) * 1000, 'FD FFFFFF7F'],
  ])('rounds %d ms up to seconds before version 3', (expireAtMs, expected) => {
    expect(attributesOf('redis:2.4', stringKey('k', { expireAtMs }))).toEqual(hex(expected));
  });

  it('refuses what the seconds cannot hold, and goes on without the key', () => {
    const file = encoded({ target: target('redis:2.4') }, (encoder) => {
      const late = stringKey('late', { expireAtMs: (2 ** 31 - 1) * 1000 + 1 });
      expect(() => encoder.key(late)).toThrow(EncodeError);
      encoder.key(stringKey('k'));
    });
    expect(file).toEqual(bytesOf('REDIS0002', 0xfe, 0, 0, str('k'), str('v'), 0xff));
  });

  it.each([
    [{ expireAtMs: 0.5 }],
    [{ expireAtMs: Number.NaN }],
    [{ freq: 256 }],
    [{ freq: -1 }],
    [{ idleSeconds: -1 }],
  ])('refuses %o', (attributes) => {
    const file = encoded({ target: target('redis:7.0') }, (encoder) => {
      expect(() => encoder.key(stringKey('k', attributes))).toThrow(EncodeError);
    });
    expect(keysOf(file)).toEqual([]);
  });

  it('keeps all 64 bits of a stored time', () => {
    const expireAt = new Int64();
    expireAt.set(0x7fffffff, -1);
    const file = encoded({ target: target('redis:7.0'), checksum: false }, (encoder) =>
      encoder.rawKey({ db: 0, expireAt, expireAtMs: 5 }, bytes('k'), 0, bytes('\u0001v'), 0, 2),
    );
    expect(file.subarray(11, 20)).toEqual(bytesOf(0xfc, int64Le(2n ** 63n - 1n)));
  });
});

describe('key metadata', () => {
  const meta = [{ name: 'META-abcd', version: 3, flags: 1, items: [{ kind: 'uint', value: 2n ** 63n } as const] }];

  it('stands directly before the type byte of Redis 8.6 and later, and nowhere else', () => {
    const write = (name: string): KeyEntry =>
      keysOf(encoded({ target: target(name) }, (encoder) => encoder.key(stringKey('k', { meta, expireAtMs: 1 }))))[0]!;
    expect(write('redis:8.6').meta).toEqual(meta);
    expect(write('redis:8.4').meta).toBeUndefined();
    expect(write('valkey:9.1').meta).toBeUndefined();
  });

  it('is refused where it cannot be', () => {
    const encoder = new RdbEncoder(() => undefined, { target: target('redis:8.6') });
    const named = (name: string): KeyEntry => stringKey('k', { meta: [{ ...meta[0]!, name }] });
    expect(() => encoder.key(named('abcd'))).toThrow(EncodeError);
    expect(() => encoder.key(stringKey('k', { meta: new Array(8).fill(meta[0]) }))).toThrow(EncodeError);
  });
});

describe('values', () => {
  it('takes back a key that fails in the middle', () => {
    const file = encoded({ target: target('redis:7.0') }, (encoder) => {
      const members = [
        { member: bytes('a'), score: 1 },
        { member: bytes('b'), score: Number.NaN },
      ];
      const bad: KeyEntry = { ...stringKey('z'), value: { type: 'zset', encoding: 'skiplist', members } };
      expect(() => encoder.key(bad)).toThrow(EncodeError);
      expect(() => encoder.key(listKey(['a']), 2)).toThrow(EncodeError);
      encoder.key(listKey(['a']));
    });
    expect(keysOf(file).map((entry) => textOf(entry.key))).toEqual([textOf(bytes('l'))]);
  });

  it('chooses types by the target and its thresholds', () => {
    const type = (name: string, settings = {}): number =>
      keysOf(encodeEntries([hashKey(1)], { target: target(name), settings }))[0]!.rdbType;
    expect([type('redis:2.2'), type('redis:2.4'), type('redis:6.2'), type('redis:7.0')]).toEqual([4, 9, 13, 16]);
    expect(type('redis:7.0', { hashMaxPackedEntries: 0 })).toBe(4);
  });

  it('keeps types that the target loads and reads alike', () => {
    const type = (name: string, entry: KeyEntry): number =>
      keysOf(encodeEntries([entry], { target: target(name), keepTypes: true }))[0]!.rdbType;
    expect(type('redis:7.0', listKey(['a'], 10))).toBe(10);
    expect(type('redis:7.0', listKey(['a'], 14))).toBe(14);
    expect(type('redis:3.0', listKey(['a'], 14))).toBe(10);
    // 23 is a hash to Redis and a path hash to Valkey.
    expect(type('redis:7.4', { ...hashKey(1), rdbType: 23 })).toBe(23);
    expect(type('valkey:9.2', { ...hashKey(1), rdbType: 23 })).toBe(16);
  });

  it('keeps template references where the file has the template', () => {
    const template: RdbEntry = { kind: 'hash-template', id: 7, fields: ['f0', 'f1'].map(bytes) };
    const references = [30, 32].map((rdbType) => ({ ...hashKey(2), rdbType }));
    const options = { target: target('redis:8.10'), keepTypes: true };
    expect(keysOf(encodeEntries([template, ...references], options)).map((entry) => entry.rdbType)).toEqual([30, 32]);
    expect(keysOf(encodeEntries(references, options)).map((entry) => entry.rdbType)).toEqual([16, 16]);
    const entries = keysOf(encodeEntries([template, ...references], options));
    for (const entry of entries) expect(entry.value).toMatchObject({ type: 'hash', fields: hashFields(2) });
    const without = new RdbEncoder(() => undefined, options);
    expect(() => without.key(hashKey(2), 30)).toThrow(EncodeError);
  });
});

describe('raw copies', () => {
  const options = { target: target('redis:7.0'), checksum: false };
  const value = hex('02 0161 0162');

  it('writes the bytes of a value as they are, whole or in pieces', () => {
    const range = Object.assign(new Slice(), { bytes: bytes('xkeyx'), start: 1, end: 4 });
    const whole = encoded(options, (encoder) => encoder.rawKey({ db: 3, freq: 9 }, range, 1, value, 0, value.length));
    expect(whole).toEqual(bytesOf('REDIS0010', 0xfe, 3, 0xf9, 9, 1, str('key'), value, 0xff, new Uint8Array(8)));
    const inPieces = encoded(options, (encoder) => {
      encoder.beginRawKey({ db: 3, freq: 9 }, bytes('key'), 1);
      for (let at = 0; at < value.length; at++) encoder.rawChunk(value, at, at + 1);
      encoder.endRawKey();
    });
    expect(inPieces).toEqual(whole);
  });

  it('copies whole records', () => {
    const records = bytesOf(0xfc, int64Le(7n), 0, str('a'), str('1'), 0, str('b'), str('2'));
    const file = encoded(options, (encoder) => {
      encoder.rawRecords(5, records, 0, records.length, 2);
      expect(encoder.offset).toBe(11 + records.length);
    });
    expect(file).toEqual(bytesOf('REDIS0010', 0xfe, 5, records, 0xff, new Uint8Array(8)));
  });

  it('insists on order', () => {
    const encoder = new RdbEncoder(() => undefined, options);
    expect(() => encoder.rawChunk(value, 0, 1)).toThrow(TypeError);
    encoder.beginRawKey({ db: 0 }, bytes('k'), 1);
    expect(() => encoder.key(stringKey('k'))).toThrow(TypeError);
    expect(() => encoder.record({ kind: 'select-db', db: 1 })).toThrow(TypeError);
    expect(() => encoder.end()).toThrow(TypeError);
    encoder.endRawKey();
    expect(() => encoder.endRawKey()).toThrow(TypeError);
  });

  it('hands on large pieces at once and holds nothing', () => {
    let largest = 0;
    let written = 0;
    const encoder = new RdbEncoder((_bytes, start, end) => {
      largest = Math.max(largest, end - start);
      written += end - start;
    }, options);
    encoder.beginRawKey({ db: 0 }, bytes('k'), 0);
    encoder.rawChunk(bytesOf(0x80, hex('04000000')), 0, 5);
    const chunk = new Uint8Array(1024 * 1024);
    for (let left = 64; left > 0; left--) encoder.rawChunk(chunk, 0, chunk.length);
    encoder.endRawKey();
    expect(largest).toBe(chunk.length);
    expect(written).toBeGreaterThanOrEqual(64 * chunk.length);
  });
});

function hashFields(count: number): { field: Uint8Array; value: Uint8Array }[] {
  return Array.from({ length: count }, (_, index) => ({ field: bytes(`f${index}`), value: bytes(`v${index}`) }));
}

function hashKey(count: number): KeyEntry {
  return {
    ...stringKey('h', { rdbType: 4 }),
    value: { type: 'hash', encoding: 'hashtable', fields: hashFields(count) },
  };
}

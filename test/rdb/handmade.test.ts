/** Versions that no server at hand writes: RDB 14 and 15, VALKEY081, KeyDB, the release candidates, and versions to come. */
import { describe, expect, it } from 'vitest';
import { FormatError, UnsupportedError } from '../../src/bytes/errors.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, RdbEntry, RdbValue, RdbWarning } from '../../src/rdb/model.js';
import { type ReadOptions, readRdbSync } from '../../src/rdb/read.js';
import {
  bytesOf,
  doubleLe,
  hex,
  int64Le,
  keyRecord,
  len,
  len64,
  type Piece,
  rawId,
  rdbFile,
  str,
} from '../support/file-builder.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (content: string): Uint8Array => bytesOf(content);

function read(
  file: Uint8Array,
  options: ReadOptions = {},
): { entries: RdbEntry[]; keys: KeyEntry[]; warnings: RdbWarning[] } {
  const warnings: RdbWarning[] = [];
  const entries = [...readRdbSync(file, { ...options, onWarning: (warning) => warnings.push(warning) })];
  return { entries, keys: entries.filter((entry) => entry.kind === 'key'), warnings };
}

function onlyValue(file: Uint8Array): RdbValue {
  const { keys } = read(file, { deep: true });
  expect(keys).toHaveLength(1);
  return keys[0]!.value;
}

function fieldsOf(value: RdbValue): Record<string, string> {
  if (value.type !== 'hash') throw new TypeError(value.type);
  return Object.fromEntries(value.fields.map(({ field, value: content }) => [text(field), text(content)]));
}

/** One node: master 5-1 with field a, entries 5-1 and 6-0. */
const NODE = encodeListpack(['2', '0', '1', 'a', '0', '2', '0', '0', 'x', '4', '2', '1', '-1', 'y', '4'].map(bytes));

function streamV5(group: Piece, idmp: Piece): Piece {
  return [
    [len(1), str(rawId(5, 1)), str(NODE)],
    [len(2), len(6), len(0), len(5), len(1), len(0), len(0), len(2)],
    [len(1), group],
    idmp,
  ];
}

describe('RDB 14', () => {
  it('reads a stream with a NACK zone and idempotent producers', () => {
    const pending = [len(2), rawId(5, 1), int64Le(1000n), len(3), rawId(6, 0), int64Le(2000n), len(1)];
    const consumers = [len(1), str('c'), int64Le(3000n), int64Le(-1n), len(1), rawId(5, 1)];
    const group = [str('g'), len(6), len(0), len64(2n ** 64n - 1n), pending, consumers, len(1), rawId(6, 0)];
    const idmp = [len(100), len(50), len(1), str('p'), len(1), str('iid'), len(6), len(0), len(7), len(2)];
    const value = onlyValue(rdbFile('REDIS0014', keyRecord(27, 's', streamV5(group, idmp))));
    expect(value).toMatchObject({
      type: 'stream',
      entries: [
        { id: { ms: 5n, seq: 1n }, fields: [bytes('a'), bytes('x')] },
        { id: { ms: 6n, seq: 0n }, fields: [bytes('a'), bytes('y')] },
      ],
      state: {
        length: 2,
        entriesAdded: 2n,
        groups: [
          {
            entriesRead: -1n,
            pending: [
              { id: { ms: 5n, seq: 1n }, deliveredAtMs: 1000, deliveries: 3n, consumer: bytes('c') },
              { id: { ms: 6n, seq: 0n }, deliveredAtMs: 2000, deliveries: 1n, consumer: undefined },
            ],
            consumers: [{ name: bytes('c'), seenAtMs: 3000, activeAtMs: -1 }],
            nacked: [{ ms: 6n, seq: 0n }],
          },
        ],
        idmp: {
          durationSeconds: 100,
          maxEntries: 50,
          producers: [{ id: bytes('p'), entries: [{ iid: bytes('iid'), id: { ms: 6n, seq: 0n } }] }],
          iidsAdded: 7n,
          iidsDuplicates: 2n,
        },
      },
    });
  });

  it('refuses a NACKed entry that somebody owns, and one that nobody owns and nobody NACKed', () => {
    const pending = [len(1), rawId(5, 1), int64Le(1000n), len(1)];
    const idmp = [len(100), len(100), len(0), len(0), len(0)];
    const owner = [len(1), str('c'), int64Le(0n), int64Le(0n), len(1), rawId(5, 1)];
    const owned = [str('g'), len(6), len(0), len(0), pending, owner, len(1), rawId(5, 1)];
    const lost = [str('g'), len(6), len(0), len(0), pending, len(0), len(0)];
    for (const group of [owned, lost]) {
      const file = rdbFile('REDIS0014', keyRecord(27, 's', streamV5(group, idmp)));
      expect(() => read(file)).toThrow(expect.objectContaining({ code: 'BAD_STREAM' }));
    }
  });

  it('reads an array with every kind of element', () => {
    const elements = [
      [len(0), len(0), str('a longer text')],
      [len(3), len(1), int64Le(-(2n ** 61n))],
      [len(4), len(2), doubleLe(1.5)],
      [len(5), len(2), doubleLe(100)],
      [len(6), len(2), doubleLe(1e300)],
      [len64(2n ** 63n), len(3), str('seven b')],
    ];
    const value = onlyValue(
      rdbFile('REDIS0014', keyRecord(28, 'arr', [len(elements.length), len(1), len(6), ...elements])),
    );
    if (value.type !== 'array') throw new TypeError(value.type);
    expect(value.insertIndex).toBe(6n);
    expect(value.elements.map(({ index, value: content }) => [index, text(content)])).toEqual([
      [0n, 'a longer text'],
      [3n, '-2305843009213693952'],
      [4n, '1.5'],
      [5n, '100.0'],
      [6n, '1e+300'],
      [2n ** 63n, 'seven b'],
    ]);
  });

  it.each<[string, Piece]>([
    ['no elements', [len(0), len(0)]],
    ['a flag of 2', [len(1), len(2), len(0), len(0), str('x')]],
    ['a tag of 4', [len(1), len(0), len(0), len(4), str('x')]],
    ['an index of 2^64 - 1', [len(1), len(0), len64(2n ** 64n - 1n), len(0), str('x')]],
    ['a small string of 8 bytes', [len(1), len(0), len(0), len(3), str('12345678')]],
  ])('refuses an array with %s', (_what, value) => {
    expect(() => read(rdbFile('REDIS0014', keyRecord(28, 'arr', value)))).toThrow(
      expect.objectContaining({ code: 'BAD_ARRAY' }),
    );
  });
});

describe('RDB 15', () => {
  const template = bytesOf(0xf2, len(0), len(2), str('field1'), str('field2'));
  const values = encodeListpack(['0', '1', '2'].map(bytes));

  it('reads template hashes by reference', () => {
    const file = rdbFile(
      'REDIS0015',
      template,
      keyRecord(30, 'lp', str(values)),
      keyRecord(32, 'arr', [len(0), str('x'), [0xc0, 7]]),
    );
    const { entries, keys } = read(file, { deep: true });
    expect(entries[1]).toEqual({ kind: 'hash-template', id: 0, fields: [bytes('field1'), bytes('field2')] });
    expect(keys.map((key) => [key.value.encoding, fieldsOf(key.value)])).toEqual([
      ['listpack', { field1: '1', field2: '2' }],
      ['hashtable', { field1: 'x', field2: '7' }],
    ]);
  });

  it('reads template hashes of DUMP payloads', () => {
    const packed = hex(
      '1D 00 17 17000000 0200 86 6669656C6431 07 86 6669656C6432 07 FF 0D 0D000000 0300 0001 0101 0201 FF 0F00',
    );
    const raw = hex('1F 01 02 06 6669656C6431 06 6669656C6432 C001 C002 0F00');
    for (const payload of [packed, raw]) {
      expect(fieldsOf(decodeDump(bytesOf(payload, new Uint8Array(8))).value)).toEqual({ field1: '1', field2: '2' });
    }
  });

  it.each<[string, Piece[]]>([
    ['an unknown template', [keyRecord(30, 'k', str(values))]],
    ['an unknown template, strings', [keyRecord(32, 'k', [len(9), str('x')])]],
    ['names out of order', [bytesOf(0xf2, len(0), len(2), str('b'), str('a'))]],
    ['names that repeat', [bytesOf(0xf2, len(0), len(2), str('a'), str('a'))]],
    ['no names', [bytesOf(0xf2, len(0), len(0))]],
    ['too few values', [template, keyRecord(30, 'k', str(encodeListpack([bytes('0'), bytes('1')])))]],
    ['values without an id', [template, keyRecord(30, 'k', str(encodeListpack(['x', '1', '2'].map(bytes))))]],
  ])('refuses %s', (_what, records) => {
    expect(() => read(rdbFile('REDIS0015', ...records))).toThrow(expect.objectContaining({ code: 'BAD_TEMPLATE' }));
  });
});

describe('VALKEY081', () => {
  it('reads a path hash, with a warning', () => {
    const value = [
      len(2),
      str('/a'),
      len(1),
      str('f'),
      str('v'),
      str('/b'),
      len(2),
      str('g'),
      [0xc0, 1],
      str('h'),
      str(''),
    ];
    const { keys, warnings } = read(rdbFile('VALKEY081', keyRecord(23, 'p', value), keyRecord(23, 'empty', len(0))));
    expect(keys.map((key) => key.value)).toMatchObject([
      {
        type: 'pathhash',
        paths: [
          { path: bytes('/a'), fields: [{ field: bytes('f'), value: bytes('v') }] },
          { path: bytes('/b'), fields: [{ value: bytes('1') }, { value: bytes('') }] },
        ],
      },
      { type: 'pathhash', paths: [] },
    ]);
    expect(warnings).toMatchObject([{ code: 'UNCONFIRMED_LAYOUT' }]);
  });

  it('reads inline commands and slot imports', () => {
    const job = 'a'.repeat(40);
    const slots = bytesOf(0xf3, str(job), len(2), len(0), len(99), len(5000), len(16383));
    const command = bytesOf(0xf2, '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n');
    const { entries } = read(rdbFile('VALKEY081', slots, bytesOf(0xfe, len(3)), command));
    expect(entries).toMatchObject([
      { kind: 'header', magic: 'VALKEY', version: 81 },
      {
        kind: 'slot-import',
        job: bytes(job),
        ranges: [
          { start: 0, end: 99 },
          { start: 5000, end: 16383 },
        ],
      },
      { kind: 'select-db', db: 3 },
      { kind: 'command', db: 3, args: [bytes('SET'), bytes('k'), bytes('a\r\nb')] },
      { kind: 'end', checksum: 'ok' },
    ]);
  });

  it('has no Redis types', () => {
    expect(() => read(rdbFile('VALKEY081', keyRecord(24, 'h', [int64Le(0n), len(0)])))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TYPE', offset: 9 }),
    );
  });
});

describe('forks and odd versions', () => {
  it('reads a KeyDB cron job', () => {
    const job = [str('return 1'), int64Le(1000n), int64Le(60000n), len(1), str('k1'), len(2), str('a1'), str('a2')];
    const aux = bytesOf(0xfa, str('mvcc-tstamp'), str('17'));
    const { keys } = read(rdbFile('REDIS0009', aux, keyRecord(64, 'job', job)));
    expect(keys[0]!.value).toMatchObject({
      type: 'cron',
      script: bytes('return 1'),
      startMs: 1000,
      intervalMs: 60000,
      keys: [bytes('k1')],
      args: [bytes('a1'), bytes('a2')],
    });
  });

  it('reads what it knows of a newer version, and says so', () => {
    const { keys, warnings } = read(rdbFile('REDIS0099', keyRecord(0, 'k', str('v'))));
    expect(keys).toHaveLength(1);
    expect(warnings).toMatchObject([{ code: 'NEWER_VERSION' }]);
  });

  it('stops at an unknown type: unsupported in a newer version, damage in a known one', () => {
    const unknown = keyRecord(99, 'k', str('v'));
    expect(() => read(rdbFile('REDIS0099', unknown))).toThrow(UnsupportedError);
    expect(() => read(rdbFile('REDIS0012', unknown))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TYPE', offset: 9 }),
    );
  });

  it.each([6, 8])('has no type %i', (type) => {
    const code = type === 6 ? 'UNSUPPORTED_TYPE' : 'UNKNOWN_TYPE';
    expect(() => read(rdbFile('REDIS0008', keyRecord(type, 'k', len(1))))).toThrow(expect.objectContaining({ code }));
  });

  it('reads the first versions: no checksum, expiry in seconds', () => {
    const { entries, keys } = read(
      rdbFile('REDIS0001', keyRecord(1, 'l', [len(1), str('a')], [0xfd, 0x10, 0x27, 0, 0])),
    );
    expect(keys[0]).toMatchObject({ expireAtMs: 10_000_000, db: 0 });
    expect(entries.at(-1)).toMatchObject({ kind: 'end', checksum: 'absent', crc64: undefined });
  });

  it('takes a checksum behind a version that has none as damage', () => {
    const file = rdbFile('REDIS0006', keyRecord(0, 'k', str('v')));
    file[8] = 0x34;
    expect(() => read(file)).toThrow(expect.objectContaining({ code: 'UNEXPECTED_TRAILER' }));
  });

  it('keeps key attributes across other records, and the last expiry wins', () => {
    const attributes = [
      0xfc,
      int64Le(1n),
      0xfa,
      str('a'),
      str('b'),
      0xfb,
      len(1),
      len(1),
      0xf9,
      7,
      0xf8,
      len(300),
      0xfc,
      int64Le(2n),
    ];
    const { keys } = read(
      rdbFile('REDIS0012', keyRecord(0, 'k', str('v'), attributes), keyRecord(0, 'plain', str('v'))),
    );
    expect(keys[0]).toMatchObject({ expireAtMs: 2, freq: 7, idleSeconds: 300 });
    expect(keys[1]!.expireAtMs).toBeUndefined();
    expect(keys[1]!.freq).toBeUndefined();
  });

  it('reads key metadata, which must stand directly before the type', () => {
    const meta = [0xf3, len(1), hex('21 25 A4 30'), len(5), str('text'), len(0)];
    const { keys } = read(rdbFile('REDIS0013', keyRecord(0, 'k', str('v'), meta)));
    expect(keys[0]!.meta).toMatchObject([{ items: [{ kind: 'string', value: bytes('text') }] }]);
    const apart = rdbFile('REDIS0013', keyRecord(0, 'k', str('v'), [meta, 0xfa, str('a'), str('b')]));
    expect(() => read(apart)).toThrow(expect.objectContaining({ code: 'BAD_OPCODE' }));
  });

  it('saturates times that no number holds', () => {
    const { keys, warnings } = read(rdbFile('REDIS0012', keyRecord(0, 'k', str('v'), [0xfc, int64Le(2n ** 62n)])));
    expect(keys[0]!.expireAtMs).toBe(Number.MAX_SAFE_INTEGER);
    expect(warnings).toMatchObject([{ code: 'TIME_SATURATED' }]);
  });

  it('names the tail of a mixed AOF file, and other bytes that follow', () => {
    const file = rdbFile('REDIS0009', keyRecord(0, 'k', str('v')));
    const mixed = read(bytesOf(file, '*1\r\n$4\r\nPING\r\n'));
    expect(mixed.entries.at(-1)).toMatchObject({ trailing: 'aof', trailingBytes: 14 });
    expect(mixed.warnings).toEqual([]);
    const odd = read(bytesOf(file, 'rubbish'));
    expect(odd.entries.at(-1)).toMatchObject({ trailing: 'unknown', trailingBytes: 7 });
    expect(odd.warnings).toMatchObject([{ code: 'TRAILING_BYTES' }]);
  });

  it.each<[string, Piece, string]>([
    ['no magic', 'PK\u0003\u0004 something', 'NOT_RDB'],
    ['no bytes', '', 'EMPTY_INPUT'],
    ['version 0', 'REDIS0000', 'BAD_VERSION'],
    ['a version that is no number', 'REDIS00x1', 'BAD_VERSION'],
    ['half a header', 'REDIS00', 'TRUNCATED'],
    ['a header alone', 'REDIS0012', 'TRUNCATED'],
    ['a length of 2^63', ['REDIS0012', 0, len64(2n ** 63n)], 'BAD_LENGTH'],
    ['a string of 2^40 bytes', ['REDIS0012', 0, str('k'), len64(2n ** 40n)], 'TRUNCATED'],
    ['a list of 2^52 items', ['REDIS0012', 1, str('k'), len64(2n ** 52n), str('a')], 'TRUNCATED'],
    [
      'an LZF bomb',
      ['REDIS0012', 0, str('k'), 0xc3, len(3), len(2 ** 30), 0, 0x61, 0, 0xff, new Uint8Array(8)],
      'BAD_LZF',
    ],
    [
      'a plain length where C4 stands',
      ['REDIS0012', 0, str('k'), 0xc4, 0xff, new Uint8Array(8)],
      'BAD_STRING_ENCODING',
    ],
    [
      'an unknown container',
      ['REDIS0012', 18, str('k'), len(1), len(3), str('x'), 0xff, new Uint8Array(8)],
      'BAD_QUICKLIST',
    ],
  ])('refuses %s', (_what, content, code) => {
    expect(() => read(bytesOf(content))).toThrow(expect.objectContaining({ code }));
    expect(() => read(bytesOf(content))).toThrow(FormatError);
  });

  it('says where in the file, in which database and in which key', () => {
    const file = rdbFile(
      'REDIS0012',
      bytesOf(0xfe, len(5)),
      keyRecord(0, 'fine', str('v')),
      keyRecord(11, 'bad "set"', str(hex('03000000 01000000 00'))),
    );
    try {
      read(file);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_INTSET', trail: ['db 5', 'key "bad \\"set\\""'] });
      expect((error as FormatError).offset).toBeGreaterThan(20);
    }
  });
});

/** Records that are not keys: written as they were, or left out where the target has no such record. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import type { RdbEncoder } from '../../src/rdb/encoder.js';
import type { FunctionEntry, RdbRecord } from '../../src/rdb/model.js';
import { functionSource } from '../../src/rdb/record-writer.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { decodeDeep, encoded, encodeEntries, textOf } from '../support/encode.js';
import { bytesOf } from '../support/file-builder.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const target = (name: string): Target => findTarget(name)!;

const LIBRARY: FunctionEntry = {
  kind: 'function',
  code: bytes('#!lua name=lib\nreturn 1'),
  name: 'lib',
  engine: 'lua',
};
const PRE_GA: FunctionEntry = {
  kind: 'function',
  code: bytes('return 1'),
  name: 'lib',
  engine: 'LUA',
  description: bytes('d'),
};

const RECORDS: Readonly<Record<string, RdbRecord>> = {
  aux: { kind: 'aux', name: bytes('redis-ver'), value: bytes('7.0.0') },
  number: { kind: 'aux', name: bytes('ctime'), value: bytes('1700000000') },
  sizes: { kind: 'resize-db', db: 0, keys: 100000, expires: 3 },
  slot: { kind: 'slot-info', slot: 16383, keys: 5, expires: 0 },
  library: LIBRARY,
  module: {
    kind: 'module-aux',
    module: 'vectorset',
    version: 1023,
    when: 2,
    items: [
      { kind: 'sint', value: -5n },
      { kind: 'uint', value: 2n ** 64n - 1n },
      { kind: 'float', value: 1.5 },
      { kind: 'double', value: -0 },
      { kind: 'string', value: bytes('text') },
    ],
  },
  template: { kind: 'hash-template', id: 70, fields: ['b', 'a1'].map(bytes) },
  slots: { kind: 'slot-import', job: bytes('j'.repeat(40)), ranges: [{ start: 0, end: 16383 }] },
  command: { kind: 'command', db: 0, args: [bytes('SET'), bytes(''), bytes('\r\n')] },
};

/** Where each record is written. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  'redis:3.0': [],
  'redis:3.2': ['aux', 'number', 'sizes'],
  'redis:4.0': ['aux', 'number', 'sizes', 'module'],
  'redis:7.0': ['aux', 'number', 'sizes', 'library', 'module'],
  'redis:7.4': ['aux', 'number', 'sizes', 'slot', 'library', 'module'],
  'redis:8.10': ['aux', 'number', 'sizes', 'slot', 'library', 'module', 'template'],
  'valkey:8.1': ['aux', 'number', 'sizes', 'library', 'module'],
  'valkey:9.1': ['aux', 'number', 'sizes', 'slot', 'library', 'module', 'slots'],
  'valkey:9.2': ['aux', 'number', 'sizes', 'slot', 'library', 'module', 'slots', 'command'],
};

describe.each(Object.entries(TAKEN))('for %s', (name, taken) => {
  it.each(Object.entries(RECORDS))('the record %s', (kind, record) => {
    let written: boolean | undefined;
    const file = encoded({ target: target(name) }, (encoder) => {
      written = encoder.record(record);
    });
    const found = decodeDeep(file).filter((entry) => entry.kind === record.kind);
    expect(written).toBe(taken.includes(kind));
    expect(found.map(textOf)).toEqual(taken.includes(kind) ? [textOf(record)] : []);
  });
});

describe('functions of the 7.0 release candidates', () => {
  it('stay what they are for 7.0, which loads them', () => {
    expect(decodeDeep(encodeEntries([PRE_GA], { target: target('redis:7.0') }))[1]).toEqual(PRE_GA);
    const { description, ...plain } = PRE_GA;
    expect(decodeDeep(encodeEntries([plain], { target: target('redis:7.0') }))[1]).toEqual(plain);
  });

  it('become libraries as 7.0 makes them', () => {
    const code = bytes('#!LUA name=lib\nreturn 1');
    expect(functionSource(PRE_GA)).toEqual(code);
    expect(functionSource(LIBRARY)).toBe(LIBRARY.code);
    const file = encodeEntries([PRE_GA], { target: target('redis:7.2') });
    expect(decodeDeep(file)[1]).toEqual({ kind: 'function', code, name: 'lib', engine: 'LUA' });
  });
});

it.each<[string, RdbRecord]>([
  ['a negative count', { kind: 'resize-db', db: 0, keys: -1, expires: 0 }],
  ['a slot that is no whole number', { kind: 'slot-info', slot: 0.5, keys: 0, expires: 0 }],
  ['a negative database', { kind: 'select-db', db: -1 }],
  ['a module name of eight letters', { ...(RECORDS.module as object), module: 'vectorse' } as RdbRecord],
  ['a template without fields', { kind: 'hash-template', id: 1, fields: [] }],
  ['a template out of order', { kind: 'hash-template', id: 1, fields: ['b', 'a'].map(bytes) }],
])('refuses %s, and goes on', (_what, record) => {
  const file = encoded({ target: target('redis:8.10') }, (encoder: RdbEncoder) => {
    expect(() => encoder.record(record)).toThrow(EncodeError);
    encoder.record({ kind: 'select-db', db: 3 });
  });
  expect(decodeDeep(file).map((entry) => entry.kind)).toEqual(
    record.kind === 'resize-db' ? ['header', 'select-db', 'select-db', 'end'] : ['header', 'select-db', 'end'],
  );
});

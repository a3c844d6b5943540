/** What stands around the keys: other records, arrays, large values, filters, pauses, failures. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { compressLzf } from '../../src/codecs/lzf.js';
import { exportJson, type JsonExportOptions } from '../../src/convert/json/export.js';
import { compileFilter, type RowFilter } from '../../src/rdb/filter.js';
import {
  bytesOf,
  doubleLe,
  int64Le,
  keyRecord,
  len,
  len64,
  type Piece,
  rdbFile,
  str,
} from '../support/file-builder.js';
import { readFixture } from '../support/fixtures.js';
import { exportRun, failingRun, linesOf } from './export-run.js';

const key = (name: string, value: Piece = 'v'): Uint8Array => keyRecord(0, name, str(value));
const keyLine = (name: string, db = 0): string =>
  `{"db":${db},"key":"${name}","type":"string","encoding":"raw","rdbType":0,"value":"v"}`;
const only = (name: string): RowFilter => compileFilter({ match: name }, 0);

describe('--all', () => {
  it('has every record, in file order', () => {
    const moduleAux = [0xf7, len64(0xbde72da2bb1eb400n), len(2), len(1), len(1), len64(-7n), len(5), str('x'), 0];
    const file = rdbFile(
      'REDIS0012',
      [0xfa, str('redis-ver'), str('7.4.1')],
      [0xf5, str('#!lua name=mylib\nreturn')],
      moduleAux,
      [0xfe, len(3), 0xfb, len(2), len(1)],
      [0xf4, len(100), len(2), len(1)],
      key('a'),
      [0xfe, len(4)],
      key('b'),
      [0xfe, len(5)],
      [0xfe, len(6)],
    );
    expect(linesOf(file, { all: true })).toEqual([
      '{"record":"header","magic":"REDIS","version":12}',
      '{"record":"aux","name":"redis-ver","value":"7.4.1"}',
      '{"record":"function","code":"#!lua name=mylib\\nreturn","name":"mylib","engine":"lua"}',
      '{"record":"module-aux","module":"vectorset","version":0,"when":1,"items":[{"sint":"-7"},{"string":"x"}]}',
      '{"record":"db","db":3,"keys":2,"expires":1}',
      '{"record":"slot-info","slot":100,"keys":2,"expires":1}',
      keyLine('a', 3),
      '{"record":"db","db":4}',
      keyLine('b', 4),
      '{"record":"db","db":5}',
      '{"record":"db","db":6}',
      '{"record":"end","checksum":"ok"}',
    ]);
    expect(linesOf(file)).toEqual([keyLine('a', 3), keyLine('b', 4)]);
  });

  it('has the records of one family', () => {
    const template = [0xf2, len(1), len(2), str('a'), str('b')];
    expect(linesOf(rdbFile('REDIS0015', template), { all: true })[1]).toBe(
      '{"record":"hash-template","id":1,"fields":["a","b"]}',
    );
    const slotImport = [0xf3, str('job'), len(1), len(5), len(9)];
    const command = [0xf2, '*2\r\n$4\r\nPING\r\n$1\r\nx\r\n'];
    expect(linesOf(rdbFile('VALKEY081', slotImport, command), { all: true }).slice(1, 3)).toEqual([
      '{"record":"slot-import","job":"job","ranges":[[5,9]]}',
      '{"record":"command","db":0,"args":["PING","x"]}',
    ]);
  });

  it('says how the checksum was', () => {
    const ends = (file: Uint8Array, checksum = true): string => linesOf(file, { all: true, checksum }).at(-1)!;
    expect(ends(rdbFile('REDIS0004'))).toBe('{"record":"end","checksum":"absent"}');
    expect(ends(bytesOf('REDIS0012', 0xff, new Uint8Array(8)))).toBe('{"record":"end","checksum":"disabled"}');
    expect(ends(rdbFile('REDIS0012'), false)).toBe('{"record":"end","checksum":"unchecked"}');
  });

  it('keeps the order where a filter leaves keys out', () => {
    const file = rdbFile('REDIS0012', [0xfe, len(1)], key('a'), key('b'));
    expect(linesOf(file, { all: true, filter: only('b') }).slice(1, 3)).toEqual([
      '{"record":"db","db":1}',
      keyLine('b', 1),
    ]);
  });
});

describe('one array', () => {
  it('closes when everything has been read', () => {
    expect(exportRun(rdbFile('REDIS0012'), { format: 'json' }).text).toBe('[]\n');
    expect(exportRun(rdbFile('REDIS0012', key('a')), { format: 'json' }).text).toBe(`[${keyLine('a')}\n]\n`);
    const { text } = exportRun(rdbFile('REDIS0012', key('a'), key('b')), { format: 'json', all: true });
    expect(JSON.parse(text)).toHaveLength(4);
  });

  it('stays open after a failure', () => {
    const file = rdbFile('REDIS0012', key('a'), key('b'));
    const { text, error } = failingRun(file.subarray(0, -9), { format: 'json' });
    expect(error).toMatchObject({ code: 'TRUNCATED' });
    expect(text).toBe(`[${keyLine('a')}\n,${keyLine('b')}\n`);
  });
});

describe('a failure', () => {
  it('leaves whole lines', () => {
    const broken = keyRecord(20, 's', str([11, 0, 0, 0, 2, 0, 0x81, 'a', 2, 0xf9, 0xff]));
    const { lines, text, error } = failingRun(rdbFile('REDIS0012', key('a'), broken, key('b')));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ code: 'BAD_LISTPACK', trail: ['db 0', 'key "s"'] });
    expect(lines).toEqual([keyLine('a')]);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('in the middle of a large value leaves the line that was begun', () => {
    const item = str('x'.repeat(1000));
    const list = [len(1000), Array.from({ length: 500 }, () => item)];
    const { text } = failingRun(bytesOf('REDIS0012', key('a'), keyRecord(1, 'l', list)), {
      limits: { largeValueBytes: 100_000 },
      chunk: () => 50_000,
    });
    expect(text.startsWith(`${keyLine('a')}\n{"db":0,"key":"l"`)).toBe(true);
    expect(text.endsWith('\n')).toBe(false);
  });
});

it('refuses a line that is too long to be held, before it takes the memory', () => {
  const zeros = new Uint8Array(1024 * 1024);
  const packed = new Uint8Array(zeros.length);
  const size = compressLzf(zeros, 0, zeros.length, packed, zeros.length - 1);
  const item = [0xc3, len(size), len(zeros.length), packed.subarray(0, size)];
  const list = keyRecord(1, 'l', [len(12), Array.from({ length: 12 }, () => item)]);
  const { text, error } = failingRun(rdbFile('REDIS0012', key('a'), list), {
    limits: { maxBlobBytes: 2 * 1024 * 1024 },
  });
  expect(error).toMatchObject({ code: 'LIMIT_MEMORY', offset: 14 });
  expect(text).toBe(`${keyLine('a')}\n`);
});

describe('a large value', () => {
  const limits = { largeValueBytes: 100 };

  it('says so, and is not sorted, searched or decoded', () => {
    const zset = keyRecord(5, 'z', [
      len(20),
      Array.from({ length: 20 }, (_, index) => [str(`m${index}`), doubleLe(20 - index)]),
    ]);
    const hash = keyRecord(24, 'h', [
      int64Le(1000n),
      len(50),
      Array.from({ length: 50 }, (_, index) => [len(index % 2), str('f'), str('v')]),
    ]);
    const lines = linesOf(rdbFile('REDIS0012', zset, hash, key('a')), { limits });
    expect(lines[0]).toContain('"rdbType":5,"large":true,"value":[["m0",20],["m1",19],');
    expect(lines[1]).toContain('"rdbType":24,"large":true,"value":{"$pairs":[["f","v"],["f","v",1000],["f","v"],');
    expect(lines[2]).toBe(keyLine('a'));
  });

  it('has its attributes', () => {
    const file = rdbFile('REDIS0012', keyRecord(0, 'k', str('x'.repeat(200)), [0xfc, int64Le(5n)]));
    expect(linesOf(file, { limits })).toEqual([
      `{"db":0,"key":"k","type":"string","encoding":"raw","rdbType":0,"expireAt":5,"large":true,"value":"${'x'.repeat(200)}"}`,
    ]);
  });

  it('is passed over where it is not wanted', () => {
    const file = rdbFile(
      'REDIS0012',
      keyRecord(1, 'l', [len(30), Array.from({ length: 30 }, () => str('item'))]),
      key('a'),
    );
    expect(linesOf(file, { limits, filter: only('a') })).toEqual([keyLine('a')]);
  });

  it.each([
    ['text', 'é', true],
    ['bytes', '\xff', false],
  ])('of one long string is handed over in pieces: %s', (_, unit, valid) => {
    const content = Buffer.from(unit.repeat(400_000), valid ? 'utf8' : 'latin1');
    const run = exportRun(rdbFile('REDIS0012', keyRecord(0, 'k', str(content))), { limits });
    const { value } = JSON.parse(run.text) as { value: string | { $b64: string } };
    expect(typeof value === 'string' ? value : Buffer.from(value.$b64, 'base64')).toEqual(
      valid ? unit.repeat(400_000) : content,
    );
    expect(Math.max(...run.pieces)).toBeLessThan(300_000);
  });

  it('keeps a string of MiBs in pieces that is not large', () => {
    const run = exportRun(rdbFile('REDIS0012', key('k', 'x'.repeat(3_000_000))));
    expect(run.text.length).toBeGreaterThan(3_000_000);
    expect(run.text).not.toContain('"large"');
    expect(Math.max(...run.pieces)).toBeLessThan(300_000);
  });
});

it('pauses about once per MiB', () => {
  const file = rdbFile(
    'REDIS0012',
    Array.from({ length: 3000 }, (_, index) => key(`k${index}`, 'x'.repeat(1000))),
  );
  const { pauses, text } = exportRun(file);
  expect(pauses).toBeGreaterThanOrEqual(2);
  expect(pauses).toBeLessThanOrEqual(Math.ceil(text.length / 1024 / 1024));
});

it('passes warnings on', () => {
  const codes: string[] = [];
  linesOf(rdbFile('REDIS0099', key('a')), { onWarning: ({ code }) => codes.push(code) });
  expect(codes).toEqual(['NEWER_VERSION']);
});

describe('exportJson', () => {
  async function collect(file: Uint8Array, options: JsonExportOptions = {}): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const bytes of exportJson(file, options)) pieces.push(bytes);
    return Buffer.concat(pieces).toString('utf8');
  }

  it('gives the text of the handler', async () => {
    const file = readFixture('redis-7.0/types');
    expect(await collect(file)).toBe(exportRun(file).text);
    expect(await collect(file, { format: 'json', all: true, encoding: 'hex', filter: { types: ['hash'] } })).toBe(
      exportRun(file, { format: 'json', all: true, encoding: 'hex', filter: compileFilter({ types: ['hash'] }, 0) })
        .text,
    );
  });

  it('gives the whole lines before it throws', async () => {
    const file = rdbFile('REDIS0012', key('a'), key('b')).subarray(0, -9);
    let text = '';
    const reading = async (): Promise<void> => {
      for await (const bytes of exportJson(file)) text += Buffer.from(bytes).toString();
    };
    await expect(reading()).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect(text).toBe(`${keyLine('a')}\n${keyLine('b')}\n`);
  });
});

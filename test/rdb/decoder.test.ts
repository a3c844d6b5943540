/** The push interface and its levels. */
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../src/bytes/limits.js';
import { RdbDecoder } from '../../src/rdb/decoder.js';
import { readRdbSync } from '../../src/rdb/read.js';
import type { Level } from '../../src/rdb/visitor.js';
import { EventLog } from '../support/events.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { readFixture } from '../support/fixtures.js';
import { randomSizes } from '../support/random.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function run(file: Uint8Array, level: Level, limits: Partial<Limits> = {}, size = file.length): string[] {
  const log = new EventLog(level);
  const decoder = new RdbDecoder(log, { limits });
  for (let pos = 0; pos < file.length; pos += size) decoder.write(file.subarray(pos, pos + size));
  expect(decoder.end()).toMatchObject({ kind: 'end' });
  return log.events;
}

describe('levels', () => {
  const packed = bytesOf(len(7 + 6), [13, 0, 0, 0, 2, 0, 0x81, 'f', 2, 0x81, 'v', 2, 0xff]);
  const file = rdbFile('REDIS0010', keyRecord(16, 'h', packed), keyRecord(1, 'l', [len(2), str('a'), [0xc0, 7]]));

  it.each<[Level, string[]]>([
    ['skip', ['end of key', 'end of key']],
    ['raw', [`raw ${text(packed)}`, 'end of key', 'raw \u0002\u0001a\u00c0\u0007', 'end of key']],
    ['blob', [`blob ${text(packed.subarray(1))}`, 'end of key', 'item a', 'item 7', 'end of key']],
    ['element', ['field f v undefined', 'end of key', 'item a', 'item 7', 'end of key']],
  ])('%s', (level, expected) => {
    const events = run(file, level).filter((event) => !event.startsWith('{'));
    expect(events).toEqual(expected);
  });

  it.each<Level>(['skip', 'raw', 'blob', 'element'])('%s gives the same when values are streamed', (level) => {
    const dump = readFixture('redis-7.4/types');
    const size = randomSizes(3, 700)();
    const withoutSizes = (events: readonly string[]): string[] =>
      events.map((event) => event.replace(/"valueBytes":\d+,?/, ''));
    expect(withoutSizes(run(dump, level, { largeValueBytes: 1 }, size))).toEqual(withoutSizes(run(dump, level)));
  });
});

describe('large values', () => {
  const big = 'x'.repeat(3_000_000);
  const file = rdbFile('REDIS0010', keyRecord(0, 'big', str(big)), keyRecord(0, 'small', str('v')));

  it('passes over a string without holding it', () => {
    const log = new EventLog('skip');
    const decoder = new RdbDecoder(log, { limits: { largeValueBytes: 1000, maxBlobBytes: 100_000 } });
    for (let pos = 0; pos < file.length; pos += 50_000) decoder.write(file.subarray(pos, pos + 50_000));
    expect(decoder.end()).toMatchObject({ checksum: 'ok' });
  });

  it('refuses to hold a string beyond the limit', () => {
    const decoder = new RdbDecoder(new EventLog('element'), { limits: { maxBlobBytes: 100_000 } });
    expect(() => decoder.write(file)).toThrow(
      expect.objectContaining({ code: 'LIMIT_BLOB', trail: ['db 0', 'key "big"'] }),
    );
  });

  it('sends raw bytes in pieces that add up', () => {
    const raw = run(file, 'raw', { largeValueBytes: 1000 }, 99_991).find((event) => event.startsWith('raw '));
    expect(raw).toBe(`raw ${text(str(big))}`);
  });
});

describe('lengths that lie', () => {
  it('costs no memory in an input of unknown size', () => {
    const file = bytesOf('REDIS0010', 0xfa, 0x81, [0, 0, 0, 1, 0, 0, 0, 0], 'x'.repeat(60));
    const decoder = new RdbDecoder(new EventLog());
    expect(() => {
      for (const byte of file) decoder.write(Uint8Array.of(byte));
      decoder.end();
    }).toThrow(expect.objectContaining({ code: 'LIMIT_BLOB' }));
  });

  it('are truncation where the size is known', () => {
    const file = bytesOf(
      'REDIS0010',
      0,
      str('k'),
      0x81,
      [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      new Uint8Array(20),
    );
    expect(() => [...readRdbSync(file)]).toThrow(expect.objectContaining({ code: 'TRUNCATED' }));
  });
});

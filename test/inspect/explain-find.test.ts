/** Which record is explained: by offset, by key, at both ends of the file, and how much of it. */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { explainAt, NotFoundError } from '../../src/inspect/explain.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { bytesOf, int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { errorsOf, explain, lines } from './explain-spans.js';

const FILE = rdbFile(
  'REDIS0012',
  [0xfa, str('a'), str('b')], // 9
  [0xfe, len(0)], // 14
  keyRecord(0, 'same', str('zero'), [0xfc, int64Le(1n)]), // 16
  [0xfe, len(5)], // 36
  keyRecord(0, 'same', str('five')), // 38
  keyRecord(0, 'last', str('x')), // 49
); // EOF at 57, 66 bytes
const EOF = 57;

describe('by offset', () => {
  it('finds the record of every byte, and marks the leaf that holds it', async () => {
    const starts = [0, 9, 14, 16, 36, 38, 49, EOF];
    for (let offset = 0; offset < FILE.length; offset++) {
      const { record, spans } = await explain(FILE, offset);
      expect(record.offset).toBe(starts.findLast((start) => start <= offset));
      const hits = spans.filter((span) => span.hit === true);
      expect(hits).toHaveLength(1);
      expect(hits[0]!.offset).toBeLessThanOrEqual(offset);
      expect(hits[0]!.offset + hits[0]!.size).toBeGreaterThan(offset);
    }
  });

  it('explains the header', async () => {
    const { record, spans } = await explain(FILE, 6);
    expect(record).toEqual({ offset: 0, size: 9, what: 'header' });
    expect(lines(spans)).toEqual(['0+5 magic = "REDIS"', '5+4 version = "0012" <']);
    const valkey = await explain(rdbFile('VALKEY080'), 0);
    expect(lines(valkey.spans)).toEqual(['0+6 magic = "VALKEY" <', '6+3 version = "080"']);
  });

  it('explains the end, and says whether its checksum is right', async () => {
    const { record, spans } = await explain(FILE, 60);
    expect(record).toEqual({ offset: EOF, size: 9, what: 'EOF' });
    const crc = new DataView(FILE.buffer).getBigUint64(58, true).toString(16).padStart(16, '0');
    expect(lines(spans)).toEqual(['57+1 opcode = EOF (FF)', `58+8 crc64 = 0x${crc}, ok <`]);
  });

  it('explains the end without a checksum', async () => {
    const disabled = bytesOf(FILE.subarray(0, 58), new Uint8Array(8));
    expect(lines((await explain(disabled, 58)).spans)[1]).toBe('58+8 crc64 = 0x0000000000000000, disabled <');
    const old = rdbFile('REDIS0004', keyRecord(0, 'k', str('v')));
    expect(lines((await explain(old, 14)).spans)).toEqual(['14+1 opcode = EOF (FF) <']);
    const empty = rdbFile('REDIS0012');
    expect((await explain(empty, 9)).record).toEqual({ offset: 9, size: 9, what: 'EOF' });
  });

  it('shows a wrong checksum', async () => {
    const wrong = FILE.slice();
    wrong[60]! ^= 1;
    const { spans } = await explain(wrong, 57);
    expect(spans[1]!.value).toMatch(/^0x[0-9a-f]{16}, wrong$/);
    expect(errorsOf(spans)).toEqual([
      expect.stringMatching(/^66\+0 CHECKSUM_MISMATCH: the checksum in the file is 0x/),
    ]);
  });

  it('explains what follows the end', async () => {
    const mixed = bytesOf(FILE, '*1\r\n$4\r\nPING\r\n');
    expect((await explain(mixed, 65)).record).toMatchObject({ what: 'EOF', size: 9 });
    const { record, spans } = await explain(mixed, 70);
    expect(record).toEqual({ offset: 66, size: 14, what: 'tail' });
    expect(lines(spans)).toEqual(['66+14 bytes behind the end = "*1\\r\\n$4\\r\\nPING\\r\\n" <']);
  });

  it('shows the head of a long tail', async () => {
    const { record, spans } = await explain(bytesOf(FILE, new Uint8Array(100_000)), 100_000);
    expect(record.size).toBe(100_000);
    expect(spans.map(({ label, size, hit }) => [label, size, hit])).toEqual([
      ['bytes behind the end', 65536, undefined],
      ['… 34464 more bytes', 34464, true],
    ]);
  });

  it('takes attributes that stand before another record as part of that', async () => {
    const file = rdbFile('REDIS0012', [0xfc, int64Le(1n), 0xfa, str('a'), str('b')], keyRecord(0, 'k', str('v')));
    const { record, spans } = await explain(file, 12);
    expect(record).toEqual({ offset: 9, size: 14, what: 'AUX' });
    expect(lines(spans)[0]).toBe('9+9 expiry = 1970-01-01T00:00:00.001Z'.replace(/ =.*/, ''));
    expect((await explain(file, 24)).record).toMatchObject({ offset: 23, what: 'STRING' });
    const atEnd = rdbFile('REDIS0012', [0xf9, 7]);
    expect(lines((await explain(atEnd, 9)).spans)).toEqual([
      '9+2 LFU counter',
      '  9+1 opcode = FREQ (F9) <',
      '  10+1 counter = 7',
      '11+1 opcode = EOF (FF)',
      expect.stringContaining('12+8 crc64'),
    ]);
  });

  it.each([FILE.length, 10 ** 12])('knows no byte at %d', async (offset) => {
    await expect(explain(FILE, offset)).rejects.toThrow(new NotFoundError(`the file has no byte at ${offset}`));
  });

  it.each([-1, 0.5, Number.NaN])('refuses %d as an offset', async (offset) => {
    await expect(explain(FILE, offset)).rejects.toThrow(RangeError);
  });
});

describe('by key', () => {
  it('finds the first of several databases, or the one that is asked for', async () => {
    const key = bytesOf('same');
    expect((await explain(FILE, 'same')).record).toMatchObject({ offset: 16, db: 0, key });
    expect((await explain(FILE, { key, db: 5 })).record).toMatchObject({ offset: 38, db: 5, key });
    expect((await explain(FILE, 'last')).record).toMatchObject({ offset: 49, size: 8, what: 'STRING' });
    expect((await explain(FILE, 'same')).spans.some((span) => span.hit)).toBe(false);
  });

  it('finds keys in every form', async () => {
    const file = rdbFile(
      'REDIS0012',
      bytesOf(0, 0xc1, 0x39, 0x30, str('int')),
      bytesOf(0, 0xc3, 9, len(100), 1, 0x61, 0x61, 0xe0, 0x57, 0, 1, 0x61, 0x61, str('lzf')),
      keyRecord(0, '', str('empty')),
    );
    expect((await explain(file, '12345')).record.offset).toBe(9);
    expect((await explain(file, 'a'.repeat(100))).record.offset).toBe(17);
    expect((await explain(file, '')).record.offset).toBe(35);
  });

  it.each(['nope', 'sam', 'samee'])('does not find %s', async (key) => {
    await expect(explain(FILE, key)).rejects.toThrow(new NotFoundError(`no key "${key}"`));
    await expect(explain(FILE, { key: bytesOf('last'), db: 0 })).rejects.toThrow('no key "last" in db 0');
  });
});

describe('sources that come in pieces', () => {
  async function* chunks(size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < FILE.length; at += size) yield FILE.slice(at, at + size);
  }

  it.each([1, 7, 64])('of %d bytes', async (size) => {
    for (const offset of [0, 12, 40, 58, 65]) {
      const pieces = await explainAt(await openRdbSource(chunks(size)), { offset });
      expect(pieces).toEqual(await explain(FILE, offset));
    }
    await expect(explainAt(await openRdbSource(chunks(size)), { offset: 66 })).rejects.toThrow(NotFoundError);
  });
});

describe('large values', () => {
  const items = Array.from({ length: 60 }, (_, index) => str(`item ${String(index).padStart(3, '0')}`));
  const file = rdbFile('REDIS0012', keyRecord(1, 'list', [len(60), ...items]), keyRecord(0, 'next', str('v')));
  const limits = { largeValueBytes: 100 };

  it('are found by their key and by each of their bytes, and what follows them too', async () => {
    const size = 1 + 5 + 1 + 60 * 9;
    expect((await explain(file, 'list', { limits })).record).toMatchObject({ offset: 9, size, what: 'LIST' });
    for (const offset of [9, 15, 16, 300, 9 + size - 1]) {
      expect((await explain(file, offset, { limits })).record).toMatchObject({ offset: 9, size });
    }
    expect((await explain(file, 9 + size, { limits })).record).toMatchObject({ offset: 9 + size, what: 'STRING' });
    expect((await explain(file, 'next', { limits })).record).toMatchObject({ offset: 9 + size, db: 0 });
  });

  it('show their head', async () => {
    const item = new Uint8Array(300_000).fill(0x61);
    const huge = rdbFile('REDIS0012', keyRecord(1, 'huge', [len(20), ...Array(20).fill(str(item))]));
    const { record, spans } = await explain(huge, 'huge', { limits: { largeValueBytes: 1_000_000 } });
    expect(record.size).toBe(1 + 5 + 1 + 20 * 300_005);
    const last = spans.at(-1)!;
    expect(spans.filter((span) => span.label.startsWith('item'))).toHaveLength(4);
    expect([last.label, last.depth, last.offset + last.size]).toEqual([
      `… ${last.size} more bytes`,
      0,
      record.offset + record.size,
    ]);
    expect(last.bytes.length).toBeLessThan(last.size);
  });
});

describe('the budget', () => {
  const members = Array.from({ length: 5000 }, (_, index) => bytesOf(`member:${index}`));
  const file = rdbFile('REDIS0012', keyRecord(20, 'set', str(encodeListpack(members))));

  it.each([1, 2, 7, 100])('of %d spans ends with what is left', async (maxSpans) => {
    const { record, spans } = await explain(file, 'set', { maxSpans });
    expect(spans.length).toBeLessThanOrEqual(maxSpans + 2);
    const last = spans.at(-1)!;
    expect(last.label).toBe(`… ${last.size} more bytes`);
    expect(last.offset + last.size).toBe(record.offset + record.size);
  });

  it('is 2000 spans where nobody says', async () => {
    const { spans } = await explain(file, 'set');
    expect(spans.length).toBeGreaterThan(1990);
    expect(spans.length).toBeLessThanOrEqual(2002);
  });

  it.each([40, 200, 2000])('of %d spans keeps half for an offset far inside', async (maxSpans) => {
    for (const offset of [file.length - 12, file.length >> 1, 1000]) {
      const { spans } = await explain(file, offset, { maxSpans });
      expect(spans.length).toBeLessThanOrEqual(maxSpans + 2);
      const hit = spans.findIndex((span) => span.hit === true);
      expect(spans[hit]!.size).toBeLessThan(20);
      if (maxSpans > 100) expect(spans[hit - 1]!.label).not.toMatch(/passed over/);
    }
    const { spans } = await explain(file, file.length - 12, { maxSpans });
    expect(spans.filter((span) => /passed over$/.test(span.label))).not.toEqual([]);
  });

  it('does not end inside a compressed string before the offset', async () => {
    // A literal run of 32 bytes per step: a valid LZF stream, larger than what it holds.
    const blob = encodeListpack(members);
    const packed = bytesOf(chunksOf(blob).map((run) => [run.length - 1, run]));
    const node = [len(2), 0xc3, len(packed.length), len(blob.length), packed];
    const list = rdbFile('REDIS0012', keyRecord(18, 'l', [len(2), node, len(1), str('the last')]));
    const { spans } = await explain(list, list.length - 12);
    expect(spans.find((span) => span.hit === true)!.value).toBe('"the last"');
    expect(spans.some((span) => span.inner && / more bytes$/.test(span.label))).toBe(true);
  });
});

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 32) runs.push(bytes.subarray(at, at + 32));
  return runs;
}

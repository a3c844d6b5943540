/** The iterators: every kind of input, filters, parts of large values, early ends. */
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TruncatedError } from '../../src/bytes/errors.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { type ReadOptions, readRdb, readRdbSync } from '../../src/rdb/read.js';
import { bytesOf, hex, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';

const NAME = 'redis-7.4/types';
const file = readFixture(NAME);
const whole = [...readRdbSync(file)];

async function collect(input: Parameters<typeof readRdb>[0], options: ReadOptions = {}): Promise<RdbEntry[]> {
  const entries: RdbEntry[] = [];
  for await (const entry of readRdb(input, options)) entries.push(entry);
  return entries;
}

function* chunksOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let pos = 0; pos < bytes.length; pos += size) yield bytes.slice(pos, pos + size);
}

describe('inputs', () => {
  it.each<[string, () => Parameters<typeof readRdb>[0]]>([
    ['a path', () => fixturePath(NAME)],
    ['bytes', () => file],
    ['an ArrayBuffer', () => file.slice().buffer],
    ['a Node stream', () => fs.createReadStream(fixturePath(NAME), { highWaterMark: 1000 })],
    ['a web stream', () => Readable.toWeb(fs.createReadStream(fixturePath(NAME))) as ReadableStream<Uint8Array>],
    ['an iterable of chunks', () => chunksOf(file, 333)],
    ['gzip', () => gzipSync(file)],
  ])('reads %s', async (_what, input) => {
    expect(await collect(input())).toEqual(whole);
  });

  it('reads a path and bytes synchronously', () => {
    expect([...readRdbSync(fixturePath(NAME))]).toEqual(whole);
    expect([...readRdbSync(gzipSync(file))]).toEqual(whole);
  });

  it('passes on the system error of a file that is not there', async () => {
    await expect(collect('no/such/dump.rdb')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('fails on a stream that ends early', async () => {
    await expect(collect(chunksOf(file.subarray(0, file.length - 1), 1000))).rejects.toBeInstanceOf(TruncatedError);
  });
});

describe('filters', () => {
  it('reads only the keys that pass', async () => {
    const entries = await collect(file, { filter: { types: ['zset'], dbs: [0] } });
    const keys = entries.filter((entry) => entry.kind === 'key');
    const expected = whole.filter((entry) => entry.kind === 'key' && entry.db === 0 && entry.value.type === 'zset');
    expect(keys).toEqual(expected);
    expect(keys.length).toBeGreaterThan(0);
    expect(entries.length - keys.length).toBe(whole.filter((entry) => entry.kind !== 'key').length);
  });
});

describe('parts', () => {
  /** The pieces of a value, put together again. */
  function join(pieces: readonly RdbValue[]): RdbValue {
    const [first] = pieces;
    const joined: Record<string, unknown> = { ...first };
    for (const piece of pieces.slice(1)) {
      for (const [name, content] of Object.entries(piece)) {
        if (Array.isArray(content)) joined[name] = [...(joined[name] as unknown[]), ...content];
        else if (content instanceof Uint8Array ? content.length > 0 : content !== undefined) joined[name] = content;
      }
    }
    return joined as unknown as RdbValue;
  }

  it('adds up to the value', async () => {
    const found: RdbEntry[] = [];
    for await (const entry of readRdb(file, { maxEntryBytes: 200 })) {
      if (entry.kind !== 'key' || entry.parts === undefined) {
        found.push(entry);
        continue;
      }
      const pieces: RdbValue[] = [];
      for await (const piece of entry.parts) pieces.push(piece);
      const { parts: _parts, elementCount: _count, ...rest } = entry;
      const original = whole.find((other): other is KeyEntry => other.kind === 'key' && other.offset === entry.offset)!;
      found.push({ ...rest, valueBytes: original.valueBytes!, value: join(pieces) });
    }
    expect(found).toEqual(whole);
    expect(whole.some((entry) => entry.kind === 'key' && entry.valueBytes! > 200)).toBe(true);
  });

  it('come with the metadata of their key', async () => {
    const meta = [0xf3, len(1), hex('21 25 A4 30'), len(5), str('text'), len(0)];
    const items = Array.from({ length: 200 }, (_, index) => str(`item ${index}`));
    const large = keyRecord(1, 'large', [len(items.length), items], meta);
    const entries = await collect(rdbFile('REDIS0013', large), { maxEntryBytes: 200 });
    const expected = [{ kind: 'string', value: bytesOf('text') }];
    expect(entries[1]).toMatchObject({ kind: 'key', elementCount: 200, meta: [{ items: expected }] });
    const badMeta = [0xf3, len(1), hex('21 25 A4 30'), len(5), 0xc3, len(2), len(9), 0x20, 0x05, len(0)];
    const before = keyRecord(0, 'before', str('x'.repeat(3 * 1024 * 1024)));
    const bad = rdbFile('REDIS0013', before, keyRecord(1, 'large', [len(items.length), items], badMeta));
    const place = { code: 'BAD_LZF', offset: 9 + bytesOf(before).length + 10, trail: ['db 0', 'key "large"'] };
    await expect(collect(chunksOf(bad, 100_000), { maxEntryBytes: 200 })).rejects.toMatchObject(place);
  });

  it('may be ignored', async () => {
    const entries = await collect(file, { maxEntryBytes: 200 });
    expect(entries.map((entry) => entry.kind)).toEqual(whole.map((entry) => entry.kind));
  });
});

describe('ends', () => {
  it('closes the source when the loop is left', async () => {
    let closed = false;
    async function* input(): AsyncGenerator<Uint8Array> {
      try {
        yield* chunksOf(file, 100);
      } finally {
        closed = true;
      }
    }
    for await (const entry of readRdb(input())) if (entry.kind === 'key') break;
    expect(closed).toBe(true);
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(collect(chunksOf(file, 100), { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('leaves the checksum unchecked when told to', () => {
    const broken = file.slice();
    broken[file.length - 1]! ^= 1;
    expect(() => [...readRdbSync(broken)]).toThrow(expect.objectContaining({ code: 'CHECKSUM_MISMATCH' }));
    expect([...readRdbSync(broken, { checksum: false })].at(-1)).toMatchObject({ checksum: 'unchecked' });
  });
});

describe('limit', () => {
  it('ends the reading after so many keys', async () => {
    const entries = await collect(file, { filter: { limit: 3 } });
    expect(entries.filter((entry) => entry.kind === 'key')).toHaveLength(3);
    expect(entries.at(-1)!.kind).toBe('key');
    expect([...readRdbSync(file, { filter: { limit: 0 } })].some((entry) => entry.kind === 'key')).toBe(false);
  });
});

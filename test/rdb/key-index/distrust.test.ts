/** What an index says is checked: each of its bytes, and the key of the record that it names. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WritableFile } from '../../../src/bytes/files.js';
import { buildKeyIndex, type KeyIndex, openKeyIndex, RecordSource } from '../../../src/rdb/key-index/index.js';
import { BUCKET_BYTES, HEADER_BYTES } from '../../../src/rdb/key-index/layout.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { bytesOf, keyRecord, rdbFile, str } from '../../support/file-builder.js';
import { bucketOf, forgedEntry, withHashOf } from '../../support/forged-index.js';
import { MemoryFiles } from '../../support/memory-files.js';

const DUMP = 'd/dump.rdb';
const INDEX = `${DUMP}.rdbx`;
const KEYS = 300;

/** A file system that counts what is read of its files, and takes many small writes. */
class CountingFiles extends MemoryFiles {
  reads = 0;
  bytesRead = 0;

  override create(path: string): WritableFile {
    const pieces: Uint8Array[] = [];
    return {
      ...super.create(path),
      write: (bytes, start, end) => void pieces.push(bytes.slice(start, end)),
      close: () => void this.nodes.set(path, bytesOf(...pieces)),
    };
  }

  override open(path: string): ReturnType<MemoryFiles['open']> {
    const source = super.open(path);
    const readAt = source.readAt!.bind(source);
    source.readAt = (...range) => {
      const count = readAt(...range);
      this.reads++;
      this.bytesRead += count;
      return count;
    };
    return source;
  }
}

async function indexed(keys: number): Promise<CountingFiles> {
  const files = new CountingFiles();
  files.nodes.set('d', undefined);
  const records = Array.from({ length: keys }, (_, index) => keyRecord(0, `key:${index}`, str(`value ${index}`)));
  files.nodes.set(DUMP, rdbFile('REDIS0011', 0xfe, 0, records));
  await buildKeyIndex(DUMP, { files });
  return files;
}

/** The keys of the records that an index names, with their values. */
function namedBy(index: KeyIndex, key: string): string[] | undefined {
  const entries = index.find(bytesOf(key));
  if (entries === undefined) return undefined;
  const source = new RecordSource(index, entries);
  const bytes = new Uint8Array(source.sizeBytes);
  for (let at = 0; at < bytes.length; ) at += source.read(bytes, at, bytes.length - at);
  const text = (part: Uint8Array): string => Buffer.from(part).toString('latin1');
  return [...readRdbSync(bytes)]
    .filter((entry) => entry.kind === 'key')
    .map((entry) => `${text(entry.key)}=${entry.value.type === 'string' ? text(entry.value.value) : entry.value.type}`);
}

/** `undefined`: there is no index; `'damaged'`: it says so of itself. */
async function look<Result>(
  files: MemoryFiles,
  key: string,
  how: (index: KeyIndex, key: string) => Result | undefined,
): Promise<Result | 'damaged' | undefined> {
  const index = await openKeyIndex(DUMP, { files });
  if (index === undefined) return undefined;
  try {
    return how(index, key) ?? 'damaged';
  } finally {
    index.close();
  }
}

/** Where the records are that an index names. Reading them takes a reader each, which is too much for each byte. */
function placesOf(index: KeyIndex, key: string): number[] | undefined {
  return index.find(bytesOf(key))?.map(({ offset }) => offset);
}

describe('each byte of an index', () => {
  let files: CountingFiles;
  let whole: Uint8Array;
  beforeAll(async () => {
    files = await indexed(KEYS);
    whole = files.nodes.get(INDEX)!;
  });
  beforeEach(() => void files.nodes.set(INDEX, whole));

  it('is noticed where it is wrong, by whoever needs it', async () => {
    const names = Array.from({ length: KEYS }, (_, index) => `key:${index}`);
    const one = 'key:0';
    const other = names.find((name) => bucketOf(whole, name).row !== bucketOf(whole, one).row)!;
    const places = new Map<string, unknown>();
    for (const key of [one, other]) places.set(key, await look(files, key, placesOf));
    expect(await look(files, other, namedBy)).toEqual([`${other}=value ${other.slice(4)}`]);
    for (let at = 0; at < whole.length; at++) {
      const hurt = whole.slice();
      hurt[at] = hurt[at]! ^ (1 + (at % 255));
      files.nodes.set(INDEX, hurt);
      for (const key of [one, other]) {
        const { row, start, end } = bucketOf(whole, key);
        const isNeeded = (at >= row && at < row + BUCKET_BYTES) || (at >= start && at < end);
        const expected = at < HEADER_BYTES ? undefined : isNeeded ? 'damaged' : places.get(key);
        const found = await look(files, key, placesOf);
        // An assertion for each byte takes longer than the look.
        if (!isDeepStrictEqual(found, expected)) expect(found, `${key}, byte ${at}`).toEqual(expected);
      }
    }
  });

  it('may be missing: an index that is cut off is none', async () => {
    for (let size = 0; size < whole.length; size += size < 100 ? 1 : 97) {
      files.nodes.set(INDEX, whole.subarray(0, size));
      expect(await look(files, 'key:0', placesOf), `${size} bytes`).toBeUndefined();
    }
    files.nodes.set(INDEX, bytesOf(whole, 0));
    expect(await look(files, 'key:0', placesOf)).toBeUndefined();
  });

  it.each([
    ['offset', 8, -1],
    ['offset', 8, 8.5],
    ['offset', 8, NaN],
    ['offset', 8, 2 ** 52],
    ['size', 16, 0],
    ['size', 16, Infinity],
    ['size', 16, 1e6],
  ])('may be right for its checksum, and the %s at %d still be none: %d', async (_, field, value) => {
    files.nodes.set(
      INDEX,
      forgedEntry(whole, 'key:0', (view, at) => view.setFloat64(at + field, value, true)),
    );
    expect(await look(files, 'key:0', placesOf)).toBe('damaged');
  });

  it('says of a key with the hash of another that both may be meant', async () => {
    const { row } = bucketOf(whole, 'key:0');
    const twin = Array.from({ length: KEYS - 1 }, (_, index) => `key:${index + 1}`).find(
      (name) => bucketOf(whole, name).row === row,
    )!;
    files.nodes.set(INDEX, withHashOf(whole, twin, 'key:0'));
    expect(await look(files, 'key:0', namedBy)).toEqual(['key:0=value 0', `${twin}=value ${twin.slice(4)}`]);
  });
});

it.each([1000, 100_000])('few bytes are read for one of %d keys, its record included', async (keys) => {
  const files = await indexed(keys);
  files.reads = 0;
  files.bytesRead = 0;
  expect(await look(files, 'key:777', namedBy)).toEqual(['key:777=value 777']);
  // The header of the index, the end of the dump, a row, its bucket, twice the header of the dump, the record.
  expect(files.reads).toBe(7);
  expect(files.bytesRead).toBeLessThan(20_000);
});

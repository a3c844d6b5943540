/** The index of keys: it finds what is there, in few bytes, and is believed in nothing. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Files } from '../../../src/bytes/files.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { buildKeyIndex, type IndexEntry, openKeyIndex, RecordSource } from '../../../src/rdb/key-index/index.js';
import type { KeyEntry } from '../../../src/rdb/model.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { bytesOf, checksumOf, keyRecord, rdbFile, str } from '../../support/file-builder.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';
import { random } from '../../support/random.js';

let directory = '';
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-index-'));
});
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

function write(name: string, bytes: Uint8Array): string {
  const file = path.join(directory, name);
  fs.writeFileSync(file, bytes);
  return file;
}

function keysOf(bytes: Uint8Array): KeyEntry[] {
  return [...readRdbSync(bytes)].filter((entry) => entry.kind === 'key');
}

/** What the index finds, read again from the records alone; undefined where it says nothing. */
async function lookUp(file: string, key: Uint8Array): Promise<KeyEntry[] | 'no index' | 'damaged' | 'dependent'> {
  const index = await openKeyIndex(file);
  if (index === undefined) return 'no index';
  try {
    const entries = index.find(key);
    if (entries === undefined) return 'damaged';
    if (entries.some(({ isDependent }) => isDependent)) return 'dependent';
    const source = new RecordSource(index, entries);
    return keysOf(wholeOf(source)).filter((entry) => Buffer.compare(entry.key, key) === 0);
  } finally {
    index.close();
  }
}

function wholeOf(source: RecordSource): Uint8Array {
  const bytes = new Uint8Array(source.sizeBytes);
  for (let at = 0; at < bytes.length; ) at += source.read(bytes, at, bytes.length - at);
  return bytes;
}

function content({ offset, ...entry }: KeyEntry): unknown {
  return entry;
}

/** Every key by the index, and then all their records from one source: a reader for each would take minutes. */
async function expectAll(file: string, bytes: Uint8Array): Promise<void> {
  const keys = keysOf(bytes);
  const index = (await openKeyIndex(file))!;
  expect(index.size).toBe(keys.length);
  const alone = new Map<number, IndexEntry>();
  for (const { key, offset, db, rdbType, expireAtMs, expireAt } of keys) {
    const found = index.find(key)!;
    const entry = found.find((one) => one.offset === offset)!;
    expect(entry).toMatchObject({ db, rdbType });
    const exact = expireAt?.signed() ?? (expireAtMs === undefined ? undefined : BigInt(expireAtMs));
    expect(entry.expireAtMs).toBe(exact);
    if (!entry.isDependent) alone.set(offset, entry);
  }
  const source = new RecordSource(index, [...alone.values()]);
  const again = keysOf(wholeOf(source));
  expect(again.map(content)).toEqual(keys.filter(({ offset }) => alone.has(offset)).map(content));
  expect(again.map(({ offset }) => source.offsetInDump(offset))).toEqual([...alone.keys()]);
  source.close();
}

describe.each(
  listFixtures().filter(({ case: name }) => ['types', 'compact', 'lru', 'hfe', 'templates', 'streams'].includes(name)),
)('$name', ({ name }) => {
  it('finds every key, in every database', async () => {
    const bytes = readFixture(name);
    const file = write(`${name.replace('/', '-')}.rdb`, bytes);
    await buildKeyIndex(file);
    await expectAll(file, bytes);
    expect(await lookUp(file, Buffer.from('no such key'))).toEqual([]);
  });
});

/** Many keys, some of them twice or in two databases. */
function manyKeys(count: number): Uint8Array {
  const records = Array.from({ length: count }, (_, index) =>
    keyRecord(0, `key:${index % (count - 5)}`, str(`${index}`)),
  );
  return rdbFile('REDIS0011', 0xfe, 0, records.slice(0, count / 2), 0xfe, 3, records.slice(count / 2));
}

describe('many keys', () => {
  it.each([undefined, 100, 1000])('are found when so many are held: %s', async (maxHeldEntries) => {
    const bytes = manyKeys(6000);
    const file = write(`many-${maxHeldEntries}.rdb`, bytes);
    await buildKeyIndex(file, { maxHeldEntries });
    const index = (await openKeyIndex(file))!;
    expect(index.size).toBe(6000);
    index.close();
    for (let key = 0; key < 5995; key += key < 20 ? 1 : 97) {
      const found = (await lookUp(file, Buffer.from(`key:${key}`))) as KeyEntry[];
      expect(found.map((entry) => entry.db)).toEqual(key < 5 ? [0, 3] : [key < 3000 ? 0 : 3]);
    }
    // Nothing is left beside the two.
    expect(
      fs
        .readdirSync(directory)
        .filter((name) => name.startsWith(`many-${maxHeldEntries}.`))
        .sort(),
    ).toEqual([`many-${maxHeldEntries}.rdb`, `many-${maxHeldEntries}.rdb.rdbx`]);
  });

  it('are the same index however they were held', async () => {
    const bytes = manyKeys(3000);
    const file = write('same.rdb', bytes);
    await buildKeyIndex(file);
    await buildKeyIndex(file, { indexPath: path.join(directory, 'other.rdbx'), maxHeldEntries: 50 });
    const [one, other] = [`${file}.rdbx`, path.join(directory, 'other.rdbx')].map((name) => fs.readFileSync(name));
    expect(one!.equals(other!)).toBe(true);
  });

  it('cost few bytes to look up', async () => {
    const file = write('few.rdb', manyKeys(60_000));
    await buildKeyIndex(file);
    let read = 0;
    const counting: Files = {
      ...nodeFiles,
      open(name) {
        const source = nodeFiles.open(name);
        const readAt = source.readAt!.bind(source);
        source.readAt = (...range) => {
          const count = readAt(...range);
          read += count;
          return count;
        };
        return source;
      },
    };
    const index = (await openKeyIndex(file, { files: counting }))!;
    expect(index.find(Buffer.from('key:777'))).toHaveLength(1);
    index.close();
    expect(read).toBeLessThan(20_000);
  });
});

describe('an index that is not of this dump', () => {
  const dump = manyKeys(20);

  it('is none: another size, another time, another content', async () => {
    const file = write('stale.rdb', dump);
    await buildKeyIndex(file);
    const { atime, mtime } = fs.statSync(file);
    fs.appendFileSync(file, 'x');
    fs.utimesSync(file, atime, mtime);
    expect(await openKeyIndex(file)).toBeUndefined();

    fs.writeFileSync(file, dump);
    await buildKeyIndex(file);
    fs.utimesSync(file, atime, new Date(mtime.getTime() + 1000));
    expect(await openKeyIndex(file)).toBeUndefined();

    fs.writeFileSync(file, dump);
    fs.utimesSync(file, atime, mtime);
    await buildKeyIndex(file);
    const body = bytesOf(dump.subarray(0, dump.length - 12), 0x39, 0x39, 0x39, 0xff);
    fs.writeFileSync(file, bytesOf(body, checksumOf(body)));
    fs.utimesSync(file, atime, mtime);
    expect(await openKeyIndex(file)).toBeUndefined();
  });

  it('never leads astray, whichever of its bytes is wrong', async () => {
    const file = write('hurt.rdb', dump);
    await buildKeyIndex(file);
    const index = fs.readFileSync(`${file}.rdbx`);
    const next = random(20261126);
    for (let at = 0; at < index.length; at++) {
      const hurt = Buffer.from(index);
      hurt[at] = hurt[at]! ^ (1 << Math.floor(next() * 8));
      fs.writeFileSync(`${file}.rdbx`, hurt);
      const found = await lookUp(file, Buffer.from('key:7'));
      if (typeof found !== 'string') expect(found.map(({ db }) => db)).toEqual([0]);
    }
    for (const size of [0, 10, 64, index.length - 1]) {
      fs.writeFileSync(`${file}.rdbx`, index.subarray(0, size));
      expect(await lookUp(file, Buffer.from('key:7'))).toBe('no index');
    }
  });
});

it('is not made of a dump with commands behind it, nor of a broken one', async () => {
  const dump = manyKeys(20);
  const log = write('log.aof', bytesOf(dump, '*1\r\n$4\r\nPING\r\n'));
  await expect(buildKeyIndex(log)).rejects.toMatchObject({ code: 'UNSUPPORTED_INPUT' });
  const broken = write('broken.rdb', dump.subarray(0, 200));
  await expect(buildKeyIndex(broken)).rejects.toMatchObject({ code: 'TRUNCATED' });
  expect(fs.readdirSync(directory).filter((name) => /^(log|broken)\..*rdbx/.test(name))).toEqual([]);
});

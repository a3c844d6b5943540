/** Values that a reader gives in parts and a writer puts together again: those that no fixture is large enough for. */
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdb } from '../../src/rdb/read.js';
import { type WriteOptions, writeRdb } from '../../src/rdb/write.js';
import { decodeDeep, recordTexts } from '../support/encode.js';
import { bytesOf, int64Le, keyRecord, len, len64, type Piece, rdbFile, str } from '../support/file-builder.js';

function* inPieces(file: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

async function collect(
  entries: AsyncIterable<RdbEntry> | Iterable<RdbEntry>,
  options: WriteOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await writeRdb(entries, (chunk) => void chunks.push(chunk), options);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Reads the file in pieces, values beyond `maxEntryBytes` in parts, and expects it to be written again as it was. */
async function expectSame(file: Uint8Array, size: number, maxEntryBytes: number, target: string): Promise<void> {
  let inParts = 0;
  async function* entries(): AsyncGenerator<RdbEntry> {
    for await (const entry of readRdb(inPieces(file, size), { maxEntryBytes })) {
      if (entry.kind === 'key' && entry.parts !== undefined) {
        inParts++;
        // What its head says has not been read.
        if (entry.value.type === 'module') expect(entry.value.module).toBe('');
        if (entry.value.type === 'cron') expect(entry.value.startMs).toBe(0);
      }
      yield entry;
    }
  }
  const again = await collect(entries(), { target, keepTypes: true });
  expect(keyTexts(again)).toEqual(keyTexts(file));
  expect(inParts).toBeGreaterThan(0);
}

const keyTexts = (file: Uint8Array): string[] => recordTexts(decodeDeep(file).filter(({ kind }) => kind === 'key'));

/** `len count` and as many strings. */
function strings(name: string, count: number): Piece {
  return [len(count), Array.from({ length: count }, (_, at) => str(`${name} ${at}`))];
}

const pairs = (name: string, count: number): Piece => [
  len(count),
  Array.from({ length: count }, (_, at) => [str(`${name} ${at}`), str(`value ${at}`)]),
];

describe.each([
  [1, 1],
  [1, 100],
  [7, 10],
  [60, 100],
  [100_000, 100],
])('from a stream in pieces of %i bytes, values from %i bytes on in parts', (size, least) => {
  it('cron jobs', async () => {
    const cron = (name: string, keys: number, args: number): Piece =>
      keyRecord(64, name, [
        str(`return '${name}'`),
        int64Le(1_700_000_000_000n),
        int64Le(60_000n),
        strings('key', keys),
        strings('argument', args),
      ]);
    const small = keyRecord(64, 'small', [str('x'), int64Le(1n), int64Le(2n), len(0), len(0)]);
    const file = rdbFile('REDIS0009', cron('a', 40, 3), cron('b', 3, 90), small, cron('c', 0, 30), cron('d', 30, 0));
    await expectSame(file, size, least, 'keydb:6');
  });

  it('path hashes', async () => {
    const hash = (name: string, ...counts: readonly number[]): Piece =>
      keyRecord(23, name, [len(counts.length), counts.map((count, at) => [str(`path ${at}`), pairs('field', count)])]);
    const file = rdbFile('VALKEY081', hash('a', 50, 1, 1, 200), hash('b', 1), hash('c', 30), hash('d', 9, 9, 9));
    await expectSame(file, size, least, 'valkey:9.2');
  });

  it('modules, each under its own name', async () => {
    const item = [len(5), str('text'), len(2), len64(2n ** 40n)];
    const module = (name: string, id: bigint): Piece =>
      keyRecord(7, name, [len64(id), Array.from({ length: 40 }, () => item), len(0)]);
    const file = rdbFile('REDIS0012', module('a', 0x2125a43012345001n), module('b', 0x7125a43012345002n));
    await expectSame(file, size, least, 'redis:7.4');
  });

  it('arrays, whose head says how many elements come', async () => {
    const element = (at: number): Piece => [len(at * 3), len(0), str(`a text of the element ${at}`)];
    const array = (name: string, insertIndex: Piece): Piece =>
      keyRecord(28, name, [len(60), insertIndex, Array.from({ length: 60 }, (_, at) => element(at))]);
    const file = rdbFile('REDIS0014', array('a', [len(1), len(177)]), array('b', len(0)));
    await expectSame(file, size, least, 'redis:8.8');
  });
});

describe('parts that do not add up', () => {
  const entry = (value: RdbValue, parts: readonly RdbValue[], rest: Partial<KeyEntry> = {}): KeyEntry => {
    async function* each(): AsyncGenerator<RdbValue> {
      yield* parts;
    }
    return { kind: 'key', db: 0, key: bytesOf('k'), rdbType: 0, offset: 0, value, parts: each(), ...rest };
  };
  const string: RdbValue = { type: 'string', encoding: 'raw', value: bytesOf('v') };
  const list: RdbValue = { type: 'list', encoding: 'quicklist', items: [bytesOf('a')] };
  const array: RdbValue = { type: 'array', encoding: 'array', elements: [{ index: 1n, value: bytesOf('a') }] };

  it.each<[string, KeyEntry]>([
    ['a list in a string', entry(string, [string, list])],
    ['a list in a path hash', entry({ type: 'pathhash', encoding: 'pathhash', paths: [] }, [list])],
    ['no elements in an array', entry({ ...array, elements: [] }, [], { elementCount: 3 })],
    ['too few elements in an array', entry({ ...array, elements: [] }, [array], { elementCount: 3 })],
    ['too many elements in an array', entry({ ...array, elements: [] }, [array, array], { elementCount: 1 })],
  ])('%s', async (_, broken) => {
    const target = broken.value.type === 'pathhash' ? 'valkey:9.2' : 'redis:8.8';
    await expect(collect([broken], { target })).rejects.toThrow(EncodeError);
  });
});

/** Filters on values that are streamed: what small `maxEntryBytes` make large, and what really is. */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../src/bytes/errors.js';
import type { KeyFilter } from '../../src/rdb/filter.js';
import type { KeyEntry, RdbValue } from '../../src/rdb/model.js';
import { type ReadOptions, readRdb } from '../../src/rdb/read.js';
import { passes, readKeys } from '../support/brute-filter.js';
import { bytesOf, int64Le, len, str } from '../support/file-builder.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';

const FILTERS: readonly KeyFilter[] = [
  { types: ['string', 'list', 'hash'] },
  { match: '*:*', ttl: 'none' },
  { sizeBytes: { max: 64 } },
  { sizeBytes: { min: 65 } },
  { sizeBytes: { min: 100, max: 2000 } },
  { sizeBytes: { min: 101 } },
  { elements: { max: 1 } },
  { elements: { min: 3 } },
  { elements: { min: 20, max: 300 } },
  { sizeBytes: { min: 200 }, elements: { max: 100 } },
  { sizeBytes: { max: 1500 }, elements: { min: 4 }, notTypes: ['module'] },
];
/** Values beyond this are large here: most collections, few strings. */
const LARGE_BYTES = 64;

describe.each(listFixtures().filter((fixture) => /types|compact|hfe|module|streams|vset/.test(fixture.case)))(
  '$name',
  ({ name, path }) => {
    const all = readKeys(readFixture(name));
    it('a file is measured by reading ahead', async () => {
      expect(all.some(({ valueBytes }) => valueBytes! > LARGE_BYTES)).toBe(true);
      for (const filter of FILTERS) {
        const expected = all.filter((entry) => passes(entry, filter, 0)).map(({ offset }) => offset);
        const found = await readAll(path, { filter, maxEntryBytes: LARGE_BYTES });
        expect(
          found.map(({ offset }) => offset),
          JSON.stringify(filter),
        ).toEqual(expected);
      }
    });
  },
);

it('what was measured is then read as it is', async () => {
  const path = fixturePath('redis-7.0/compact');
  const whole = await readAll(path, {});
  const filter: KeyFilter = { sizeBytes: { min: 0, max: 1e9 }, elements: { min: 0, max: 1e9 } };
  const parts = await readAll(path, { filter, maxEntryBytes: LARGE_BYTES });
  expect(parts.map(summary)).toEqual(whole.map(summary));
  expect(parts.filter((entry) => entry.parts !== undefined).length).toBeGreaterThan(10);
});

describe('an input that cannot be read ahead', () => {
  const list = (name: string, items: number): Uint8Array =>
    bytesOf(1, str(name), len(items), new Array(items).fill(str('item')));
  const quicklist = bytesOf(
    14,
    str('packed'),
    len(20),
    new Array(20).fill(str([0x0e, 0, 0, 0, 0x0a, 0, 0, 0, 1, 0, 0, 1, 0x61, 0xff])),
  );
  const file = bytesOf(
    'REDIS0009',
    list('small', 3),
    list('large', 30),
    0,
    str('text'),
    str('x'.repeat(200)),
    quicklist,
    0xff,
    int64Le(0n),
  );
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < file.length; at += 50) yield file.subarray(at, at + 50);
  };
  const read = async (filter: KeyFilter): Promise<string[]> =>
    (await readAll(chunks(), { filter, maxEntryBytes: 100 })).map(({ key }) => Buffer.from(key).toString());

  it.each<[string, KeyFilter, string[]]>([
    ['larger than anything that is not', { sizeBytes: { min: 101 } }, ['large', 'text', 'packed']],
    ['smaller than anything that is', { sizeBytes: { max: 100 } }, ['small']],
    ['a string, which says its size', { types: ['string'], sizeBytes: { min: 202, max: 202 } }, ['text']],
    ['another size of the string', { types: ['string'], sizeBytes: { max: 201 } }, []],
    ['a count that stands in front', { types: ['list'], notMatch: 'packed', elements: { min: 4, max: 30 } }, ['large']],
    ['a count that does not matter', { notMatch: 'packed', elements: { max: 3 } }, ['small', 'text']],
  ])('is answered all the same: %s', async (_name, filter, expected) => {
    expect(await read(filter)).toEqual(expected);
  });

  it.each<[string, KeyFilter, string]>([
    ['a size', { sizeBytes: { max: 1000 } }, 'large'],
    ['a size among others', { sizeBytes: { min: 500 } }, 'large'],
    ['a count', { elements: { min: 100 }, match: 'p*' }, 'packed'],
  ])('is refused: %s', async (_name, filter, key) => {
    const error = await read(filter).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnsupportedError);
    const name = Buffer.from(key);
    expect(error).toMatchObject({
      code: 'UNSUPPORTED_INPUT',
      offset: Buffer.from(file).indexOf(name) + name.length,
      message:
        'a size or element filter on a value larger than 100 bytes needs a plain file: this input cannot be read ahead',
      trail: ['db 0', `key "${key}"`],
    });
  });
});

it('a value that is broken far behind is an error of the file, with its place', async () => {
  const items = [...new Array(30).fill(str('item')), 0xc7];
  const file = bytesOf('REDIS0009', 1, str('list'), len(31), items, 0xff, int64Le(0n));
  const filter: KeyFilter = { sizeBytes: { min: 1000 } };
  await expect(readAll(file, { filter, maxEntryBytes: 100 })).rejects.toMatchObject({
    code: 'BAD_STRING_ENCODING',
    offset: 9 + 1 + 5 + 1 + 30 * 5,
    trail: ['db 0', 'key "list"'],
  });
  const cut = file.subarray(0, 140);
  await expect(readAll(cut, { filter, maxEntryBytes: 100 })).rejects.toMatchObject({
    code: 'TRUNCATED',
    trail: ['db 0', 'key "list"'],
  });
});

interface WholeEntry extends KeyEntry {
  /** From the value and from its parts. */
  readonly elements: readonly unknown[];
}

async function readAll(
  input: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<WholeEntry[]> {
  const keys: WholeEntry[] = [];
  for await (const entry of readRdb(input, options)) {
    if (entry.kind !== 'key') continue;
    const elements = elementsOf(entry.value);
    for await (const part of entry.parts ?? []) elements.push(...elementsOf(part));
    keys.push({ ...entry, elements });
  }
  return keys;
}

/** Short, since a difference between all the elements would fill the screen for minutes. */
function summary({ key, elements }: WholeEntry): string {
  const digest = createHash('sha1').update(serialize(elements)).digest('hex');
  return `${Buffer.from(key).toString('latin1')}: ${elements.length} elements, ${digest}`;
}

/** The arrays of a value; the one string of a string, which a value in parts has in its last part. */
function elementsOf(value: RdbValue): unknown[] {
  if (value.type === 'string') return value.value.length > 0 ? [value.value] : [];
  return Object.values(value).filter(Array.isArray).flat();
}

/**
 * Our LZF against that of real servers: every string of every fixture is compressed again. Servers from 3.2 on and ours
 * make the same bytes, and leave the same strings alone; 2.4 and 2.6 hash a little differently, so a match is found
 * here and there that is missed elsewhere. A string of less than 100 bytes may then differ by more than 2 %: one byte of 40.
 */
import { describe, expect, it } from 'vitest';
import { compressLzf } from '../../src/codecs/lzf.js';
import { listFixtures, readFixture, toBase64 } from '../support/fixtures.js';
import { type StoredString, storedStrings } from '../support/stored-strings.js';

const MIN_LENGTH = 21;
const GAIN = 4;
const OLD = /^redis-2\./;
/** Written with rdbcompression off. */
const PLAIN = /nocomp/;

const fixtures = listFixtures().filter(({ name }) => !PLAIN.test(name));
const stored = new Map(fixtures.map(({ name }) => [name, storedStrings(readFixture(name))]));

function compress(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  return out.slice(0, compressLzf(bytes, 0, bytes.length, out, bytes.length - GAIN));
}

function compressedOf(name: string): { bytes: Uint8Array; compressed: Uint8Array }[] {
  return stored
    .get(name)!
    .flatMap(({ bytes, compressed }) => (compressed === undefined ? [] : [{ bytes, compressed }]));
}

describe.each(fixtures.filter(({ name }) => !OLD.test(name)))('$name', ({ name }) => {
  it('is compressed to the same bytes', () => {
    const differing = compressedOf(name).filter(
      ({ bytes, compressed }) => toBase64(compress(bytes)) !== toBase64(compressed),
    );
    expect(differing).toEqual([]);
  });

  it('leaves the same strings as they are', () => {
    const isPlain = ({ bytes, compressed }: StoredString) => compressed === undefined && bytes.length >= MIN_LENGTH;
    expect(stored.get(name)!.filter((string) => isPlain(string) && compress(string.bytes).length > 0)).toEqual([]);
  });
});

describe.each(fixtures.filter(({ name }) => OLD.test(name)))('$name', ({ name }) => {
  it('is compressed to nearly the same sizes', () => {
    let theirs = 0;
    let ours = 0;
    for (const { bytes, compressed } of compressedOf(name)) {
      const size = compress(bytes).length || bytes.length;
      theirs += compressed.length;
      ours += size;
      if (bytes.length >= 100) expect(Math.abs(size / compressed.length - 1)).toBeLessThan(0.02);
    }
    expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(0.02 * theirs);
  });
});

it('has many strings to compare', () => {
  const compared = fixtures.flatMap(({ name }) => compressedOf(name));
  expect(compared.length).toBeGreaterThan(15_000);
  expect(compared.filter(({ bytes }) => bytes.length >= 100).length).toBeGreaterThan(1000);
});

describe('where a server stops', () => {
  it.each([
    // One character over and over: 17 or 18 bytes before the last two are run over.
    [21, 6],
    [22, 8],
    [23, 9],
    [24, 9],
  ])('%i times the same byte: %i bytes', (length, size) => {
    const bytes = new Uint8Array(length).fill(0x61);
    const out = new Uint8Array(length);
    expect(compressLzf(bytes, 0, length, out, length - GAIN)).toBe(size);
  });
});

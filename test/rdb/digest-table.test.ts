/** The table of key digests: what it covers it finds, whatever had to be dropped; and the hash that it lives on. */
import { describe, expect, it } from 'vitest';
import { DigestTable } from '../../src/rdb/digest-table.js';
import { BUCKETS, bucketOf, KeyedHash, plainHash } from '../../src/rdb/keyed-hash.js';

const KEY = [1, 2, 3, 4] as const;
const encoder = new TextEncoder();

function hashOf(text: string): KeyedHash {
  const hash = new KeyedHash(KEY);
  const bytes = encoder.encode(text);
  hash.bytes(bytes, 0, bytes.length);
  hash.finish();
  return hash;
}

const words = ({ v0, v1, v2, v3 }: KeyedHash): string => `${v0} ${v1} ${v2} ${v3}`;

describe('the hash', () => {
  it('tells ranges, their lengths and their borders apart', () => {
    const texts = ['', '\0', '\0\0', '\0\0\0', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdefgh', 'abcdefg\0'];
    expect(new Set(texts.map((text) => words(hashOf(text)))).size).toBe(texts.length);
    const parts = (...ranges: string[]): string => {
      const hash = new KeyedHash(KEY);
      for (const range of ranges) hash.bytes(encoder.encode(range), 0, range.length);
      hash.finish();
      return words(hash);
    };
    expect(parts('ab', 'c')).not.toBe(parts('a', 'bc'));
    expect(parts('ab', '')).not.toBe(parts('', 'ab'));
  });

  it('depends on the key, and on nothing around the range', () => {
    const bytes = encoder.encode('xxabcdeyy');
    const hash = new KeyedHash(KEY);
    hash.bytes(bytes, 2, 7);
    hash.finish();
    expect(words(hash)).toBe(words(hashOf('abcde')));
    const other = new KeyedHash([1, 2, 3, 5]);
    other.bytes(bytes, 2, 7);
    other.finish();
    expect(words(other)).not.toBe(words(hash));
  });

  it('a flipped bit changes about half of the result', () => {
    const bytes = new Uint8Array(24);
    const resultOf = (): number[] => {
      const hash = new KeyedHash(KEY);
      hash.bytes(bytes, 0, bytes.length);
      hash.finish();
      return [hash.v0, hash.v1, hash.v2, hash.v3];
    };
    const before = resultOf();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const changed = resultOf().map((word, at) => (word ^ before[at]!) >>> 0);
      const count = changed.reduce((sum, word) => sum + ones(word), 0);
      expect(count).toBeGreaterThan(30);
      expect(count).toBeLessThan(98);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  it('without a key it never changes', () => {
    expect(plainHash(0, encoder.encode('user:1'), 0, 6)).toBe(plainHash(0, encoder.encode('xuser:1'), 1, 7));
    expect([0, 1].map((db) => plainHash(db, encoder.encode('user:1'), 0, 6))).toEqual([1597405183, 3845960622]);
  });
});

describe('the table', () => {
  const count = 5_000;
  const keys = Array.from({ length: count }, (_, index) => {
    const text = `key:${index}`;
    return { index, hash: hashOf(text), bucket: bucketOf(0, encoder.encode(text), 0, text.length) };
  });

  it('finds what was added, and nothing else', () => {
    const table = new DigestTable(3, count);
    for (const { index, hash, bucket } of keys.slice(0, count / 2)) {
      const record = table.add(hash, bucket);
      table.set(record, 0, index);
      table.setOffset(record, 1, index * 2 ** 33 + index);
    }
    for (const { index, hash, bucket } of keys) {
      const record = table.find(hash);
      if (index >= count / 2) {
        expect(record).toBe(-1);
        continue;
      }
      expect([table.get(record, 0), table.getOffset(record, 1), table.bucketOf(record)]).toEqual([
        index,
        index * 2 ** 33 + index,
        bucket,
      ]);
    }
  });

  it('covers every bucket in some pass, with all of its keys', () => {
    const table = new DigestTable(1, 200);
    const found = new Set<number>();
    let passes = 0;
    do {
      passes++;
      for (const { index, hash, bucket } of keys) {
        if (!table.covers(bucket)) continue;
        const record = table.add(hash, bucket);
        if (record >= 0) table.set(record, 0, index);
      }
      expect(table.count).toBeLessThanOrEqual(200);
      for (const { index, hash, bucket } of keys) {
        const record = table.find(hash);
        const isRight = record < 0 ? !table.covers(bucket) : table.get(record, 0) === index;
        if (!isRight) expect.fail(`key:${index} in pass ${passes}`);
        if (record >= 0) found.add(index);
      }
    } while (table.next());
    expect(found.size).toBe(count);
    expect(passes).toBeGreaterThan(24);
    expect(passes).toBeLessThan(60);
  });

  it('gives up where one bucket is too much', () => {
    const table = new DigestTable(0, 10);
    expect(() => {
      for (const { hash } of keys.slice(0, 20)) table.add(hash, 0);
    }).toThrow(expect.objectContaining({ code: 'LIMIT_MEMORY' }));
    expect(BUCKETS).toBe(1024);
  });
});

function ones(word: number): number {
  return word.toString(2).replaceAll('0', '').length;
}

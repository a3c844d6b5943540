/** Counting keys: exact while they fit, with a bound on the error beyond that. */
import { describe, expect, it } from 'vitest';
import { FrequentKeys, type KeyCount, MAX_HELD_KEY } from '../../../src/aof/stats/frequent-keys.js';
import { random } from '../../support/random.js';

const SEED = 41;

function add(keys: FrequentKeys, key: string, db = 0, bytes = 1): void {
  const text = Buffer.from(`<${key}>`);
  keys.add(text, 1, text.length - 1, db, 1, bytes);
}

function shown({ key, db, count, bytes }: KeyCount): string {
  return `${db} ${Buffer.from(key)} ${count} ${bytes}`;
}

describe('while they fit', () => {
  it('counts as a map does', () => {
    const keys = new FrequentKeys(1 << 16, 1 << 20);
    const expected = new Map<string, { count: number; bytes: number }>();
    const next = random(SEED);
    for (let at = 0; at < 60_000; at++) {
      const key = `k${Math.floor(next() ** 3 * 20_000)}`;
      const db = next() < 0.1 ? 1 : 0;
      const bytes = Math.floor(next() * 1000);
      add(keys, key, db, bytes);
      const known = expected.get(`${db} ${key}`) ?? { count: 0, bytes: 0 };
      expected.set(`${db} ${key}`, { count: known.count + 1, bytes: known.bytes + bytes });
    }
    expect(keys.isExact).toBe(true);
    expect(keys.size).toBe(expected.size);
    const all = [...expected].map(([name, { count, bytes }]) => `${name} ${count} ${bytes}`);
    expect(keys.top(Infinity).map(shown).sort()).toEqual(all.sort());
    const counts = [...expected.values()].map(({ count }) => count).sort((a, b) => b - a);
    expect(keys.top(25).map(({ count }) => count)).toEqual(counts.slice(0, 25));
    expect(keys.top(0)).toEqual([]);
  });

  it('sums bytes beyond 32 bits', () => {
    const keys = new FrequentKeys(1024, 1024);
    for (let at = 0; at < 10; at++) add(keys, 'large', 0, 3 * 2 ** 30 + 1);
    expect(keys.top(1)[0]).toMatchObject({ count: 10, bytes: 30 * 2 ** 30 + 10, missed: 0 });
  });

  it('tells long keys apart by all of their bytes, and keeps their beginning', () => {
    const keys = new FrequentKeys(1024, 64 * 1024);
    add(keys, `${'x'.repeat(1000)}1`);
    add(keys, `${'x'.repeat(1000)}2`);
    add(keys, '');
    expect(keys.size).toBe(3);
    expect(keys.top(9).map(({ key, sizeBytes }) => [key.length, sizeBytes])).toEqual([
      [0, 0],
      [MAX_HELD_KEY, 1001],
      [MAX_HELD_KEY, 1001],
    ]);
  });
});

describe('beyond their bounds', () => {
  it.each([
    [1024, 1 << 20],
    [1 << 16, 4096],
  ])('%i slots, %i bytes of text: counts miss no more than they say', (slots, text) => {
    const keys = new FrequentKeys(slots, text);
    const expected = new Map<string, number>();
    const next = random(SEED);
    for (let at = 0; at < 50_000; at++) {
      const key = next() < 0.3 ? `hot${Math.floor(next() * 8)}` : `cold${Math.floor(next() * 30_000)}`;
      add(keys, key);
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    expect(keys.isExact).toBe(false);
    const top = keys.top(8);
    expect(top.map(({ key }) => Buffer.from(key).toString()).sort()).toEqual(
      Array.from({ length: 8 }, (_, at) => `hot${at}`),
    );
    for (const { key, count, missed } of keys.top(Infinity)) {
      const real = expected.get(Buffer.from(key).toString())!;
      expect(count).toBeLessThanOrEqual(real);
      expect(count + missed).toBeGreaterThanOrEqual(real);
    }
  });

  it('tells of everything that it forgets', () => {
    let times = 0;
    let bytes = 0;
    const visit = (_text: Uint8Array, _start: number, _end: number, count: number, sum: number): void => {
      times += count;
      bytes += sum;
    };
    const keys = new FrequentKeys(1024, 1 << 16, visit);
    const next = random(SEED);
    for (let at = 0; at < 20_000; at++) add(keys, `k${Math.floor(next() ** 4 * 10_000)}`, 0, at);
    expect(keys.isExact).toBe(false);
    keys.visit(visit);
    expect([times, bytes]).toEqual([20_000, (20_000 * 19_999) / 2]);
  });
});

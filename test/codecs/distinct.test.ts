import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinctSet } from '../../src/codecs/distinct.js';
import { ascii, hostileValue, latin1 } from '../support/packed.js';

/** What add answers for each text; stable texts lie together in one array, the others in one scratch array. */
function answers(set: DistinctSet, texts: readonly string[], isStable: (index: number) => boolean): boolean[] {
  const joined = ascii(texts.join(''));
  const scratch = new Uint8Array(texts.reduce((most, text) => Math.max(most, text.length), 0) + 2);
  let at = 0;
  return texts.map((text, index) => {
    const start = at;
    at += text.length;
    if (isStable(index)) return set.add(joined, start, at, true);
    scratch.fill(0x3f);
    scratch.set(ascii(text), 1);
    return set.add(scratch, 1, 1 + text.length, false);
  });
}

/** The same by means of a Set. */
function expected(texts: readonly string[]): boolean[] {
  const seen = new Set<string>();
  return texts.map((text) => seen.size < seen.add(text).size);
}

/** Distinct values that the quick hash maps to one number: blocks that undo what the blocks before them did. */
function collisions(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const out = new Uint8Array(8);
    const view = new DataView(out.buffer);
    view.setUint32(0, index, true);
    let hash = Math.imul(8 ^ index, 0x9e3779b1);
    hash ^= hash >>> 15;
    view.setInt32(4, hash, true);
    return out;
  });
}

describe('answers', () => {
  const texts = ['a', 'b', '', 'a', 'ab', 'ba', '', 'abcd', 'abcde', 'abcd', 'a\0', 'a\0\0', 'a'];
  it.each([
    ['stable', () => true],
    ['copied', () => false],
    ['mixed', (index: number) => index % 2 === 0],
    ['mixed the other way', (index: number) => index % 2 === 1],
  ])('%s', (_, isStable) => {
    const set = new DistinctSet();
    set.reset(texts.length);
    expect(answers(set, texts, isStable)).toEqual(expected(texts));
  });

  it('hold for stable ranges in several arrays and before the first one', () => {
    const set = new DistinctSet();
    set.reset(4);
    const bytes = ascii('xxabcxx');
    expect(set.add(bytes, 4, 5, true)).toBe(true);
    expect(set.add(bytes, 2, 3, true)).toBe(true);
    expect(set.add(ascii('a'), 0, 1, true)).toBe(false);
    expect(set.add(ascii('zz'), 0, 1, true)).toBe(true);
    expect(set.add(ascii('z'), 0, 1, false)).toBe(false);
  });

  it('are forgotten at reset, whatever the sizes', () => {
    const set = new DistinctSet();
    for (const count of [5, 1000, 3, 300_000, 0, 7, 40_000]) {
      for (const announced of [count, 0, 2 ** 40]) {
        set.reset(announced);
        const texts = Array.from({ length: count }, (_, index) => `key:${index}`);
        const found = answers(set, [...texts, 'key:1'], (index) => index % 3 !== 0);
        expect(found.slice(0, count).every(Boolean)).toBe(true);
        expect(found[count]).toBe(count < 2);
      }
    }
  });

  it('are those of a Set', () => {
    const set = new DistinctSet();
    const text = fc.oneof(hostileValue().map(latin1), fc.string({ unit: 'binary-ascii', maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(text, { size: 'large' }), fc.nat(3), fc.nat(1000), (texts, every, announced) => {
        set.reset(announced);
        expect(answers(set, texts, (index) => every > 0 && index % every === 0)).toEqual(expected(texts));
      }),
    );
  });
});

describe('elements chosen to collide', () => {
  it('cost no more than others', () => {
    const values = collisions(200_000);
    const set = new DistinctSet(1, 2);
    set.reset(values.length);
    const start = performance.now();
    expect(values.every((value) => set.add(value, 0, 8, false))).toBe(true);
    expect(values.some((value) => set.add(value, 0, 8, false))).toBe(false);
    // Quadratic time would be minutes.
    expect(performance.now() - start).toBeLessThan(5000);
    set.reset(2);
    expect(answers(set, ['a', 'b', 'a'], () => true)).toEqual([true, true, false]);
  });

  it('are found again after the change of hash, stable or copied', () => {
    const values = collisions(2000);
    const joined = new Uint8Array(values.flatMap((value) => [...value]));
    for (const isStable of [true, false]) {
      const set = new DistinctSet(3, 4);
      set.reset(10);
      const add = (index: number) => set.add(joined, index * 8, index * 8 + 8, isStable);
      expect(values.every((_, index) => add(index))).toBe(true);
      expect(values.some((_, index) => add(index))).toBe(false);
    }
  });

  it('leave the keyed hash spread and exact for every length', () => {
    const set = new DistinctSet(5, 6);
    set.reset(0);
    for (const value of collisions(600)) set.add(value, 0, 8, false);
    const texts = Array.from({ length: 70 }, (_, size) => 'x'.repeat(size));
    expect(answers(set, [...texts, ...texts], (index) => index % 2 === 0)).toEqual(
      [...texts, ...texts].map((_, index) => index < 70),
    );
  });
});

/** Intervals against a plain set of numbers. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Interval, IntervalSet } from '../../../src/import/checkpoint/interval-set.js';

const MOST = 40;

const step = fc.record({
  what: fc.constantFrom('add', 'remove'),
  from: fc.nat(MOST),
  size: fc.integer({ min: -2, max: 12 }),
});

it('holds what a set of numbers would hold, in as few intervals as that takes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const intervals = new IntervalSet();
      const plain = new Set<number>();
      for (const { what, from, size } of steps) {
        intervals[what](from, from + size);
        for (let value = from; value < from + size; value++) {
          if (what === 'add') plain.add(value);
          else plain.delete(value);
        }
        expect(intervals.all).toEqual(runsOf(plain));
        expect(intervals.isEmpty).toBe(plain.size === 0);
      }
      for (let value = -1; value < MOST + 15; value++) expect(intervals.has(value)).toBe(plain.has(value));
    }),
    { numRuns: 500 },
  );
});

it('is made of any intervals, in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(MOST), fc.nat(MOST)), { maxLength: 20 }), (pairs) => {
      const plain = new Set(pairs.flatMap(([from, to]) => range(from, to)));
      expect(new IntervalSet(pairs).all).toEqual(runsOf(plain));
    }),
  );
});

it.each<[string, Interval[], (set: IntervalSet) => void, Interval[]]>([
  ['grows at its end', [[0, 5]], (set) => set.add(5, 9), [[0, 9]]],
  ['grows at its beginning', [[5, 9]], (set) => set.add(0, 5), [[0, 9]]],
  [
    'closes a gap',
    [
      [0, 2],
      [4, 6],
    ],
    (set) => set.add(2, 4),
    [[0, 6]],
  ],
  [
    'swallows several',
    [
      [0, 1],
      [3, 4],
      [6, 7],
    ],
    (set) => set.add(1, 9),
    [[0, 9]],
  ],
  [
    'is cut in two',
    [[0, 9]],
    (set) => set.remove(4, 5),
    [
      [0, 4],
      [5, 9],
    ],
  ],
  [
    'loses its middle',
    [
      [0, 3],
      [4, 6],
      [8, 9],
    ],
    (set) => set.remove(2, 9),
    [[0, 2]],
  ],
  ['is not cut by nothing', [[0, 9]], (set) => set.remove(4, 4), [[0, 9]]],
])('%s', (_, before, change, after) => {
  const set = new IntervalSet(before);
  change(set);
  expect(set.all).toEqual(after);
});

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function runsOf(plain: ReadonlySet<number>): Interval[] {
  const runs: [number, number][] = [];
  for (const value of [...plain].sort((one, other) => one - other)) {
    const last = runs.at(-1);
    if (last?.[1] === value) last[1]++;
    else runs.push([value, value + 1]);
  }
  return runs;
}

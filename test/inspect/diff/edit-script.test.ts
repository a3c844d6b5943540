/** The edits between two sequences: right for any two, and few. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { markEdits } from '../../../src/inspect/diff/edit-script.js';

/** What stays of both is the same; returns how many edits there are. */
function checkEdits(before: readonly number[], after: readonly number[]): number {
  const { removed, added } = markEdits(Int32Array.from(before), Int32Array.from(after));
  expect(before.filter((_, at) => removed[at] === 0)).toEqual(after.filter((_, at) => added[at] === 0));
  return [...removed, ...added].reduce((sum, mark) => sum + mark, 0);
}

/** By the longest common subsequence, in quadratic time. */
function fewestEdits(before: readonly number[], after: readonly number[]): number {
  let row = new Array<number>(after.length + 1).fill(0);
  for (const item of before) {
    const next = [0];
    after.forEach((other, at) => {
      next.push(item === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
    });
    row = next;
  }
  return before.length + after.length - 2 * row.at(-1)!;
}

it('are the fewest', () => {
  const sequence = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 40 });
  fc.assert(
    fc.property(sequence, sequence, (before, after) => {
      expect(checkEdits(before, after)).toBe(fewestEdits(before, after));
    }),
  );
});

it.each<[string, number[], number[], number]>([
  ['nothing', [], [], 0],
  ['the same', [1, 2, 3], [1, 2, 3], 0],
  ['all of it', [1, 2], [3, 4, 5], 5],
  ['a head', [1, 2, 3], [9, 1, 2, 3], 1],
  ['a tail', [1, 2, 3], [1, 2], 1],
])('%s', (_, before, after, edits) => {
  expect(checkEdits(before, after)).toBe(edits);
});

it('of long sequences that have little in common, in bounded work', () => {
  const before = Array.from({ length: 50_000 }, (_, at) => at);
  const after = before.map((item) => (item % 2 === 0 ? item : -item));
  expect(checkEdits(before, after)).toBe(50_000);
  expect(checkEdits(before, before.slice(1000))).toBe(1000);
});

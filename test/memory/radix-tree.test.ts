/** Trees worked out by hand: runs, branches and leaves (memory-model.md §5). */
import { expect, it } from 'vitest';
import { sizeClassOf } from '../../src/memory/allocator.js';
import { treeOfNames } from '../../src/memory/radix-tree.js';

const names = (...texts: string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text));
const exact = (bytes: number): number => bytes;

/** A node: header and text padded to 8, pointers to children, one more where a key ends. */
const node = (text: number, children: number, isKey = false): number =>
  Math.ceil((4 + text) / 8) * 8 + 8 * children + (isKey ? 8 : 0);
const leaf = node(0, 0, true);
const TREE = 32;

it.each([
  ['nothing', [], 1, node(0, 0)],
  ['one name: a run and its leaf', ['abc'], 2, node(3, 1) + leaf],
  ['two that part at once', ['a', 'b'], 3, node(2, 2) + 2 * leaf],
  ['two that share a beginning', ['abx', 'aby'], 4, node(2, 1) + node(2, 2) + 2 * leaf],
  ['two with runs behind the branch', ['a-one', 'a-two'], 6, node(2, 1) + node(2, 2) + 2 * node(2, 1) + 2 * leaf],
  ['one that is the beginning of the other', ['ab', 'abc'], 3, node(2, 1) + node(1, 1, true) + leaf],
  ['three levels', ['aa', 'ab', 'b'], 5, node(2, 2) + node(2, 2) + 3 * leaf],
])('%s', (_, texts, nodes, bytes) => {
  expect(treeOfNames(names(...texts), exact)).toEqual({ nodes, bytes: TREE + bytes });
});

it('is the same in any order, and rounds each node', () => {
  const size = sizeClassOf('jemalloc');
  const texts = ['c1', 'consumer', 'x', 'consume', 'c2'];
  expect(treeOfNames(names(...texts), size)).toEqual(treeOfNames(names(...texts.toReversed()), size));
});

it('rounds a node together with the key that ends at it', () => {
  const size = sizeClassOf('jemalloc');
  // Runs `ab` and `c` (with the key `ab`: 24 bytes, in 32), and a leaf.
  expect(treeOfNames(names('ab', 'abc'), size).bytes).toBe(TREE + 16 + 32 + 16);
  // A branch of two with the key `a`: 32 bytes; before it the run `a`, behind it two leaves.
  expect(treeOfNames(names('a', 'ab', 'ac'), size).bytes).toBe(TREE + 16 + 32 + 2 * 16);
});

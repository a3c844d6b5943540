/**
 * Radix trees, of stream ids and of names (memory-model.md §5): branching nodes, runs of bytes without a branch, and an empty
 * leaf for each key.
 */
import type { SizeClass } from './allocator.js';

/** The struct of a tree, which counts as allocated too (rax_ptr_alloc_size of the rax itself). */
const TREE_STRUCT = 32;
const NODE_HEADER = 4;
const POINTER = 8;

/**
 * The tree of keys that come in ascending order. Only the forks on the way to the last key are held: a fork is where two
 * neighbours part, or where a key ends that is the beginning of the next one, which has one child and is no node of its own.
 */
export class RadixTree {
  keys = 0;
  private nodeCount = 0;
  private nodeBytes = 0;
  private readonly last: number[] = [];
  private readonly forks: Fork[] = [];

  constructor(private readonly size: SizeClass) {}

  /** A key that is greater than the last one; the same one again is passed over. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const { last } = this;
    const length = end - start;
    if (this.keys > 0) {
      let common = 0;
      const most = Math.min(last.length, length);
      while (common < most && last[common] === bytes[start + common]) common++;
      if (common === length && length === last.length) return;
      this.part(common);
    }
    last.length = length;
    for (let index = 0; index < length; index++) last[index] = bytes[start + index]!;
    this.keys++;
  }

  /** Nodes and bytes of the whole tree, its struct included. No key may follow. */
  finish(): { readonly nodes: number; readonly bytes: number } {
    if (this.keys === 0) return { nodes: 1, bytes: this.size(TREE_STRUCT) + this.size(POINTER) };
    this.leaf(this.forks.at(-1));
    this.closeBelow(-1);
    return { nodes: this.nodeCount, bytes: this.size(TREE_STRUCT) + this.nodeBytes };
  }

  /** The next key shares its first `common` bytes with the last one. */
  private part(common: number): void {
    const { forks, last } = this;
    const isBeginning = common === last.length;
    let at = forks.length;
    while (at > 0 && forks[at - 1]!.depth > common) at--;
    const known = at > 0 && forks[at - 1]!.depth === common ? forks[at - 1]! : undefined;
    if (known !== undefined) known.children++;
    // Its first child is what has been so far.
    const fork = known ?? { depth: common, children: isBeginning ? 1 : 2, isKey: isBeginning };
    if (known === undefined) forks.splice(at, 0, fork);
    if (!isBeginning) this.leaf(forks.at(-1));
    this.closeBelow(common);
  }

  /** The last key, behind the deepest fork on its way. */
  private leaf(fork: Fork | undefined): void {
    this.run(this.last.length, fork);
    this.node(0, 0, true);
  }

  /** The forks beyond `common` are complete. */
  private closeBelow(common: number): void {
    const { forks } = this;
    while (forks.length > 0 && forks.at(-1)!.depth > common) {
      const { depth, children, isKey } = forks.pop()!;
      if (children > 1) this.node(children, children, isKey);
      this.run(depth, forks.at(-1));
    }
  }

  /** From a fork to `depth`; its node is the fork's own where that only ends a key. */
  private run(depth: number, fork: Fork | undefined): void {
    const length = depth - behind(fork);
    if (length > 0) this.node(length, 1, fork?.children === 1);
  }

  private node(length: number, children: number, isKey: boolean): void {
    this.nodeCount++;
    const padded = Math.ceil((NODE_HEADER + length) / POINTER) * POINTER;
    this.nodeBytes += this.size(padded + POINTER * children + (isKey ? POINTER : 0));
  }
}

interface Fork {
  readonly depth: number;
  /** 1: a key ends here, and the tree goes on without parting. */
  children: number;
  readonly isKey: boolean;
}

/** Where what hangs on a fork begins: a branch has the first byte of each child itself. */
function behind(fork: Fork | undefined): number {
  return fork === undefined ? 0 : fork.depth + (fork.children > 1 ? 1 : 0);
}

/** The tree of names in any order. */
export function treeOfNames(names: readonly Uint8Array[], size: SizeClass): ReturnType<RadixTree['finish']> {
  const tree = new RadixTree(size);
  for (const name of names.toSorted(compareBytes)) tree.add(name, 0, name.length);
  return tree.finish();
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}

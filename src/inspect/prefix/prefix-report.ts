/** The tree of prefixes as data. */
import { ID_TEXT, type IdKind, visitMarks } from './id-patterns.js';
import type { KeyLayoutUse } from './key-layout-counter.js';
import { COUNTS, countsAt, type PrefixCounts } from './prefix-counts.js';
import { type PrefixTree, ROOT } from './prefix-tree.js';

export interface PrefixReportOptions {
  /** Prefixes with a smaller share of the size and of the keys are counted in their parent's `other`. Default: 0. */
  readonly minShare?: number;
}

/** A prefix, or a whole key. What it has is `own`, `other` and its children together, to the last key and byte. */
export interface PrefixNode extends PrefixCounts {
  /** As it is shown, ids as `*`, `<uuid>` and the like: `user:*:`. Of a prefix the separator is its last part. */
  readonly pattern: Uint8Array;
  /** A Redis glob for its keys, which may match a few more. */
  readonly glob: Uint8Array;
  /** The ids in it, from left to right. */
  readonly ids: readonly IdKind[];
  /** It ends in a separator, and keys go on behind it; a key with this very name is none of them. */
  readonly isPrefix: boolean;
  /** Parts in it; 0 for the root. */
  readonly depth: number;
  /** Its part of all bytes, or of all memory where that is what was asked for. */
  readonly share: number;
  /** Keys that end here, or that have more parts than there are levels. */
  readonly own: PrefixCounts;
  /** Under this prefix, without a node of their own: too small, or not listed for their share. */
  readonly other: PrefixCounts;
  /** Keys that may be in the parent's `other` in place of here, at the most; 0 unless the tree was full. */
  readonly missedKeys: number;
  /** Known software whose keys begin like this. */
  readonly layout?: string;
  /** The largest first. */
  readonly children: readonly PrefixNode[];
}

export interface PrefixSeparators {
  /** A key is cut by the first group that it has one of. */
  readonly groups: readonly (readonly Uint8Array[])[];
  /** Keys that these were learned from; absent where they were given. */
  readonly learnedFrom?: number;
}

export interface PrefixReport {
  readonly separators: PrefixSeparators;
  /** What `share` is a share of. */
  readonly by: 'bytes' | 'memory';
  /** The whole data set. */
  readonly root: PrefixNode;
  /** The tree was full at some time. */
  readonly isCapped: boolean;
  /** Software that was recognised, the largest first. */
  readonly layouts: readonly KeyLayoutUse[];
}

export function createReport(
  tree: PrefixTree,
  separators: PrefixSeparators,
  by: 'bytes' | 'memory',
  layouts: readonly KeyLayoutUse[],
  { minShare = 0 }: PrefixReportOptions,
): PrefixReport {
  const root = new ReportBuilder(tree, by, layouts, minShare).build();
  return { separators, by, root, isCapped: tree.isCapped, layouts };
}

/** The path to a node. */
interface Path {
  readonly pattern: readonly number[];
  readonly glob: readonly number[];
  readonly ids: readonly IdKind[];
  readonly layout: string | undefined;
}

const NO_PATH: Path = { pattern: [], glob: [], ids: [], layout: undefined };
const STAR = 0x2a;
const BACKSLASH = 0x5c;
/** What globs give a meaning to. */
const GLOB_BYTES = new TextEncoder().encode('*?[]\\^');

class ReportBuilder {
  private readonly totals: Float64Array;
  private readonly children: number[][];
  private readonly whole: PrefixCounts;

  constructor(
    private readonly tree: PrefixTree,
    private readonly by: 'bytes' | 'memory',
    private readonly layouts: readonly KeyLayoutUse[],
    private readonly minShare: number,
  ) {
    this.totals = tree.totals();
    this.whole = this.totalOf(ROOT);
    this.children = Array.from({ length: tree.count }, () => []);
    for (let node = 1; node < tree.count; node++) this.children[tree.parent[node]!]!.push(node);
  }

  build(): PrefixNode {
    return this.node(ROOT, NO_PATH, 0);
  }

  private node(node: number, path: Path, missedKeys: number): PrefixNode {
    const { tree } = this;
    const total = this.totalOf(node);
    let other = countsAt(tree.folded, node * COUNTS);
    const children: PrefixNode[] = [];
    for (const child of this.children[node]!) {
      const counts = this.totalOf(child);
      if (this.isListed(counts)) children.push(this.node(child, this.pathTo(child, path), tree.missedKeys[child]!));
      else other = sum(other, counts);
    }
    children.sort((a, b) => this.sizeOf(b) - this.sizeOf(a) || b.keys - a.keys || compareBytes(a.pattern, b.pattern));
    return {
      pattern: Uint8Array.from(path.pattern),
      glob: Uint8Array.from(this.isOpen(node) ? [...path.glob, STAR] : path.glob),
      ids: path.ids,
      isPrefix: this.isOpen(node),
      depth: tree.depth[node]!,
      ...total,
      share: this.shareOf(total),
      own: countsAt(tree.own, node * COUNTS),
      other,
      missedKeys,
      ...(path.layout !== undefined && { layout: path.layout }),
      children,
    };
  }

  /** Whether keys go on behind its pattern. */
  private isOpen(node: number): boolean {
    return node === ROOT || this.tree.separatorLength[node]! > 0;
  }

  private isListed(counts: PrefixCounts): boolean {
    const { minShare, whole } = this;
    return this.shareOf(counts) >= minShare || counts.keys >= minShare * whole.keys;
  }

  private shareOf(counts: PrefixCounts): number {
    return this.sizeOf(counts) / (this.sizeOf(this.whole) || 1);
  }

  private sizeOf(counts: PrefixCounts): number {
    return this.by === 'memory' ? counts.memoryBytes : counts.bytes;
  }

  private totalOf(node: number): PrefixCounts {
    return countsAt(this.totals, node * COUNTS);
  }

  private pathTo(node: number, path: Path): Path {
    const { tree } = this;
    const start = tree.textStart[node]!;
    const end = start + tree.textLength[node]!;
    const partEnd = end - tree.separatorLength[node]!;
    const pattern = [...path.pattern];
    const glob = [...path.glob];
    const ids = [...path.ids];
    const literal = (byte: number): void => {
      pattern.push(byte);
      if (GLOB_BYTES.includes(byte)) glob.push(BACKSLASH);
      glob.push(byte);
    };
    visitMarks(tree.text, start, partEnd, literal, (kind) => {
      for (const char of ID_TEXT[kind]) pattern.push(char.charCodeAt(0));
      glob.push(STAR);
      ids.push(kind);
    });
    for (let pos = partEnd; pos < end; pos++) literal(tree.text[pos]!);
    return { pattern, glob, ids, layout: path.layout ?? this.layoutOf(pattern) };
  }

  private layoutOf(pattern: readonly number[]): string | undefined {
    return this.layouts.find(({ layout }) =>
      layout.prefixes.some((prefix) => [...prefix].every((char, index) => pattern[index] === char.charCodeAt(0))),
    )?.layout.name;
  }
}

function sum(a: PrefixCounts, b: PrefixCounts): PrefixCounts {
  return {
    keys: a.keys + b.keys,
    bytes: a.bytes + b.bytes,
    memoryBytes: a.memoryBytes + b.memoryBytes,
    elements: a.elements + b.elements,
    keysWithoutTtl: a.keysWithoutTtl + b.keysWithoutTtl,
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return a[index]! - b[index]!;
  return a.length - b.length;
}

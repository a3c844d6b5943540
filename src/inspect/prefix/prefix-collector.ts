/** What keys begin with: how many there are under each prefix, and how much they take. */
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { LayoutCounter } from './key-layout-counter.js';
import { KeySample } from './key-sample.js';
import { addCounts, addFacts, BYTES, COUNTS, MEMORY } from './prefix-counts.js';
import { PrefixCutter } from './prefix-cutter.js';
import { createReport, type PrefixReport, type PrefixReportOptions } from './prefix-report.js';
import { PrefixTree } from './prefix-tree.js';
import { learnSeparators, Separators } from './separators.js';

export interface PrefixOptions {
  /** What ends a part of a key; a string stands for its UTF-8 bytes. Default: learned from the first keys. */
  readonly separators?: readonly (string | Uint8Array)[];
  /** Parts of keys that are told apart, 1 to 32. Default: 3. */
  readonly depth?: number;
  /** What says how large a prefix is: bytes in the file, or memory where it is measured. Default: bytes. */
  readonly by?: 'bytes' | 'memory';
  /** Nodes held at the most, a power of two from 1,024 on. Default: 65,536, which is some 15 MB. */
  readonly maxNodes?: number;
}

export const DEFAULT_DEPTH = 3;
const MAX_DEPTH = 32;
const MAX_SEPARATOR_BYTES = 32;
const DEFAULT_MAX_NODES = 1 << 16;

/**
 * Makes a tree of prefixes. Ids such as numbers and UUIDs are one node. The memory does not grow with the number of keys:
 * beyond `maxNodes`, what is small is counted in its parent's `other`.
 */
export class PrefixCollector implements FactCollector {
  private readonly depth: number;
  private readonly by: 'bytes' | 'memory';
  private readonly tree: PrefixTree;
  private readonly layouts = new LayoutCounter();
  /** Keys that wait for separators. */
  private sample: KeySample | undefined;
  private learnedFrom: number | undefined;
  private separators: Separators | undefined;
  private cutter: PrefixCutter | undefined;

  /** Throws RangeError for a depth or a separator that cannot be. */
  constructor(options: PrefixOptions = {}) {
    const { separators, depth = DEFAULT_DEPTH, by = 'bytes', maxNodes = DEFAULT_MAX_NODES } = options;
    if (!(Number.isInteger(depth) && depth >= 1 && depth <= MAX_DEPTH))
      throw new RangeError(`a depth of ${depth}: 1 to ${MAX_DEPTH} are possible`);
    this.depth = depth;
    this.by = by;
    this.tree = new PrefixTree(maxNodes, depth, by === 'memory' ? MEMORY : BYTES);
    if (separators !== undefined && separators.length > 0) this.cutBy(new Separators([separators.map(separatorBytes)]));
    else this.sample = new KeySample();
  }

  record(): void {}

  key(facts: KeyFacts): void {
    this.layouts.key(facts);
    if (this.sample !== undefined) {
      if (this.sample.add(facts)) return;
      this.learn(this.sample);
    }
    const { bytes, start, end } = facts.key;
    const node = this.cutter!.nodeOf(bytes, start, end);
    addFacts(this.tree.own, node * COUNTS, facts);
  }

  /** What has been counted so far. */
  report(options: PrefixReportOptions = {}): PrefixReport {
    if (this.sample !== undefined) this.learn(this.sample);
    const { groups } = this.separators!;
    const separators = { groups, ...(this.learnedFrom !== undefined && { learnedFrom: this.learnedFrom }) };
    return createReport(this.tree, separators, this.by, this.layouts.report(), options);
  }

  private learn(sample: KeySample): void {
    this.sample = undefined;
    this.learnedFrom = sample.count;
    const cutter = this.cutBy(learnSeparators(sample));
    for (let index = 0; index < sample.count; index++) {
      const node = cutter.nodeOf(sample.bytes, sample.startOf(index), sample.endOf(index));
      addCounts(this.tree.own, node * COUNTS, sample.counts, index * COUNTS);
    }
  }

  private cutBy(separators: Separators): PrefixCutter {
    this.separators = separators;
    this.cutter = new PrefixCutter(this.tree, separators, this.depth);
    return this.cutter;
  }
}

function separatorBytes(separator: string | Uint8Array): Uint8Array {
  const bytes = typeof separator === 'string' ? new TextEncoder().encode(separator) : separator;
  if (bytes.length > MAX_SEPARATOR_BYTES)
    throw new RangeError(`a separator of ${bytes.length} bytes: at most ${MAX_SEPARATOR_BYTES} are possible`);
  return bytes;
}

/**
 * A tree of prefixes in bounded memory: columns of numbers, one row per node, children behind their parents.
 *
 *     own     what keys that end in a node add up to
 *     folded  what became of nodes below it that were too small to keep
 *
 * When the tree is full, subtrees that are small beside the whole, in keys and in size, are folded into their parents (lossy
 * counting, Manku and Motwani 2002, with two weights). So nothing is ever lost of the sums, and a node that came back after
 * it was folded misses no more than `missedKeys` and `missedSize` say.
 */
import { addCounts, type BYTES, COUNTS, KEYS, type MEMORY } from './prefix-counts.js';

/** Which of the counts says how large a key is. */
export type SizeColumn = typeof BYTES | typeof MEMORY;

export const ROOT = 0;
const MIN_NODES = 1 << 10;
const NODE_TEXT = 16;

export class PrefixTree {
  count = 1;
  own = new Float64Array(MIN_NODES * COUNTS);
  folded = new Float64Array(MIN_NODES * COUNTS);
  parent = new Int32Array(MIN_NODES);
  depth = new Uint8Array(MIN_NODES);
  /** The canonical part of a node (id-patterns.ts), its separator included: where it begins in `text`, and its bytes. */
  textStart = new Int32Array(MIN_NODES);
  textLength = new Uint8Array(MIN_NODES);
  /** Bytes of the separator at the end of the part. */
  separatorLength = new Uint8Array(MIN_NODES);
  text = new Uint8Array(MIN_NODES * NODE_TEXT);
  missedKeys = new Float64Array(MIN_NODES);
  missedSize = new Float64Array(MIN_NODES);
  /** Whether anything has been folded. */
  isCapped = false;
  private textEnd = 0;
  private hash = new Int32Array(MIN_NODES);
  /** The child of each node that {@link lastNumber} has found, or 0. */
  private numbers = new Int32Array(MIN_NODES);
  /** Node numbers by hash; 0, the root, which nobody looks for, is a free slot. */
  private slots = new Int32Array(2 * MIN_NODES);
  private mask = 2 * MIN_NODES - 1;
  /** Beyond so many nodes there is no room for another path. */
  private limit: number;
  /** The most that nodes folded so far may have had. */
  private foldedKeys = 0;
  private foldedSize = 0;

  /** `maxNodes` is a power of two, from 1,024 on. */
  constructor(
    private readonly maxNodes: number,
    private readonly maxDepth: number,
    private readonly size: SizeColumn,
  ) {
    this.limit = MIN_NODES - maxDepth;
  }

  /** Room for one more path: call it before each key. */
  makeRoom(): void {
    if (this.count <= this.limit) return;
    if (this.parent.length < this.maxNodes) this.enlarge();
    else this.fold();
  }

  /** As {@link child} for a part that is one number as a whole, up to the end of the key: by far the most frequent one. */
  lastNumber(parent: number, part: Uint8Array): number {
    const known = this.numbers[parent]!;
    if (known !== 0) return known;
    const node = this.child(parent, hashPart(parent, part, 0, 2), part, 0, 2, 0);
    this.numbers[parent] = node;
    return node;
  }

  /** The child of `parent` with this part, made where it is not there. `hash` is {@link hashPart} of the same. */
  child(parent: number, hash: number, part: Uint8Array, start: number, end: number, separatorLength: number): number {
    const { slots, mask } = this;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const node = slots[slot]!;
      if (node === 0) break;
      if (this.hash[node] === hash && this.parent[node] === parent && this.isPart(node, part, start, end)) {
        if (this.separatorLength[node] === separatorLength) return node;
      }
      slot = (slot + 1) & mask;
    }
    const node = this.count++;
    slots[slot] = node;
    this.hash[node] = hash;
    this.parent[node] = parent;
    this.depth[node] = this.depth[parent]! + 1;
    this.separatorLength[node] = separatorLength;
    this.missedKeys[node] = this.foldedKeys;
    this.missedSize[node] = this.foldedSize;
    this.keepText(node, part, start, end);
    return node;
  }

  /** Own and folded of each node, and of all below it. */
  totals(): Float64Array {
    const { own, folded, parent, count } = this;
    const totals = own.slice(0, count * COUNTS);
    for (let node = count - 1; node > ROOT; node--) {
      addCounts(totals, node * COUNTS, folded, node * COUNTS);
      addCounts(totals, parent[node]! * COUNTS, totals, node * COUNTS);
    }
    addCounts(totals, ROOT, folded, ROOT);
    return totals;
  }

  private isPart(node: number, part: Uint8Array, start: number, end: number): boolean {
    if (this.textLength[node] !== end - start) return false;
    const { text } = this;
    const shift = this.textStart[node]! - start;
    for (let pos = start; pos < end; pos++) if (text[shift + pos] !== part[pos]) return false;
    return true;
  }

  private keepText(node: number, part: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.textEnd + length > this.text.length) {
      const text = new Uint8Array(2 * this.text.length + length);
      text.set(this.text);
      this.text = text;
    }
    for (let pos = start, to = this.textEnd; pos < end; pos++) this.text[to++] = part[pos]!;
    this.textStart[node] = this.textEnd;
    this.textLength[node] = length;
    this.textEnd += length;
  }

  private enlarge(): void {
    const nodes = 2 * this.parent.length;
    this.own = longer(this.own, new Float64Array(nodes * COUNTS));
    this.folded = longer(this.folded, new Float64Array(nodes * COUNTS));
    this.parent = longer(this.parent, new Int32Array(nodes));
    this.depth = longer(this.depth, new Uint8Array(nodes));
    this.textStart = longer(this.textStart, new Int32Array(nodes));
    this.textLength = longer(this.textLength, new Uint8Array(nodes));
    this.separatorLength = longer(this.separatorLength, new Uint8Array(nodes));
    this.missedKeys = longer(this.missedKeys, new Float64Array(nodes));
    this.missedSize = longer(this.missedSize, new Float64Array(nodes));
    this.hash = longer(this.hash, new Int32Array(nodes));
    this.numbers = longer(this.numbers, new Int32Array(nodes));
    this.slots = new Int32Array(2 * nodes);
    this.mask = 2 * nodes - 1;
    this.limit = nodes - this.maxDepth;
    this.placeAll();
  }

  /**
   * Nodes of one depth share nothing, so of those that have more than a share s of the keys there are fewer than 1/s; with
   * sizes and depths that makes 2·depth/s at the most, a quarter of the room.
   */
  private fold(): void {
    const totals = this.totals();
    const share = (8 * (this.maxDepth + 1)) / this.maxNodes;
    const mostKeys = totals[KEYS]! * share;
    const mostSize = totals[this.size]! * share;
    let isSmall = this.smallNodes(totals, mostKeys, mostSize, true);
    // What nodes may miss keeps them from being folded, lest they miss more each time; but there must be room.
    if (countOnes(isSmall) < this.count / 2) isSmall = this.smallNodes(totals, mostKeys, mostSize, false);
    this.foldInto(isSmall, totals);
    this.compact(isSmall);
    this.isCapped = true;
  }

  private smallNodes(totals: Float64Array, mostKeys: number, mostSize: number, withMissed: boolean): Uint8Array {
    const { count, parent, missedKeys, missedSize, size } = this;
    const isSmall = new Uint8Array(count);
    for (let node = ROOT + 1; node < count; node++) {
      const keys = totals[node * COUNTS + KEYS]! + (withMissed ? missedKeys[node]! : 0);
      const bytes = totals[node * COUNTS + size]! + (withMissed ? missedSize[node]! : 0);
      if (isSmall[parent[node]!] === 1 || (keys <= mostKeys && bytes <= mostSize)) isSmall[node] = 1;
    }
    return isSmall;
  }

  private foldInto(isSmall: Uint8Array, totals: Float64Array): void {
    const { parent, folded, own, size } = this;
    for (let node = this.count - 1; node > ROOT; node--) {
      if (isSmall[node] === 0) continue;
      const at = node * COUNTS;
      addCounts(folded, parent[node]! * COUNTS, own, at);
      addCounts(folded, parent[node]! * COUNTS, folded, at);
      this.foldedKeys = Math.max(this.foldedKeys, totals[at + KEYS]! + this.missedKeys[node]!);
      this.foldedSize = Math.max(this.foldedSize, totals[at + size]! + this.missedSize[node]!);
    }
  }

  /** Moves what stays to the front, in order. */
  private compact(isSmall: Uint8Array): void {
    const { count, own, folded, parent, text } = this;
    const places = new Int32Array(count);
    let to = 1;
    this.textEnd = 0;
    for (let node = 1; node < count; node++) {
      if (isSmall[node] === 1) continue;
      places[node] = to;
      own.copyWithin(to * COUNTS, node * COUNTS, (node + 1) * COUNTS);
      folded.copyWithin(to * COUNTS, node * COUNTS, (node + 1) * COUNTS);
      parent[to] = places[parent[node]!]!;
      this.depth[to] = this.depth[node]!;
      this.separatorLength[to] = this.separatorLength[node]!;
      this.missedKeys[to] = this.missedKeys[node]!;
      this.missedSize[to] = this.missedSize[node]!;
      const start = this.textStart[node]!;
      const length = this.textLength[node]!;
      text.copyWithin(this.textEnd, start, start + length);
      this.textStart[to] = this.textEnd;
      this.textLength[to] = length;
      this.textEnd += length;
      this.hash[to] = hashPart(parent[to]!, text, this.textStart[to]!, this.textEnd);
      to++;
    }
    own.fill(0, to * COUNTS, count * COUNTS);
    folded.fill(0, to * COUNTS, count * COUNTS);
    this.count = to;
    this.numbers.fill(0);
    this.slots.fill(0);
    this.placeAll();
  }

  private placeAll(): void {
    const { slots, mask, hash } = this;
    for (let node = 1; node < this.count; node++) {
      let slot = (hash[node]! ^ (hash[node]! >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = node;
    }
  }
}

export function hashPart(parent: number, part: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(parent + 1, 0x9e3779b1);
  let pos = start;
  for (; pos + 4 <= end; pos += 4) {
    const word = part[pos]! | (part[pos + 1]! << 8) | (part[pos + 2]! << 16) | (part[pos + 3]! << 24);
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; pos < end; pos++) hash = Math.imul(hash ^ part[pos]!, 0x01000193);
  return hash;
}

function longer<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function countOnes(flags: Uint8Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count;
}

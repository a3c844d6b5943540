/**
 * The nodes of a quicklist, without their elements: how many each has and how many bytes it takes.
 *
 * From 7.2 on a list that shrinks to one node becomes a listpack again, so that what OBJECT ENCODING answers depends on
 * where the nodes begin and end. Insertion splits and merges them as the server does; pushes and removals never merge.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { type EngineSettings, isSince } from '../settings.js';
import { listpackEntryBytes } from './int64-text.js';

/** Header and terminator of a listpack. */
export const EMPTY_LISTPACK_BYTES = 7;
/** What an element is taken to add beside its own bytes, before it is put in. */
const ELEMENT_OVERHEAD = 8;
/** Of nodes that are limited by their elements. */
const COUNTED_NODE_BYTES = 8192;
/** list-max-listpack-size −1 to −5. */
const NODE_BYTES = [4096, 8192, 16384, 32768, 65536];

/** What a node may hold: bytes, or elements with a cap on bytes. */
export interface NodeLimit {
  readonly bytes: number;
  readonly count: number;
}

/** Of `list-max-listpack-size`; one of the two is Infinity. */
export function nodeLimit(fill: number): NodeLimit {
  if (fill >= 0) return { bytes: Infinity, count: Math.max(1, fill) };
  return { bytes: NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1]!, count: Infinity };
}

export function exceedsNodeLimit(fill: number, bytes: number, count: number): boolean {
  if (fill >= 0) return bytes > COUNTED_NODE_BYTES || count > Math.max(1, fill);
  return bytes > NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1]!;
}

export class ListNodes {
  private readonly counts: number[] = [];
  /** Bytes of the listpack; of a plain node, −1 less the bytes of its element. */
  private readonly sizes: number[] = [];
  private readonly fill: number;
  private readonly largest: number;
  private readonly shortBacklen: boolean;

  constructor({ encoding, target }: EngineSettings) {
    this.fill = encoding.listMaxNodeSize;
    this.shortBacklen = target.boundaryBacklen === 'short';
    const bounded = this.fill >= 0 ? COUNTED_NODE_BYTES : nodeLimit(this.fill).bytes;
    this.largest = isSince(target, { redis: '7.4', valkey: '8.0' }) ? bounded : 2 ** 30 - 1;
  }

  /** The bytes of the only node, if it is a listpack. */
  get onlyListpackBytes(): number | undefined {
    return this.sizes.length === 1 && this.sizes[0]! >= 0 ? this.sizes[0] : undefined;
  }

  /** A listpack that is there becomes the first node. */
  adopt(count: number, bytes: number): void {
    this.counts.push(count);
    this.sizes.push(bytes);
  }

  pushHead(element: ByteString): void {
    if (this.isLarge(element)) this.addNode(0, 1, -1 - element.length);
    else if (this.takes(0, element)) this.grow(0, element);
    else this.addNode(0, 1, this.freshBytes(element));
  }

  pushTail(element: ByteString): void {
    const last = this.sizes.length - 1;
    if (this.isLarge(element)) this.addNode(last + 1, 1, -1 - element.length);
    else if (this.takes(last, element)) this.grow(last, element);
    else this.addNode(last + 1, 1, this.freshBytes(element));
  }

  /** The first element, which was `element`, goes. */
  popHead(element: ByteString): void {
    this.shrink(0, 1, this.entryBytes(element));
  }

  popTail(element: ByteString): void {
    this.shrink(this.sizes.length - 1, 1, this.entryBytes(element));
  }

  /** Elements [start, start + count) go; `elements` still has them. */
  removeRange(start: number, count: number, elements: (index: number) => ByteString): void {
    let [node, offset] = this.locate(start);
    for (let index = start; index < start + count; ) {
      const has = this.counts[node]!;
      const gone = Math.min(has - offset, start + count - index);
      let bytes = 0;
      if (gone < has) for (let at = index; at < index + gone; at++) bytes += this.entryBytes(elements(at));
      index += gone;
      if (!this.shrink(node, gone, bytes)) node++;
      offset = 0;
    }
  }

  /** `element` in the place of `old`, whose neighbours are there too. */
  replace(index: number, old: ByteString, element: ByteString, elements: (index: number) => ByteString): void {
    const [node, offset] = this.locate(index);
    const isPlain = this.sizes[node]! < 0;
    const isLarge = this.isLarge(element);
    if (!isPlain && !isLarge) {
      this.sizes[node]! += this.entryBytes(element) - this.entryBytes(old);
    } else if (isPlain && isLarge) {
      this.sizes[node] = -1 - element.length;
    } else if (isPlain) {
      this.insertAt(node, 0, element, true, index, elements);
      this.removeNode(node);
    } else {
      this.replaceByLarge(node, offset, index, old, element, elements);
    }
  }

  /** `element` comes beside the one at `index`; `elements` does not have it yet. */
  insert(index: number, element: ByteString, isAfter: boolean, elements: (index: number) => ByteString): void {
    const [node, offset] = this.locate(index);
    this.insertAt(node, offset, element, isAfter, index, elements);
  }

  copy(settings: EngineSettings): ListNodes {
    const copy = new ListNodes(settings);
    copy.counts.push(...this.counts);
    copy.sizes.push(...this.sizes);
    return copy;
  }

  private replaceByLarge(
    node: number,
    offset: number,
    index: number,
    old: ByteString,
    element: ByteString,
    elements: (index: number) => ByteString,
  ): void {
    if (offset !== this.counts[node]! - 1) this.split(node, offset, true, index - offset, elements);
    this.addNode(node + 1, 1, -1 - element.length);
    if (!this.shrink(node, 1, this.entryBytes(old))) this.merge(node + 1);
  }

  private insertAt(
    node: number,
    offset: number,
    element: ByteString,
    isAfter: boolean,
    index: number,
    elements: (index: number) => ByteString,
  ): void {
    const isAtEdge = isAfter ? offset === this.counts[node]! - 1 : offset === 0;
    const beside = isAfter ? node + 1 : node - 1;
    const place = isAfter ? node + 1 : node;
    if (this.isLarge(element)) {
      if (this.sizes[node]! >= 0 && !isAtEdge) this.split(node, offset, isAfter, index - offset, elements);
      this.addNode(node + (isAfter || !isAtEdge ? 1 : 0), 1, -1 - element.length);
    } else if (this.takes(node, element)) {
      this.grow(node, element);
    } else if (isAtEdge) {
      if (this.takes(beside, element)) this.grow(beside, element);
      else this.addNode(place, 1, this.freshBytes(element));
    } else {
      this.split(node, offset, isAfter, index - offset, elements);
      // Of the two halves the one without the neighbour takes the element; merging begins at the other.
      this.grow(isAfter ? node + 1 : node, element);
      this.merge(isAfter ? node : node + 1);
    }
  }

  /** Cuts a node behind (`isAfter`) or before an offset; `first` is the index of its first element. */
  private split(
    node: number,
    offset: number,
    isAfter: boolean,
    first: number,
    elements: (index: number) => ByteString,
  ): void {
    const upper = isAfter ? offset + 1 : offset;
    let bytes = EMPTY_LISTPACK_BYTES;
    for (let at = first; at < first + upper; at++) bytes += this.entryBytes(elements(at));
    const rest = this.counts[node]! - upper;
    const restBytes = this.sizes[node]! - bytes + EMPTY_LISTPACK_BYTES;
    this.counts[node] = upper;
    this.sizes[node] = bytes;
    this.addNode(node + 1, rest, restBytes);
  }

  /** Around a node: the two before it, the two after it, then it with what is before and after it. */
  private merge(around: number): void {
    let center = around;
    if (this.canMerge(center - 2, center - 1)) {
      this.join(center - 2);
      center--;
    }
    if (this.canMerge(center + 1, center + 2)) this.join(center + 1);
    if (this.canMerge(center - 1, center)) {
      this.join(center - 1);
      center--;
    }
    if (this.canMerge(center, center + 1)) this.join(center);
  }

  private canMerge(left: number, right: number): boolean {
    if (left < 0 || right >= this.sizes.length) return false;
    const [one, other] = [this.sizes[left]!, this.sizes[right]!];
    if (one < 0 || other < 0) return false;
    const count = this.counts[left]! + this.counts[right]!;
    return !exceedsNodeLimit(this.fill, one + other - EMPTY_LISTPACK_BYTES, count);
  }

  private join(left: number): void {
    this.counts[left]! += this.counts[left + 1]!;
    this.sizes[left]! += this.sizes[left + 1]! - EMPTY_LISTPACK_BYTES;
    this.removeNode(left + 1);
  }

  private isLarge(element: ByteString): boolean {
    return element.length > this.largest;
  }

  private takes(node: number, element: ByteString): boolean {
    const size = this.sizes[node];
    if (size === undefined || size < 0) return false;
    return !exceedsNodeLimit(this.fill, size + element.length + ELEMENT_OVERHEAD, this.counts[node]! + 1);
  }

  private grow(node: number, element: ByteString): void {
    this.counts[node]!++;
    this.sizes[node]! += this.entryBytes(element);
  }

  /** True where nothing was left of the node. */
  private shrink(node: number, count: number, bytes: number): boolean {
    if (this.counts[node] === count) {
      this.removeNode(node);
      return true;
    }
    this.counts[node]! -= count;
    this.sizes[node]! -= bytes;
    return false;
  }

  private addNode(at: number, count: number, size: number): void {
    this.counts.splice(at, 0, count);
    this.sizes.splice(at, 0, size);
  }

  private removeNode(node: number): void {
    this.counts.splice(node, 1);
    this.sizes.splice(node, 1);
  }

  private freshBytes(element: ByteString): number {
    return EMPTY_LISTPACK_BYTES + this.entryBytes(element);
  }

  private entryBytes(element: ByteString): number {
    return listpackEntryBytes(element, this.shortBacklen);
  }

  /** Node and offset of an element. */
  private locate(index: number): [node: number, offset: number] {
    let node = 0;
    let before = 0;
    for (; before + this.counts[node]! <= index; node++) before += this.counts[node]!;
    return [node, index - before];
  }
}

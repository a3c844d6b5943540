/**
 * A list: an array with room at its head.
 *
 * Of how a server keeps it only so much is here as OBJECT ENCODING tells (rdb-format.md §11.1): before 3.2 a ziplist or,
 * for good, a linked list; then a quicklist; from 7.2 on a listpack, or a quicklist that becomes one when it has shrunk.
 */
import { type ByteString, fromByteStrings, toByteString } from '../../bytes/byte-string.js';
import type { ListValue, ValueEncoding } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import { listpackEntryBytes } from './int64-text.js';
import { EMPTY_LISTPACK_BYTES, exceedsNodeLimit, ListNodes, nodeLimit } from './list-object-nodes.js';
import type { StoredObject } from './stored-object.js';

/** Versions of the format that came with quicklists, and with lists of one listpack. */
const QUICKLIST_VERSION = 7;
const LISTPACK_VERSION = 11;
/** Free places at the head are given back beyond this many, once they are more than the elements. */
const MOST_FREE = 64;

export class ListObject implements StoredObject {
  readonly type = 'list';
  /** Elements from {@link head} on; before it nothing. */
  private items: ByteString[] = [];
  private head = 0;
  /** Bytes as a listpack, where there are such lists and it is one. */
  private bytes = EMPTY_LISTPACK_BYTES;
  /** As a quicklist, where a list might be a listpack. */
  private nodes: ListNodes | undefined;
  /** Before 3.2. */
  private isLinked = false;

  constructor(private readonly settings: EngineSettings) {}

  static fromRdb({ items }: ListValue, settings: EngineSettings): ListObject {
    return ListObject.of(
      items.map((item) => toByteString(item)),
      settings,
    );
  }

  /** As a list that was made at once, from a file or by SORT. The array is taken over. */
  static of(items: ByteString[], settings: EngineSettings): ListObject {
    const list = new ListObject(settings);
    list.items = items;
    const { version } = settings.target;
    if (version >= LISTPACK_VERSION) {
      const nodes = new ListNodes(settings);
      for (const item of items) nodes.pushTail(item);
      list.nodes = nodes;
      list.becomeListpack(false);
    } else if (version < QUICKLIST_VERSION) {
      const { listMaxPackedEntries, listMaxPackedValue } = settings.encoding;
      list.isLinked = items.length > listMaxPackedEntries || items.some((item) => item.length > listMaxPackedValue);
    }
    return list;
  }

  get length(): number {
    return this.items.length - this.head;
  }

  /** The element at an index from 0 on, below {@link length}. */
  at(index: number): ByteString {
    return this.items[this.head + index]!;
  }

  /** Elements [start, end). */
  slice(start: number, end: number): ByteString[] {
    return this.items.slice(this.head + start, this.head + end);
  }

  /** What the server does before `args[from, to)` are pushed, set or inserted: an expanded form where they would not fit. */
  makeRoomFor(args: readonly ByteString[], from: number, to: number): void {
    const { version } = this.settings.target;
    if (version >= LISTPACK_VERSION) {
      if (this.nodes !== undefined) return;
      let added = 0;
      for (let at = from; at < to; at++) added += args[at]!.length;
      this.makeRoom(added, to - from);
    } else if (version < QUICKLIST_VERSION) {
      const { listMaxPackedValue } = this.settings.encoding;
      for (let at = from; at < to; at++) if (args[at]!.length > listMaxPackedValue) this.isLinked = true;
    }
  }

  /** As {@link makeRoomFor} one element of so many bytes: 0 for one that a list had kept as an integer. */
  makeRoom(bytes: number, count: number): void {
    if (this.nodes !== undefined || this.settings.target.version < LISTPACK_VERSION) return;
    const { listMaxNodeSize } = this.settings.encoding;
    if (!exceedsNodeLimit(listMaxNodeSize, this.bytes + bytes, this.length + count)) return;
    this.nodes = new ListNodes(this.settings);
    if (this.length > 0) this.nodes.adopt(this.length, this.bytes);
  }

  pushTail(element: ByteString): void {
    this.grown(element);
    this.nodes?.pushTail(element);
    this.items.push(element);
  }

  pushHead(element: ByteString): void {
    this.grown(element);
    this.nodes?.pushHead(element);
    if (this.head === 0) this.makeFree();
    this.items[--this.head] = element;
  }

  /** The list is not empty. */
  popTail(): ByteString {
    const element = this.items.pop()!;
    this.shrunk(element);
    this.nodes?.popTail(element);
    return element;
  }

  popHead(): ByteString {
    const element = this.items[this.head]!;
    this.shrunk(element);
    this.nodes?.popHead(element);
    // Nothing may keep a long element alive.
    this.items[this.head++] = '';
    if (this.head > MOST_FREE && this.head > this.length) this.giveBack();
    return element;
  }

  /** Takes the place of the element at `index`. */
  set(index: number, element: ByteString): void {
    const old = this.at(index);
    if (this.nodes !== undefined) this.nodes.replace(index, old, element, (at) => this.at(at));
    else {
      this.shrunk(old);
      this.grown(element);
    }
    this.items[this.head + index] = element;
  }

  /** Comes before or after the element at `index`. */
  insert(index: number, element: ByteString, isAfter: boolean): void {
    this.grown(element);
    this.nodes?.insert(index, element, isAfter, (at) => this.at(at));
    this.items.splice(this.head + index + (isAfter ? 1 : 0), 0, element);
    const { listMaxPackedEntries } = this.settings.encoding;
    if (this.length > listMaxPackedEntries) this.isLinked = true;
  }

  /** Elements [start, start + count) go. */
  removeRange(start: number, count: number): void {
    if (count === 0) return;
    if (this.nodes !== undefined) this.nodes.removeRange(start, count, (at) => this.at(at));
    else for (let at = start; at < start + count; at++) this.shrunk(this.at(at));
    this.items.splice(this.head + start, count);
  }

  /** Elements equal to this go, at most so many, from the head or from the tail; returns how many. */
  removeEqual(element: ByteString, most: number, fromTail: boolean): number {
    const found: number[] = [];
    const { length } = this;
    for (let step = 0; step < length && found.length < most; step++) {
      const index = fromTail ? length - 1 - step : step;
      if (this.at(index) === element) found.push(index);
    }
    if (!fromTail) found.reverse();
    if (found.length <= 1 || this.nodes !== undefined) for (const index of found) this.removeRange(index, 1);
    else this.removeAll(found, element);
    return found.length;
  }

  /** What the server does after elements have been removed or replaced: back to a listpack where little is left. */
  afterShrinking(): void {
    if (this.nodes !== undefined) this.becomeListpack(true);
  }

  encoding({ target }: EngineSettings): string {
    return this.form(target.version);
  }

  toRdb({ target }: EngineSettings): ListValue {
    const form = this.form(target.version);
    const items = fromByteStrings(this.slice(0, this.length));
    // A file knows no listpack of its own: it is a quicklist of one node.
    return { type: 'list', encoding: form === 'listpack' ? 'quicklist' : form, items };
  }

  copy(): ListObject {
    const copy = new ListObject(this.settings);
    copy.items = this.items.slice(this.head);
    copy.bytes = this.bytes;
    copy.nodes = this.nodes?.copy(this.settings);
    copy.isLinked = this.isLinked;
    return copy;
  }

  private form(version: number): ValueEncoding {
    if (version < QUICKLIST_VERSION) return this.isLinked ? 'linkedlist' : 'ziplist';
    return version < LISTPACK_VERSION || this.nodes !== undefined ? 'quicklist' : 'listpack';
  }

  private grown(element: ByteString): void {
    const { target, encoding } = this.settings;
    if (target.version >= LISTPACK_VERSION) {
      if (this.nodes === undefined) this.bytes += this.entryBytes(element);
    } else if (target.version < QUICKLIST_VERSION && this.length >= encoding.listMaxPackedEntries) {
      this.isLinked = true;
    }
  }

  private shrunk(element: ByteString): void {
    if (this.nodes === undefined && this.settings.target.version >= LISTPACK_VERSION)
      this.bytes -= this.entryBytes(element);
  }

  private entryBytes(element: ByteString): number {
    return listpackEntryBytes(element, this.settings.target.boundaryBacklen === 'short');
  }

  /** A quicklist of one listpack within the limit, or within half of it, is that listpack. */
  private becomeListpack(isShrinking: boolean): void {
    const bytes = this.nodes!.onlyListpackBytes;
    if (bytes === undefined) return;
    const limit = nodeLimit(this.settings.encoding.listMaxNodeSize);
    const share = isShrinking ? 2 : 1;
    if (bytes > Math.floor(limit.bytes / share) || this.length > Math.floor(limit.count / share)) return;
    this.nodes = undefined;
    this.bytes = bytes;
  }

  /** Descending indexes of equal elements. */
  private removeAll(indexes: readonly number[], element: ByteString): void {
    const gone = new Set(indexes);
    this.items = this.slice(0, this.length).filter((_item, index) => !gone.has(index));
    this.head = 0;
    for (let at = 0; at < indexes.length; at++) this.shrunk(element);
  }

  /** As much room at the head as there are elements, at least a little. */
  private makeFree(): void {
    const free = Math.max(4, this.items.length);
    const { length } = this.items;
    const items = new Array<ByteString>(free).fill('');
    for (let at = 0; at < length; at++) items.push(this.items[at]!);
    this.items = items;
    this.head = free;
  }

  private giveBack(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}

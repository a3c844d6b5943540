/**
 * A stream: entries in nodes as the server's are (stream-object-node.ts), groups, and what it remembers of entries that
 * are gone. Without entries it stays a key.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { StreamValue } from '../../rdb/model.js';
import type { EncodingSettings } from '../../rdb/versions.js';
import type { EngineSettings } from '../settings.js';
import type { StoredObject } from './stored-object.js';
import type { StreamGroup } from './stream-object-group.js';
import { compareIds, type EntryId, FIRST_ID, increment, type Uint64 } from './stream-object-id.js';
import type { StreamProducers } from './stream-object-idmp.js';
import { bareSize, StreamNode } from './stream-object-node.js';
import { fillFromRdb, streamToRdb } from './stream-object-rdb.js';

/** What becomes of pending entries whose entry is deleted: they stay; they go; the entry stays as long as anybody needs it. */
export type References = 'KEEPREF' | 'DELREF' | 'ACKED';

export class StreamObject implements StoredObject {
  readonly type = 'stream';
  length = 0;
  lastId: EntryId = FIRST_ID;
  /** The greatest that XDEL has deleted. */
  maxDeletedId: EntryId = FIRST_ID;
  entriesAdded: Uint64 = 0;
  readonly groups = new Map<ByteString, StreamGroup>();
  producers: StreamProducers | undefined;
  /** What counts as the first id while there are no entries: another one only after a load. */
  firstIdWhenEmpty: EntryId = FIRST_ID;
  /** None of them is empty. */
  readonly nodes: StreamNode[] = [];
  /** In front of them, where a trim has left nothing of a node but what was deleted from it before: the server keeps it. */
  emptyNode: StreamNode | undefined;

  static fromRdb(value: StreamValue, settings: EngineSettings): StreamObject {
    const stream = new StreamObject();
    fillFromRdb(stream, value, settings);
    return stream;
  }

  /** As the server has them. */
  get allNodes(): readonly StreamNode[] {
    return this.emptyNode === undefined ? this.nodes : [this.emptyNode, ...this.nodes];
  }

  get firstId(): EntryId {
    return this.nodes[0]?.first ?? this.firstIdWhenEmpty;
  }

  /** The last entry that is there; undefined without entries. */
  get topId(): EntryId | undefined {
    const node = this.nodes[this.nodes.length - 1];
    return node?.idAt(node.end - 1);
  }

  /** Behind the last entry: `args` from `from` on, fields and values. `id` is greater than {@link lastId}. */
  append(id: EntryId, args: readonly ByteString[], from: number, limits: EncodingSettings): void {
    const { nodes } = this;
    let node = nodes[nodes.length - 1] ?? this.emptyNode;
    if (!node?.hasRoom(bareSize(args, from), limits.streamNodeMaxBytes, limits.streamNodeMaxEntries)) {
      node?.seal();
      node = new StreamNode(id.ms, id.seq, args, from);
      nodes.push(node);
    } else if (nodes.length === 0) {
      nodes.push(node);
      this.emptyNode = undefined;
    }
    node.add(id, args, from);
    this.length++;
    this.lastId = id;
    this.entriesAdded = increment(this.entriesAdded);
  }

  has(id: EntryId): boolean {
    const node = this.nodes[this.nodeFrom(id)];
    return node !== undefined && node.indexOf(id) >= 0;
  }

  /** Fields and values; undefined where there is no such entry. */
  fieldsOf(id: EntryId): ByteString[] | undefined {
    const node = this.nodes[this.nodeFrom(id)];
    const index = node === undefined ? -1 : node.indexOf(id);
    return index < 0 ? undefined : node!.fieldsAt(index);
  }

  /** The first entry from `id` on. */
  atOrAfter(id: EntryId): EntryId | undefined {
    const node = this.nodes[this.nodeFrom(id)];
    return node?.idAt(node.indexFrom(id));
  }

  /** Removes one entry as XDEL does; pending entries stay. False where there is none. */
  delete(id: EntryId): boolean {
    const at = this.nodeFrom(id);
    const node = this.nodes[at];
    const index = node === undefined ? -1 : node.indexOf(id);
    if (index < 0) return false;
    this.removeAt(at, index);
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id;
    return true;
  }

  /** The entry at an index of a node. True where the node is gone with it. */
  removeAt(at: number, index: number): boolean {
    const node = this.nodes[at]!;
    node.removeAt(index);
    this.removed(1);
    if (node.size > 0) return false;
    this.nodes.splice(at, 1);
    return true;
  }

  /** The first entries of a node, but not all of them. */
  removeFirstOf(node: StreamNode, count: number): void {
    node.removeFirst(count);
    this.removed(count);
  }

  /** All entries of the first node, which stays. */
  emptyFirst(): void {
    const node = this.nodes.shift()!;
    const { size } = node;
    node.removeFirst(size);
    this.emptyNode = node;
    this.removed(size);
  }

  /** The first nodes with all their entries. */
  removeNodes(count: number): void {
    let gone = 0;
    for (let at = 0; at < count; at++) gone += this.nodes[at]!.size;
    if (count === 1) this.nodes.shift();
    else this.nodes.splice(0, count);
    this.removed(gone);
  }

  /** Whether a group has yet to read it, or to acknowledge it. */
  isReferenced(id: EntryId): boolean {
    for (const group of this.groups.values())
      if (compareIds(id, group.lastId) > 0 || group.pending.find(id) !== undefined) return true;
    return false;
  }

  /** Takes an entry from whatever is pending. */
  removeReferences(id: EntryId): void {
    for (const group of this.groups.values()) group.removePending(id);
  }

  encoding(_settings: EngineSettings): string {
    return 'stream';
  }

  toRdb(settings: EngineSettings): StreamValue {
    return streamToRdb(this, settings);
  }

  copy(): StreamObject {
    const copy = new StreamObject();
    copy.length = this.length;
    copy.lastId = this.lastId;
    copy.maxDeletedId = this.maxDeletedId;
    copy.entriesAdded = this.entriesAdded;
    copy.firstIdWhenEmpty = this.firstIdWhenEmpty;
    copy.producers = this.producers?.copy();
    for (const node of this.nodes) copy.nodes.push(node.copy());
    copy.emptyNode = this.emptyNode?.copy();
    for (const group of this.groups.values()) copy.groups.set(group.name, group.copy());
    return copy;
  }

  /** Index of the first node whose last entry is not before `id`. */
  nodeFrom(id: EntryId): number {
    const { nodes } = this;
    let low = 0;
    let high = nodes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const node = nodes[middle]!;
      if (node.isBefore(node.end - 1, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private removed(count: number): void {
    this.length -= count;
    if (this.length === 0) this.firstIdWhenEmpty = FIRST_ID;
  }
}

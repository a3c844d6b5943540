/** Streams: nodes, groups, consumers and what is pending (memory-model.md §5, §6, §8). */
import { encodeRawStreamId } from '../codecs/stream-id.js';
import type { StreamConsumer, StreamGroup, StreamPending, StreamState } from '../rdb/model.js';
import type { SizeClass } from './allocator.js';
import type { MemoryServer } from './memory-server.js';
import { RadixTree, treeOfNames } from './radix-tree.js';
import { sdsBytes, sdsHeader } from './sds.js';

/** What older servers take for a node of a radix tree, and for a key in it. */
const RAX_NODE = 244;
const RAX_KEY = 16;
const NACK = 24;
const KV_NACK = 64;
const KV_CONSUMER = 32;
const KV_PRODUCER = 24;

interface Tree {
  readonly keys: number;
  readonly nodes: number;
  readonly bytes: number;
}

/** One stream: nodes as they come, then its state. */
export class StreamMemory {
  /** As MEMORY USAGE counts, the object at its head left out. */
  bytes = 0;
  /** What `used_memory` has beside that. */
  extra = 0;
  private nodes: RadixTree;
  private listpacks = 0;

  constructor(
    private readonly server: MemoryServer,
    private readonly size: SizeClass,
  ) {
    this.nodes = new RadixTree(size);
  }

  start(): void {
    this.nodes = new RadixTree(this.size);
    this.listpacks = 0;
    this.bytes = 0;
    this.extra = 0;
  }

  node(key: Uint8Array, start: number, end: number, listpackBytes: number): void {
    this.nodes.add(key, start, end);
    this.listpacks += this.server.exactStreamNodes ? listpackBytes : this.size(listpackBytes);
    if (this.server.layout === 'kvobj') this.extra += this.size(listpackBytes) - listpackBytes;
  }

  finish(state: StreamState | undefined): void {
    const { server } = this;
    this.bytes = this.struct(server.streamBytes) + this.listpacks;
    this.tree({ keys: this.nodes.keys, ...this.nodes.finish() });
    const groups = state?.groups ?? [];
    for (const group of groups) this.group(group);
    if (groups.length > 0) this.names(groups);
    if (server.layout === 'kvobj') this.ofKv(state);
  }

  /** A struct of `bytes`: as it was allocated from Redis 8.2 on, as it is before that and in Valkey. */
  private struct(bytes: number): number {
    return this.server.layout === 'kvobj' ? this.size(bytes) : bytes;
  }

  /** A tree that MEMORY USAGE counts. */
  private tree({ keys, nodes, bytes }: Tree): void {
    if (this.server.layout !== 'robj') {
      this.bytes += bytes;
      return;
    }
    const estimated = RAX_KEY * keys + RAX_NODE * nodes;
    this.bytes += estimated;
    this.extra += bytes - estimated;
  }

  private group({ pending, consumers }: StreamGroup): void {
    const { server, size } = this;
    const isKv = server.layout === 'kvobj';
    this.bytes += this.struct(server.streamGroupBytes) + this.struct(isKv ? KV_NACK : NACK) * pending.length;
    this.tree(treeOfIds(pending, size));
    const names = treeOfNames(
      consumers.map(({ name }) => name),
      size,
    ).bytes;
    if (isKv) {
      this.bytes += names;
      this.extra += 32 * pending.length;
    } else this.extra += 8 + names + 8 * pending.length;
    const owned = pendingByOwner(pending);
    for (const consumer of consumers) this.consumer(consumer, owned.get(latin1(consumer.name)) ?? []);
  }

  private consumer({ name }: StreamConsumer, pending: readonly StreamPending[]): void {
    const { server, size } = this;
    const { length } = name;
    this.tree(treeOfIds(pending, size));
    const allocated = size(sdsBytes(length));
    if (server.layout === 'kvobj') {
      const counted = sdsHeader(length) >= 3 ? allocated : sdsBytes(length);
      this.bytes += this.struct(KV_CONSUMER) + counted;
      this.extra += allocated - counted;
    } else {
      this.bytes += server.streamConsumerBytes + length;
      this.extra += allocated - length + (server.layout === 'robj' ? 16 : 0);
    }
  }

  /** Of groups: not counted by older servers and by Valkey. */
  private names(groups: readonly StreamGroup[]): void {
    const { bytes } = treeOfNames(
      groups.map(({ name }) => name),
      this.size,
    );
    if (this.server.layout === 'kvobj') this.bytes += bytes;
    else this.extra += bytes;
  }

  /** Redis 8.2 and later: pending ids of all groups, and idempotent producers. */
  private ofKv(state: StreamState | undefined): void {
    const pending = state?.groups.flatMap((group) => group.pending) ?? [];
    if (pending.length > 0) {
      const tree = treeOfIds(pending, this.size);
      this.bytes += tree.bytes;
      this.extra += 48 * tree.keys;
    }
    for (const { entries } of state?.idmp?.producers ?? []) {
      this.bytes += this.size(KV_PRODUCER);
      for (const { iid } of entries) this.bytes += this.size(32 + iid.length);
    }
  }
}

/** The same id in two groups is one. */
function treeOfIds(pending: readonly StreamPending[], size: SizeClass): Tree {
  const tree = new RadixTree(size);
  const ids = pending.map(({ id }) => encodeRawStreamId(id));
  ids.sort((a, b) => {
    for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
    return 0;
  });
  for (const id of ids) tree.add(id, 0, id.length);
  return { keys: tree.keys, ...tree.finish() };
}

function pendingByOwner(pending: readonly StreamPending[]): Map<string, StreamPending[]> {
  const owned = new Map<string, StreamPending[]>();
  for (const entry of pending) {
    if (entry.consumer === undefined) continue;
    const name = latin1(entry.consumer);
    const list = owned.get(name);
    if (list === undefined) owned.set(name, [entry]);
    else list.push(entry);
  }
  return owned;
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

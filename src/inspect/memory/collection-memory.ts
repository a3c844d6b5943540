/** Sets, sorted sets and hashes as a server has them after a load: packed, or as tables (memory-model.md §3, §4, §6). */
import type { EncodingSettings } from '../../rdb/versions.js';
import type { SizeClass } from './allocator.js';
import { chainedEntries, GrowingDict, presizedBuckets, valkeyBuckets } from './hash-table.js';
import type { MemoryServer } from './memory-server.js';
import { SKIPLIST_HEADER } from './skiplist.js';

/** Parts of a value beside its object, and the encoding that the server has for it. */
export interface ValueMemory {
  readonly encoding: string;
  readonly bytes: number;
  readonly extra: number;
}

/** What a pass over a collection has added up. */
export interface CollectionSums {
  readonly count: number;
  /** Of its elements, as parts of a table. */
  readonly elementBytes: number;
  readonly elementExtra: number;
  /** Of hashes: fields that expire, and when. */
  readonly expiries: readonly number[];
  readonly expiring: number;
  /** 0-based index of the first element that is too long to be packed; −1 for none. */
  readonly firstLong: number;
}

const ZSET = 16;
const SKIPLIST = 32;
const VALKEY9_ZSET_HEADER = 528;

export class CollectionMemory {
  constructor(
    readonly server: MemoryServer,
    readonly size: SizeClass,
    readonly settings: EncodingSettings,
  ) {}

  /** A listpack, ziplist, zipmap or intset of `length` bytes. */
  packed(encoding: string, length: number, head = 0): ValueMemory {
    const { exactBlobs, layout } = this.server;
    const allocated = this.size(length);
    const bytes = exactBlobs ? length : allocated;
    return { encoding, bytes: head + bytes, extra: layout === 'kvobj' ? allocated - length : 0 };
  }

  set(sums: CollectionSums): ValueMemory {
    const { bytes, extra } = this.table(sums.count, presizedBuckets(sums.count));
    return {
      encoding: 'hashtable',
      bytes: bytes + sums.elementBytes,
      extra: extra + sums.elementExtra + this.setExtra(sums.count),
    };
  }

  zset(sums: CollectionSums): ValueMemory {
    const { server } = this;
    const { bytes, extra } = this.table(sums.count, presizedBuckets(sums.count));
    return {
      encoding: 'skiplist',
      bytes: bytes + zsetHead(server) + sums.elementBytes,
      extra: extra + sums.elementExtra + this.entriesExtra(sums.count),
    };
  }

  /** `presized`: the loader knew from the beginning that it would be a table of so many. */
  hash(sums: CollectionSums, presized: boolean): ValueMemory {
    return this.hashTable(sums, presized ? presizedBuckets(sums.count) : this.hashBuckets(sums.count, sums.firstLong));
  }

  /** A table from the first field on, to which the others were added. */
  hashGrown(sums: CollectionSums): ValueMemory {
    const dict = new GrowingDict(0, 1);
    dict.insert(sums.count);
    return this.hashTable(sums, dict.bytes);
  }

  private hashTable(sums: CollectionSums, buckets: number): ValueMemory {
    const { server } = this;
    const { bytes, extra } = this.table(sums.count, buckets);
    const isValkey9 = server.layout === 'valkey9';
    return {
      encoding: 'hashtable',
      bytes: bytes + (isValkey9 ? 8 + expiryIndex(sums, this.size) : 0) + sums.elementBytes,
      extra: extra + sums.elementExtra + this.entriesExtra(sums.count),
    };
  }

  /** The struct and its buckets. */
  private table(count: number, buckets: number): { bytes: number; extra: number } {
    const { layout, dictBytes, countsZsetStructs } = this.server;
    if (layout === 'valkey8') return { bytes: 72 + valkeyBuckets(count), extra: 0 };
    if (layout === 'valkey9') return { bytes: 80 + valkeyBuckets(count), extra: 0 };
    // Before 6.0 too, but for sorted sets.
    return { bytes: dictBytes + buckets, extra: countsZsetStructs ? 8 : 0 };
  }

  private entriesExtra(count: number): number {
    switch (this.server.layout) {
      case 'robj':
        return 8 * count;
      case 'kvobj':
        return 16 * chainedEntries(count) - 24 * count;
      default:
        return 0;
    }
  }

  private setExtra(count: number): number {
    const hasSmallEntries =
      this.server.layout === 'kvobj' || (this.server.hasListpackLists && this.server.layout === 'robj');
    return hasSmallEntries ? 16 * chainedEntries(count) - 24 * count : this.entriesExtra(count);
  }

  /** A hash that begins as a listpack, and becomes a table at its first long field. */
  private hashBuckets(count: number, firstLong: number): number {
    const { hashSteps, expandsToAll } = this.server;
    const dict = new GrowingDict(Math.max(firstLong, 1), hashSteps);
    dict.insert(firstLong + 1);
    const left = count - firstLong - 1;
    if (expandsToAll) dict.expand(count);
    else if (left > 4) dict.expand(left);
    dict.insert(left);
    return dict.bytes;
  }
}

function zsetHead({ layout, countsZsetStructs, dictBytes }: MemoryServer): number {
  switch (layout) {
    case 'robj':
      return countsZsetStructs ? ZSET + SKIPLIST + SKIPLIST_HEADER : ZSET - dictBytes;
    case 'kvobj':
      return ZSET + SKIPLIST + SKIPLIST_HEADER + 16;
    case 'valkey8':
      return ZSET + SKIPLIST + SKIPLIST_HEADER;
    case 'valkey9':
      return ZSET + VALKEY9_ZSET_HEADER;
  }
}

const VECTOR_MAX = 127;
/** Buckets of the expiry index are 2^13 ms wide. */
const WINDOW_MS = 8192;

/** Valkey 9: fields by their expiry, in one vector or in a tree of them. */
function expiryIndex({ expiring, expiries }: CollectionSums, size: SizeClass): number {
  const vector = (count: number): number => (count < 2 ? 0 : count === 2 ? 24 : size(8 + 8 * count));
  if (expiring <= VECTOR_MAX) return vector(expiring);
  const buckets = new Map<number, number>();
  for (const at of expiries) {
    const end = Math.floor(at / WINDOW_MS) * WINDOW_MS + WINDOW_MS;
    buckets.set(end, (buckets.get(end) ?? 0) + 1);
  }
  let bytes = 0;
  for (const count of buckets.values()) bytes += vector(count);
  // Of the tree: a leaf and a part of a branch for each bucket.
  return bytes + 32 + 40 * buckets.size;
}

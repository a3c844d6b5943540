/** Sets, sorted sets and hashes as a server has them after a load: packed, or as tables (memory-model.md §3, §4, §6). */
import type { EncodingSettings } from '../rdb/versions.js';
import type { SizeClass } from './allocator.js';
import { chainedEntries, GrowingDict, presizedBuckets } from './hash-table.js';
import type { MemoryServer } from './memory-server.js';
import { skiplistHeader } from './skiplist.js';
import { GrowingValkeyTable, valkeyBuckets } from './valkey-table.js';

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

/**
 * How a loader came to a hash table: it was `counted` before anything was read; `converted` whole from a packed structure;
 * `grown` from nothing; `packed` up to the first field that was too long, of a plain hash or of one with expiries.
 */
export type HashOrigin = 'counted' | 'converted' | 'grown' | 'packed' | 'packed with expiries';

/** Of a dict that nothing asked to be larger (DICT_HT_INITIAL_SIZE). */
const LEAST_BUCKETS = 4;
const ZSET = 16;
const SKIPLIST = 32;
/** What the skiplist of Redis 8.6 has beside that of older servers. */
const KV_SKIPLIST = 16;
const VALKEY9_ZSET_HEADER = 528;
const VALKEY8_TABLE = 72;
const VALKEY9_TABLE = 80;

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

  /** `leadingIntegers`: the loader began with an intset of so many members, 0 where it knew that it would be a table. */
  set(sums: CollectionSums, leadingIntegers = 0): ValueMemory {
    const { bytes, extra } = this.table(this.setBuckets(sums.count, leadingIntegers));
    return {
      encoding: 'hashtable',
      bytes: bytes + sums.elementBytes + (this.server.embedsKeys ? smallEntries(sums.count) : 0),
      extra: extra + sums.elementExtra + this.setExtra(sums.count),
    };
  }

  /** `isConverted`: from a structure that was packed in the file. */
  zset(sums: CollectionSums, isConverted: boolean): ValueMemory {
    const { server } = this;
    const isGrown = isConverted && !server.presizesOthers;
    const { bytes, extra } = this.table(isGrown ? this.grownBuckets(sums.count) : this.presized(sums.count));
    return {
      encoding: 'skiplist',
      bytes: bytes + zsetHead(server, this.size) + sums.elementBytes,
      extra: extra + sums.elementExtra + this.entriesExtra(sums.count),
    };
  }

  /** A table. */
  hash(sums: CollectionSums, origin: HashOrigin): ValueMemory {
    return this.hashTable(sums, this.hashBuckets(sums, origin));
  }

  private hashTable(sums: CollectionSums, buckets: number): ValueMemory {
    const { server } = this;
    const { bytes, extra } = this.table(buckets);
    const isValkey9 = server.layout === 'valkey9';
    return {
      encoding: 'hashtable',
      bytes: bytes + (isValkey9 ? 8 + expiryIndex(sums, this.size) : 0) + sums.elementBytes,
      extra: extra + sums.elementExtra + this.entriesExtra(sums.count),
    };
  }

  /** The struct and its buckets. */
  private table(buckets: number): { bytes: number; extra: number } {
    const { layout, dictBytes, countsZsetStructs } = this.server;
    if (layout === 'valkey8') return { bytes: VALKEY8_TABLE + buckets, extra: 0 };
    if (layout === 'valkey9') return { bytes: VALKEY9_TABLE + buckets, extra: 0 };
    return { bytes: dictBytes + buckets, extra: countsZsetStructs ? 8 : 0 };
  }

  /** Of a table that was given room for all. */
  private presized(count: number): number {
    const { layout } = this.server;
    return layout === 'valkey8' || layout === 'valkey9' ? valkeyBuckets(count) : presizedBuckets(count);
  }

  private entriesExtra(count: number): number {
    switch (this.server.layout) {
      case 'robj':
        return 8 * count;
      case 'kvobj':
        return smallEntries(count) - 24 * count;
      default:
        return 0;
    }
  }

  private setExtra(count: number): number {
    const { layout, hasListpackLists, embedsKeys } = this.server;
    if (embedsKeys) return 0;
    const hasSmallEntries = layout === 'kvobj' || (hasListpackLists && layout === 'robj');
    return hasSmallEntries ? smallEntries(count) - 24 * count : this.entriesExtra(count);
  }

  private hashBuckets({ count, firstLong }: CollectionSums, origin: HashOrigin): number {
    const { layout } = this.server;
    if (layout === 'valkey8' || layout === 'valkey9') return this.valkeyBuckets(count, firstLong, origin);
    switch (origin) {
      case 'counted':
        return presizedBuckets(count);
      case 'converted':
        return this.server.presizesHashes ? presizedBuckets(count) : this.grownBuckets(count);
      case 'grown':
        return this.grownBuckets(count);
      case 'packed':
      case 'packed with expiries':
        return this.unpackedBuckets(count, firstLong, origin === 'packed');
    }
  }

  /**
   * A hash that was packed up to the field of the index `firstLong`, which is added to the table before room is made for the
   * others, or after that where fields have expiries (rdbLoadObject). Up to 8.4 the loader asks for room for the fields that
   * are left, which is none where more have been there already.
   */
  private unpackedBuckets(count: number, firstLong: number, addsFirst: boolean): number {
    const { presizesHashes, expandsToAll } = this.server;
    const dict = new GrowingDict(presizesHashes ? firstLong : 0);
    dict.insert(addsFirst ? firstLong + 1 : firstLong);
    const left = count - firstLong - 1;
    if (expandsToAll) dict.expand(count);
    else if (left > LEAST_BUCKETS) dict.expand(left);
    dict.insert(addsFirst ? left : left + 1);
    return dict.bytes;
  }

  /** A set that was an intset up to its first member that is no integer: before 7.2 its table is made for what it had. */
  private setBuckets(count: number, leadingIntegers: number): number {
    if (leadingIntegers === 0 || this.server.presizesOthers) return this.presized(count);
    const dict = new GrowingDict(leadingIntegers);
    dict.insert(leadingIntegers);
    dict.expand(count);
    dict.insert(count - leadingIntegers);
    return dict.bytes;
  }

  /** Of hashes: as {@link unpackedBuckets}, up to the form of the table. */
  private valkeyBuckets(count: number, firstLong: number, origin: HashOrigin): number {
    if (origin !== 'packed' || firstLong < 0) return valkeyBuckets(count);
    const table = new GrowingValkeyTable(firstLong);
    table.insert(firstLong + 1);
    table.expand(count - firstLong - 1);
    table.insert(count - firstLong - 1);
    return table.bytes;
  }

  private grownBuckets(count: number): number {
    const dict = new GrowingDict(0);
    dict.insert(count);
    return dict.bytes;
  }
}

/** Entries without a value: none for a member that is alone in its bucket, 16 bytes for each that follows. */
function smallEntries(count: number): number {
  return 16 * chainedEntries(count);
}

function zsetHead(server: MemoryServer, size: SizeClass): number {
  const { layout, countsZsetStructs, dictBytes, skiplistLevels } = server;
  const skiplist = SKIPLIST + skiplistHeader(skiplistLevels, size);
  switch (layout) {
    case 'robj':
      return countsZsetStructs ? ZSET + skiplist : ZSET - dictBytes;
    case 'kvobj':
      return ZSET + skiplist + KV_SKIPLIST;
    case 'valkey8':
      return ZSET + skiplist;
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

/** What MEMORY USAGE counts, by server generation (memory-model.md §3, §4, §6). */
import { isSince } from '../rdb/server-version.js';
import type { Target } from '../rdb/versions.js';

/**
 * How key and value stand in memory: `robj` a dict entry with a name and an object; `kvobj` (Redis 8.2) key and object in
 * one allocation, sizes as asked for; `valkey8` (8.1) as that, the part with the key left out; `valkey9` with it.
 */
export type KeyLayout = 'robj' | 'kvobj' | 'valkey8' | 'valkey9';

export interface MemoryServer {
  readonly target: Target;
  readonly layout: KeyLayout;
  /** Names stand in the entries of the main table, and entries of sets count as they are, not as large ones (Valkey 8.0). */
  readonly embedsKeys: boolean;
  /** Strings and packed structures count as they were asked for, not as they were allocated (before 6.0). */
  readonly exactSds: boolean;
  /** Packed structures and intsets count by their length (before 7.0, and from 8.2 on). */
  readonly exactBlobs: boolean;
  /** Packed structures are listpacks, no ziplists (7.0). */
  readonly hasListpacks: boolean;
  readonly dictBytes: number;
  /** As asked for. */
  readonly quicklistBytes: number;
  readonly quicklistNodeBytes: number;
  /** Both count as they were allocated (8.4). */
  readonly allocatesQuicklists: boolean;
  /** Before 5.0 the name is measured as it came with the command, which has room for flags (`c->argv[2]`). */
  readonly wideNames: boolean;
  /** Embedded strings count as allocated (7.0); before that as 2 bytes more than their text and object. */
  readonly allocatesEmbedded: boolean;
  /** Skiplists count with their header, the zset's dict with its struct (6.0, and 5.0 from 5.0.6 on). */
  readonly countsZsetStructs: boolean;
  /** Of the header of a skiplist. */
  readonly skiplistLevels: 32 | 64;
  /** Fields of hashes may expire (7.4, Valkey 9.0). */
  readonly hasFieldExpiry: boolean;
  /** As asked for. */
  readonly listpackExBytes: number;
  /** 0 where the struct does not count (before 6.2). */
  readonly streamBytes: number;
  /** Nodes of streams count by their length (before 6.2, whose later releases count what is allocated, and from 8.2 on). */
  readonly exactStreamNodes: boolean;
  readonly streamGroupBytes: number;
  readonly streamConsumerBytes: number;
  /** Lists of one node are that node (7.2), sets have listpacks. */
  readonly hasListpackLists: boolean;
  /** Items longer than a node may be have a node of their own, unpacked (7.4, Valkey 8.0). */
  readonly plainsLargeItems: boolean;
  /** A ziplist or listpack that becomes a hash table gives it room for its fields first (7.0: hashTypeConvertZiplist). */
  readonly presizesHashes: boolean;
  /** The same of sorted sets (7.2: zsetConvertAndExpand), and of sets with the room that all will need (setTypeConvertAndExpand). */
  readonly presizesOthers: boolean;
  /** A hash that becomes a table while it is loaded is given room for all its fields, not only for those to come (8.6). */
  readonly expandsToAll: boolean;
}

export function memoryServer(target: Target): MemoryServer {
  const since = (redis: string, valkey = '7.2'): boolean => isSince(target, { redis, valkey });
  const isValkey = target.family === 'valkey';
  const isKv = !isValkey && since('8.2');
  const isNew = isValkey && since('99', '8.1');
  return {
    target,
    layout: isKv ? 'kvobj' : !isNew ? 'robj' : since('99', '9.0') ? 'valkey9' : 'valkey8',
    embedsKeys: isValkey && since('99', '8.0') && !isNew,
    exactSds: !since('6.0'),
    exactBlobs: isKv || !since('7.0'),
    wideNames: !since('5.0'),
    allocatesEmbedded: since('7.0'),
    hasListpacks: since('7.0'),
    dictBytes: since('7.0') ? 56 : 96,
    quicklistBytes: isKv && since('8.4') ? 48 : 40,
    quicklistNodeBytes: since('7.0') ? 40 : 32,
    allocatesQuicklists: isKv && since('8.4'),
    countsZsetStructs: since('5.0'),
    skiplistLevels: since('5.0') && !since('6.0') ? 64 : 32,
    hasFieldExpiry: since('7.4', '9.0'),
    listpackExBytes: isKv ? 24 : 32,
    streamBytes: isKv ? 160 : since('7.0') ? 80 : since('6.2') ? 40 : 0,
    exactStreamNodes: isKv || !since('6.2'),
    streamGroupBytes: isKv ? 56 : since('7.0') ? 40 : 32,
    streamConsumerBytes: since('7.2') ? 32 : 24,
    hasListpackLists: since('7.2'),
    plainsLargeItems: since('7.4', '8.0'),
    presizesHashes: since('7.0'),
    presizesOthers: since('7.2'),
    expandsToAll: isKv,
  };
}

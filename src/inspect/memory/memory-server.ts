/** What MEMORY USAGE counts, by server generation (memory-model.md §3, §4, §6). */
import { isSince } from '../../rdb/server-version.js';
import type { Target } from '../../rdb/versions.js';

/**
 * How key and value stand in memory: `robj` a dict entry with a name and an object; `kvobj` (Redis 8.2) key and object in
 * one allocation, sizes as asked for; `valkey8` (8.1) as that, the part with the key left out; `valkey9` with it.
 */
export type KeyLayout = 'robj' | 'kvobj' | 'valkey8' | 'valkey9';

export interface MemoryServer {
  readonly target: Target;
  readonly layout: KeyLayout;
  /** Names stand in the entries of the main table (Valkey 8.0). */
  readonly embedsKeys: boolean;
  /** Strings and packed structures count as they were asked for, not as they were allocated (before 6.0). */
  readonly exactSds: boolean;
  /** Packed structures and intsets count by their length (before 7.0, and from 8.2 on). */
  readonly exactBlobs: boolean;
  /** Packed structures are listpacks, no ziplists (7.0). */
  readonly hasListpacks: boolean;
  readonly dictBytes: number;
  readonly quicklistBytes: number;
  readonly quicklistNodeBytes: number;
  /** Skiplists count with their header, the zset's dict with its struct (6.0). */
  readonly countsZsetStructs: boolean;
  /** Fields of hashes may expire (7.4, Valkey 9.0). */
  readonly hasFieldExpiry: boolean;
  readonly listpackExBytes: number;
  /** 0 where the struct does not count. */
  readonly streamBytes: number;
  readonly streamGroupBytes: number;
  readonly streamConsumerBytes: number;
  /** Lists of one node are that node (7.2), sets have listpacks. */
  readonly hasListpackLists: boolean;
  /** Items longer than a node may be have a node of their own, unpacked (7.4, Valkey 8.0). */
  readonly plainsLargeItems: boolean;
  /** Buckets that an insert migrates while a hash grows. */
  readonly hashSteps: 1 | 2;
  /** A hash that becomes a table while it is loaded is always given room for all (8.6). */
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
    hasListpacks: since('7.0'),
    dictBytes: since('7.0') ? 56 : 96,
    quicklistBytes: isKv && since('8.4') ? 48 : 40,
    quicklistNodeBytes: isKv && since('8.4') ? 48 : since('7.0') ? 40 : 32,
    countsZsetStructs: since('6.0'),
    hasFieldExpiry: since('7.4', '9.0'),
    listpackExBytes: isKv ? 24 : 32,
    streamBytes: isKv ? 160 : since('7.0') ? 80 : 0,
    streamGroupBytes: isKv ? 64 : since('7.0') ? 40 : 32,
    streamConsumerBytes: since('7.2') ? 32 : 24,
    hasListpackLists: since('7.2'),
    plainsLargeItems: since('7.4', '8.0'),
    hashSteps: isKv ? 1 : 2,
    expandsToAll: isKv,
  };
}

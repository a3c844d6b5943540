/**
 * Every server that files are written for, in one table: the version it gets, the types and records it loads, and how it
 * packs (rdb-format.md §11, §12).
 */
import { type Dialect, TYPE } from './constants.js';

/** How a server packs small values: the thresholds of its configuration, at their defaults. */
export interface EncodingSettings {
  readonly hashMaxPackedEntries: number;
  readonly hashMaxPackedValue: number;
  readonly zsetMaxPackedEntries: number;
  readonly zsetMaxPackedValue: number;
  readonly setMaxIntsetEntries: number;
  readonly setMaxListpackEntries: number;
  readonly setMaxListpackValue: number;
  /** `list-max-listpack-size`: −1 to −5 cap a node's bytes, positive numbers its items. */
  readonly listMaxNodeSize: number;
  /** Of the packed lists before quicklists. */
  readonly listMaxPackedEntries: number;
  readonly listMaxPackedValue: number;
  readonly streamNodeMaxBytes: number;
  readonly streamNodeMaxEntries: number;
}

/** One generation of servers. */
export interface Target {
  /** `redis:7.0` */
  readonly name: string;
  readonly family: 'redis' | 'valkey' | 'keydb';
  readonly dialect: Dialect;
  readonly magic: 'REDIS' | 'VALKEY';
  /** What its files say in the header. */
  readonly version: number;
  /** Type bytes that it loads. */
  readonly types: ReadonlySet<number>;
  /** Type bytes that it writes at default settings, per data type from packed to expanded. */
  readonly writes: TargetTypes;
  readonly records: TargetRecords;
  readonly settings: EncodingSettings;
  /** The form of listpack backlens at their boundary sizes (rdb-format.md §8.4). */
  readonly boundaryBacklen: 'long' | 'short';
  /** The first version with 64-bit lengths is 8, the first with small ziplist integers 6. */
  readonly smallZiplistIntegers: boolean;
}

export interface TargetTypes {
  readonly listPacked: number | undefined;
  readonly list: number;
  readonly setListpack: number | undefined;
  readonly setIntset: number | undefined;
  readonly zsetPacked: number | undefined;
  readonly zset: number;
  readonly hashPacked: number | undefined;
  /** Of a hash with field expiry, packed and not; both undefined where the server has no field expiry. */
  readonly hashExpiryPacked: number | undefined;
  readonly hashExpiry: number | undefined;
  /** Layout generation of streams; undefined before 5.0. */
  readonly stream: 1 | 2 | 3 | 4 | 5 | undefined;
}

/** Which records other than keys it takes. */
export interface TargetRecords {
  /** FA and FB (version 7). */
  readonly aux: boolean;
  /** FC; before version 3 expiry is FD, in signed 32-bit seconds. */
  readonly expireMs: boolean;
  /** F8 and F9 (version 9). */
  readonly idleAndFreq: boolean;
  readonly functions: boolean;
  readonly slotInfo: boolean;
  readonly keyMeta: boolean;
  /** Types 7 and F7. The server also needs the module itself. */
  readonly modules: boolean;
}

const V1 = [0, 1, 2, 3, 4];
const V2 = [...V1, 9, 10, 11, 12];
const V6 = [...V2, 13];
const V7 = [...V6, 14];
const V8 = [...V7, TYPE.ZSET_2, TYPE.MODULE_2];
const V9 = [...V8, 15];
const V10 = [...V9, 16, 17, 18, 19];
const V11 = [...V10, 20, 21];
const V12 = [...V11, 22, 23, 24, 25];
const V13 = [...V12, 26];
const V14 = [...V13, 27, 28];
const V15 = [...V14, 29, 30, 31, 32];

const BASE_SETTINGS: EncodingSettings = {
  hashMaxPackedEntries: 512,
  hashMaxPackedValue: 64,
  zsetMaxPackedEntries: 128,
  zsetMaxPackedValue: 64,
  setMaxIntsetEntries: 512,
  setMaxListpackEntries: 128,
  setMaxListpackValue: 64,
  listMaxNodeSize: -2,
  listMaxPackedEntries: 512,
  listMaxPackedValue: 64,
  streamNodeMaxBytes: 4096,
  streamNodeMaxEntries: 100,
};

type Stream = TargetTypes['stream'];

function writesOf(version: number, dialect: Dialect, stream: Stream): TargetTypes {
  const listpacks = version >= 10;
  const valkey = dialect === 'valkey';
  return {
    listPacked: version >= 7 || version < 2 ? undefined : TYPE.LIST_ZIPLIST,
    list: listpacks ? TYPE.LIST_QUICKLIST_2 : version >= 7 ? TYPE.LIST_QUICKLIST : TYPE.LIST,
    setListpack: version >= 11 ? TYPE.SET_LISTPACK : undefined,
    setIntset: version >= 2 ? TYPE.SET_INTSET : undefined,
    zsetPacked: listpacks ? TYPE.ZSET_LISTPACK : version >= 2 ? TYPE.ZSET_ZIPLIST : undefined,
    zset: version >= 8 ? TYPE.ZSET_2 : TYPE.ZSET,
    hashPacked: listpacks
      ? TYPE.HASH_LISTPACK
      : version >= 4
        ? TYPE.HASH_ZIPLIST
        : version >= 2
          ? TYPE.HASH_ZIPMAP
          : undefined,
    hashExpiryPacked: !valkey && version >= 12 ? TYPE.HASH_LISTPACK_EX : undefined,
    hashExpiry: valkey ? TYPE.V_HASH_2 : version >= 12 ? TYPE.HASH_METADATA : undefined,
    stream,
  };
}

function redis(name: string, version: number, types: readonly number[], stream: Stream): Target {
  return {
    name,
    family: name.startsWith('keydb') ? 'keydb' : name.startsWith('valkey') ? 'valkey' : 'redis',
    dialect: 'redis',
    magic: 'REDIS',
    version,
    types: new Set(types),
    writes: writesOf(version, 'redis', stream),
    records: {
      aux: version >= 7,
      expireMs: version >= 3,
      idleAndFreq: version >= 9,
      functions: version >= 10,
      slotInfo: version >= 12,
      keyMeta: version >= 13,
      modules: version >= 8,
    },
    settings: BASE_SETTINGS,
    boundaryBacklen: 'long',
    smallZiplistIntegers: version >= 6,
  };
}

/** Valkey 9: its own magic and types, Redis types up to 21. */
function valkey9(name: string, version: number, types: readonly number[]): Target {
  const base = redis(name, 11, types, 3);
  return {
    ...base,
    dialect: 'valkey',
    magic: 'VALKEY',
    version,
    writes: writesOf(version, 'valkey', 3),
    records: { ...base.records, slotInfo: true },
    boundaryBacklen: 'short',
  };
}

/** Every target, oldest first within its family. */
export const TARGETS: readonly Target[] = [
  redis('redis:2.2', 1, V1, undefined),
  redis('redis:2.4', 2, V2, undefined),
  redis('redis:2.6', 6, V6, undefined),
  redis('redis:2.8', 6, V6, undefined),
  redis('redis:3.0', 6, V6, undefined),
  redis('redis:3.2', 7, V7, undefined),
  redis('redis:4.0', 8, V8, undefined),
  redis('redis:5.0', 9, V9, 1),
  redis('redis:6.0', 9, V9, 1),
  redis('redis:6.2', 9, V9, 1),
  redis('redis:7.0', 10, V10, 2),
  redis('redis:7.2', 11, V11, 3),
  redis('redis:7.4', 12, V12, 3),
  redis('redis:8.0', 12, V12, 3),
  redis('redis:8.2', 12, V12, 3),
  redis('redis:8.4', 12, V12, 3),
  redis('redis:8.6', 13, V13, 4),
  redis('redis:8.8', 14, V14, 5),
  redis('redis:8.10', 15, V15, 5),
  redis('valkey:7.2', 11, V11, 3),
  redis('valkey:8.0', 11, V11, 3),
  redis('valkey:8.1', 11, V11, 3),
  valkey9('valkey:9.0', 80, [...V11, TYPE.V_HASH_2]),
  valkey9('valkey:9.1', 80, [...V11, TYPE.V_HASH_2]),
  valkey9('valkey:9.2', 81, [...V11, TYPE.V_HASH_2, TYPE.V_PATH_HASH]),
  redis('keydb:6', 9, [...V9, TYPE.KEYDB_CRON], 1),
];

/** The target called `name`, such as `redis:7.0`; patch levels are left out: `redis:7.0.15` is `redis:7.0`. */
export function findTarget(name: string): Target | undefined {
  const wanted = name.toLowerCase();
  const exact = TARGETS.find((target) => target.name === wanted);
  if (exact !== undefined) return exact;
  const parts = /^([a-z]+):(\d+)(?:\.(\d+))?(?:\..*)?$/.exec(wanted);
  if (parts === null) return undefined;
  const [, family, major, minor] = parts;
  return TARGETS.find(
    (target) => target.name === `${family}:${major}.${minor ?? 0}` || target.name === `${family}:${major}`,
  );
}

/** The oldest target that writes this header, or a later one; beyond the table, the newest Redis or Valkey. */
export function targetOfHeader(magic: 'REDIS' | 'VALKEY', version: number): Target {
  const known = TARGETS.find((target) => target.magic === magic && target.version >= version);
  const family = magic === 'REDIS' ? 'redis' : 'valkey';
  return known ?? TARGETS.findLast((target) => target.family === family)!;
}

/** The support matrix as data (rdb-format.md §2.1, §6, §7): what `formats` prints, and who wrote which version. */
import type { Dialect } from '../rdb/constants.js';
import { TARGETS } from '../rdb/versions.js';

export interface VersionFact {
  readonly dialect: Dialect;
  readonly version: number;
  /** Servers that write it. */
  readonly writers: string;
  readonly adds: string;
  /** Files of a server of this version have been read and compared with what it said. */
  readonly confirmed: boolean;
}

export interface TypeFact {
  readonly id: number;
  /** The dialect that reads the byte so; both where absent. */
  readonly dialect?: Dialect;
  readonly name: string;
  /** The first RDB version that has it. */
  readonly since: number;
  readonly servers: string;
  readonly read: boolean;
  /** In dumps for at least one target. */
  readonly write: boolean;
  readonly note?: string;
}

const UNCONFIRMED = 'layout not confirmed by a server';
const FROM_SPECIFICATION = 'from the specification, no server has been tried';

export const VERSIONS: readonly VersionFact[] = [
  version('redis', 1, 'Redis 1.x to 2.2', 'strings, lists, sets, sorted sets, hashes'),
  version('redis', 2, 'Redis 2.4', 'zipmaps, ziplists, intsets'),
  version('redis', 3, 'development of Redis 2.6', 'expiry in milliseconds', false),
  version('redis', 4, 'development of Redis 2.6', 'hashes as ziplists', false),
  version('redis', 5, 'development of Redis 2.6', 'CRC-64', false),
  version('redis', 6, 'Redis 2.6 to 3.0', 'short integers in ziplists'),
  version('redis', 7, 'Redis 3.2', 'quicklists, aux fields, database sizes'),
  version('redis', 8, 'Redis 4.0', 'binary scores, modules, 64-bit lengths'),
  version('redis', 9, 'Redis 5.0 to 6.2, KeyDB', 'streams, idle times and frequencies, module aux'),
  version('redis', 10, 'Redis 7.0', 'listpacks, functions, stream counters'),
  version('redis', 11, 'Redis 7.2, Valkey 7.2 to 8.1', 'listpack sets, consumer activity'),
  version('redis', 12, 'Redis 7.4 to 8.4', 'hash field expiry, slot info'),
  version('redis', 13, 'Redis 8.6', 'idempotent producers, key metadata'),
  version('redis', 14, 'Redis 8.8', 'arrays, NACKed stream entries', false),
  version('redis', 15, 'Redis 8.10', 'template hashes', false),
  version('valkey', 80, 'Valkey 9.0, 9.1', 'hash field expiry, slot imports'),
  version('valkey', 81, 'Valkey 9.2', 'path hashes, inline commands, LZ4 envelope (VKCS)', false),
];

export const TYPES: readonly TypeFact[] = [
  type(0, 'STRING', 1, 'all'),
  type(1, 'LIST', 1, 'Redis 1.x to 3.0'),
  type(2, 'SET', 1, 'all'),
  type(3, 'ZSET', 1, 'Redis 1.x to 3.2'),
  type(4, 'HASH', 1, 'all'),
  type(5, 'ZSET_2', 8, 'Redis 4.0+, Valkey'),
  {
    ...type(6, 'MODULE_PRE_GA', 8, 'release candidates of Redis 4.0'),
    read: false,
    note: 'only its module can read it',
  },
  type(7, 'MODULE_2', 8, 'Redis 4.0+, Valkey'),
  type(9, 'HASH_ZIPMAP', 2, 'Redis 2.4'),
  type(10, 'LIST_ZIPLIST', 2, 'Redis 2.4 to 3.0'),
  type(11, 'SET_INTSET', 2, 'Redis 2.4+, Valkey'),
  type(12, 'ZSET_ZIPLIST', 2, 'Redis 2.4 to 6.2'),
  type(13, 'HASH_ZIPLIST', 4, 'Redis 2.6 to 6.2'),
  type(14, 'LIST_QUICKLIST', 7, 'Redis 3.2 to 6.2'),
  type(15, 'STREAM_LISTPACKS', 9, 'Redis 5.0 to 6.2'),
  type(16, 'HASH_LISTPACK', 10, 'Redis 7.0+, Valkey'),
  type(17, 'ZSET_LISTPACK', 10, 'Redis 7.0+, Valkey'),
  type(18, 'LIST_QUICKLIST_2', 10, 'Redis 7.0+, Valkey'),
  type(19, 'STREAM_LISTPACKS_2', 10, 'Redis 7.0'),
  type(20, 'SET_LISTPACK', 11, 'Redis 7.2+, Valkey'),
  type(21, 'STREAM_LISTPACKS_3', 11, 'Redis 7.2 to 8.4, Valkey'),
  { ...type(22, 'HASH_METADATA_PRE_GA', 12, 'release candidates of Redis 7.4'), dialect: 'redis' },
  { ...type(22, 'HASH_2', 80, 'Valkey 9.0+'), dialect: 'valkey' },
  { ...type(23, 'HASH_LISTPACK_EX_PRE_GA', 12, 'release candidates of Redis 7.4'), dialect: 'redis' },
  { ...type(23, 'PATH_HASH', 81, 'Valkey 9.2'), dialect: 'valkey', note: UNCONFIRMED },
  { ...type(24, 'HASH_METADATA', 12, 'Redis 7.4+'), dialect: 'redis' },
  { ...type(25, 'HASH_LISTPACK_EX', 12, 'Redis 7.4+'), dialect: 'redis' },
  { ...type(26, 'STREAM_LISTPACKS_4', 13, 'Redis 8.6'), dialect: 'redis' },
  { ...type(27, 'STREAM_LISTPACKS_5', 14, 'Redis 8.8+'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(28, 'ARRAY', 14, 'Redis 8.8+'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(29, 'HASH_TMPL_LP', 15, 'Redis 8.10, in DUMP only'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(30, 'HASH_TMPL_LP_REF', 15, 'Redis 8.10'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(31, 'HASH_TMPL_ARRAY', 15, 'Redis 8.10, in DUMP only'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(32, 'HASH_TMPL_ARRAY_REF', 15, 'Redis 8.10'), dialect: 'redis', note: FROM_SPECIFICATION },
  { ...type(64, 'KEYDB_CRON', 9, 'KeyDB'), dialect: 'redis', note: UNCONFIRMED },
];

/** What is taken off before the dump is looked at. */
export const WRAPPINGS = ['gzip', 'zstd', 'VKCS (LZ4 envelope of Valkey 9.2)'] as const;

/** Undefined for a version that this library does not know. */
export function writersOf(dialect: Dialect, version: number): string | undefined {
  return VERSIONS.find((fact) => fact.dialect === dialect && fact.version === version)?.writers;
}

/** The targets that get this version, by the names that `--target` takes. */
export function targetsOf({ dialect, version }: Pick<VersionFact, 'dialect' | 'version'>): string[] {
  return TARGETS.filter((target) => target.dialect === dialect && target.version === version).map(({ name }) => name);
}

function version(dialect: Dialect, number: number, writers: string, adds: string, confirmed = true): VersionFact {
  return { dialect, version: number, writers, adds, confirmed };
}

function type(id: number, name: string, since: number, servers: string): TypeFact {
  return { id, name, since, servers, read: true, write: isWritten(id) };
}

/** The dialects share all types but two, which both of them write. */
function isWritten(id: number): boolean {
  return TARGETS.some(({ types }) => types.has(id));
}

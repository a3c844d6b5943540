/** The one-screen table of the format: opcodes, value types and their names (rdb-format.md §6, §7). */

/** Which family wrote the file: bytes 22, 23, F2 and F3 mean different things in each. */
export type Dialect = 'redis' | 'valkey';

/** Record bytes that are not value types. Where the dialects differ, the name says so. */
export const OPCODE = {
  VALKEY_UPDATE: 0xf2,
  REDIS_HASH_TEMPLATE: 0xf2,
  VALKEY_SLOT_IMPORT: 0xf3,
  REDIS_KEY_META: 0xf3,
  SLOT_INFO: 0xf4,
  FUNCTION2: 0xf5,
  FUNCTION_PRE_GA: 0xf6,
  MODULE_AUX: 0xf7,
  IDLE: 0xf8,
  FREQ: 0xf9,
  AUX: 0xfa,
  RESIZEDB: 0xfb,
  EXPIRETIME_MS: 0xfc,
  EXPIRETIME: 0xfd,
  SELECTDB: 0xfe,
  EOF: 0xff,
} as const;

/** Value types. `V_` and `R_` mark bytes that only one dialect reads so. */
export const TYPE = {
  STRING: 0,
  LIST: 1,
  SET: 2,
  ZSET: 3,
  HASH: 4,
  ZSET_2: 5,
  MODULE_PRE_GA: 6,
  MODULE_2: 7,
  HASH_ZIPMAP: 9,
  LIST_ZIPLIST: 10,
  SET_INTSET: 11,
  ZSET_ZIPLIST: 12,
  HASH_ZIPLIST: 13,
  LIST_QUICKLIST: 14,
  STREAM_LISTPACKS: 15,
  HASH_LISTPACK: 16,
  ZSET_LISTPACK: 17,
  LIST_QUICKLIST_2: 18,
  STREAM_LISTPACKS_2: 19,
  SET_LISTPACK: 20,
  STREAM_LISTPACKS_3: 21,
  R_HASH_METADATA_PRE_GA: 22,
  V_HASH_2: 22,
  R_HASH_LISTPACK_EX_PRE_GA: 23,
  V_PATH_HASH: 23,
  HASH_METADATA: 24,
  HASH_LISTPACK_EX: 25,
  STREAM_LISTPACKS_4: 26,
  STREAM_LISTPACKS_5: 27,
  ARRAY: 28,
  HASH_TMPL_LP: 29,
  HASH_TMPL_LP_REF: 30,
  HASH_TMPL_ARRAY: 31,
  HASH_TMPL_ARRAY_REF: 32,
  KEYDB_CRON: 64,
} as const;

/** The newest versions that this library knows byte by byte. */
export const NEWEST_VERSION: Readonly<Record<Dialect, number>> = { redis: 15, valkey: 81 };
/** The first version with a CRC-64 behind the EOF opcode. */
export const FIRST_CHECKSUM_VERSION = 5;
/** The first version of the Valkey family under its own magic. */
export const FIRST_VALKEY_VERSION = 80;
/** Largest field expiry: 2^48 − 1 ms. */
export const MAX_FIELD_EXPIRE_MS = 2 ** 48 - 1;

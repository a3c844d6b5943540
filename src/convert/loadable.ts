/** Which values the target loads just as they stand, so that their bytes are copied and never decoded. */
import { LEN_64 } from '../codecs/length.js';
import { STR_INT8, STR_LZF } from '../codecs/string.js';
import { TYPE } from '../rdb/constants.js';
import type { HeaderEntry } from '../rdb/model.js';
import { findTarget, type Target, targetOfHeader } from '../rdb/versions.js';
import { LISTPACK_TYPES } from './boundary.js';

/** Answers of {@link rawRules}. */
export const REWRITE = 0;
/** The target would load it, but something is to be changed, or made sure. */
export const REWRITE_ANYWAY = 5;
export const COPY = 1;
/** Copied unless a listpack entry has a backlen of the wrong form. */
export const COPY_UNLESS_BOUNDARY = 2;
/** Copied unless a 64-bit length stands in it. */
export const COPY_UNLESS_LONG = 3;
/** Copied where the module is known there. */
export const COPY_MODULE = 4;

/** Types whose meaning depends on the dialect. */
const DIALECT_TYPES: ReadonlySet<number> = new Set([TYPE.V_HASH_2, TYPE.V_PATH_HASH]);
const ZIPLIST_TYPES: ReadonlySet<number> = new Set([TYPE.LIST_ZIPLIST, TYPE.ZSET_ZIPLIST]);
/** 64-bit lengths. */
const LONG_LENGTH_VERSION = 8;
const SMALL_INTEGER_VERSION = 6;

/** Hashes with field expiry, by dialect. */
const FIELD_EXPIRY_TYPES = {
  redis: [
    TYPE.R_HASH_METADATA_PRE_GA,
    TYPE.R_HASH_LISTPACK_EX_PRE_GA,
    TYPE.HASH_METADATA,
    TYPE.HASH_LISTPACK_EX,
  ] as readonly number[],
  valkey: [TYPE.V_HASH_2] as readonly number[],
} as const;

/** The oldest target that writes such a header. */
export function targetOfSource(header: HeaderEntry): Target {
  const target = targetOfHeader(header.magic, header.version);
  // Files newer than the table are read on a best-effort basis, and written as the newest version of their own family.
  const isKnown = target.magic === header.magic && target.version >= header.version;
  return isKnown || header.magic !== 'REDIS' ? target : findTarget('redis:8.10')!;
}

/** How each type byte of the source is dealt with. `changesFields`: expiries of hash fields are to be changed. */
export function rawRules(header: HeaderEntry, target: Target, changesFields: boolean): Uint8Array {
  const { version } = header;
  const dialect = header.magic === 'VALKEY' ? 'valkey' : 'redis';
  const rules = new Uint8Array(256).fill(REWRITE);
  const changesBacklens = targetOfSource(header).boundaryBacklen !== target.boundaryBacklen;
  const isOld = target.version < LONG_LENGTH_VERSION && version >= LONG_LENGTH_VERSION;
  for (const type of target.types) {
    if (DIALECT_TYPES.has(type) && dialect !== target.dialect) continue;
    if (ZIPLIST_TYPES.has(type) && !target.smallZiplistIntegers && version >= SMALL_INTEGER_VERSION) continue;
    if (changesFields && FIELD_EXPIRY_TYPES[dialect].includes(type)) rules[type] = REWRITE_ANYWAY;
    // Only strings are looked into for lengths of 64 bits, which nothing but a value of 4 GB needs.
    else if (isOld) rules[type] = type === TYPE.STRING ? COPY_UNLESS_LONG : REWRITE_ANYWAY;
    else if (type === TYPE.MODULE_2) rules[type] = COPY_MODULE;
    else rules[type] = changesBacklens && LISTPACK_TYPES.has(type) ? COPY_UNLESS_BOUNDARY : COPY;
  }
  return rules;
}

/** Whether the string at `pos` has a length of 64 bits. */
export function hasLongLength(bytes: Uint8Array, pos: number): boolean {
  const lead = bytes[pos]!;
  if (lead === LEN_64) return true;
  if (lead < STR_INT8 || lead !== STR_LZF) return false;
  // Of the compressed and the expanded size the second is the larger.
  const size = bytes[pos + 1]!;
  return size === LEN_64 || bytes[pos + 1 + (size < 0x40 ? 1 : size < 0x80 ? 2 : 5)] === LEN_64;
}

/** Whether the target reads this header. */
export function takesHeader(header: Pick<HeaderEntry, 'magic' | 'version'>, target: Target): boolean {
  if (target.magic === 'REDIS') return header.magic === 'REDIS' && header.version <= target.version;
  // Valkey 9 takes its own versions, and those of Redis up to the common ancestor.
  return header.magic === 'VALKEY' ? header.version <= target.version : header.version <= LAST_SHARED_VERSION;
}

const LAST_SHARED_VERSION = 11;

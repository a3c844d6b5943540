/** Which codec reads which type byte, by dialect. A type is not tied to a version: loaders do not tie them either. */

import { TYPE } from '../constants.js';
import type { DecodeContext } from '../cursor.js';
import { ARRAY } from './array.js';
import { KEYDB_CRON, VALKEY_PATH_HASH } from './fork-types.js';
import { HASH, HASH_LISTPACK, HASH_ZIPLIST, HASH_ZIPMAP } from './hash.js';
import {
  HASH_LISTPACK_EX,
  HASH_LISTPACK_EX_PRE_GA,
  HASH_METADATA,
  HASH_METADATA_PRE_GA,
  VALKEY_HASH_2,
} from './hash-expiry.js';
import { LIST, LIST_QUICKLIST, LIST_QUICKLIST_2, LIST_ZIPLIST } from './list.js';
import { MODULE_2 } from './module.js';
import { SET, SET_INTSET, SET_LISTPACK } from './set.js';
import { streamCodec } from './stream.js';
import { STRING } from './string.js';
import { HASH_TMPL_ARRAY, HASH_TMPL_LP, HASH_TMPL_LP_REF, templateArrayRef } from './template-hash.js';
import type { TypeCodec } from './type-codec.js';
import { ZSET, ZSET_2, ZSET_LISTPACK, ZSET_ZIPLIST } from './zset.js';

/** Codec by type byte; `undefined` where the dialect has no such type. */
export type TypeTable = readonly (TypeCodec | undefined)[];

const SHARED: readonly (readonly [number, TypeCodec])[] = [
  [TYPE.STRING, STRING],
  [TYPE.LIST, LIST],
  [TYPE.SET, SET],
  [TYPE.ZSET, ZSET],
  [TYPE.HASH, HASH],
  [TYPE.ZSET_2, ZSET_2],
  [TYPE.MODULE_2, MODULE_2],
  [TYPE.HASH_ZIPMAP, HASH_ZIPMAP],
  [TYPE.LIST_ZIPLIST, LIST_ZIPLIST],
  [TYPE.SET_INTSET, SET_INTSET],
  [TYPE.ZSET_ZIPLIST, ZSET_ZIPLIST],
  [TYPE.HASH_ZIPLIST, HASH_ZIPLIST],
  [TYPE.LIST_QUICKLIST, LIST_QUICKLIST],
  [TYPE.STREAM_LISTPACKS, streamCodec(1)],
  [TYPE.HASH_LISTPACK, HASH_LISTPACK],
  [TYPE.ZSET_LISTPACK, ZSET_LISTPACK],
  [TYPE.LIST_QUICKLIST_2, LIST_QUICKLIST_2],
  [TYPE.STREAM_LISTPACKS_2, streamCodec(2)],
  [TYPE.SET_LISTPACK, SET_LISTPACK],
  [TYPE.STREAM_LISTPACKS_3, streamCodec(3)],
];

const VALKEY: readonly (readonly [number, TypeCodec])[] = [
  [TYPE.V_HASH_2, VALKEY_HASH_2],
  [TYPE.V_PATH_HASH, VALKEY_PATH_HASH],
];

const REDIS: readonly (readonly [number, TypeCodec])[] = [
  [TYPE.R_HASH_METADATA_PRE_GA, HASH_METADATA_PRE_GA],
  [TYPE.R_HASH_LISTPACK_EX_PRE_GA, HASH_LISTPACK_EX_PRE_GA],
  [TYPE.HASH_METADATA, HASH_METADATA],
  [TYPE.HASH_LISTPACK_EX, HASH_LISTPACK_EX],
  [TYPE.STREAM_LISTPACKS_4, streamCodec(4)],
  [TYPE.STREAM_LISTPACKS_5, streamCodec(5)],
  [TYPE.ARRAY, ARRAY],
  [TYPE.HASH_TMPL_LP, HASH_TMPL_LP],
  [TYPE.HASH_TMPL_LP_REF, HASH_TMPL_LP_REF],
  [TYPE.HASH_TMPL_ARRAY, HASH_TMPL_ARRAY],
  [TYPE.KEYDB_CRON, KEYDB_CRON],
];

/** The table for a file: its dialect decides, and its own templates size type 32. */
export function typeTable(context: Pick<DecodeContext, 'dialect' | 'templates'>): TypeTable {
  const table: (TypeCodec | undefined)[] = new Array(256).fill(undefined);
  for (const [type, codec] of SHARED) table[type] = codec;
  for (const [type, codec] of context.dialect === 'valkey' ? VALKEY : REDIS) table[type] = codec;
  if (context.dialect === 'redis') table[TYPE.HASH_TMPL_ARRAY_REF] = templateArrayRef(context.templates);
  return table;
}

/** Layouts that no server has confirmed to us: reading one is worth a warning. */
export const UNCONFIRMED_TYPES: ReadonlySet<TypeCodec> = new Set([VALKEY_PATH_HASH, KEYDB_CRON]);

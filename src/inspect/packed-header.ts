/**
 * The part of a packed structure's rules that costs nothing to ask: its header, where it is not compressed. Loaders ask
 * it of every value, deep sanitization or not (rdb-format.md §13).
 */
import { FormatError } from '../bytes/errors.js';
import { checkIntset } from '../codecs/intset.js';
import { lengthSize } from '../codecs/length.js';
import { checkListpackHeader } from '../codecs/listpack.js';
import { checkZiplistHeader } from '../codecs/ziplist.js';
import { checkZipmapHeader } from '../codecs/zipmap.js';
import { TYPE } from '../rdb/constants.js';
import { STRING } from '../rdb/types/string.js';
import type { TypeCodec } from '../rdb/types/type-codec.js';

/** Bytes of the least field expiry in front of a type 25 listpack. */
const MIN_EXPIRE_SIZE = 8;
/** The count of a listpack or ziplist whose header does not know it. */
const COUNT_UNKNOWN = 65535;

/**
 * Looks at the value `[pos, end)` of a whole record of type byte `kind`.
 * Throws BAD_LISTPACK, BAD_ZIPLIST, BAD_ZIPMAP, BAD_INTSET or BAD_COLLECTION.
 */
export function checkPackedHeader(kind: number, codec: TypeCodec, bytes: Uint8Array, pos: number, end: number): void {
  if (codec === STRING) return;
  switch (kind) {
    case TYPE.HASH_ZIPMAP:
      if (isPlain(bytes, pos)) checkZipmapHeader(bytes, contentOf(bytes, pos), end);
      break;
    case TYPE.SET_INTSET:
      if (isPlain(bytes, pos)) checkIntset(bytes, contentOf(bytes, pos), end);
      break;
    case TYPE.LIST_ZIPLIST:
      checkZiplist(bytes, pos, end, 1);
      break;
    case TYPE.ZSET_ZIPLIST:
    case TYPE.HASH_ZIPLIST:
      checkZiplist(bytes, pos, end, 2);
      break;
    case TYPE.SET_LISTPACK:
    case TYPE.HASH_TMPL_LP_REF:
      checkListpack(bytes, pos, end, 1);
      break;
    case TYPE.HASH_LISTPACK:
    case TYPE.ZSET_LISTPACK:
      checkListpack(bytes, pos, end, 2);
      break;
    case TYPE.HASH_LISTPACK_EX:
      checkListpack(bytes, pos + MIN_EXPIRE_SIZE, end, 3);
      break;
    case TYPE.R_HASH_LISTPACK_EX_PRE_GA:
      // The same byte is another type in Valkey.
      if (codec.encoding === 'listpackex') checkListpack(bytes, pos, end, 3);
      break;
    default:
  }
}

function checkListpack(bytes: Uint8Array, pos: number, end: number, perItem: number): void {
  if (isPlain(bytes, pos)) checkCount(checkListpackHeader(bytes, contentOf(bytes, pos), end), perItem, pos);
}

function checkZiplist(bytes: Uint8Array, pos: number, end: number, perItem: number): void {
  if (isPlain(bytes, pos)) checkCount(checkZiplistHeader(bytes, contentOf(bytes, pos), end), perItem, pos);
}

function checkCount(count: number, perItem: number, pos: number): void {
  if (count === COUNT_UNKNOWN || count % perItem === 0) return;
  throw new FormatError('BAD_COLLECTION', `${count} entries do not come in groups of ${perItem}`, pos);
}

/** The string at `pos` is not compressed; the skim has found it whole. */
function isPlain(bytes: Uint8Array, pos: number): boolean {
  return lengthSize(bytes[pos]!) > 0;
}

function contentOf(bytes: Uint8Array, pos: number): number {
  return pos + lengthSize(bytes[pos]!);
}

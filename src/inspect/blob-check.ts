/**
 * Values that are sound when their packed structures are: what a list or stream holds may occur any number of times, and an intset
 * that ascends has no member twice. A deep check walks these structures without decoding an element.
 */
import type { Slice } from '../bytes/slice.js';
import { checkIntset, checkIntsetOrder } from '../codecs/intset.js';
import { checkListpack } from '../codecs/listpack.js';
import { checkZiplist } from '../codecs/ziplist.js';
import { TYPE } from '../rdb/constants.js';
import type { TypeCodec } from '../rdb/types/type-codec.js';

/** Holds a structure against every rule of its form and returns the number of its elements. */
export type BlobCheck = (packed: Slice) => number;

/** How the structures of a value are checked; undefined where its elements must be seen one by one. */
export function blobCheckOf(kind: number, codec: TypeCodec): BlobCheck | undefined {
  if (codec.type === 'stream') return checkedByReader;
  switch (kind) {
    case TYPE.LIST:
    case TYPE.LIST_QUICKLIST_2:
      return ({ bytes, start, end }) => checkListpack(bytes, start, end);
    case TYPE.LIST_ZIPLIST:
    case TYPE.LIST_QUICKLIST:
      return ({ bytes, start, end }) => checkZiplist(bytes, start, end);
    case TYPE.SET_INTSET:
      return checkWholeIntset;
    default:
      return undefined;
  }
}

/** The reader of a stream walks its nodes itself in deep mode, to hold them against the stream's length. */
function checkedByReader(): number {
  return 1;
}

function checkWholeIntset({ bytes, start, end }: Slice): number {
  const count = checkIntset(bytes, start, end);
  checkIntsetOrder(bytes, start, end);
  return count;
}

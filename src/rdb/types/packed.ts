/** What all packed values share: one string that is a structure, opened by a check and walked from its first entry to its end. */
import type { ErrorCode } from '../../bytes/errors.js';
import type { Slice } from '../../bytes/slice.js';
import { checkListpack, checkListpackHeader, LISTPACK_HEADER_SIZE } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { checkZiplist, checkZiplistHeader, ZIPLIST_HEADER_SIZE } from '../../codecs/ziplist.js';
import type { ValueCursor } from '../cursor.js';
import type { ValueEncoding, ValueType } from '../model.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

/** Reports the elements of `packed` to `sink`. Errors count their position in the structure's bytes. */
export type PackedWalk = (cursor: ValueCursor, packed: Slice, sink: ValueSink) => void;

/** A type whose value is one packed structure. */
export function packedType(type: ValueType, encoding: ValueEncoding, walk: PackedWalk): TypeCodec {
  return {
    type,
    encoding,
    oneString: true,
    skip: skipString,
    read: (cursor, sink) => readPacked(cursor, sink, walk),
  };
}

/** Reads one packed structure and hands its elements to `walk`, or the structure itself at level `blob`. */
export function* readPacked(cursor: ValueCursor, sink: ValueSink, walk: PackedWalk): ValueReading {
  while (!cursor.string(cursor.packed)) yield;
  deliverPacked(cursor, sink, walk);
}

/** {@link readPacked} for a structure that stands in `cursor.packed`. */
export function deliverPacked(cursor: ValueCursor, sink: ValueSink, walk: PackedWalk): void {
  if (!cursor.decoding) return;
  try {
    if (cursor.level === 'blob') sink.blob(cursor.packed);
    else walk(cursor, cursor.packed, sink);
  } catch (error) {
    throw cursor.locate(error, cursor.packed);
  }
}

/** Position of the first entry of a listpack that has passed its check: the whole one in deep mode, else its header's. */
export function openListpack(cursor: ValueCursor, { bytes, start, end }: Slice): number {
  if (cursor.context.deep) checkListpack(bytes, start, end);
  else checkListpackHeader(bytes, start, end);
  return start + LISTPACK_HEADER_SIZE;
}

/** As {@link openListpack}, for a ziplist. */
export function openZiplist(cursor: ValueCursor, { bytes, start, end }: Slice): number {
  if (cursor.context.deep) checkZiplist(bytes, start, end);
  else checkZiplistHeader(bytes, start, end);
  return start + ZIPLIST_HEADER_SIZE;
}

/** A walk that meets a terminator before the end has lost elements, even where no rule but that one is broken. */
export function closePacked(cursor: ValueCursor, pos: number, end: number, code: ErrorCode): void {
  if (pos !== end - 1) cursor.fail(code, 'bytes follow its terminator', pos);
}

/** Sets: 2 (one string per member), 11 (an intset), 20 (a listpack). Members come in file order. */
import type { Slice } from '../../bytes/slice.js';
import { checkIntset, checkIntsetOrder, decodeIntsetMember, intsetWidth } from '../../codecs/intset.js';
import {
  checkListpack,
  checkListpackHeader,
  decodeListpackEntry,
  LISTPACK_HEADER_SIZE,
} from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import {
  checkWalked,
  readPacked,
  skipCounted,
  type TypeCodec,
  type ValueReading,
  type ValueSink,
} from './type-codec.js';

export const SET: TypeCodec = {
  type: 'set',
  encoding: 'hashtable',
  oneString: false,
  skip: (bytes, pos, end) => skipCounted(bytes, pos, end, 1),
  read: readSet,
};

export const SET_INTSET: TypeCodec = {
  type: 'set',
  encoding: 'intset',
  oneString: true,
  skip: skipString,
  read: (cursor, sink) => readPacked(cursor, sink, walkIntset),
};

export const SET_LISTPACK: TypeCodec = {
  type: 'set',
  encoding: 'listpack',
  oneString: true,
  skip: skipString,
  read: (cursor, sink) => readPacked(cursor, sink, walkListpack),
};

function* readSet(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.string(cursor.a)) yield;
    if (cursor.decoding) sink.setMember(cursor.a);
  }
}

function walkIntset(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  const count = checkIntset(bytes, start, end);
  if (cursor.context.deep) checkIntsetOrder(bytes, start, end);
  const width = intsetWidth(bytes, start);
  for (let index = 0; index < count; index++) {
    decodeIntsetMember(bytes, start, index, width, cursor.a);
    sink.setMember(cursor.a);
  }
}

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  if (cursor.context.deep) checkListpack(bytes, start, end);
  else checkListpackHeader(bytes, start, end);
  let pos = start + LISTPACK_HEADER_SIZE;
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    sink.setMember(cursor.a);
  }
  checkWalked(cursor, pos, end, 'BAD_LISTPACK');
}

/** Sets: 2 (one string per member), 11 (an intset), 20 (a listpack). Members come in file order. */

import type { Slice } from '../../bytes/slice.js';
import { checkIntset, checkIntsetOrder, decodeIntsetMember, intsetWidth } from '../../codecs/intset.js';
import { decodeListpackEntry } from '../../codecs/listpack.js';
import type { ValueCursor } from '../cursor.js';
import { closePacked, openListpack, packedType } from './packed.js';
import { countedType, type ValueReading, type ValueSink } from './type-codec.js';

export const SET = countedType('set', 'hashtable', 1, readSet);

export const SET_INTSET = packedType('set', 'intset', walkIntset);

export const SET_LISTPACK = packedType('set', 'listpack', walkListpack);

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
  const { bytes, end } = packed;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    sink.setMember(cursor.a);
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

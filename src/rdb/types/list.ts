/**
 * Lists: 1 (one string per item), 10 (a ziplist), 14 (a quicklist of ziplists), 18 (a quicklist whose nodes are PACKED
 * listpacks or PLAIN single items). Items come head to tail.
 *
 * Worked example of type 18 with one node of each kind: `02 | 02 0A <listpack of a> | 01 01 62`.
 */

import type { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { decodeListpackEntry } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { decodeZiplistEntry } from '../../codecs/ziplist.js';
import type { ValueCursor } from '../cursor.js';
import { closePacked, deliverPacked, openListpack, openZiplist, packedType } from './packed.js';
import { countedType, type TypeCodec, type ValueReading, type ValueSink } from './type-codec.js';

/** A node of type 18 that is one item, not packed. */
const CONTAINER_PLAIN = 1;
/** A node of type 18 that is a listpack. */
const CONTAINER_PACKED = 2;

export const LIST = countedType('list', 'linkedlist', 1, readList);

export const LIST_ZIPLIST = packedType('list', 'ziplist', walkZiplist);

export const LIST_QUICKLIST = countedType('list', 'quicklist', 1, readQuicklist);

export const LIST_QUICKLIST_2: TypeCodec = {
  type: 'list',
  encoding: 'quicklist',
  oneString: false,
  skip: skipQuicklist2,
  read: readQuicklist2,
};

function* readList(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.string(cursor.a)) yield;
    if (cursor.decoding) sink.listItem(cursor.a);
  }
}

function* readQuicklist(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.string(cursor.packed)) yield;
    deliverPacked(cursor, sink, walkZiplist);
  }
}

function* readQuicklist2(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let container = 0;
  const readNode = (): boolean => {
    container = cursor.length();
    return container >= 0 && cursor.string(cursor.packed);
  };
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    const nodePos = cursor.pos;
    while (!cursor.attempt(readNode)) yield;
    checkContainer(container, nodePos, cursor);
    if (!cursor.decoding) continue;
    if (cursor.packed.length === 0) cursor.fail('BAD_QUICKLIST', 'an empty quicklist node');
    if (container === CONTAINER_PLAIN) sink.listItem(cursor.packed);
    else deliverPacked(cursor, sink, walkListpack);
  }
}

function checkContainer(container: number, pos: number, cursor: ValueCursor): void {
  if (container !== CONTAINER_PLAIN && container !== CONTAINER_PACKED) {
    cursor.fail('BAD_QUICKLIST', `${container} is no quicklist container`, Math.min(pos, cursor.pos));
  }
}

function skipQuicklist2(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    const data = skipLength(bytes, next, end);
    if (data > end) return data;
    next = skipString(bytes, data, end);
    if (next > end) return next;
  }
  return next;
}

function walkZiplist(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openZiplist(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeZiplistEntry(bytes, pos, end, cursor.a);
    sink.listItem(cursor.a);
  }
  closePacked(cursor, pos, end, 'BAD_ZIPLIST');
}

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    sink.listItem(cursor.a);
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

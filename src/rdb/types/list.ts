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
import { TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { ListValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { isLargeItem, splitNodes } from './list-nodes.js';
import { closePacked, deliverPacked, openListpack, openZiplist, packedType } from './packed.js';
import { writeListpack, writeZiplist, wrongType } from './packed-output.js';
import { countedType, type TypeCodec, type ValueReading, type ValueSink } from './type-codec.js';

/** A node of type 18 that is one item, not packed. */
export const CONTAINER_PLAIN = 1;
/** A node of type 18 that is a listpack. */
export const CONTAINER_PACKED = 2;

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

/**
 * Writes a list as type 1, 10, 14 or 18, head to tail. The nodes of quicklists are those that the target makes when the
 * items are appended one by one, by its `listMaxNodeSize`. Throws EncodeError for a ziplist of more than 1 GiB.
 */
export function writeList(to: ValueOutput, value: ListValue, rdbType: number): void {
  const { items } = value;
  switch (rdbType) {
    case TYPE.LIST:
      to.length(items.length);
      for (const item of items) to.string(item);
      return;
    case TYPE.LIST_ZIPLIST:
      writeZiplist(to, items);
      return;
    case TYPE.LIST_QUICKLIST:
      writeZiplistNodes(to, items);
      return;
    case TYPE.LIST_QUICKLIST_2:
      writeListpackNodes(to, items);
      return;
    default:
      throw wrongType('list', rdbType);
  }
}

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

function writeZiplistNodes(to: ValueOutput, items: readonly Uint8Array[]): void {
  const ends = splitNodes(items, 'ziplist', to.target);
  to.length(ends.length);
  let start = 0;
  for (const end of ends) {
    writeZiplist(to, items.slice(start, end));
    start = end;
  }
}

function writeListpackNodes(to: ValueOutput, items: readonly Uint8Array[]): void {
  const ends = splitNodes(items, 'listpack', to.target);
  to.length(ends.length);
  let start = 0;
  for (const end of ends) {
    const first = items[start]!;
    if (end === start + 1 && isLargeItem(first.length, to.target)) {
      to.length(CONTAINER_PLAIN);
      to.string(first);
    } else {
      to.length(CONTAINER_PACKED);
      writeListpack(to, items.slice(start, end));
    }
    start = end;
  }
}

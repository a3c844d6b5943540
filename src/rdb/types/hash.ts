/**
 * Hashes without field expiry: 4 (field and value strings), 9 (a zipmap), 13 (a ziplist), 16 (a listpack), the packed
 * ones as field, value, field, value … in insertion order. Hashes with field expiry are in hash-expiry.ts.
 */

import type { Slice } from '../../bytes/slice.js';
import { decodeListpackEntry } from '../../codecs/listpack.js';
import { decodeZiplistEntry } from '../../codecs/ziplist.js';
import { checkZipmap, checkZipmapHeader, decodeZipmapPair, ZIPMAP_HEADER_SIZE } from '../../codecs/zipmap.js';
import type { ValueCursor } from '../cursor.js';
import { closePacked, openListpack, openZiplist, packedType } from './packed.js';
import { countedType, type ValueReading, type ValueSink } from './type-codec.js';

export const HASH = countedType('hash', 'hashtable', 2, readHash);

export const HASH_ZIPMAP = packedType('hash', 'zipmap', walkZipmap);

export const HASH_ZIPLIST = packedType('hash', 'ziplist', walkZiplist);

export const HASH_LISTPACK = packedType('hash', 'listpack', walkListpack);

function* readHash(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.pair(cursor.a, cursor.b)) yield;
    if (cursor.decoding) sink.hashField(cursor.a, cursor.b, undefined);
  }
}

function walkZipmap(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  if (cursor.context.deep) checkZipmap(bytes, start, end);
  else checkZipmapHeader(bytes, start, end);
  let pos = start + ZIPMAP_HEADER_SIZE;
  while (bytes[pos] !== 0xff) {
    pos = decodeZipmapPair(bytes, pos, end, cursor.a, cursor.b);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
  closePacked(cursor, pos, end, 'BAD_ZIPMAP');
}

function walkZiplist(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openZiplist(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeZiplistEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a hash with a field but no value', pos);
    pos = decodeZiplistEntry(bytes, pos, end, cursor.b);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
  closePacked(cursor, pos, end, 'BAD_ZIPLIST');
}

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a hash with a field but no value', pos);
    pos = decodeListpackEntry(bytes, pos, end, cursor.b);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

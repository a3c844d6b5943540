/**
 * Hashes without field expiry: 4 (field and value strings), 9 (a zipmap), 13 (a ziplist), 16 (a listpack), the packed
 * ones as field, value, field, value … in insertion order. Hashes with field expiry are in hash-expiry.ts.
 */
import type { Slice } from '../../bytes/slice.js';
import {
  checkListpack,
  checkListpackHeader,
  decodeListpackEntry,
  LISTPACK_HEADER_SIZE,
} from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { checkZiplist, checkZiplistHeader, decodeZiplistEntry, ZIPLIST_HEADER_SIZE } from '../../codecs/ziplist.js';
import { checkZipmap, checkZipmapHeader, decodeZipmapPair, ZIPMAP_HEADER_SIZE } from '../../codecs/zipmap.js';
import type { ValueCursor } from '../cursor.js';
import {
  checkWalked,
  readPacked,
  skipCounted,
  type TypeCodec,
  type ValueReading,
  type ValueSink,
} from './type-codec.js';

export const HASH: TypeCodec = {
  type: 'hash',
  encoding: 'hashtable',
  oneString: false,
  skip: (bytes, pos, end) => skipCounted(bytes, pos, end, 2),
  read: readHash,
};

export const HASH_ZIPMAP: TypeCodec = {
  type: 'hash',
  encoding: 'zipmap',
  oneString: true,
  skip: skipString,
  read: (cursor, sink) => readPacked(cursor, sink, walkZipmap),
};

export const HASH_ZIPLIST: TypeCodec = {
  type: 'hash',
  encoding: 'ziplist',
  oneString: true,
  skip: skipString,
  read: (cursor, sink) => readPacked(cursor, sink, walkZiplist),
};

export const HASH_LISTPACK: TypeCodec = {
  type: 'hash',
  encoding: 'listpack',
  oneString: true,
  skip: skipString,
  read: (cursor, sink) => readPacked(cursor, sink, walkListpack),
};

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
  checkWalked(cursor, pos, end, 'BAD_ZIPMAP');
}

function walkZiplist(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  if (cursor.context.deep) checkZiplist(bytes, start, end);
  else checkZiplistHeader(bytes, start, end);
  let pos = start + ZIPLIST_HEADER_SIZE;
  while (bytes[pos] !== 0xff) {
    pos = decodeZiplistEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a hash with a field but no value', pos);
    pos = decodeZiplistEntry(bytes, pos, end, cursor.b);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
  checkWalked(cursor, pos, end, 'BAD_ZIPLIST');
}

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, start, end } = packed;
  if (cursor.context.deep) checkListpack(bytes, start, end);
  else checkListpackHeader(bytes, start, end);
  let pos = start + LISTPACK_HEADER_SIZE;
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a hash with a field but no value', pos);
    pos = decodeListpackEntry(bytes, pos, end, cursor.b);
    sink.hashField(cursor.a, cursor.b, undefined);
  }
  checkWalked(cursor, pos, end, 'BAD_LISTPACK');
}

/**
 * Hashes without field expiry: 4 (field and value strings), 9 (a zipmap), 13 (a ziplist), 16 (a listpack), the packed
 * ones as field, value, field, value … in insertion order. Hashes with field expiry are in hash-expiry.ts; writeHash
 * writes them all.
 */

import { EncodeError } from '../../bytes/errors.js';
import type { Slice } from '../../bytes/slice.js';
import { decodeListpackEntry } from '../../codecs/listpack.js';
import { decodeZiplistEntry } from '../../codecs/ziplist.js';
import {
  checkZipmap,
  checkZipmapHeader,
  decodeZipmapPair,
  encodeZipmap,
  ZIPMAP_HEADER_SIZE,
} from '../../codecs/zipmap.js';
import { TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { HashField, HashValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { writeExpiringHash } from './hash-expiry.js';
import { closePacked, openListpack, openZiplist, packedType } from './packed.js';
import { checkPackedSize, writeListpack, writeZiplist } from './packed-output.js';
import { countedType, type ValueReading, type ValueSink } from './type-codec.js';

export const HASH = countedType('hash', 'hashtable', 2, readHash);

export const HASH_ZIPMAP = packedType('hash', 'zipmap', walkZipmap);

export const HASH_ZIPLIST = packedType('hash', 'ziplist', walkZiplist);

export const HASH_LISTPACK = packedType('hash', 'listpack', walkListpack);

/**
 * Writes a hash as type 4, 9, 13 or 16, in the order given, or in a form with field expiry (see writeExpiringHash).
 * Throws EncodeError for field expiries in a form that has none, and for a zipmap with no pair.
 */
export function writeHash(to: ValueOutput, value: HashValue, rdbType: number): void {
  const { fields } = value;
  switch (rdbType) {
    case TYPE.HASH:
      checkNoExpiry(fields, rdbType);
      to.length(fields.length);
      for (const pair of fields) {
        to.string(pair.field);
        to.string(pair.value);
      }
      return;
    case TYPE.HASH_ZIPMAP:
      checkNoExpiry(fields, rdbType);
      to.string(encodePairs(fields));
      return;
    case TYPE.HASH_ZIPLIST:
      checkNoExpiry(fields, rdbType);
      writeZiplist(to, alternating(fields));
      return;
    case TYPE.HASH_LISTPACK:
      checkNoExpiry(fields, rdbType);
      writeListpack(to, alternating(fields));
      return;
    default:
      writeExpiringHash(to, value, rdbType);
  }
}

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

function checkNoExpiry(fields: readonly HashField[], rdbType: number): void {
  for (const { expireAtMs } of fields) {
    if (expireAtMs !== undefined) throw new EncodeError(`type ${rdbType} has no field expiry`);
  }
}

function alternating(fields: readonly HashField[]): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (const { field, value } of fields) entries.push(field, value);
  return entries;
}

function encodePairs(fields: readonly HashField[]): Uint8Array {
  if (fields.length === 0) throw new EncodeError('a zipmap has at least one pair');
  checkPackedSize(alternating(fields), 'zipmap');
  return encodeZipmap(fields.map(({ field, value }) => [field, value] as const));
}

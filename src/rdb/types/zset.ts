/**
 * Sorted sets: 3 (text scores), 5 (binary scores, highest first), 12 (a ziplist), 17 (a listpack), the packed ones as
 * member, score, member, score … ascending. A packed score is a number's text, read as C's strtod reads it; text that is
 * no number counts as 0, as in the servers, and as BAD_SCORE in a deep check.
 */

import { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { parseScore, skipTextDouble } from '../../codecs/double.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { decodeListpackEntry, decodeListpackInteger, isListpackInteger } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { decodeZiplistEntry } from '../../codecs/ziplist.js';
import type { ValueCursor } from '../cursor.js';
import { closePacked, openListpack, openZiplist, packedType } from './packed.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

export const ZSET: TypeCodec = {
  type: 'zset',
  encoding: 'skiplist',
  oneString: false,
  skip: (bytes, pos, end) => skipScored(bytes, pos, end, true),
  read: (cursor, sink) => readScored(cursor, sink, true),
};

export const ZSET_2: TypeCodec = {
  type: 'zset',
  encoding: 'skiplist',
  oneString: false,
  skip: (bytes, pos, end) => skipScored(bytes, pos, end, false),
  read: (cursor, sink) => readScored(cursor, sink, false),
};

export const ZSET_ZIPLIST = packedType('zset', 'ziplist', walkZiplist);

export const ZSET_LISTPACK = packedType('zset', 'listpack', walkListpack);

function skipScored(bytes: Uint8Array, pos: number, end: number, text: boolean): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    next = skipString(bytes, next, end);
    if (next > end) return next;
    next = text ? skipTextDouble(bytes, next, end) : next + 8;
    if (next > end) return next;
  }
  return next;
}

function* readScored(cursor: ValueCursor, sink: ValueSink, text: boolean): ValueReading {
  const readMember = (): boolean => cursor.string(cursor.a) && (text ? cursor.textDouble() : cursor.double());
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.attempt(readMember)) yield;
    if (!cursor.decoding) continue;
    if (Number.isNaN(cursor.number)) cursor.fail('BAD_SCORE', 'a score that is not a number');
    sink.zsetMember(cursor.a, cursor.number);
  }
}

function walkZiplist(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openZiplist(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeZiplistEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a sorted set with a member but no score', pos);
    const scorePos = pos;
    pos = decodeZiplistEntry(bytes, pos, end, cursor.b);
    sink.zsetMember(cursor.a, packedScore(cursor, scorePos));
  }
  closePacked(cursor, pos, end, 'BAD_ZIPLIST');
}

const integerScore = new Int64();

function walkListpack(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a sorted set with a member but no score', pos);
    if (isListpackInteger(bytes, pos)) {
      pos = decodeListpackInteger(bytes, pos, end, integerScore);
      sink.zsetMember(cursor.a, integerScore.isSafe() ? integerScore.toNumber() : Number(integerScore.signed()));
    } else {
      const scorePos = pos;
      pos = decodeListpackEntry(bytes, pos, end, cursor.b);
      sink.zsetMember(cursor.a, packedScore(cursor, scorePos));
    }
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

function packedScore(cursor: ValueCursor, pos: number): number {
  const { bytes, start, end } = cursor.b;
  const score = parseScore(bytes, start, end);
  if (!Number.isNaN(score)) return score;
  if (cursor.context.deep) cursor.fail('BAD_SCORE', 'a score that is not a number', pos);
  return 0;
}

/**
 * Sorted sets: 3 (text scores), 5 (binary scores, highest first), 12 (a ziplist), 17 (a listpack), the packed ones as
 * member, score, member, score … ascending. A packed score is a number's text, read as C's strtod reads it; text that is
 * no number counts as 0, as in the servers, and as BAD_SCORE in a deep check.
 */

import { EncodeError } from '../../bytes/errors.js';
import { formatInt64, Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { encodeTextDouble, formatScore17, parseScore, skipTextDouble } from '../../codecs/double.js';
import { formatFpconv } from '../../codecs/fpconv.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { decodeListpackEntry, decodeListpackInteger, isListpackInteger } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { decodeZiplistEntry } from '../../codecs/ziplist.js';
import { TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { ZsetMember, ZsetValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { closePacked, openListpack, openZiplist, packedType } from './packed.js';
import { writeListpack, writeZiplist, wrongType } from './packed-output.js';
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

/**
 * Writes a sorted set as type 3, in the order given; 5, from the highest score to the lowest; 12 or 17, ascending. Equal
 * scores go by the members' bytes. Packed scores are texts as the target writes them: 17 significant digits before 7.2,
 * fpconv's from then on; type 17 has whole numbers up to 2^62 as integers. The sign of −0 is kept by every form.
 *
 * Throws EncodeError for a score that is not a number.
 */
export function writeZset(to: ValueOutput, value: ZsetValue, rdbType: number): void {
  const { members } = value;
  checkScores(members);
  switch (rdbType) {
    case TYPE.ZSET:
      writeTextScores(to, members);
      return;
    case TYPE.ZSET_2:
      to.length(members.length);
      for (const { member, score } of inOrder(members, descending)) {
        to.string(member);
        to.out.doubleLe(score);
      }
      return;
    case TYPE.ZSET_ZIPLIST:
      writeZiplist(to, memberScorePairs(members, scoreText17));
      return;
    case TYPE.ZSET_LISTPACK:
      writeListpack(
        to,
        memberScorePairs(members, to.target.version >= FPCONV_VERSION ? listpackScore : listpackScore17),
      );
      return;
    default:
      throw wrongType('sorted set', rdbType);
  }
}

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

/** The first version whose servers write scores with fpconv. */
const FPCONV_VERSION = 11;
/** Whole scores up to here are integers in a listpack (double2ll). */
const MAX_INTEGER_SCORE = 2 ** 62;

/** For one score's text. */
const scratch = new Uint8Array(32);

function checkScores(members: readonly ZsetMember[]): void {
  for (const { score } of members) if (Number.isNaN(score)) throw new EncodeError('a score is not a number');
}

function writeTextScores(to: ValueOutput, members: readonly ZsetMember[]): void {
  to.length(members.length);
  for (const { member, score } of members) {
    to.string(member);
    to.out.copy(scratch, 0, encodeTextDouble(score, scratch, 0));
  }
}

type Compare = (a: ZsetMember, b: ZsetMember) => number;

/** The members themselves where they are in order already, as those of a file are. */
function inOrder(members: readonly ZsetMember[], compare: Compare): readonly ZsetMember[] {
  for (let index = 1; index < members.length; index++) {
    if (compare(members[index - 1]!, members[index]!) > 0) return members.toSorted(compare);
  }
  return members;
}

function ascending(a: ZsetMember, b: ZsetMember): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return compareBytes(a.member, b.member);
}

function descending(a: ZsetMember, b: ZsetMember): number {
  return ascending(b, a);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const size = Math.min(a.length, b.length);
  for (let index = 0; index < size; index++) {
    if (a[index] !== b[index]) return a[index]! - b[index]!;
  }
  return a.length - b.length;
}

function memberScorePairs(members: readonly ZsetMember[], scoreText: (score: number) => Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (const { member, score } of inOrder(members, ascending)) entries.push(member, scoreText(score));
  return entries;
}

function scoreText17(score: number): Uint8Array {
  const text = formatScore17(score);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

function listpackScore17(score: number): Uint8Array {
  return isIntegerScore(score) ? integerText(score) : scoreText17(score);
}

function listpackScore(score: number): Uint8Array {
  return isIntegerScore(score) ? integerText(score) : scratch.slice(0, formatFpconv(score, scratch, 0));
}

/** Servers make −0 the integer 0; its text, which they read as well, keeps the sign. */
function isIntegerScore(score: number): boolean {
  return Number.isInteger(score) && Math.abs(score) <= MAX_INTEGER_SCORE && !Object.is(score, -0);
}

function integerText(score: number): Uint8Array {
  return scratch.slice(0, formatInt64(Math.floor(score / 0x100000000), score | 0, scratch, 0));
}

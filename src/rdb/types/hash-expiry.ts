/**
 * Hashes whose fields have an expiry of their own:
 *
 *     22 Redis   count × (len ms or 0, field, value)              7.4 release candidates
 *     23 Redis   a listpack of field, value, ms or 0              7.4 release candidates
 *     24 Redis   int64 min, count × (len ttl, field, value)       expiry = ttl + min − 1, or none for ttl 0
 *     25 Redis   int64 min, a listpack as in 23                   the leading time is a lower bound only
 *     22 Valkey  count × (field, value, int64 ms or −1)
 *
 * Worked example of one pair of type 24 with min = 1000: `06 01 66 01 76` is field f = v, expiring at 1005.
 */

import { EncodeError } from '../../bytes/errors.js';
import { formatUint53, Int64, MAX_INT64_TEXT } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { decodeListpackEntry, decodeListpackInteger, isListpackInteger } from '../../codecs/listpack.js';
import { skipString } from '../../codecs/string.js';
import { MAX_FIELD_EXPIRE_MS, TYPE } from '../constants.js';
import type { ValueCursor } from '../cursor.js';
import type { HashField, HashValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { closePacked, openListpack, packedType, readPacked } from './packed.js';
import { writeListpack, wrongType } from './packed-output.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

export const HASH_METADATA_PRE_GA: TypeCodec = {
  type: 'hash',
  encoding: 'hashtable',
  oneString: false,
  skip: skipTimedFields,
  read: (cursor, sink) => readTimedFields(cursor, sink, false),
};

export const HASH_METADATA: TypeCodec = {
  type: 'hash',
  encoding: 'hashtable',
  oneString: false,
  skip: (bytes, pos, end) => (pos + 8 > end ? pos + 8 : skipTimedFields(bytes, pos + 8, end)),
  read: (cursor, sink) => readTimedFields(cursor, sink, true),
};

export const HASH_LISTPACK_EX_PRE_GA = packedType('hash', 'listpackex', walkTriplets);

export const HASH_LISTPACK_EX: TypeCodec = {
  type: 'hash',
  encoding: 'listpackex',
  oneString: false,
  skip: (bytes, pos, end) => (pos + 8 > end ? pos + 8 : skipString(bytes, pos + 8, end)),
  read: readListpackEx,
};

export const VALKEY_HASH_2: TypeCodec = {
  type: 'hash',
  encoding: 'hashtable',
  oneString: false,
  skip: skipValkeyHash,
  read: readValkeyHash,
};

/**
 * Writes a hash as type 22 or 23 of the target's dialect, 24 or 25. The listpacks hold the fields that expire first,
 * earliest first, and the others in the order given; everything else keeps its order. The leading time is the earliest
 * expiry, 0 for none.
 *
 * Throws EncodeError for an expiry that the form cannot hold: below 0, beyond 2^48 − 1 in Redis forms, and 0 where 0
 * means none (all of them but 24 and Valkey's).
 */
export function writeExpiringHash(to: ValueOutput, value: HashValue, rdbType: number): void {
  const { fields } = value;
  const valkey = to.target.dialect === 'valkey';
  switch (rdbType) {
    case TYPE.HASH_METADATA:
      writeRelativeFields(to, fields);
      return;
    case TYPE.HASH_LISTPACK_EX:
      checkExpiries(fields, 1, MAX_FIELD_EXPIRE_MS);
      writeTime(to, earliest(fields));
      writeListpack(to, triplets(fields));
      return;
    case TYPE.V_HASH_2:
      if (valkey) writeValkeyFields(to, fields);
      else writeAbsoluteFields(to, fields);
      return;
    case TYPE.R_HASH_LISTPACK_EX_PRE_GA:
      if (valkey) throw wrongType('hash', rdbType);
      checkExpiries(fields, 1, MAX_FIELD_EXPIRE_MS);
      writeListpack(to, triplets(fields));
      return;
    default:
      throw wrongType('hash', rdbType);
  }
}

function skipTimedFields(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    next = skipLength(bytes, next, end);
    if (next > end) return next;
    next = skipString(bytes, next, end);
    if (next > end) return next;
    next = skipString(bytes, next, end);
    if (next > end) return next;
  }
  return next;
}

function* readTimedFields(cursor: ValueCursor, sink: ValueSink, relative: boolean): ValueReading {
  let base = 0;
  if (relative) {
    while (!cursor.int64(cursor.x)) yield;
    base = checkedMinExpire(cursor) - 1;
  }
  let ttl = 0;
  const readField = (): boolean => {
    ttl = cursor.length();
    return ttl >= 0 && cursor.pair(cursor.a, cursor.b);
  };
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.attempt(readField)) yield;
    if (!cursor.decoding) continue;
    if (ttl === 0) {
      sink.hashField(cursor.a, cursor.b, undefined);
      continue;
    }
    const expireAt = base + ttl;
    if (expireAt > MAX_FIELD_EXPIRE_MS) cursor.fail('BAD_EXPIRY', `a field cannot expire at ${expireAt}`);
    cursor.x.set(Math.floor(expireAt / 0x100000000), expireAt | 0);
    sink.hashField(cursor.a, cursor.b, cursor.x);
  }
}

function checkedMinExpire(cursor: ValueCursor): number {
  const min = cursor.x.toNumber();
  if (min < 0 || min > MAX_FIELD_EXPIRE_MS) cursor.fail('BAD_EXPIRY', `no field can expire at ${min}`, cursor.pos - 8);
  return min;
}

function* readListpackEx(cursor: ValueCursor, sink: ValueSink): ValueReading {
  while (!cursor.int64(cursor.x)) yield;
  yield* readPacked(cursor, sink, walkTriplets);
}

const tripletExpiry = new Int64();

function walkTriplets(cursor: ValueCursor, packed: Slice, sink: ValueSink): void {
  const { bytes, end } = packed;
  const { deep } = cursor.context;
  let previous = 0;
  let pos = openListpack(cursor, packed);
  while (bytes[pos] !== 0xff) {
    pos = decodeListpackEntry(bytes, pos, end, cursor.a);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a hash with a field but no value', pos);
    pos = decodeListpackEntry(bytes, pos, end, cursor.b);
    if (bytes[pos] === 0xff) cursor.fail('BAD_COLLECTION', 'a field without its expiry', pos);
    if (!isListpackInteger(bytes, pos)) cursor.fail('BAD_EXPIRY', 'a field expiry that is no integer', pos);
    const expiryPos = pos;
    pos = decodeListpackInteger(bytes, pos, end, tripletExpiry);
    const expireAt = tripletExpiry.toNumber();
    if (expireAt < 0 || expireAt > MAX_FIELD_EXPIRE_MS)
      cursor.fail('BAD_EXPIRY', `a field cannot expire at ${expireAt}`, expiryPos);
    // Fields that expire come first, earliest first; those that do not follow (rdb-format.md §7.7).
    const rank = expireAt === 0 ? Infinity : expireAt;
    if (deep && rank < previous) cursor.fail('BAD_EXPIRY', 'field expiries out of order', expiryPos);
    previous = rank;
    sink.hashField(cursor.a, cursor.b, expireAt === 0 ? undefined : tripletExpiry);
  }
  closePacked(cursor, pos, end, 'BAD_LISTPACK');
}

function skipValkeyHash(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0; left--) {
    next = skipString(bytes, next, end);
    if (next > end) return next;
    next = skipString(bytes, next, end);
    if (next > end) return next;
    next += 8;
    if (next > end) return next;
  }
  return next;
}

function* readValkeyHash(cursor: ValueCursor, sink: ValueSink): ValueReading {
  const readField = (): boolean => cursor.pair(cursor.a, cursor.b) && cursor.int64(cursor.x);
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.attempt(readField)) yield;
    if (!cursor.decoding) continue;
    if (cursor.x.isAllOnes()) sink.hashField(cursor.a, cursor.b, undefined);
    else if (cursor.x.hi < 0)
      cursor.fail('BAD_EXPIRY', `a field cannot expire at ${cursor.x.signed()}`, cursor.pos - 8);
    else sink.hashField(cursor.a, cursor.b, cursor.x);
  }
}

function writeRelativeFields(to: ValueOutput, fields: readonly HashField[]): void {
  checkExpiries(fields, 0, MAX_FIELD_EXPIRE_MS);
  const min = earliest(fields);
  writeTime(to, min);
  to.length(fields.length);
  for (const { field, value, expireAtMs } of fields) {
    to.length(expireAtMs === undefined ? 0 : expireAtMs - min + 1);
    to.string(field);
    to.string(value);
  }
}

function writeAbsoluteFields(to: ValueOutput, fields: readonly HashField[]): void {
  checkExpiries(fields, 1, MAX_FIELD_EXPIRE_MS);
  to.length(fields.length);
  for (const { field, value, expireAtMs } of fields) {
    to.length(expireAtMs ?? 0);
    to.string(field);
    to.string(value);
  }
}

function writeValkeyFields(to: ValueOutput, fields: readonly HashField[]): void {
  checkExpiries(fields, 0, Number.MAX_SAFE_INTEGER);
  to.length(fields.length);
  for (const { field, value, expireAtMs, expireAt } of fields) {
    to.string(field);
    to.string(value);
    if (expireAt === undefined) writeTime(to, expireAtMs ?? -1);
    else to.out.int64Le(expireAt);
  }
}

/** As int64; a number's bits beyond 32 come from the division, since `|` looks at the lower ones only. */
function writeTime(to: ValueOutput, ms: number): void {
  to.out.int32Le(ms | 0);
  to.out.int32Le(Math.floor(ms / 0x100000000));
}

function earliest(fields: readonly HashField[]): number {
  let min = Infinity;
  for (const { expireAtMs } of fields) if (expireAtMs !== undefined && expireAtMs < min) min = expireAtMs;
  return min === Infinity ? 0 : min;
}

function checkExpiries(fields: readonly HashField[], least: number, greatest: number): void {
  for (const { expireAtMs } of fields) {
    if (expireAtMs === undefined) continue;
    if (!Number.isInteger(expireAtMs) || expireAtMs < least || expireAtMs > greatest)
      throw new EncodeError(`a field cannot expire at ${expireAtMs} in this form`);
  }
}

const NO_EXPIRY = Uint8Array.of(0x30);

function triplets(fields: readonly HashField[]): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (const { field, value, expireAtMs } of inExpiryOrder(fields)) {
    entries.push(field, value, expireAtMs === undefined ? NO_EXPIRY : decimal(expireAtMs));
  }
  return entries;
}

/** By expiry, those without last; fields of equal expiry keep their order. */
function inExpiryOrder(fields: readonly HashField[]): readonly HashField[] {
  const ordered = fields.every((field, index) => index === 0 || rank(fields[index - 1]!) <= rank(field));
  return ordered ? fields : fields.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

function rank({ expireAtMs }: HashField): number {
  return expireAtMs ?? Infinity;
}

function decimal(value: number): Uint8Array {
  const text = new Uint8Array(MAX_INT64_TEXT);
  return text.subarray(0, formatUint53(value, text, 0));
}

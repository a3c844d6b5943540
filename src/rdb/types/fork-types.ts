/**
 * Two values that no live server at hand can confirm: Valkey's path hash (type 23 under its own magic, from review
 * texts) and KeyDB's cron job (type 64, from KeyDB's serializer). They are read with a warning.
 *
 *     path hash  len paths, per path: path, len fields (> 0), fields × (field, value)
 *     cron job   script, int64 start ms, int64 interval ms, len n, n × key, len m, m × argument
 */
import { EncodeError } from '../../bytes/errors.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { CronValue, PathHashValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { skipCounted, type TypeCodec, type ValueReading, type ValueSink } from './type-codec.js';

export const VALKEY_PATH_HASH: TypeCodec = {
  type: 'pathhash',
  encoding: 'pathhash',
  oneString: false,
  skip: skipPathHash,
  read: readPathHash,
};

export const KEYDB_CRON: TypeCodec = {
  type: 'cron',
  encoding: 'cron',
  oneString: false,
  skip: skipCron,
  read: readCron,
};

/** Throws EncodeError for a path without fields and for a field with an expiry, neither of which the layout has. */
export function writePathHash(to: ValueOutput, value: PathHashValue): void {
  to.length(value.paths.length);
  for (const { path, fields } of value.paths) {
    if (fields.length === 0) throw new EncodeError('a path hash has no paths without fields');
    to.string(path);
    to.length(fields.length);
    for (const field of fields) {
      if (field.expireAtMs !== undefined) throw new EncodeError('a path hash has no field expiry');
      to.string(field.field);
      to.string(field.value);
    }
  }
}

/** Throws EncodeError for times that are no whole ms. */
export function writeCron(to: ValueOutput, value: CronValue): void {
  to.string(value.script);
  for (const ms of [value.startMs, value.intervalMs]) {
    if (!Number.isSafeInteger(ms)) throw new EncodeError(`${ms} is no time in ms`);
    to.out.bigInt64Le(BigInt(ms));
  }
  for (const items of [value.keys, value.args]) {
    to.length(items.length);
    for (const item of items) to.string(item);
  }
}

function skipPathHash(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0 && next <= end; left--) {
    next = skipString(bytes, next, end);
    if (next <= end) next = skipCounted(bytes, next, end, 2);
  }
  return next;
}

function* readPathHash(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let paths = cursor.length();
  for (; paths < 0; paths = cursor.length()) yield;
  let fields = 0;
  const readPath = (): boolean => {
    if (!cursor.string(cursor.a)) return false;
    fields = cursor.length();
    return fields >= 0;
  };
  for (; paths > 0; paths--) {
    while (!cursor.attempt(readPath)) yield;
    if (fields === 0) cursor.fail('BAD_COLLECTION', 'a path without fields');
    if (cursor.decoding) sink.pathStart(cursor.a);
    for (; fields > 0; fields--) {
      while (!cursor.pair(cursor.a, cursor.b)) yield;
      if (cursor.decoding) sink.hashField(cursor.a, cursor.b, undefined);
    }
  }
}

function skipCron(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipString(bytes, pos, end) + 16;
  if (next > end) return next;
  next = skipCounted(bytes, next, end, 1);
  return next > end ? next : skipCounted(bytes, next, end, 1);
}

function* readCron(cursor: ValueCursor, sink: ValueSink): ValueReading {
  let keys = 0;
  const readHead = (): boolean => {
    if (!(cursor.string(cursor.a) && cursor.int64(cursor.x) && cursor.int64(cursor.y))) return false;
    keys = cursor.length();
    return keys >= 0;
  };
  while (!cursor.attempt(readHead)) yield;
  if (cursor.decoding) sink.cronStart(cursor.a, cursor.x, cursor.y, keys);
  yield* readItems(cursor, sink, keys);
  let args = cursor.length();
  for (; args < 0; args = cursor.length()) yield;
  yield* readItems(cursor, sink, args);
}

function* readItems(cursor: ValueCursor, sink: ValueSink, count: number): ValueReading {
  for (let left = count; left > 0; left--) {
    while (!cursor.string(cursor.a)) yield;
    if (cursor.decoding) sink.listItem(cursor.a);
  }
}

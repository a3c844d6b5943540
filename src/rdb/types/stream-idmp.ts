/**
 * Idempotent producers of a stream (v4 and later, Redis 8.6):
 *
 *     len duration (s), len maxEntries
 *     len producers, per producer: pid, len n, n × (iid, len id.ms, len id.seq)
 *     len iidsAdded, len iidsDuplicates
 */
import { EncodeError } from '../../bytes/errors.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { StreamId, StreamIdmp, StreamProducer } from '../model.js';
import type { ValueOutput } from '../value-output.js';

const MAX_DURATION_SECONDS = 86400;
const MAX_ENTRIES = 10000;
/** A stream that never had producers. */
const NO_IDMP: StreamIdmp = {
  durationSeconds: 100,
  maxEntries: 100,
  producers: [],
  iidsAdded: 0n,
  iidsDuplicates: 0n,
};
/** What one remembered id costs in memory, roughly. */
const ENTRY_BYTES = 120;

export function skipIdmp(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next <= end) next = skipLength(bytes, next, end);
  if (next > end) return next;
  const producers = next;
  next = skipLength(bytes, next, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, producers); left > 0 && next <= end; left--)
    next = skipProducer(bytes, next, end);
  if (next <= end) next = skipLength(bytes, next, end);
  return next > end ? next : skipLength(bytes, next, end);
}

export function* readIdmp(cursor: ValueCursor): Generator<undefined, StreamIdmp, void> {
  const durationSeconds = yield* readLength(cursor);
  const maxEntries = yield* readLength(cursor);
  if (!areLimits(durationSeconds, maxEntries))
    cursor.fail('BAD_STREAM', `idempotence for ${durationSeconds} s and ${maxEntries} entries`);
  const producers: StreamProducer[] = [];
  for (let left = yield* readLength(cursor); left > 0; left--) {
    const producer = yield* readProducer(cursor);
    if (cursor.decoding) producers.push(producer);
  }
  while (!cursor.attempt(() => cursor.length64(cursor.x) && cursor.length64(cursor.y))) yield;
  return {
    durationSeconds,
    maxEntries,
    producers,
    iidsAdded: cursor.x.unsigned(),
    iidsDuplicates: cursor.y.unsigned(),
  };
}

/** Without `idmp`: as servers write a stream that never had producers. Throws EncodeError for limits that no loader takes. */
export function writeIdmp(to: ValueOutput, idmp: StreamIdmp = NO_IDMP): void {
  const { durationSeconds, maxEntries, producers } = idmp;
  if (!areLimits(durationSeconds, maxEntries))
    throw new EncodeError(`a stream cannot keep idempotence for ${durationSeconds} s and ${maxEntries} entries`);
  to.length(durationSeconds);
  to.length(maxEntries);
  to.length(producers.length);
  for (const { id, entries } of producers) {
    to.string(id);
    to.length(entries.length);
    for (const entry of entries) {
      to.string(entry.iid);
      to.length64(entry.id.ms);
      to.length64(entry.id.seq);
    }
  }
  to.length64(idmp.iidsAdded);
  to.length64(idmp.iidsDuplicates);
}

function skipProducer(bytes: Uint8Array, pos: number, end: number): number {
  const count = skipString(bytes, pos, end);
  if (count > end) return count;
  let next = skipLength(bytes, count, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, count); left > 0 && next <= end; left--) {
    next = skipString(bytes, next, end);
    if (next <= end) next = skipLength(bytes, next, end);
    if (next <= end) next = skipLength(bytes, next, end);
  }
  return next;
}

function* readProducer(cursor: ValueCursor): Generator<undefined, StreamProducer, void> {
  while (!cursor.string(cursor.a)) yield;
  const id = keep(cursor);
  const readEntry = (): boolean => cursor.string(cursor.a) && cursor.length64(cursor.x) && cursor.length64(cursor.y);
  const entries: { iid: Uint8Array; id: StreamId }[] = [];
  for (let left = yield* readLength(cursor); left > 0; left--) {
    while (!cursor.attempt(readEntry)) yield;
    if (cursor.decoding) entries.push({ iid: keep(cursor), id: { ms: cursor.x.unsigned(), seq: cursor.y.unsigned() } });
  }
  return { id, entries };
}

function* readLength(cursor: ValueCursor): Generator<undefined, number, void> {
  let value = cursor.length();
  for (; value < 0; value = cursor.length()) yield;
  return value;
}

function areLimits(durationSeconds: number, maxEntries: number): boolean {
  return isWithin(durationSeconds, MAX_DURATION_SECONDS) && isWithin(maxEntries, MAX_ENTRIES);
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function keep(cursor: ValueCursor): Uint8Array {
  if (!cursor.decoding) return cursor.a.bytes;
  cursor.hold(cursor.a.length + ENTRY_BYTES);
  return cursor.a.copy();
}

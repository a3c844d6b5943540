/**
 * The consumer groups of a stream:
 *
 *     len groups, per group: name, len lastId ms seq, v2+: len entriesRead (2^64 − 1 = unknown)
 *       len n, n × (16-byte id, int64 deliveryTime, len deliveries)        the group's pending entries (PEL)
 *       len consumers, per consumer: name, int64 seenTime, v3+: int64 activeTime (−1 = never), len n, n × 16-byte id
 *       v5: len n, n × 16-byte id                                          NACKed entries, which nobody owns
 *
 * Every id of a consumer must stand in the group's list and have one owner (rdb-format.md §8.7). Groups become data of
 * their own, counted against the limit, because the owners come after the entries.
 */
import { EncodeError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { StreamIdSlot } from '../../codecs/stream-id.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { StreamConsumer, StreamGroup, StreamId, StreamPending } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import type { StreamVersion } from './stream.js';

const RAW_ID_SIZE = 16;
/** What one pending entry costs in memory, roughly. */
const PENDING_BYTES = 120;

export function skipGroups(bytes: Uint8Array, pos: number, end: number, version: StreamVersion): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0 && next <= end; left--)
    next = skipGroup(bytes, next, end, version);
  return next;
}

export function* readGroups(cursor: ValueCursor, version: StreamVersion): Generator<undefined, StreamGroup[], void> {
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  const groups: StreamGroup[] = [];
  const names = new Set<string>();
  for (; left > 0; left--) {
    const group = yield* readGroup(cursor, version);
    if (cursor.decoding) checkUnique(names, group.name, 'group', cursor);
    groups.push(group);
  }
  return groups;
}

/** What a group's `entriesRead` follows from, where the value does not say it. */
export interface GroupDefaults {
  /** Of the first live entry. */
  readonly firstId: StreamId;
  readonly lastId: StreamId;
  readonly entriesAdded: bigint;
}

/**
 * What servers take for the `entriesRead` of a group at `lastId` when they load a stream of version 1, none of whose
 * entries can have been deleted as far as they know: 0 before the first entry, 1 at it, all at the end of the stream, −1
 * (unknown) elsewhere. Seen on Redis 7.0, 8.0, 8.6 and Valkey 8.1, 9.1, which all say the same.
 */
export function entriesReadAnew(lastId: StreamId, stream: GroupDefaults): bigint {
  if (stream.entriesAdded === 0n) return 0n;
  if (compareIds(lastId, stream.lastId) === 0) return stream.entriesAdded;
  if (compareIds(lastId, stream.lastId) > 0) return -1n;
  const toFirst = compareIds(lastId, stream.firstId);
  return toFirst < 0 ? 0n : toFirst === 0 ? 1n : -1n;
}

/**
 * The groups in the layout of `version`. In version 5 an entry that nobody owns stands in the NACK zone, behind those
 * that the value lists there.
 * Throws EncodeError for a NACK zone before version 5 and for an owner that is no consumer of the group.
 */
export function writeGroups(
  to: ValueOutput,
  groups: readonly StreamGroup[],
  version: StreamVersion,
  defaults: GroupDefaults,
): void {
  to.length(groups.length);
  for (const group of groups) writeGroup(to, group, version, defaults);
}

function writeGroup(to: ValueOutput, group: StreamGroup, version: StreamVersion, defaults: GroupDefaults): void {
  to.string(group.name);
  to.length64(group.lastId.ms);
  to.length64(group.lastId.seq);
  if (version >= 2) to.length64(BigInt.asUintN(64, group.entriesRead ?? entriesReadAnew(group.lastId, defaults)));
  to.length(group.pending.length);
  for (const { id, deliveredAtMs, deliveries } of group.pending) {
    writeRawId(to, id);
    writeTime(to, deliveredAtMs);
    to.length64(deliveries);
  }
  writeConsumers(to, group, version);
  if (version >= 5) writeNacked(to, group);
  else if (group.nacked !== undefined && group.nacked.length > 0)
    throw new EncodeError(`version ${version} of a stream has no room for NACKed entries`);
}

function writeConsumers(to: ValueOutput, group: StreamGroup, version: StreamVersion): void {
  const idsByOwner = new Map<string, StreamId[]>(group.consumers.map(({ name }) => [byteText.decode(name), []]));
  for (const { id, consumer } of group.pending) {
    if (consumer === undefined) continue;
    const ids = idsByOwner.get(byteText.decode(consumer));
    if (ids === undefined) throw new EncodeError('a pending entry of a group belongs to nobody in the group');
    ids.push(id);
  }
  to.length(group.consumers.length);
  for (const { name, seenAtMs, activeAtMs } of group.consumers) {
    to.string(name);
    writeTime(to, seenAtMs);
    if (version >= 3) writeTime(to, activeAtMs ?? seenAtMs);
    writeIds(to, idsByOwner.get(byteText.decode(name))!);
  }
}

function writeNacked(to: ValueOutput, group: StreamGroup): void {
  const unowned = new Map<string, StreamId>();
  for (const { id, consumer } of group.pending) if (consumer === undefined) unowned.set(idText(id), id);
  const nacked = group.nacked ?? [];
  for (const id of nacked) {
    if (!unowned.delete(idText(id)))
      throw new EncodeError(
        `the NACKed entry ${idText(id)} is not pending in its group, has an owner, or is listed twice`,
      );
  }
  writeIds(to, [...nacked, ...unowned.values()]);
}

function writeIds(to: ValueOutput, ids: readonly StreamId[]): void {
  to.length(ids.length);
  for (const id of ids) writeRawId(to, id);
}

function writeTime(to: ValueOutput, ms: number): void {
  if (!Number.isSafeInteger(ms)) throw new EncodeError(`${ms} is no time in ms`);
  to.out.bigInt64Le(BigInt(ms));
}

function writeRawId(to: ValueOutput, id: StreamId): void {
  to.out.bigInt64Be(id.ms);
  to.out.bigInt64Be(id.seq);
}

/** As servers guess it when they load a stream that did not record it. */
function compareIds(a: StreamId, b: StreamId): number {
  return a.ms !== b.ms ? (a.ms < b.ms ? -1 : 1) : a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0;
}

function idText({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}

function skipGroup(bytes: Uint8Array, pos: number, end: number, version: StreamVersion): number {
  let next = skipString(bytes, pos, end);
  for (let left = version >= 2 ? 3 : 2; left > 0 && next <= end; left--) next = skipLength(bytes, next, end);
  if (next > end) return next;
  next = skipPending(bytes, next, end);
  if (next > end) return next;
  const consumers = next;
  next = skipLength(bytes, next, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, consumers); left > 0 && next <= end; left--) {
    next = skipString(bytes, next, end) + (version >= 3 ? 16 : 8);
    if (next <= end) next = skipIds(bytes, next, end);
  }
  return next > end || version < 5 ? next : skipIds(bytes, next, end);
}

function skipPending(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos); left > 0 && next <= end; left--) {
    next += RAW_ID_SIZE + 8;
    next = skipLength(bytes, next, end);
  }
  return next;
}

function skipIds(bytes: Uint8Array, pos: number, end: number): number {
  const next = skipLength(bytes, pos, end);
  return next > end ? next : next + decodeLength(bytes, pos) * RAW_ID_SIZE;
}

function* readGroup(cursor: ValueCursor, version: StreamVersion): Generator<undefined, StreamGroup, void> {
  while (!cursor.string(cursor.a)) yield;
  const name = cursor.decoding ? keep(cursor) : cursor.a.bytes;
  while (!cursor.attempt(() => cursor.length64(cursor.x) && cursor.length64(cursor.y))) yield;
  const lastId = { ms: cursor.x.unsigned(), seq: cursor.y.unsigned() };
  let entriesRead: bigint | undefined;
  if (version >= 2) {
    while (!cursor.length64(cursor.x)) yield;
    entriesRead = cursor.x.signed();
  }
  const pending = yield* readPending(cursor);
  const owners = new Owners(pending, cursor);
  const consumers = yield* readConsumers(cursor, version, owners);
  const nacked = version >= 5 ? yield* readNacked(cursor, owners) : undefined;
  if (cursor.decoding) owners.checkComplete(version);
  return {
    name,
    lastId,
    ...(entriesRead !== undefined && { entriesRead }),
    pending,
    consumers,
    ...(nacked && { nacked }),
  };
}

function* readPending(cursor: ValueCursor): Generator<undefined, StreamPending[], void> {
  const id = new StreamIdSlot();
  const time = new Int64();
  const deliveries = new Int64();
  const readEntry = (): boolean => cursor.rawStreamId(id) && cursor.int64(time) && cursor.length64(deliveries);
  const pending: StreamPending[] = [];
  let isAscending = true;
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.attempt(readEntry)) yield;
    if (!cursor.decoding) continue;
    cursor.hold(PENDING_BYTES);
    const before = pending[pending.length - 1];
    const entry = {
      id: idOf(id),
      deliveredAtMs: timeOf(cursor, time),
      deliveries: deliveries.unsigned(),
      consumer: undefined,
    };
    isAscending &&= before === undefined || compareIds(before.id, entry.id) < 0;
    pending.push(entry);
  }
  if (!isAscending && new Set(pending.map((entry) => idText(entry.id))).size < pending.length)
    cursor.fail('BAD_STREAM', 'a pending entry that occurs twice in its group');
  return pending;
}

function* readConsumers(
  cursor: ValueCursor,
  version: StreamVersion,
  owners: Owners,
): Generator<undefined, StreamConsumer[], void> {
  const seen = new Int64();
  const active = new Int64();
  const id = new StreamIdSlot();
  const readHead = (): boolean =>
    cursor.string(cursor.a) && cursor.int64(seen) && (version < 3 || cursor.int64(active));
  const readId = (): boolean => cursor.rawStreamId(id);
  const consumers: StreamConsumer[] = [];
  const names = new Set<string>();
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.attempt(readHead)) yield;
    const name = cursor.decoding ? keep(cursor) : cursor.a.bytes;
    if (cursor.decoding) {
      checkUnique(names, name, 'consumer', cursor);
      consumers.push({
        name,
        seenAtMs: timeOf(cursor, seen),
        ...(version >= 3 && { activeAtMs: timeOf(cursor, active) }),
      });
    }
    let ids = cursor.length();
    for (; ids < 0; ids = cursor.length()) yield;
    for (; ids > 0; ids--) {
      while (!readId()) yield;
      if (cursor.decoding) owners.claim(id, name);
    }
  }
  return consumers;
}

function* readNacked(cursor: ValueCursor, owners: Owners): Generator<undefined, StreamId[], void> {
  const id = new StreamIdSlot();
  const nacked: StreamId[] = [];
  let left = cursor.length();
  for (; left < 0; left = cursor.length()) yield;
  for (; left > 0; left--) {
    while (!cursor.rawStreamId(id)) yield;
    if (!cursor.decoding) continue;
    cursor.hold(PENDING_BYTES);
    owners.disown(id);
    nacked.push(idOf(id));
  }
  return nacked;
}

/** Who owns which pending entry. Both lists ascend as a rule, so the next one is tried before a search. */
class Owners {
  private next = 0;
  private byId: Map<string, StreamPending> | undefined;
  private readonly nacked = new Set<StreamPending>();

  constructor(
    private readonly pending: StreamPending[],
    private readonly cursor: ValueCursor,
  ) {}

  claim(id: StreamIdSlot, consumer: Uint8Array): void {
    const entry = this.find(id);
    if (entry.consumer !== undefined)
      this.cursor.fail('BAD_STREAM', 'a pending entry with two owners', this.cursor.pos - RAW_ID_SIZE);
    entry.consumer = consumer;
  }

  disown(id: StreamIdSlot): void {
    const entry = this.find(id);
    if (entry.consumer !== undefined || this.nacked.has(entry)) {
      this.cursor.fail('BAD_STREAM', 'a NACKed entry with an owner', this.cursor.pos - RAW_ID_SIZE);
    }
    this.nacked.add(entry);
  }

  /** v5: whoever is not NACKed has an owner. Earlier versions: everyone has, but loaders ask for it in deep mode only. */
  checkComplete(version: StreamVersion): void {
    const { cursor, nacked } = this;
    if (version < 5 && !cursor.context.deep) return;
    const unowned = this.pending.some((entry) => entry.consumer === undefined && !nacked.has(entry));
    if (unowned) cursor.fail('BAD_STREAM', 'a pending entry without an owner');
  }

  private find(id: StreamIdSlot): StreamPending {
    const guess = this.pending[this.next];
    const ms = id.ms.unsigned();
    const seq = id.seq.unsigned();
    if (guess !== undefined && guess.id.ms === ms && guess.id.seq === seq) {
      this.next++;
      return guess;
    }
    this.byId ??= new Map(this.pending.map((entry) => [`${entry.id.ms}-${entry.id.seq}`, entry]));
    const found = this.byId.get(`${ms}-${seq}`);
    if (found === undefined)
      this.cursor.fail('BAD_STREAM', 'a pending entry that its group does not have', this.cursor.pos - RAW_ID_SIZE);
    this.next = this.pending.indexOf(found, this.next) + 1;
    return found;
  }
}

function keep(cursor: ValueCursor): Uint8Array {
  cursor.hold(cursor.a.length + PENDING_BYTES);
  return cursor.a.copy();
}

/** One character per byte: a faithful key of a set. */
const byteText = new TextDecoder('latin1');

function checkUnique(seen: Set<string>, name: Uint8Array, what: string, cursor: ValueCursor): void {
  const text = byteText.decode(name);
  if (seen.has(text)) cursor.fail('BAD_STREAM', `a ${what} name that occurs twice`);
  seen.add(text);
}

function idOf(slot: StreamIdSlot): StreamId {
  return { ms: slot.ms.unsigned(), seq: slot.seq.unsigned() };
}

function timeOf(cursor: ValueCursor, time: Int64): number {
  if (!time.isSafe()) cursor.context.warn('TIME_SATURATED', 'a time beyond 2^53 ms', cursor.pos);
  return time.toNumber();
}

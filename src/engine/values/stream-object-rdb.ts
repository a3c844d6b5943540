/** Streams from and to what a dump holds. */
import { type ByteString, fromByteString, fromByteStrings, toByteString } from '../../bytes/byte-string.js';
import type {
  StreamEntry,
  StreamId,
  StreamIdmp,
  StreamState,
  StreamValue,
  StreamGroup as ValueGroup,
} from '../../rdb/model.js';
import { entriesReadAnew } from '../../rdb/types/stream-groups.js';
import { toNumber } from '../arguments.js';
import type { EngineSettings } from '../settings.js';
import type { StreamObject } from './stream-object.js';
import { StreamGroup } from './stream-object-group.js';
import { idFromRdb, idToRdb, LAST_ID } from './stream-object-id.js';
import { StreamProducers } from './stream-object-idmp.js';
import type { StreamNode } from './stream-object-node.js';
import { StreamConsumer } from './stream-object-pending.js';

/**
 * Why a stream is not as any server writes it, though loaders let it pass; undefined where it is. Whoever looks for an entry by its
 * id relies on their order, and whoever adds one on the last id.
 */
export function disorderOf({ entries, state }: StreamValue): string | undefined {
  for (let at = 1; at < entries.length; at++)
    if (compareRdbIds(entries[at - 1]!.id, entries[at]!.id) >= 0)
      return 'an entry that is not behind the one before it';
  const last = entries[entries.length - 1];
  const isBehind = last === undefined || state === undefined || compareRdbIds(last.id, state.lastId) <= 0;
  return isBehind ? undefined : 'an entry behind its last id';
}

/**
 * Fills a new stream; what the value does not say is as servers take it when they load it (rdb-format.md §8.7). One in disorder is
 * brought into order: of two entries with one id the last counts.
 */
export function fillFromRdb(stream: StreamObject, value: StreamValue, settings: EngineSettings): void {
  const { entries, state } = disorderOf(value) === undefined ? value : inOrder(value);
  for (const { id, fields } of entries)
    stream.append(
      idFromRdb(id),
      fields.map((part) => toByteString(part)),
      0,
      settings.encoding,
    );
  if (state === undefined) return;
  stream.lastId = idFromRdb(state.lastId);
  if (state.maxDeletedId !== undefined) stream.maxDeletedId = idFromRdb(state.maxDeletedId);
  if (state.entriesAdded !== undefined) stream.entriesAdded = toNumber(state.entriesAdded);
  if (stream.length === 0) stream.firstIdWhenEmpty = state.firstId === undefined ? LAST_ID : idFromRdb(state.firstId);
  for (const group of state.groups) addGroup(stream, group);
  if (state.idmp !== undefined) stream.producers = producersFrom(state.idmp);
}

export function streamToRdb(stream: StreamObject, settings: EngineSettings): StreamValue {
  const entries = stream.nodes.flatMap(nodeEntries);
  return { type: 'stream', encoding: 'stream', entries, state: stateOf(stream, settings) };
}

function inOrder({ type, encoding, entries, state }: StreamValue): StreamValue {
  const byId = new Map(entries.map((entry) => [`${entry.id.ms}-${entry.id.seq}`, entry]));
  const sorted = [...byId.values()].sort((left, right) => compareRdbIds(left.id, right.id));
  const last = sorted[sorted.length - 1]?.id;
  const isBehind = last !== undefined && state !== undefined && compareRdbIds(last, state.lastId) > 0;
  return { type, encoding, entries: sorted, state: isBehind ? { ...state, lastId: last } : state };
}

function compareRdbIds(left: StreamId, right: StreamId): number {
  if (left.ms !== right.ms) return left.ms < right.ms ? -1 : 1;
  return left.seq === right.seq ? 0 : left.seq < right.seq ? -1 : 1;
}

/** Names come again from entry to entry, as the very same strings: they share their bytes. */
function nodeEntries(node: StreamNode): StreamEntry[] {
  const names = new Map<ByteString, Uint8Array>();
  const values: ByteString[] = [];
  const made: Uint8Array[][] = [];
  for (let index = node.begin; index < node.end; index++) {
    const parts = node.fieldsAt(index);
    const fields = new Array<Uint8Array>(parts.length);
    for (let at = 0; at < parts.length; at += 2) {
      const text = parts[at]!;
      const name = names.get(text) ?? fromByteString(text);
      names.set(text, name);
      fields[at] = name;
      values.push(parts[at + 1]!);
    }
    made.push(fields);
  }
  // The bytes of the values all at once, each in its place behind the name.
  let next = 0;
  const bytes = fromByteStrings(values);
  return made.map((fields, index) => {
    for (let at = 1; at < fields.length; at += 2) fields[at] = bytes[next++]!;
    return { id: idToRdb(node.idAt(node.begin + index)), fields };
  });
}

/** The first generation of streams that has idempotent producers. */
const WITH_PRODUCERS = 4;

function stateOf(stream: StreamObject, { target }: EngineSettings): StreamState {
  const version = target.writes.stream ?? 0;
  const producers = stream.producers ?? (version >= WITH_PRODUCERS ? new StreamProducers() : undefined);
  return {
    length: stream.length,
    lastId: idToRdb(stream.lastId),
    firstId: idToRdb(stream.firstId),
    maxDeletedId: idToRdb(stream.maxDeletedId),
    entriesAdded: BigInt(stream.entriesAdded),
    groups: sortedByName([...stream.groups.values()]).map(groupToRdb),
    ...(producers && { idmp: producersToRdb(producers) }),
  };
}

function addGroup(stream: StreamObject, value: ValueGroup): void {
  const { lastId, entriesAdded } = stream;
  const read =
    value.entriesRead ??
    entriesReadAnew(value.lastId, {
      firstId: idToRdb(stream.firstId),
      lastId: idToRdb(lastId),
      entriesAdded: BigInt(entriesAdded),
    });
  const group = new StreamGroup(toByteString(value.name), idFromRdb(value.lastId), toNumber(read));
  for (const { name, seenAtMs, activeAtMs } of value.consumers) {
    const text = toByteString(name);
    group.consumers.set(text, new StreamConsumer(text, seenAtMs, activeAtMs ?? seenAtMs));
  }
  for (const { id, deliveredAtMs, deliveries, consumer } of value.pending) {
    const owner = consumer && group.consumers.get(toByteString(consumer));
    group.addPending(idFromRdb(id), owner, deliveredAtMs, toNumber(deliveries));
  }
  for (const id of value.nacked ?? []) {
    const entry = group.pending.find(idFromRdb(id));
    if (entry !== undefined) group.nacked.add(entry);
  }
  stream.groups.set(group.name, group);
}

function groupToRdb(group: StreamGroup): ValueGroup {
  const names = new Map<StreamConsumer, Uint8Array>();
  const consumers = sortedByName([...group.consumers.values()]).map((consumer) => {
    const name = fromByteString(consumer.name);
    names.set(consumer, name);
    return { name, seenAtMs: consumer.seenAtMs, activeAtMs: consumer.activeAtMs };
  });
  const pending = [...group.pending.entries()].map(({ id, consumer, deliveredAtMs, deliveries }) => ({
    id: idToRdb(id),
    deliveredAtMs,
    deliveries: BigInt(deliveries),
    consumer: consumer && names.get(consumer),
  }));
  return {
    name: fromByteString(group.name),
    lastId: idToRdb(group.lastId),
    entriesRead: BigInt(group.entriesRead),
    pending,
    consumers,
    ...(group.nacked.size > 0 && { nacked: [...group.nacked].map(({ id }) => idToRdb(id)) }),
  };
}

function producersFrom({
  durationSeconds,
  maxEntries,
  producers,
  iidsAdded,
  iidsDuplicates,
}: StreamIdmp): StreamProducers {
  const made = new StreamProducers();
  made.durationSeconds = durationSeconds;
  made.maxEntries = maxEntries;
  made.added = toNumber(iidsAdded);
  made.duplicates = toNumber(iidsDuplicates);
  for (const { id, entries } of producers) {
    const name = toByteString(id);
    for (const entry of entries) made.record(name, toByteString(entry.iid), idFromRdb(entry.id));
  }
  return made;
}

function producersToRdb(producers: StreamProducers): StreamIdmp {
  const names = [...producers.byProducer.keys()].sort(compareBytes);
  return {
    durationSeconds: producers.durationSeconds,
    maxEntries: producers.maxEntries,
    producers: names.map((name) => ({
      id: fromByteString(name),
      entries: [...producers.byProducer.get(name)!].map(([iid, id]) => ({ iid: fromByteString(iid), id: idToRdb(id) })),
    })),
    iidsAdded: BigInt(producers.added),
    iidsDuplicates: BigInt(producers.duplicates),
  };
}

/** As the servers' trees give them. The array itself is sorted. */
export function sortedByName<T extends { readonly name: ByteString }>(items: T[]): T[] {
  return items.sort((left, right) => compareBytes(left.name, right.name));
}

function compareBytes(left: ByteString, right: ByteString): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

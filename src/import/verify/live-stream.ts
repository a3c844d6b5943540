/** A stream of the target read piece by piece: entries by XRANGE, the rest by XINFO and XPENDING. */
import type { Int64 } from '../../bytes/int64.js';
import { StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamConsumer, StreamGroup, StreamId, StreamPending } from '../../rdb/model.js';
import type { Reply } from '../target/reply-parser.js';
import { askOfKey, type LivePlace, sliceOf } from './live-place.js';
import { Pager } from './pager.js';
import { bigintOf, fieldsOf, listOf, numberOf, streamIdOf } from './reply-values.js';
import type { ValueFacts } from './value-facts.js';

const MAX_SEQ = 2n ** 64n - 1n;

/** Throws as askOfKey does. */
export async function readLiveEntries(place: LivePlace, facts: ValueFacts): Promise<void> {
  const pager = new Pager();
  const slot = new StreamIdSlot();
  for (let from = '-'; ; ) {
    const { count } = pager;
    const page = listOf(await askOfKey(place, 'XRANGE', from, '+', 'COUNT', count));
    let last: StreamId | undefined;
    for (const entry of page) {
      const [id, fields] = listOf(entry);
      last = streamIdOf(id);
      if (last === undefined) continue;
      setInt64(slot.ms, last.ms);
      setInt64(slot.seq, last.seq);
      const texts = listOf(fields);
      facts.streamEntry(slot);
      for (let at = 0; at + 1 < texts.length; at += 2)
        facts.streamField(sliceOf(0, texts[at]), sliceOf(1, texts[at + 1]));
    }
    if (page.length < count || last === undefined) return;
    from = idAfter(last);
    pager.got(page);
  }
}

/** Groups, consumers, what is pending, and counters. False where the server does not say them. Throws as askOfKey does. */
export async function readLiveState(place: LivePlace, facts: ValueFacts): Promise<boolean> {
  const info = fieldsOf(await askInfo(place, 'STREAM'));
  const lastId = streamIdOf(info.get('last-generated-id'));
  if (lastId === undefined) return false;
  const maxDeletedId = streamIdOf(info.get('max-deleted-entry-id'));
  const entriesAdded = bigintOf(info.get('entries-added'));
  const groups: StreamGroup[] = [];
  for (const reply of listOf(await askInfo(place, 'GROUPS'))) {
    const group = await readGroup(place, fieldsOf(reply));
    if (group === undefined) return false;
    groups.push(group);
  }
  facts.hasIdempotency = false;
  facts.streamState({
    length: numberOf(info.get('length')),
    lastId,
    ...(maxDeletedId && { maxDeletedId }),
    ...(entriesAdded !== undefined && { entriesAdded }),
    groups,
  });
  return true;
}

async function readGroup(place: LivePlace, info: ReadonlyMap<string, Reply>): Promise<StreamGroup | undefined> {
  const name = info.get('name');
  const lastId = streamIdOf(info.get('last-delivered-id'));
  if (!(name instanceof Uint8Array) || lastId === undefined) return undefined;
  const consumers: StreamConsumer[] = [];
  for (const reply of listOf(await askInfo(place, 'CONSUMERS', name))) {
    const consumer = fieldsOf(reply).get('name');
    if (consumer instanceof Uint8Array) consumers.push({ name: consumer, seenAtMs: 0 });
  }
  // Null where the server does not know.
  const read = info.has('entries-read') ? (bigintOf(info.get('entries-read')) ?? -1n) : undefined;
  const pending = await readPending(place, name);
  return { name, lastId, ...(read !== undefined && { entriesRead: read }), consumers, pending };
}

/** XPENDING counts from the server's own clock. */
async function readPending(place: LivePlace, group: Uint8Array): Promise<StreamPending[]> {
  const pending: StreamPending[] = [];
  const pager = new Pager();
  for (let from = '-'; ; ) {
    const { count } = pager;
    const nowMs = await serverTime(place);
    const page = listOf(await askOfKey(place, 'XPENDING', group, from, '+', count));
    for (const entry of page) {
      const [idText, consumer, idleMs, deliveries] = listOf(entry);
      const id = streamIdOf(idText);
      if (id === undefined) continue;
      const owner = consumer instanceof Uint8Array && consumer.length > 0 ? consumer : undefined;
      const deliveredAtMs = nowMs - numberOf(idleMs);
      pending.push({ id, consumer: owner, deliveredAtMs, deliveries: bigintOf(deliveries) ?? 0n });
    }
    const last = pending.at(-1);
    if (page.length < count || last === undefined) return pending;
    from = idAfter(last.id);
    pager.got(page);
  }
}

async function serverTime({ links, db, endpointOf }: LivePlace): Promise<number> {
  const [seconds, micros] = listOf(await links.one(db, endpointOf, 'TIME'));
  if (seconds === undefined || micros === undefined) return Date.now();
  return numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000);
}

function askInfo(place: LivePlace, what: string, ...args: Uint8Array[]): Promise<Reply> {
  return askOfKey(place, ['XINFO', what], ...args);
}

function idAfter({ ms, seq }: StreamId): string {
  return seq === MAX_SEQ ? `${ms + 1n}-0` : `${ms}-${seq + 1n}`;
}

function setInt64(to: Int64, value: bigint): void {
  to.set(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
}

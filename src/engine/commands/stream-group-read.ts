/** Reading for a group: what is new to it, what a consumer has not acknowledged, what others have left lying. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, KeyedReply, NULL_ARRAY, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import { compareIds, type EntryId, formatId, idAfter, increment, LAST_ID } from '../values/stream-object-id.js';
import type { PendingEntry, StreamConsumer } from '../values/stream-object-pending.js';
import { entriesReadWith } from '../values/stream-object-reading.js';
import { consumerAt, entryReply, idArgument, makesConsumersEarly, shown, streamAt } from './stream-arguments.js';
import { GroupLog } from './stream-log.js';
import { LAST_ENTRY } from './stream-read.js';
import { type Reader, type ReadOptions, readOptions } from './stream-read-arguments.js';

export const STREAM_GROUP_READ_COMMANDS: CommandTable = { XREADGROUP: xreadgroup };

/**
 * XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [CLAIM min-idle-time] [NOACK] STREAMS key [key ...]
 *   id [id ...]
 */
function xreadgroup(call: Call): Reply {
  const options = readOptions(call, true);
  const { keys, ids, timeoutMs } = options;
  const reader = options.reader!;
  const places = keys.map((key, index) => placeAt(call, key, ids[index]!, reader.group));
  const log = GroupLog.of(call);
  const replies: [Reply, Reply][] = [];
  for (const place of places) {
    const entries = new PlaceReader(call, place, options, reader, log).read();
    if (entries !== undefined) replies.push([place.key, entries]);
  }
  log?.end();
  if (replies.length > 0) return new KeyedReply(replies);
  return timeoutMs === undefined ? NULL_ARRAY : call.block({ keys, type: 'stream', timeoutMs });
}

interface Place {
  readonly key: ByteString;
  readonly stream: StreamObject;
  readonly group: StreamGroup;
  /** What the consumer has pending behind this id; undefined: what is new to the group. */
  readonly historyAfter: EntryId | undefined;
}

/** Throws WRONGTYPE, NOGROUP, and what is wrong with an id. */
function placeAt(call: Call, key: ByteString, id: ByteString, name: ByteString): Place {
  const stream = streamAt(call, key);
  const group = stream?.groups.get(name);
  if (stream === undefined || group === undefined)
    throw new CommandError(
      `NOGROUP No such key '${shown(key)}' or consumer group '${shown(name)}' in XREADGROUP with GROUP option`,
    );
  if (id === '$' || (id === '+' && isSince(call.engine.settings.target, LAST_ENTRY)))
    throw new CommandError(
      `ERR The ${id} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by ` +
        `specifying a proper ID, or use the > ID to get new messages. The ${id} ID would just return an empty result set.`,
    );
  const after = id === '>' ? LAST_ID : idArgument(id);
  return { key, stream, group, historyAfter: compareIds(after, LAST_ID) === 0 ? undefined : after };
}

/** Since then Redis counts a read as a change only where something was delivered. */
const COUNTS_CHANGES = { redis: '7.4' } as const;
/** When servers began to ask for tombstones behind the last entry read, instead of behind the one that is being read. */
const LOOKS_BACK = { redis: '7.4', valkey: '8.0' } as const;
/** Since then the log says where the group stands after every read, and not only where nothing becomes pending. */
const LOGS_LAST_ID = { redis: '7.4', valkey: '8.0' } as const;
/** Since then lines of entries say where the group stood before. */
const LOGS_LAST_ID_BEFORE = { redis: '8.4' } as const;
/** When consumers that are made without anything pending got into the log. */
const LOGS_CONSUMERS = { redis: '6.2', valkey: '7.2' } as const;
/** Before that the log said after each entry where the group stood. */
const LOGS_LAST_ID_ONCE = { redis: '6.0', valkey: '7.2' } as const;

class PlaceReader {
  private readonly replies: Reply[] = [];
  private readonly lastIdBefore: EntryId;

  constructor(
    private readonly call: Call,
    private readonly place: Place,
    private readonly options: ReadOptions,
    private readonly reader: Reader,
    private readonly log: GroupLog | undefined,
  ) {
    this.lastIdBefore = place.group.lastId;
  }

  /** Undefined where the stream has nothing for this reader. */
  read(): Reply[] | undefined {
    const { call, place, options } = this;
    const { stream, historyAfter } = place;
    const due = this.dueEntries();
    const next = this.next();
    const hasNew = historyAfter === undefined && next !== undefined && stream.atOrAfter(next) !== undefined;
    const isServed = historyAfter !== undefined || hasNew || due.length > 0;
    if (!isServed && !makesConsumersEarly(call)) return undefined;
    const consumer = this.consumer();
    if (!isServed) return undefined;
    if (historyAfter !== undefined) {
      if (!isSince(call.engine.settings.target, COUNTS_CHANGES)) call.dirty++;
      return this.history(consumer, historyAfter);
    }
    call.dirty++;
    for (const entry of due) this.claim(entry, consumer);
    if (hasNew && this.replies.length < options.most) this.readNew(consumer);
    if (due.length > 0 || !options.isNoAck) consumer.activeAtMs = call.nowMs;
    return this.replies;
  }

  private next(): EntryId | undefined {
    return idAfter(this.place.group.lastId);
  }

  private consumer(): StreamConsumer {
    const { call, place, reader, options } = this;
    const { key, group } = place;
    const isNew = !group.consumers.has(reader.consumer);
    const consumer = consumerAt(call, key, group, reader.consumer);
    consumer.seenAtMs = call.nowMs;
    if (isNew && options.isNoAck && this.isSince(LOGS_CONSUMERS)) this.log?.consumer(place, reader.consumer);
    return consumer;
  }

  /** What has been pending long enough and is still there, the longest first. */
  private dueEntries(): PendingEntry[] {
    const { call, options, place } = this;
    const { stream, group, historyAfter } = place;
    const { claimIdleMs, most } = options;
    if (claimIdleMs === undefined || historyAfter !== undefined) return [];
    const before = call.nowMs - claimIdleMs;
    const due = [...group.pending.entries()].filter((entry) => entry.deliveredAtMs <= before && stream.has(entry.id));
    return due.sort((left, right) => left.comparedByTime(right)).slice(0, most);
  }

  /** The reply says for how long it has been pending, and how often it was delivered. */
  private claim(entry: PendingEntry, consumer: StreamConsumer): void {
    const { call, place } = this;
    const { id, deliveries } = entry;
    const [shownId, fields] = entryReply(place.stream, id) as [Reply, Reply];
    this.replies.push([shownId, fields, Math.max(0, call.nowMs - entry.deliveredAtMs), deliveries]);
    place.group.give(entry, consumer);
    entry.deliveredAtMs = call.nowMs;
    entry.deliveries = increment(deliveries);
    this.log?.claim(place, formatId(id), entry, this.lastIdBefore);
  }

  private readNew(consumer: StreamConsumer): void {
    const { place, options, replies, log } = this;
    const { stream, group } = place;
    const looksAhead = !this.isSince(LOOKS_BACK);
    const logsEach = log !== undefined && !this.isSince(LOGS_LAST_ID_ONCE);
    for (let after = this.next(); after !== undefined && replies.length < options.most; ) {
      const id = stream.atOrAfter(after);
      if (id === undefined) break;
      group.entriesRead = entriesReadWith(stream, group, id, looksAhead);
      group.lastId = id;
      replies.push(this.newReply(id));
      if (!options.isNoAck) this.deliver(id, consumer);
      else if (logsEach) log.lastId(place);
      after = idAfter(id);
    }
    if (log !== undefined && !logsEach && (options.isNoAck || this.isSince(LOGS_LAST_ID))) log.lastId(place);
  }

  private newReply(id: EntryId): Reply {
    const reply = entryReply(this.place.stream, id)!;
    return this.options.claimIdleMs === undefined ? reply : [...(reply as Reply[]), 0, 0];
  }

  /** It may be pending already, where somebody has moved the group back. */
  private deliver(id: EntryId, consumer: StreamConsumer): void {
    const { call, place, log } = this;
    const { group } = place;
    let entry = group.pending.find(id);
    if (entry === undefined) {
      entry = group.addPending(id, consumer, call.nowMs, 1);
    } else {
      group.give(entry, consumer);
      entry.deliveredAtMs = call.nowMs;
      entry.deliveries = 1;
    }
    log?.claim(place, formatId(id), entry, this.isSince(LOGS_LAST_ID_BEFORE) ? this.lastIdBefore : id);
  }

  private history(consumer: StreamConsumer, from: EntryId): Reply[] {
    const { call, place, options, replies } = this;
    for (let after = idAfter(from); after !== undefined && replies.length < options.most; ) {
      const entry = consumer.pending.atOrAfter(after);
      if (entry === undefined) break;
      const { id } = entry;
      const reply = entryReply(place.stream, id);
      if (reply !== undefined) {
        entry.deliveredAtMs = call.nowMs;
        entry.deliveries = increment(entry.deliveries);
      }
      replies.push(reply ?? [formatId(id), NULL_ARRAY]);
      after = idAfter(id);
    }
    return replies;
  }

  private isSince(versions: { readonly redis?: string; readonly valkey?: string }): boolean {
    return isSince(this.call.engine.settings.target, versions);
  }
}

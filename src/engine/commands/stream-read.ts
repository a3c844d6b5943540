/** Reading for a group. */
import type { ByteString } from '../../bytes/byte-string.js';
import { numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import { compareIds, type EntryId, formatId, idAfter, increment, LAST_ID } from '../values/stream-object-id.js';
import type { StreamConsumer } from '../values/stream-object-pending.js';
import { entriesReadWith } from '../values/stream-object-reading.js';
import { entryReply, idArgument, makesConsumersEarly, numberOr, shown, streamAt } from './stream-arguments.js';

export const STREAM_READ_COMMANDS: CommandTable = { XREADGROUP: xreadgroup };

/**
 * XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]
 * Nobody waits here: where there is nothing to read it answers as at the end of the time.
 */
function xreadgroup(call: Call): Reply {
  const { args } = call;
  const options = readOptions(call);
  const { streamsAt } = options;
  const count = (args.length - streamsAt) / 2;
  const places: Place[] = [];
  for (let at = streamsAt; at < streamsAt + count; at++)
    places.push(placeAt(call, at, args[at + count]!, options.group));
  const replies: Reply[] = [];
  for (const place of places) {
    const entries = readPlace(call, place, options);
    if (entries !== undefined) replies.push([place.key, entries]);
  }
  return replies.length === 0 ? null : replies;
}

interface ReadOptions {
  readonly group: ByteString;
  readonly consumer: ByteString;
  /** 0: all. */
  readonly count: number;
  readonly isNoAck: boolean;
  /** Index of the first key. */
  readonly streamsAt: number;
}

interface Place {
  readonly key: ByteString;
  readonly stream: StreamObject;
  readonly group: StreamGroup;
  /** What the consumer has pending behind this id; undefined: what is new to the group. */
  readonly historyAfter: EntryId | undefined;
}

function readPlace(call: Call, { stream, group, historyAfter }: Place, options: ReadOptions): Reply[] | undefined {
  const hasNew = historyAfter === undefined && stream.atOrAfter(idAfter(group.lastId) ?? group.lastId) !== undefined;
  const isServed = historyAfter !== undefined || (hasNew && idAfter(group.lastId) !== undefined);
  const isEarly = makesConsumersEarly(call);
  if (!isServed && !isEarly) return undefined;
  const isNew = !group.consumers.has(options.consumer);
  const consumer = group.consumerToUse(options.consumer, call.nowMs);
  consumer.seenAtMs = call.nowMs;
  if (isNew) call.dirty++;
  if (!isServed) return undefined;
  if (historyAfter !== undefined) {
    if (!isSince(call.engine.settings.target, COUNTS_CHANGES)) call.dirty++;
    return readHistory(call, stream, consumer, historyAfter, options.count);
  }
  call.dirty++;
  return readNew(call, stream, group, consumer, options);
}

function readNew(
  call: Call,
  stream: StreamObject,
  group: StreamGroup,
  consumer: StreamConsumer,
  { count, isNoAck }: ReadOptions,
): Reply[] {
  const looksAhead = !isSince(call.engine.settings.target, LOOKS_BACK);
  const replies: Reply[] = [];
  for (let after = idAfter(group.lastId); after !== undefined && (count === 0 || replies.length < count); ) {
    const id = stream.atOrAfter(after);
    if (id === undefined) break;
    group.entriesRead = entriesReadWith(stream, group, id, looksAhead);
    group.lastId = id;
    replies.push(entryReply(stream, id)!);
    if (!isNoAck) deliver(call, group, consumer, id);
    after = idAfter(id);
  }
  consumer.activeAtMs = call.nowMs;
  return replies;
}

/** Since then Redis counts a read as a change only where something was delivered. */
const COUNTS_CHANGES = { redis: '7.4' } as const;
/** Since then `+` is an id, though not for groups. */
const LAST_ENTRY = { redis: '7.4', valkey: '8.0' } as const;

/** When servers began to ask for tombstones behind the last entry read, instead of behind the one that is being read. */
const LOOKS_BACK = { redis: '7.4', valkey: '8.0' } as const;

/** It may be pending already, where somebody has moved the group back. */
function deliver({ nowMs }: Call, group: StreamGroup, consumer: StreamConsumer, id: EntryId): void {
  const entry = group.pending.find(id);
  if (entry === undefined) {
    group.addPending(id, consumer, nowMs, 1);
    return;
  }
  group.give(entry, consumer);
  entry.deliveredAtMs = nowMs;
  entry.deliveries = 1;
}

function readHistory(
  { nowMs }: Call,
  stream: StreamObject,
  consumer: StreamConsumer,
  from: EntryId,
  count: number,
): Reply[] {
  const replies: Reply[] = [];
  for (let after = idAfter(from); after !== undefined && (count === 0 || replies.length < count); ) {
    const entry = consumer.pending.atOrAfter(after);
    if (entry === undefined) break;
    const { id } = entry;
    const reply = entryReply(stream, id);
    if (reply !== undefined) {
      entry.deliveredAtMs = nowMs;
      entry.deliveries = increment(entry.deliveries);
    }
    replies.push(reply ?? [formatId(id), null]);
    after = idAfter(id);
  }
  return replies;
}

function readOptions(call: Call): ReadOptions {
  const { args } = call;
  let group: ByteString | undefined;
  let consumer: ByteString | undefined;
  let count = 0;
  let isNoAck = false;
  for (let at = 1; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const more = args.length - at - 1;
    if (option === 'STREAMS' && more > 0) {
      if (more % 2 !== 0) throw unbalanced(call);
      if (group === undefined || consumer === undefined)
        throw new CommandError('ERR Missing GROUP option for XREADGROUP');
      return { group, consumer, count, isNoAck, streamsAt: at + 1 };
    }
    if (option === 'GROUP' && more >= 2) {
      group = args[at + 1]!;
      consumer = args[at + 2]!;
      at += 2;
    } else if (option === 'COUNT' && more > 0) {
      count = Math.max(0, numberArgument(args[++at]));
    } else if (option === 'BLOCK' && more > 0) {
      if (numberOr(args[++at], 'ERR timeout is not an integer or out of range') < 0)
        throw new CommandError('ERR timeout is negative');
    } else if (option === 'NOACK') {
      isNoAck = true;
    } else {
      throw syntaxError();
    }
  }
  throw syntaxError();
}

function unbalanced({ engine }: Call): CommandError {
  const isNamed = isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' });
  const [what, id] = isNamed ? ["'xreadgroup'", '>'] : ['XREAD', '$'];
  return new CommandError(
    `ERR Unbalanced ${what} list of streams: for each stream key an ID or '${id}' must be specified.`,
  );
}

function placeAt(call: Call, at: number, id: ByteString, name: ByteString): Place {
  const key = call.args[at]!;
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

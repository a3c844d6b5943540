/** What servers tell of a stream, its groups and their consumers: other fields from generation to generation. */
import { encodeRawStreamId } from '../../codecs/stream-id.js';
import { RadixTree } from '../../memory/radix-tree.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, MapReply, noSuchKey, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import { type StreamGroup, UNKNOWN_READ } from '../values/stream-object-group.js';
import { FIRST_ID, formatId, idToRdb, LAST_ID } from '../values/stream-object-id.js';
import { StreamProducers } from '../values/stream-object-idmp.js';
import type { PendingEntry, PendingIndex, StreamConsumer } from '../values/stream-object-pending.js';
import { entriesBetween } from '../values/stream-object-range.js';
import { sortedByName } from '../values/stream-object-rdb.js';
import { lagOf } from '../values/stream-object-reading.js';
import { entryReplies, entryReply, shown, streamAt, subcommandError } from './stream-arguments.js';

export const STREAM_INFO_COMMANDS: CommandTable = {
  'XINFO CONSUMERS': xinfoConsumers,
  'XINFO GROUPS': xinfoGroups,
  'XINFO STREAM': xinfoStream,
};

type Field = readonly [string, Reply];

/** Counters of streams and groups. */
const TELLS_COUNTERS = { redis: '7.0', valkey: '7.2' } as const;
/** When a consumer last got something. */
const TELLS_ACTIVITY = { redis: '7.2', valkey: '7.2' } as const;
const TELLS_PRODUCERS = { redis: '8.6' } as const;
/** By what they know of lags: LagRules. */
const SEES_GAPS = { redis: '8.0', valkey: '8.1' } as const;
const SEES_FIRST = { redis: '8.0' } as const;
/** Since then there is FULL, and the groups stand behind the last id. */
const TELLS_ALL = { redis: '6.0', valkey: '7.2' } as const;

const USUAL_COUNT = 10;

/** XINFO STREAM key [FULL [COUNT count]] */
function xinfoStream(call: Call): Reply {
  const stream = existingStream(call);
  const most = fullArgument(call);
  const facts = factsOf(call, stream);
  if (most !== undefined) {
    const entries = entryReplies(entriesBetween(stream, FIRST_ID, LAST_ID, most));
    const groups = sortedByName([...stream.groups.values()]).map((group) => fullGroup(call, stream, group, most));
    return new MapReply([...facts, ['entries', entries], ['groups', groups]]);
  }
  const groups: Field = ['groups', stream.groups.size];
  facts.splice(isSince(call.engine.settings.target, TELLS_ALL) ? facts.length : -1, 0, groups);
  const { topId } = stream;
  return new MapReply([
    ...facts,
    ['first-entry', (topId && entryReply(stream, stream.firstId)) ?? null],
    ['last-entry', (topId && entryReply(stream, topId)) ?? null],
  ]);
}

/** XINFO GROUPS key */
function xinfoGroups(call: Call): Reply {
  const stream = existingStream(call);
  return sortedByName([...stream.groups.values()]).map(
    (group) =>
      new MapReply([
        ['name', group.name],
        ['consumers', group.consumers.size],
        ['pending', group.pending.size],
        ['last-delivered-id', formatId(group.lastId)],
        ...countersOf(call, stream, group),
      ]),
  );
}

/** XINFO CONSUMERS key group */
function xinfoConsumers(call: Call): Reply {
  const { args, nowMs, engine } = call;
  const group = existingStream(call).groups.get(args[3]!);
  if (group === undefined)
    throw new CommandError(`NOGROUP No such consumer group '${shown(args[3]!)}' for key name '${shown(args[2]!)}'`);
  const tellsActivity = isSince(engine.settings.target, TELLS_ACTIVITY);
  return sortedByName([...group.consumers.values()]).map(({ name, pending, seenAtMs, activeAtMs }) => {
    const fields: Field[] = [
      ['name', name],
      ['pending', pending.size],
      ['idle', Math.max(0, nowMs - seenAtMs)],
    ];
    if (tellsActivity) fields.push(['inactive', activeAtMs === -1 ? -1 : Math.max(0, nowMs - activeAtMs)]);
    return new MapReply(fields);
  });
}

function existingStream(call: Call): StreamObject {
  const stream = streamAt(call, call.args[2]!);
  if (stream === undefined) throw noSuchKey();
  return stream;
}

/** How many of everything FULL is to show; undefined without it. */
function fullArgument({ args, engine }: Call): number | undefined {
  if (args.length === 3) return undefined;
  const isFull = isOption(args[3], 'FULL') && isSince(engine.settings.target, TELLS_ALL);
  if (!isFull || (args.length !== 4 && args.length !== 6)) throw subcommandError(args);
  if (args.length === 4) return USUAL_COUNT;
  if (!isOption(args[4], 'COUNT')) throw subcommandError(args);
  const count = numberArgument(args[5]);
  if (count === 0) return Number.POSITIVE_INFINITY;
  return count < 0 ? USUAL_COUNT : count;
}

function factsOf({ engine }: Call, stream: StreamObject): Field[] {
  const { target } = engine.settings;
  const facts: Field[] = [
    ['length', stream.length],
    ['radix-tree-keys', stream.allNodes.length],
    ['radix-tree-nodes', treeNodes(stream)],
    ['last-generated-id', formatId(stream.lastId)],
  ];
  if (!isSince(target, TELLS_COUNTERS)) return facts;
  facts.push(
    ['max-deleted-entry-id', formatId(stream.maxDeletedId)],
    ['entries-added', stream.entriesAdded],
    ['recorded-first-entry-id', formatId(stream.firstId)],
  );
  if (isSince(target, TELLS_PRODUCERS)) facts.push(...producerFacts(stream.producers ?? new StreamProducers()));
  return facts;
}

function producerFacts({ durationSeconds, maxEntries, byProducer, added, duplicates }: StreamProducers): Field[] {
  let tracked = 0;
  for (const entries of byProducer.values()) tracked += entries.size;
  return [
    ['idmp-duration', durationSeconds],
    ['idmp-maxsize', maxEntries],
    ['pids-tracked', byProducer.size],
    ['iids-tracked', tracked],
    ['iids-added', added],
    ['iids-duplicates', duplicates],
  ];
}

/** Of the server's tree, whose keys are the ids under which nodes began. */
function treeNodes(stream: StreamObject): number {
  const tree = new RadixTree((size) => size);
  for (const { bottom } of stream.allNodes) {
    const key = encodeRawStreamId(idToRdb(bottom));
    tree.add(key, 0, key.length);
  }
  return tree.finish().nodes;
}

function countersOf({ engine }: Call, stream: StreamObject, group: StreamGroup): Field[] {
  const { target } = engine.settings;
  if (!isSince(target, TELLS_COUNTERS)) return [];
  const { entriesRead } = group;
  const rules = { seesGaps: isSince(target, SEES_GAPS), seesFirst: isSince(target, SEES_FIRST) };
  return [
    ['entries-read', entriesRead === UNKNOWN_READ ? null : entriesRead],
    ['lag', lagOf(stream, group, rules) ?? null],
  ];
}

function fullGroup(call: Call, stream: StreamObject, group: StreamGroup, most: number): Reply {
  const { name, lastId, pending, consumers } = group;
  return new MapReply([
    ['name', name],
    ['last-delivered-id', formatId(lastId)],
    ...countersOf(call, stream, group),
    ['pel-count', pending.size],
    ['pending', firstOf(pending, most).map((entry) => pendingReply(entry, [entry.consumer?.name ?? '']))],
    ['consumers', sortedByName([...consumers.values()]).map((consumer) => fullConsumer(call, consumer, most))],
  ]);
}

function fullConsumer({ engine }: Call, { name, seenAtMs, activeAtMs, pending }: StreamConsumer, most: number): Reply {
  const activity: Field[] = isSince(engine.settings.target, TELLS_ACTIVITY) ? [['active-time', activeAtMs]] : [];
  return new MapReply([
    ['name', name],
    ['seen-time', seenAtMs],
    ...activity,
    ['pel-count', pending.size],
    ['pending', firstOf(pending, most).map((entry) => pendingReply(entry, []))],
  ]);
}

function pendingReply({ id, deliveredAtMs, deliveries }: PendingEntry, owner: readonly string[]): Reply {
  return [formatId(id), ...owner, deliveredAtMs, deliveries];
}

function firstOf(pending: PendingIndex, most: number): PendingEntry[] {
  const found: PendingEntry[] = [];
  for (const entry of pending.entries()) {
    if (found.length >= most) break;
    found.push(entry);
  }
  return found;
}

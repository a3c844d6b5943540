/** What a group has pending. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { NULL_ARRAY, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import { type EntryId, FIRST_ID, formatId } from '../values/stream-object-id.js';
import { sortedByName } from '../values/stream-object-rdb.js';
import { groupToChange, intervalEnd, intervalStart } from './stream-arguments.js';

export const STREAM_PENDING_COMMANDS: CommandTable = { XPENDING: xpending };

/** XPENDING key group [[IDLE min-idle-time] start end count [consumer]] */
function xpending(call: Call): Reply {
  const { args } = call;
  if (args.length === 3) return summary(groupToChange(call).group);
  const range = rangeArguments(call);
  return entriesOf(call, groupToChange(call).group, range);
}

interface PendingRange {
  readonly minIdleMs: number;
  readonly start: EntryId;
  readonly end: EntryId;
  readonly most: number;
  /** Undefined: whoever. */
  readonly consumer: ByteString | undefined;
}

function rangeArguments(call: Call): PendingRange {
  const { args } = call;
  const knowsIdle = isSince(call.engine.settings.target, { redis: '6.2', valkey: '7.2' });
  if (args.length < 6 || args.length > (knowsIdle ? 9 : 7)) throw syntaxError();
  const isIdle = knowsIdle && isOption(args[3], 'IDLE');
  const minIdleMs = isIdle ? numberArgument(args[4]) : 0;
  if (isIdle && args.length < 8) throw syntaxError();
  const at = isIdle ? 5 : 3;
  const most = numberArgument(args[at + 2]);
  const start = intervalStart(call, args[at]!);
  return { minIdleMs, start, end: intervalEnd(call, args[at + 1]!), most, consumer: args[at + 3] };
}

function summary(group: StreamGroup): Reply {
  const { pending } = group;
  if (pending.size === 0) return [0, null, null, NULL_ARRAY];
  const owners = sortedByName([...group.consumers.values()]).filter((consumer) => consumer.pending.size > 0);
  const first = pending.atOrAfter(FIRST_ID)!;
  return [
    pending.size,
    formatId(first.id),
    formatId(pending.last!.id),
    owners.map((consumer) => [consumer.name, String(consumer.pending.size)]),
  ];
}

function entriesOf(
  { nowMs }: Call,
  group: StreamGroup,
  { minIdleMs, start, end, most, consumer }: PendingRange,
): Reply {
  const pending = consumer === undefined ? group.pending : group.consumers.get(consumer)?.pending;
  const replies: Reply[] = [];
  for (const entry of pending?.between(start, end) ?? []) {
    if (replies.length >= most) break;
    const idleMs = nowMs - entry.deliveredAtMs;
    if (minIdleMs !== 0 && idleMs < minIdleMs) continue;
    replies.push([formatId(entry.id), entry.consumer?.name ?? '', Math.max(0, idleMs), entry.deliveries]);
  }
  return replies;
}

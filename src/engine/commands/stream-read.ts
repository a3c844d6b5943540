/** Reading what is new in streams, without a group. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, KeyedReply, NULL_ARRAY, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import {
  compareIds,
  type EntryId,
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  LAST_ID,
} from '../values/stream-object-id.js';
import { entriesBetween } from '../values/stream-object-range.js';
import { entryReplies, idArgument, streamAt } from './stream-arguments.js';
import { readOptions } from './stream-read-arguments.js';

export const STREAM_READ_COMMANDS: CommandTable = { XREAD: xread };

/** XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...] */
function xread(call: Call): Reply {
  const { keys, ids, most, timeoutMs } = readOptions(call, false);
  const afters = ids.map((id, index) => idToReadAfter(call, keys[index]!, id));
  const replies: [Reply, Reply][] = [];
  for (const [index, key] of keys.entries()) {
    const stream = streamAt(call, key);
    const start = idAfter(afters[index]!);
    if (stream?.topId === undefined || start === undefined || compareIds(stream.topId, start) < 0) continue;
    replies.push([key, entryReplies(entriesBetween(stream, start, LAST_ID, most))]);
  }
  if (replies.length > 0) return new KeyedReply(replies);
  if (timeoutMs === undefined) return NULL_ARRAY;
  return call.block({ keys, type: 'stream', timeoutMs, retry: settled(call, ids, afters) });
}

/** Since then `+` is the last entry. */
export const LAST_ENTRY = { redis: '7.4', valkey: '8.0' } as const;

/** Throws WRONGTYPE, and "Invalid stream ID". */
function idToReadAfter(call: Call, key: ByteString, text: ByteString): EntryId {
  const stream = streamAt(call, key);
  if (text === '$') return stream?.lastId ?? FIRST_ID;
  if (text === '+' && isSince(call.engine.settings.target, LAST_ENTRY)) return beforeLast(call, stream);
  if (text === '>')
    throw new CommandError(
      'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
    );
  return idArgument(text);
}

/** Redis 8.0 began to look for the last entry that is there, and not for the last id. */
function beforeLast({ engine }: Call, stream: StreamObject | undefined): EntryId {
  if (stream === undefined) return FIRST_ID;
  const { target } = engine.settings;
  if (isSince(target, { redis: '8.0' })) return (stream.topId && idBefore(stream.topId)) ?? FIRST_ID;
  const before = idBefore(stream.lastId);
  if (before !== undefined) return before;
  if (isSince(target, { valkey: '9.0' })) return FIRST_ID;
  throw new CommandError('ERR the stream last element ID is 0-0');
}

/** The command as it means the same later: with the id that `$` is now. */
function settled({ args }: Call, ids: readonly ByteString[], afters: readonly EntryId[]): readonly ByteString[] {
  const idsAt = args.length - ids.length;
  return args.map((arg, at) => (at >= idsAt && arg === '$' ? formatId(afters[at - idsAt]!) : arg));
}

/** Entries of a stream, read without a group. */
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { NULL_ARRAY, type Reply, syntaxError } from '../reply.js';
import { entriesBetween, entriesDown } from '../values/stream-object-range.js';
import { entryReplies, intervalEnd, intervalStart, streamAt } from './stream-arguments.js';

export const STREAM_RANGE_COMMANDS: CommandTable = {
  XLEN: xlen,
  XRANGE: (call) => range(call, false),
  XREVRANGE: (call) => range(call, true),
};

/** XLEN key */
function xlen(call: Call): Reply {
  return streamAt(call, call.args[1]!)?.length ?? 0;
}

/** XRANGE key start end [COUNT count], XREVRANGE key end start [COUNT count] */
function range(call: Call, isDown: boolean): Reply {
  const { args } = call;
  const start = intervalStart(call, args[isDown ? 3 : 2]!);
  const end = intervalEnd(call, args[isDown ? 2 : 3]!);
  let most = Number.POSITIVE_INFINITY;
  for (let at = 4; at < args.length; at += 2) {
    if (!isOption(args[at], 'COUNT') || at + 1 === args.length) throw syntaxError();
    most = Math.max(0, numberArgument(args[at + 1]));
  }
  const stream = streamAt(call, args[1]!);
  if (stream === undefined) return [];
  if (most === 0) return NULL_ARRAY;
  return entryReplies((isDown ? entriesDown : entriesBetween)(stream, start, end, most));
}

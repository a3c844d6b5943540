/** Taking the members with the lowest or highest scores, and waiting for some. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { type DoubleReply, NULL_ARRAY, PairsReply, type Reply, syntaxError } from '../reply.js';
import { checkTimeout } from '../timeout.js';
import type { ZsetObject } from '../values/zset-object.js';
import { countArgument } from './zset-arguments.js';
import { scoredPairs } from './zset-range.js';

export const ZSET_POP_COMMANDS: CommandTable = {
  BZMPOP: bzmpop,
  BZPOPMAX: (call) => popBlocking(call, true),
  BZPOPMIN: (call) => popBlocking(call, false),
  ZMPOP: zmpop,
  ZPOPMAX: (call) => pop(call, true),
  ZPOPMIN: (call) => pop(call, false),
};

/** ZPOPMIN key [count], ZPOPMAX likewise */
function pop(call: Call, isMax: boolean): Reply {
  const { args } = call;
  if (args.length > 3) throw syntaxError();
  const count = args.length === 3 ? countArgument(args[2], 0, 'ERR value is out of range, must be positive') : 1;
  const found = firstZset(call, [args[1]!]);
  if (found === undefined || count === 0) return [];
  const taken = take(call, found, isMax, count);
  return args.length === 3 ? new PairsReply(taken) : taken[0]!;
}

/** BZPOPMIN key [key ...] timeout, BZPOPMAX likewise */
function popBlocking(call: Call, isMax: boolean): Reply {
  const { args } = call;
  const timeoutMs = checkTimeout(call, args.at(-1)!);
  const keys = args.slice(1, -1);
  const found = firstZset(call, keys);
  if (found === undefined) return call.block({ keys, type: 'zset', timeoutMs });
  call.log?.replace([isMax ? 'ZPOPMAX' : 'ZPOPMIN', found.key]);
  return [found.key, ...take(call, found, isMax, 1)[0]!];
}

/** ZMPOP numkeys key [key ...] MIN|MAX [COUNT count] */
function zmpop(call: Call): Reply {
  return popMany(call, 1);
}

/** BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count] */
function bzmpop(call: Call): Reply {
  return popMany(call, 2);
}

function popMany(call: Call, countAt: number): Reply {
  const { args } = call;
  const keyCount = countArgument(args[countAt], 1, 'ERR numkeys should be greater than 0');
  const whereAt = countAt + keyCount + 1;
  if (whereAt >= args.length) throw syntaxError();
  const isMax = isOption(args[whereAt], 'MAX');
  if (!isMax && !isOption(args[whereAt], 'MIN')) throw syntaxError();
  const count = popCount(args, whereAt + 1);
  const timeoutMs = countAt === 2 ? checkTimeout(call, args[1]!) : undefined;
  const keys = args.slice(countAt + 1, whereAt);
  const found = firstZset(call, keys);
  if (found === undefined) return timeoutMs === undefined ? NULL_ARRAY : call.block({ keys, type: 'zset', timeoutMs });
  const taken = take(call, found, isMax, count);
  call.log?.replace([isMax ? 'ZPOPMAX' : 'ZPOPMIN', found.key, taken.length]);
  return [found.key, taken];
}

/** `[COUNT count]`, once and at the end. */
function popCount(args: readonly ByteString[], from: number): number {
  if (from === args.length) return 1;
  if (!isOption(args[from], 'COUNT') || from + 1 === args.length) throw syntaxError();
  const count = countArgument(args[from + 1], 1, 'ERR count should be greater than 0');
  if (from + 2 < args.length) throw syntaxError();
  return count;
}

interface Found {
  readonly key: ByteString;
  readonly zset: ZsetObject;
}

/** Throws WRONGTYPE for a key that comes before it and is none. */
function firstZset({ db }: Call, keys: readonly ByteString[]): Found | undefined {
  for (const key of keys) {
    const zset = db.getObject(key, 'zset');
    if (zset !== undefined) return { key, zset };
  }
  return undefined;
}

/** Removes up to `count` members, at least one; they and their scores, in the order in which they go. */
function take(call: Call, { key, zset }: Found, isMax: boolean, count: number): [ByteString, DoubleReply][] {
  const { size } = zset;
  const taken = Math.min(count, size);
  const start = isMax ? size - taken : 0;
  const pairs = scoredPairs(zset.slice(start, start + taken), isMax);
  zset.removeRange(start, start + taken);
  if (taken === size) call.db.delete(key);
  call.dirty = taken;
  call.changed(key, 'z', isMax ? 'zpopmax' : 'zpopmin');
  if (taken === size) call.notify('g', 'del', key);
  return pairs;
}

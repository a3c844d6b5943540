/** Commands that change lists, but for those that take elements from their ends or move them. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, noSuchKey, OK, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { ListObject } from '../values/list-object.js';
import { type End, PUSHED, settle } from './list-ends.js';

/** Servers with lists as listpacks. */
const LISTPACKS = { redis: '7.2', valkey: '7.2' };
const MIN_INT64 = -(2n ** 63n);

export const LIST_COMMANDS: CommandTable = {
  LPUSH: (call) => push(call, 'LEFT'),
  RPUSH: (call) => push(call, 'RIGHT'),
  LPUSHX: (call) => pushExisting(call, 'LEFT'),
  RPUSHX: (call) => pushExisting(call, 'RIGHT'),
  LINSERT: linsert,
  LSET: lset,
  LREM: lrem,
  LTRIM: ltrim,
};

/** LPUSH key element [element ...] · RPUSH key element [element ...] */
function push(call: Call, end: End): Reply {
  const { db, args } = call;
  const key = args[1]!;
  let list = db.getObject(key, 'list');
  if (list === undefined) {
    list = new ListObject(call.engine.settings);
    db.set(key, list);
  }
  return pushAll(call, list, end);
}

/** LPUSHX key element [element ...] · RPUSHX key element [element ...] */
function pushExisting(call: Call, end: End): Reply {
  const list = call.db.getObject(call.args[1]!, 'list');
  return list === undefined ? 0 : pushAll(call, list, end);
}

/** LINSERT key BEFORE|AFTER pivot element */
function linsert(call: Call): Reply {
  const { args, db } = call;
  const isAfter = isOption(args[2], 'AFTER');
  if (!isAfter && !isOption(args[2], 'BEFORE')) throw syntaxError();
  const list = db.getObject(args[1]!, 'list');
  if (list === undefined) return 0;
  list.makeRoomFor(args, 4, 5);
  const pivot = args[3]!;
  for (let index = 0; index < list.length; index++) {
    if (list.at(index) !== pivot) continue;
    list.insert(index, args[4]!, isAfter);
    call.dirty++;
    call.changed(args[1]!, 'l', 'linsert');
    return list.length;
  }
  return -1;
}

/** LSET key index element */
function lset(call: Call): Reply {
  const { args, db } = call;
  const list = db.getObject(args[1]!, 'list');
  if (list === undefined) throw noSuchKey();
  const wanted = indexArgument(call, args[2]!);
  // The server converts before it looks whether there is such an index.
  list.makeRoomFor(args, 3, 4);
  const index = wanted < 0 ? list.length + wanted : wanted;
  if (index < 0 || index >= list.length) throw new CommandError('ERR index out of range');
  list.set(index, args[3]!);
  list.afterShrinking();
  call.dirty++;
  call.changed(args[1]!, 'l', 'lset');
  return OK;
}

/** LREM key count element */
function lrem(call: Call): Reply {
  const { args, db } = call;
  const count = integerArgument(args[2]);
  if (count === MIN_INT64 && isSince(call.engine.settings.target, LISTPACKS)) throw outOfLongRange();
  const key = args[1]!;
  const list = db.getObject(key, 'list');
  if (list === undefined) return 0;
  const most = count === 0 ? Infinity : Math.abs(Number(count));
  const removed = list.removeEqual(args[3]!, most, count < 0);
  if (removed > 0) settle(call, key, list, removed, 'lrem');
  return removed;
}

/** LTRIM key start stop */
function ltrim(call: Call): Reply {
  const { args, db } = call;
  let start = numberArgument(args[2]);
  let stop = numberArgument(args[3]);
  const key = args[1]!;
  const list = db.getObject(key, 'list');
  if (list === undefined) return OK;
  const { length } = list;
  if (start < 0) start = Math.max(0, length + start);
  if (stop < 0) stop += length;
  const isEmpty = start > stop || start >= length;
  const before = isEmpty ? length : start;
  const after = isEmpty ? 0 : length - 1 - Math.min(stop, length - 1);
  list.removeRange(length - after, after);
  list.removeRange(0, before);
  settle(call, key, list, before + after, 'ltrim');
  return OK;
}

function pushAll(call: Call, list: ListObject, end: End): number {
  const { args } = call;
  list.makeRoomFor(args, 2, args.length);
  for (let at = 2; at < args.length; at++) {
    if (end === 'LEFT') list.pushHead(args[at]!);
    else list.pushTail(args[at]!);
  }
  call.dirty += args.length - 2;
  call.changed(args[1]!, 'l', PUSHED[end]);
  return list.length;
}

/** Since lists are listpacks, the server takes the lower 32 bits of an index and no more. */
function indexArgument({ engine }: Call, text: ByteString): number {
  const index = integerArgument(text);
  if (!isSince(engine.settings.target, LISTPACKS)) return Number(index);
  return typeof index === 'number' && index === (index | 0) ? index : Number(BigInt.asIntN(32, BigInt(index)));
}

function outOfLongRange(): CommandError {
  const most = 2n ** 63n - 1n;
  return new CommandError(`ERR value is out of range, value must between -${most} and ${most}`);
}

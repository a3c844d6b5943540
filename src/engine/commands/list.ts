/**
 * Commands on lists. Those that block answer at once: with what is there, or with nil, as after their time.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, noSuchKey, OK, type Reply, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { checkTimeout } from '../timeout.js';
import { isInt64Text } from '../values/int64-text.js';
import { ListObject } from '../values/list-object.js';

/** Servers with lists as listpacks. */
const LISTPACKS = { redis: '7.2', valkey: '7.2' };
const MIN_INT64 = -(2n ** 63n);

type End = 'LEFT' | 'RIGHT';

export const LIST_COMMANDS: CommandTable = {
  LPUSH: (call) => push(call, 'LEFT'),
  RPUSH: (call) => push(call, 'RIGHT'),
  LPUSHX: (call) => pushExisting(call, 'LEFT'),
  RPUSHX: (call) => pushExisting(call, 'RIGHT'),
  LPOP: (call) => pop(call, 'LEFT'),
  RPOP: (call) => pop(call, 'RIGHT'),
  LINSERT: linsert,
  LSET: lset,
  LREM: lrem,
  LTRIM: ltrim,
  RPOPLPUSH: (call) => move(call, 'RIGHT', 'LEFT'),
  LMOVE: lmove,
  LMPOP: (call) => popFromFirst(call, 1),
  LMOVEM: lmovem,
  BLPOP: (call) => popBlocking(call, 'LEFT'),
  BRPOP: (call) => popBlocking(call, 'RIGHT'),
  BRPOPLPUSH: brpoplpush,
  BLMOVE: blmove,
  BLMPOP: blmpop,
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

/** LPOP key [count] · RPOP key [count] */
function pop(call: Call, end: End): Reply {
  const { args, db } = call;
  if (args.length > 3) throw wrongArity(args[0]!);
  const count = args.length === 3 ? positiveCount(args[2]!) : undefined;
  const key = args[1]!;
  const list = db.getObject(key, 'list');
  if (list === undefined) return null;
  if (count === 0) return [];
  const popped = popMany(call, key, list, end, count ?? 1);
  return count === undefined ? popped[0]! : popped;
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
  if (removed > 0) settle(call, key, list, removed);
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
  settle(call, key, list, before + after);
  return OK;
}

/** LMOVE source destination LEFT|RIGHT LEFT|RIGHT */
function lmove(call: Call): Reply {
  return move(call, endArgument(call.args[3]), endArgument(call.args[4]));
}

/**
 * LMOVEM source destination LEFT|RIGHT LEFT|RIGHT [COUNT|EXACTLY count OBO|BULK]
 *
 * OBO moves one by one, so that they end up as after as many LMOVE; BULK keeps their order. Not confirmed by a live server.
 */
function lmovem(call: Call): Reply {
  const { args, db } = call;
  const [from, to] = [endArgument(args[3]), endArgument(args[4])];
  const isExact = isOption(args[5], 'EXACTLY');
  if (args.length !== 5 && (args.length !== 8 || !(isExact || isOption(args[5], 'COUNT')))) throw syntaxError();
  const count = args.length === 5 ? 1 : rangeArgument(args[6]!, 'count should be greater than 0');
  const isBulk = isOption(args[7], 'BULK');
  if (args.length === 8 && !isBulk && !isOption(args[7], 'OBO')) throw syntaxError();
  const source = db.getObject(args[1]!, 'list');
  if (source === undefined) return null;
  const target = db.getObject(args[2]!, 'list');
  if (isExact && source.length < count) return null;
  const moved = popMany(call, args[1]!, source, from, count);
  // Popped from the right they come last first.
  const inOrder = from === 'LEFT' ? moved : moved.toReversed();
  const pushed = !isBulk ? moved : to === 'LEFT' ? inOrder.toReversed() : inOrder;
  const list = target === source && source.length > 0 ? source : (db.getObject(args[2]!, 'list') ?? addList(call));
  for (const element of pushed) pushMoved(list, element, to);
  return isBulk ? inOrder : moved;
}

/** BLPOP key [key ...] timeout · BRPOP key [key ...] timeout */
function popBlocking(call: Call, end: End): Reply {
  const { args, db } = call;
  checkTimeout(call, args.at(-1));
  for (let at = 1; at < args.length - 1; at++) {
    const list = db.getObject(args[at]!, 'list');
    if (list !== undefined) return [args[at]!, popMany(call, args[at]!, list, end, 1)[0]!];
  }
  return null;
}

/** BRPOPLPUSH source destination timeout */
function brpoplpush(call: Call): Reply {
  checkTimeout(call, call.args[3]);
  return move(call, 'RIGHT', 'LEFT');
}

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout */
function blmove(call: Call): Reply {
  const { args } = call;
  const [from, to] = [endArgument(args[3]), endArgument(args[4])];
  checkTimeout(call, args[5]);
  return move(call, from, to);
}

/** BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count] */
function blmpop(call: Call): Reply {
  return popFromFirst(call, 2, call.args[1]);
}

/** LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count], the number of keys standing at `at`; last the timeout is looked at */
function popFromFirst(call: Call, at: number, timeout?: ByteString): Reply {
  const { args, db } = call;
  const keys = rangeArgument(args[at]!, 'numkeys should be greater than 0');
  const options = at + keys + 1;
  if (options >= args.length) throw syntaxError();
  const end = endArgument(args[options]);
  let count: number | undefined;
  for (let option = options + 1; option < args.length; option += 2) {
    if (count !== undefined || !isOption(args[option], 'COUNT') || option + 1 >= args.length) throw syntaxError();
    count = rangeArgument(args[option + 1]!, 'count should be greater than 0');
  }
  if (timeout !== undefined) checkTimeout(call, timeout);
  for (let index = at + 1; index < options; index++) {
    const key = args[index]!;
    const list = db.getObject(key, 'list');
    if (list !== undefined) return [key, popMany(call, key, list, end, count ?? 1)];
  }
  return null;
}

function move(call: Call, from: End, to: End): Reply {
  const { args, db } = call;
  const source = db.getObject(args[1]!, 'list');
  if (source === undefined) return null;
  const target = db.getObject(args[2]!, 'list');
  const element = from === 'LEFT' ? source.popHead() : source.popTail();
  pushMoved(target ?? addList(call), element, to);
  settle(call, args[1]!, source, 1);
  return element;
}

/** An empty list for the destination in `args[2]`. */
function addList(call: Call): ListObject {
  const list = new ListObject(call.engine.settings);
  call.db.set(call.args[2]!, list);
  return list;
}

/** What comes from a list is an integer to the server where it is one, and then counts no bytes. */
function pushMoved(list: ListObject, element: ByteString, end: End): void {
  list.makeRoom(isInt64Text(element) ? 0 : element.length, 1);
  if (end === 'LEFT') list.pushHead(element);
  else list.pushTail(element);
}

function pushAll(call: Call, list: ListObject, end: End): number {
  const { args } = call;
  list.makeRoomFor(args, 2, args.length);
  for (let at = 2; at < args.length; at++) {
    if (end === 'LEFT') list.pushHead(args[at]!);
    else list.pushTail(args[at]!);
  }
  call.dirty += args.length - 2;
  return list.length;
}

/** Up to so many, in the order of popping one by one. */
function popMany(call: Call, key: ByteString, list: ListObject, end: End, most: number): ByteString[] {
  const count = Math.min(most, list.length);
  const popped: ByteString[] = [];
  for (let at = 0; at < count; at++) popped.push(end === 'LEFT' ? list.popHead() : list.popTail());
  settle(call, key, list, count);
  return popped;
}

/** After elements have been removed: an empty list goes. */
function settle(call: Call, key: ByteString, list: ListObject, removed: number): void {
  if (list.length === 0) call.db.delete(key);
  else list.afterShrinking();
  call.dirty += removed;
}

function endArgument(text: ByteString | undefined): End {
  if (isOption(text, 'LEFT')) return 'LEFT';
  if (isOption(text, 'RIGHT')) return 'RIGHT';
  throw syntaxError();
}

/** Since lists are listpacks, the server takes the lower 32 bits of an index and no more. */
function indexArgument({ engine }: Call, text: ByteString): number {
  const index = integerArgument(text);
  if (!isSince(engine.settings.target, LISTPACKS)) return Number(index);
  return typeof index === 'number' && index === (index | 0) ? index : Number(BigInt.asIntN(32, BigInt(index)));
}

function positiveCount(text: ByteString): number {
  const message = 'value is out of range, must be positive';
  return isInt64Text(text) && !text.startsWith('-') ? numberArgument(text) : refuse(message);
}

/** From 1 on. */
function rangeArgument(text: ByteString, message: string): number {
  return isInt64Text(text) && !text.startsWith('-') && text !== '0' ? numberArgument(text) : refuse(message);
}

function refuse(message: string): never {
  throw new CommandError(`ERR ${message}`);
}

function outOfLongRange(): CommandError {
  const most = 2n ** 63n - 1n;
  return new CommandError(`ERR value is out of range, value must between -${most} and ${most}`);
}

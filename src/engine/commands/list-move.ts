/** Moving elements from the end of one list to the end of another, or of the same, and waiting for some. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { NULL_ARRAY, type Reply, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { checkTimeout } from '../timeout.js';
import { isInt64Text } from '../values/int64-text.js';
import { ListObject } from '../values/list-object.js';
import { countFromOne, type End, endArgument, POPPED, PUSHED, popFrom, popSome, settle } from './list-ends.js';

/** Servers that log what they have done in place of a BRPOPLPUSH that did not have to wait. */
const LOGS_MOVES = { redis: '4.0', valkey: '7.2' };

export const LIST_MOVE_COMMANDS: CommandTable = {
  RPOPLPUSH: (call) => move(call, 'RIGHT', 'LEFT') ?? null,
  LMOVE: (call) => move(call, endArgument(call.args[3]), endArgument(call.args[4])) ?? null,
  BRPOPLPUSH: brpoplpush,
  BLMOVE: blmove,
  LMOVEM: lmovem,
  BLMOVEM: blmovem,
};

/** BRPOPLPUSH source destination timeout */
function brpoplpush(call: Call): Reply {
  const { args } = call;
  const timeoutMs = checkTimeout(call, args[3]);
  const moved = move(call, 'RIGHT', 'LEFT');
  if (moved === undefined) return call.block({ keys: [args[1]!], type: 'list', timeoutMs, atOnce: null });
  if (call.log !== undefined && isSince(call.engine.settings.target, LOGS_MOVES))
    call.log.replace(['RPOPLPUSH', args[1]!, args[2]!]);
  return moved;
}

/** BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout */
function blmove(call: Call): Reply {
  const { args } = call;
  const [from, to] = [endArgument(args[3]), endArgument(args[4])];
  const timeoutMs = checkTimeout(call, args[5]);
  const moved = move(call, from, to);
  if (moved === undefined) return call.block({ keys: [args[1]!], type: 'list', timeoutMs, atOnce: null });
  call.log?.replace(['LMOVE', ...args.slice(1, 5)]);
  return moved;
}

/**
 * LMOVEM source destination LEFT|RIGHT LEFT|RIGHT [COUNT|EXACTLY count OBO|BULK]
 *
 * Neither this nor BLMOVEM has been seen in a server.
 */
function lmovem(call: Call): Reply {
  return moveMany(call, readMany(call, 5)) ?? NULL_ARRAY;
}

/** BLMOVEM source destination LEFT|RIGHT LEFT|RIGHT timeout [COUNT|EXACTLY count OBO|BULK] */
function blmovem(call: Call): Reply {
  const { args } = call;
  if (args.length < 6) throw wrongArity(args[0]!);
  const many = readMany(call, 6);
  const timeoutMs = checkTimeout(call, args[5]);
  const moved = moveMany(call, many);
  if (moved === undefined) return call.block({ keys: [args[1]!], type: 'list', timeoutMs });
  call.log?.replace(['LMOVEM', ...args.slice(1, 5), 'EXACTLY', moved.length, many.isBulk ? 'BULK' : 'OBO']);
  return moved;
}

/** What LMOVEM is to do. OBO moves one by one, as so many LMOVE; BULK leaves the elements in their order. */
interface Many {
  readonly from: End;
  readonly to: End;
  readonly count: number;
  readonly isExact: boolean;
  readonly isBulk: boolean;
}

function readMany({ args }: Call, at: number): Many {
  const [from, to] = [endArgument(args[3]), endArgument(args[4])];
  if (args.length === at) return { from, to, count: 1, isExact: false, isBulk: false };
  const isExact = isOption(args[at], 'EXACTLY');
  if (args.length !== at + 3 || !(isExact || isOption(args[at], 'COUNT'))) throw syntaxError();
  const count = countFromOne(args[at + 1], 'count');
  const isBulk = isOption(args[at + 2], 'BULK');
  if (!isBulk && !isOption(args[at + 2], 'OBO')) throw syntaxError();
  return { from, to, count, isExact, isBulk };
}

/** Answers with the elements as they stand in the destination; undefined where there are none, or too few. */
function moveMany(call: Call, { from, to, count, isExact, isBulk }: Many): ByteString[] | undefined {
  const { args, db } = call;
  const source = db.getObject(args[1]!, 'list');
  if (source === undefined) return undefined;
  const target = db.getObject(args[2]!, 'list');
  if (isExact && source.length < count) return undefined;
  const moved = popSome(source, from, count);
  // In bulk, what was taken last goes in first where that keeps their order.
  if (isBulk && from === to) moved.reverse();
  const list = target ?? addList(call);
  for (const element of moved) push(list, element, to);
  call.changed(args[2]!, 'l', PUSHED[to]);
  settle(call, args[1]!, source, moved.length, POPPED[from]);
  return to === 'LEFT' ? moved.reverse() : moved;
}

/** RPOPLPUSH source destination · LMOVE source destination LEFT|RIGHT LEFT|RIGHT; undefined where there is nothing to move */
function move(call: Call, from: End, to: End): ByteString | undefined {
  const { args, db } = call;
  const source = db.getObject(args[1]!, 'list');
  if (source === undefined) return undefined;
  const target = db.getObject(args[2]!, 'list');
  const element = popFrom(source, from);
  push(target ?? addList(call), element, to);
  call.changed(args[2]!, 'l', PUSHED[to]);
  settle(call, args[1]!, source, 1, POPPED[from]);
  return element;
}

/** An empty list for the destination in `args[2]`. */
function addList(call: Call): ListObject {
  const list = new ListObject(call.engine.settings);
  call.db.set(call.args[2]!, list);
  return list;
}

/** What comes from a list is an integer to the server where it is one, and then counts no bytes. */
function push(list: ListObject, element: ByteString, end: End): void {
  list.makeRoom(isInt64Text(element) ? 0 : element.length, 1);
  if (end === 'LEFT') list.pushHead(element);
  else list.pushTail(element);
}

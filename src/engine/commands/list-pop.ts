/** Taking elements from the ends of lists, and waiting for some. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, NULL_ARRAY, type Reply, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { checkTimeout } from '../timeout.js';
import { isInt64Text } from '../values/int64-text.js';
import { countFromOne, type End, endArgument, POP, POPPED, popFrom, popSome, settle } from './list-ends.js';

/** Servers that log what they have done in place of a command that might have blocked. */
const LOGS_POPS = { redis: '2.6', valkey: '7.2' };
/** Servers that answer to a count with an array where there is none, too. */
const ANSWERS_ARRAYS = { redis: '7.0', valkey: '7.2' };

export const LIST_POP_COMMANDS: CommandTable = {
  LPOP: (call) => pop(call, 'LEFT'),
  RPOP: (call) => pop(call, 'RIGHT'),
  LMPOP: (call) => popFromFirst(call, 1),
  BLPOP: (call) => popBlocking(call, 'LEFT'),
  BRPOP: (call) => popBlocking(call, 'RIGHT'),
  BLMPOP: (call) => popFromFirst(call, 2),
};

/** LPOP key [count] · RPOP key [count] */
function pop(call: Call, end: End): Reply {
  const { args, db } = call;
  if (args.length > 3) throw wrongArity(args[0]!);
  const count = args.length === 3 ? positiveCount(args[2]!) : undefined;
  const key = args[1]!;
  const list = db.getObject(key, 'list');
  if (list === undefined)
    return count !== undefined && isSince(call.engine.settings.target, ANSWERS_ARRAYS) ? NULL_ARRAY : null;
  if (count === 0) return [];
  if (count === undefined) {
    const popped = popFrom(list, end);
    settle(call, key, list, 1, POPPED[end]);
    return popped;
  }
  const popped = popSome(list, end, count);
  settle(call, key, list, popped.length, POPPED[end]);
  return popped;
}

/** BLPOP key [key ...] timeout · BRPOP key [key ...] timeout */
function popBlocking(call: Call, end: End): Reply {
  const { args, db } = call;
  const timeoutMs = checkTimeout(call, args.at(-1));
  for (let at = 1; at < args.length - 1; at++) {
    const key = args[at]!;
    const list = db.getObject(key, 'list');
    if (list === undefined) continue;
    if (call.log !== undefined && isSince(call.engine.settings.target, LOGS_POPS)) call.log.replace([POP[end], key]);
    const popped = popFrom(list, end);
    settle(call, key, list, 1, POPPED[end]);
    return [key, popped];
  }
  return call.block({ keys: args.slice(1, -1), type: 'list', timeoutMs });
}

/**
 * LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count] · BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count], the
 * number of keys standing at `at`; last the timeout is looked at
 */
function popFromFirst(call: Call, at: number): Reply {
  const { args, db } = call;
  const options = at + countFromOne(args[at], 'numkeys') + 1;
  if (options >= args.length) throw syntaxError();
  const end = endArgument(args[options]);
  let count: number | undefined;
  for (let option = options + 1; option < args.length; option += 2) {
    if (count !== undefined || !isOption(args[option], 'COUNT') || option + 1 >= args.length) throw syntaxError();
    count = countFromOne(args[option + 1], 'count');
  }
  const timeoutMs = at === 2 ? checkTimeout(call, args[1]) : undefined;
  for (let index = at + 1; index < options; index++) {
    const key = args[index]!;
    const list = db.getObject(key, 'list');
    if (list === undefined) continue;
    const popped = popSome(list, end, count ?? 1);
    call.log?.replace([POP[end], key, popped.length]);
    settle(call, key, list, popped.length, POPPED[end]);
    return [key, popped];
  }
  if (timeoutMs === undefined) return NULL_ARRAY;
  return call.block({ keys: args.slice(at + 1, options), type: 'list', timeoutMs });
}

function positiveCount(text: ByteString): number {
  if (isInt64Text(text) && !text.startsWith('-')) return numberArgument(text);
  throw new CommandError('ERR value is out of range, must be positive');
}

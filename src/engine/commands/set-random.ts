/** Random members of sets. */
import type { ByteString } from '../../bytes/byte-string.js';
import { numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, SetReply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { isInt64Text } from '../values/int64-text.js';
import { drawAny, randomCount } from './random-count.js';

/** Servers that log many members with one SREM, so many at most, and a set that goes by how they free its memory. */
const LOGS_TOGETHER = { redis: '7.2', valkey: '7.2' };
const MOST_LOGGED = 1024;
/** Servers that log more than one SREM as a transaction. */
const LOGS_AS_ONE = { redis: '6.0', valkey: '7.2' };

export const SET_RANDOM_COMMANDS: CommandTable = {
  SPOP: spop,
  SRANDMEMBER: srandmember,
};

/** SPOP key [count] */
function spop(call: Call): Reply {
  const { args, db, engine } = call;
  if (args.length > 3) throw syntaxError();
  if (args.length === 3) return popMany(call, positiveCount(args[2]!));
  const key = args[1]!;
  const set = db.getObject(key, 'set');
  if (set === undefined) return null;
  const member = set.takeRandom(engine.random);
  call.log?.replace(['SREM', key, member]);
  settle(call, key, 1, set.size === 0);
  return member;
}

function popMany(call: Call, count: number): Reply {
  const { args, db, engine } = call;
  const key = args[1]!;
  const set = db.getObject(key, 'set');
  if (set === undefined || count === 0) return new SetReply([]);
  const isAll = count >= set.size;
  const popped = isAll ? [...set.values()] : set.takeSome(count, engine.random);
  if (isAll) call.log?.replace([nameOfDeletion(call), key]);
  else logRemovals(call, key, popped);
  settle(call, key, popped.length, isAll);
  return new SetReply(popped);
}

function settle(call: Call, key: ByteString, popped: number, isEmpty: boolean): void {
  if (isEmpty) call.db.delete(key);
  call.dirty += popped;
  call.changed(key, 's', 'spop');
  if (isEmpty) call.notify('g', 'del', key);
}

function nameOfDeletion({ engine }: Call): 'DEL' | 'UNLINK' {
  const { target, lazyFree } = engine.settings;
  return lazyFree.serverDel && isSince(target, LOGS_TOGETHER) ? 'UNLINK' : 'DEL';
}

function logRemovals({ log, db, engine }: Call, key: ByteString, members: readonly ByteString[]): void {
  if (log === undefined) return;
  const { target } = engine.settings;
  const size = isSince(target, LOGS_TOGETHER) ? MOST_LOGGED : 1;
  const lines: ByteString[][] = [];
  for (let at = 0; at < members.length; at += size) lines.push(['SREM', key, ...members.slice(at, at + size)]);
  if (!isSince(target, LOGS_AS_ONE)) {
    log.replace(lines[0]!, ...lines.slice(1));
    return;
  }
  for (const line of lines) log.also(db.index, line);
  log.prevent();
}

/** SRANDMEMBER key [count] */
function srandmember({ args, db, engine }: Call): Reply {
  if (args.length > 3) throw syntaxError();
  if (args.length === 2) return db.getObject(args[1]!, 'set')?.randomMember(engine.random) ?? null;
  const count = randomCount(args);
  const set = db.getObject(args[1]!, 'set');
  if (set === undefined || count === 0) return [];
  if (count >= set.size) return [...set.values()];
  if (count > 0) return set.someMembers(Number(count), engine.random);
  return drawAny(-Number(count), () => set.randomMember(engine.random));
}

function positiveCount(text: ByteString): number {
  if (isInt64Text(text) && !text.startsWith('-')) return numberArgument(text);
  throw new CommandError('ERR value is out of range, must be positive');
}

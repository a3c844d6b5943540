/** Commands on the members of sets, but for random ones. */
import type { Call, CommandTable } from '../call.js';
import { type Reply, SetReply } from '../reply.js';
import { SetObject } from '../values/set-object.js';

export const SET_COMMANDS: CommandTable = {
  SADD: sadd,
  SREM: srem,
  SMOVE: smove,
  SCARD: ({ db, args }) => db.getObject(args[1]!, 'set')?.size ?? 0,
  SISMEMBER: ({ db, args }) => (db.getObject(args[1]!, 'set')?.has(args[2]!) ? 1 : 0),
  SMISMEMBER: smismember,
  SMEMBERS: ({ db, args }) => new SetReply([...(db.getObject(args[1]!, 'set')?.values() ?? [])]),
};

/** SADD key member [member ...] */
function sadd(call: Call): Reply {
  const { args, db } = call;
  const key = args[1]!;
  let set = db.getObject(key, 'set');
  if (set === undefined) {
    set = new SetObject(call.engine.settings, args[2]!, args.length - 2);
    db.set(key, set);
  } else {
    set.makeRoom(args.length - 2);
  }
  let added = 0;
  for (let at = 2; at < args.length; at++) if (set.add(args[at]!)) added++;
  if (added === 0) return 0;
  call.dirty += added;
  call.changed(key, 's', 'sadd');
  return added;
}

/** SREM key member [member ...] */
function srem(call: Call): Reply {
  const { args, db } = call;
  const key = args[1]!;
  const set = db.getObject(key, 'set');
  if (set === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < args.length; at++) if (set.remove(args[at]!)) removed++;
  if (removed === 0) return 0;
  const isEmpty = set.size === 0;
  if (isEmpty) db.delete(key);
  call.dirty += removed;
  call.changed(key, 's', 'srem');
  if (isEmpty) call.notify('g', 'del', key);
  return removed;
}

/** SMOVE source destination member */
function smove(call: Call): Reply {
  const { args, db } = call;
  const [, from, to, member] = args as [string, string, string, string];
  const source = db.getObject(from, 'set');
  if (source === undefined) return 0;
  const target = db.getObject(to, 'set');
  if (source === target) return source.has(member) ? 1 : 0;
  if (!source.remove(member)) return 0;
  const isEmpty = source.size === 0;
  if (isEmpty) db.delete(from);
  call.changed(from, 's', 'srem');
  if (isEmpty) call.notify('g', 'del', from);
  const set = target ?? new SetObject(call.engine.settings, member);
  if (target === undefined) db.set(to, set);
  call.dirty++;
  if (!set.add(member)) return 1;
  call.dirty++;
  call.changed(to, 's', 'sadd');
  return 1;
}

/** SMISMEMBER key member [member ...] */
function smismember({ db, args }: Call): Reply {
  const set = db.getObject(args[1]!, 'set');
  const found: number[] = [];
  for (let at = 2; at < args.length; at++) found.push(set?.has(args[at]!) ? 1 : 0);
  return found;
}

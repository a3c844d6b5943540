/** Commands on sets. */
import type { ByteString } from '../../bytes/byte-string.js';
import { numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { isInt64Text } from '../values/int64-text.js';
import { SetObject } from '../values/set-object.js';

export const SET_COMMANDS: CommandTable = {
  SADD: sadd,
  SREM: srem,
  SPOP: spop,
  SMOVE: smove,
  SINTERSTORE: sinterstore,
  SUNIONSTORE: sunionstore,
  SDIFFSTORE: sdiffstore,
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
  call.dirty += added;
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
  if (set.size === 0) db.delete(key);
  call.dirty += removed;
  return removed;
}

/** SPOP key [count] */
function spop(call: Call): Reply {
  const { args, db, engine } = call;
  if (args.length > 3) throw syntaxError();
  const count = args.length === 3 ? positiveCount(args[2]!) : undefined;
  const key = args[1]!;
  const set = db.getObject(key, 'set');
  if (set === undefined) return count === undefined ? null : [];
  const isAll = count !== undefined && count >= set.size;
  const popped = isAll ? [...set.values()] : popRandom(set, count ?? 1, engine.random);
  if (isAll || set.size === 0) db.delete(key);
  call.dirty += popped.length;
  return count === undefined ? popped[0]! : popped;
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
  if (source.size === 0) db.delete(from);
  const set = target ?? new SetObject(call.engine.settings, member);
  if (target === undefined) db.set(to, set);
  call.dirty++;
  if (set.add(member)) call.dirty++;
  return 1;
}

/** SINTERSTORE destination key [key ...] */
function sinterstore(call: Call): Reply {
  const all = setsOf(call);
  if (all.includes(undefined)) return store(call, undefined);
  const sets = (all as SetObject[]).toSorted((a, b) => a.size - b.size);
  const [smallest, ...others] = sets;
  const { settings } = call.engine;
  const isPacked = isSince(settings.target, { redis: '7.2', valkey: '7.2' });
  // Newer servers begin with a listpack, and make an intset of it where it turns out to be one.
  const result = new SetObject(settings, isPacked && smallest!.encoding() !== 'intset' ? 'x' : '0');
  let areIntegers = true;
  for (const member of smallest!.values()) {
    if (!others.every((set) => set.has(member))) continue;
    if (areIntegers && !isInt64Text(member)) areIntegers = false;
    result.add(member);
  }
  if (isPacked && areIntegers) result.becomeIntset();
  return store(call, result);
}

/** SUNIONSTORE destination key [key ...] */
function sunionstore(call: Call): Reply {
  const sets = setsOf(call);
  const result = new SetObject(call.engine.settings, '0');
  for (const set of sets) if (set !== undefined) for (const member of set.values()) result.add(member);
  return store(call, result);
}

/** SDIFFSTORE destination key [key ...] */
function sdiffstore(call: Call): Reply {
  const [first, ...rest] = setsOf(call);
  if (first === undefined || rest.includes(first)) return store(call, undefined);
  const others = rest.filter((set) => set !== undefined);
  const result = new SetObject(call.engine.settings, '0');
  if (isTestedPerMember(first, others)) {
    for (const member of first.values()) if (!others.some((set) => set.has(member))) result.add(member);
  } else {
    // What is added and removed again leaves its mark on the form.
    for (const member of first.values()) result.add(member);
    for (const set of others) for (const member of set.values()) result.remove(member);
  }
  return store(call, result);
}

/** Which of its two ways the server takes: to look each member up in all others, or to remove theirs from a copy. */
function isTestedPerMember(first: SetObject, others: readonly SetObject[]): boolean {
  let perMember = first.size;
  let perSet = first.size;
  for (const set of others) {
    perMember += first.size;
    perSet += set.size;
  }
  return Math.floor(perMember / 2) <= perSet;
}

/** The sets from `args[2]` on. */
function setsOf({ args, db }: Call): (SetObject | undefined)[] {
  const sets: (SetObject | undefined)[] = [];
  for (let at = 2; at < args.length; at++) sets.push(db.getObject(args[at]!, 'set'));
  return sets;
}

/** Puts a result in `args[1]`, or removes what is there where it is empty. */
function store(call: Call, result: SetObject | undefined): number {
  const key = call.args[1]!;
  if (result !== undefined && result.size > 0) {
    call.db.set(key, result);
    call.dirty++;
    return result.size;
  }
  if (call.db.has(key) && call.db.delete(key)) call.dirty++;
  return 0;
}

function popRandom(set: SetObject, count: number, random: () => number): ByteString[] {
  const popped: ByteString[] = [];
  for (let left = count; left > 0; left--) {
    const member = set.at(Math.floor(random() * set.size));
    set.remove(member);
    popped.push(member);
  }
  return popped;
}

function positiveCount(text: ByteString): number {
  if (isInt64Text(text) && !text.startsWith('-')) return numberArgument(text);
  throw new CommandError('ERR value is out of range, must be positive');
}

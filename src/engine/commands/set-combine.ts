/** What sets have in common, have together, and do not share. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, SetReply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { isInt64Text } from '../values/int64-text.js';
import { SetObject } from '../values/set-object.js';

export const SET_COMBINE_COMMANDS: CommandTable = {
  SINTER: (call) => new SetReply([...intersection(setsFrom(call, 1))]),
  SUNION: sunion,
  SDIFF: sdiff,
  SINTERCARD: sintercard,
  SINTERSTORE: sinterstore,
  SUNIONSTORE: sunionstore,
  SDIFFSTORE: sdiffstore,
};

/** SUNION key [key ...] */
function sunion(call: Call): Reply {
  const members = new Set<ByteString>();
  for (const set of setsFrom(call, 1)) if (set !== undefined) for (const member of set.values()) members.add(member);
  return new SetReply([...members]);
}

/** SDIFF key [key ...] */
function sdiff(call: Call): Reply {
  const [first, ...others] = setsFrom(call, 1);
  const members = [...(first?.values() ?? [])].filter((member) => !others.some((set) => set?.has(member)));
  return new SetReply(members);
}

/** SINTERCARD numkeys key [key ...] [LIMIT limit] */
function sintercard(call: Call): Reply {
  const { args } = call;
  const keys = isInt64Text(args[1]!) ? numberArgument(args[1]) : 0;
  if (keys < 1) throw new CommandError('ERR numkeys should be greater than 0');
  if (keys > args.length - 2) throw new CommandError("ERR Number of keys can't be greater than number of args");
  let limit = 0;
  for (let at = 2 + keys; at < args.length; at += 2) {
    if (!isOption(args[at], 'LIMIT') || at + 1 === args.length) throw syntaxError();
    limit = isInt64Text(args[at + 1]!) ? numberArgument(args[at + 1]) : -1;
    if (limit < 0) throw new CommandError("ERR LIMIT can't be negative");
  }
  let count = 0;
  for (const _ of intersection(setsFrom(call, 2, 2 + keys))) if (++count === limit) break;
  return count;
}

/** SINTERSTORE destination key [key ...] */
function sinterstore(call: Call): Reply {
  const sets = setsFrom(call, 2);
  if (sets.includes(undefined)) return store(call, undefined, 'sinterstore');
  const { settings } = call.engine;
  const isPacked = isSince(settings.target, { redis: '7.2', valkey: '7.2' });
  // Newer servers begin with a listpack, and make an intset of it where it turns out to be one.
  const result = new SetObject(settings, isPacked && smallest(sets)!.encoding() !== 'intset' ? 'x' : '0');
  let areIntegers = true;
  for (const member of intersection(sets)) {
    if (areIntegers && !isInt64Text(member)) areIntegers = false;
    result.add(member);
  }
  if (isPacked && areIntegers) result.becomeIntset();
  return store(call, result, 'sinterstore');
}

/** SUNIONSTORE destination key [key ...] */
function sunionstore(call: Call): Reply {
  const result = new SetObject(call.engine.settings, '0');
  for (const set of setsFrom(call, 2)) if (set !== undefined) for (const member of set.values()) result.add(member);
  return store(call, result, 'sunionstore');
}

/** SDIFFSTORE destination key [key ...] */
function sdiffstore(call: Call): Reply {
  const [first, ...rest] = setsFrom(call, 2);
  if (first === undefined || rest.includes(first)) return store(call, undefined, 'sdiffstore');
  const others = rest.filter((set) => set !== undefined);
  const result = new SetObject(call.engine.settings, '0');
  if (isTestedPerMember(first, others)) {
    for (const member of first.values()) if (!others.some((set) => set.has(member))) result.add(member);
  } else {
    // What is added and removed again leaves its mark on the form.
    for (const member of first.values()) result.add(member);
    for (const set of others) for (const member of set.values()) result.remove(member);
  }
  return store(call, result, 'sdiffstore');
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

/** The sets of the keys from one argument up to another. */
function setsFrom({ args, db }: Call, from: number, to = args.length): (SetObject | undefined)[] {
  const sets: (SetObject | undefined)[] = [];
  for (let at = from; at < to; at++) sets.push(db.getObject(args[at]!, 'set'));
  return sets;
}

/** Undefined where one is missing, which is as small as a set can be. */
function smallest(sets: readonly (SetObject | undefined)[]): SetObject | undefined {
  let found = sets[0];
  for (const set of sets) if (found !== undefined && (set === undefined || set.size < found.size)) found = set;
  return found;
}

/** In the order of the smallest. */
function* intersection(sets: readonly (SetObject | undefined)[]): Generator<ByteString, void, void> {
  const first = smallest(sets);
  if (first === undefined) return;
  for (const member of first.values()) if (sets.every((set) => set!.has(member))) yield member;
}

/** Puts a result in `args[1]`, or removes what is there where it is empty. */
function store(call: Call, result: SetObject | undefined, event: string): number {
  const { db, args } = call;
  const key = args[1]!;
  if (result !== undefined && result.size > 0) {
    db.set(key, result);
    call.dirty++;
    call.changed(key, 's', event);
    return result.size;
  }
  if (!db.has(key)) return 0;
  db.delete(key);
  call.dirty++;
  call.changed(key, 'g', 'del');
  return 0;
}

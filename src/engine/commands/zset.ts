/** Sorted sets, member by member. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Target } from '../../rdb/versions.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { doubleArgument } from '../double.js';
import type { Engine } from '../engine.js';
import { CommandError, DoubleReply, NULL_ARRAY, type Reply, syntaxError, wrongArity } from '../reply.js';
import { ZsetObject } from '../values/zset-object.js';

export const ZSET_COMMANDS: CommandTable = {
  ZADD: zadd,
  ZCARD: zcard,
  ZINCRBY: zincrby,
  ZMSCORE: zmscore,
  ZRANK: (call) => rank(call, false),
  ZREM: zrem,
  ZREVRANK: (call) => rank(call, true),
  ZSCORE: zscore,
};

/** ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...] */
function zadd(call: Call): Reply {
  return addScored(call, false);
}

/** ZINCRBY key increment member */
function zincrby(call: Call): Reply {
  return addScored(call, true);
}

/** Options of ZADD, as bits. */
const NX = 1;
const XX = 2;
const GT = 4;
const LT = 8;
const CH = 16;
const INCR = 32;

function addScored(call: Call, isIncrement: boolean): Reply {
  const { args } = call;
  const { target } = call.engine.settings;
  let options = isIncrement ? INCR : 0;
  let first = 2;
  for (let option = optionOf(args[first]); option !== 0; option = optionOf(args[++first])) options |= option;
  checkOptions(options, args.length - first);
  const count = (args.length - first) / 2;
  if (count === 1) {
    const score = doubleArgument(args[first], target);
    return putScores(call, args[1]!, [args[first + 1]!], [score], options);
  }
  const members: ByteString[] = [];
  const scores: number[] = [];
  for (let at = first; at < args.length; at += 2) {
    scores.push(doubleArgument(args[at], target));
    members.push(args[at + 1]!);
  }
  return putScores(call, args[1]!, members, scores, options);
}

/** Bits of {@link putScores} for what GEOADD shares with ZADD. */
export const PUT_OPTIONS = { NX, XX, CH } as const;

/** What ZADD does once it has read its arguments. */
export function putScores(
  call: Call,
  key: ByteString,
  members: readonly ByteString[],
  scores: readonly number[],
  options: number,
): Reply {
  const { settings } = call.engine;
  const isIncrement = (options & INCR) !== 0;
  const zset = call.db.getObject(key, 'zset');
  if (zset === undefined && (options & XX) !== 0) return isIncrement ? null : 0;
  const target = zset ?? beginFor(members, call.engine);
  if (zset !== undefined) expectMembers(zset, members, call.engine);
  if (isIncrement) return incrementOne(call, key, target, members[0]!, scores[0]!, options);
  if (zset === undefined) call.db.set(key, target);
  let added = 0;
  let updated = 0;
  for (let at = 0; at < members.length; at++) {
    const member = members[at]!;
    const score = scores[at]!;
    const before = target.score(member);
    if (before === undefined) {
      if ((options & XX) !== 0) continue;
      added++;
    } else {
      if (before === score || isRefused(options, before, score)) continue;
      updated++;
    }
    target.put(member, score, before, settings);
  }
  const changed = added + updated;
  call.dirty = changed;
  if (changed > 0) call.changed(key, 'z', 'zadd');
  return (options & CH) !== 0 ? changed : added;
}

/** ZADD … INCR and ZINCRBY. Throws "resulting score is not a number (NaN)". */
function incrementOne(
  call: Call,
  key: ByteString,
  zset: ZsetObject,
  member: ByteString,
  increment: number,
  options: number,
): Reply {
  const before = zset.score(member);
  if (before === undefined && (options & XX) !== 0) return null;
  if (before !== undefined && (options & NX) !== 0) return null;
  const score = before === undefined ? increment : before + increment;
  if (Number.isNaN(score)) throw new CommandError('ERR resulting score is not a number (NaN)');
  if (before !== undefined && isRefused(options, before, score)) return null;
  if (score !== before) {
    if (zset.size === 0) call.db.set(key, zset);
    zset.put(member, score, before, call.engine.settings);
    call.dirty = 1;
    call.changed(key, 'z', 'zincr');
  }
  return new DoubleReply(score);
}

/** ZREM key member [member ...] */
function zrem(call: Call): Reply {
  const { db, args } = call;
  const zset = db.getObject(args[1]!, 'zset');
  if (zset === undefined) return 0;
  let removed = 0;
  for (let at = 2; at < args.length && zset.size > 0; at++) if (zset.remove(args[at]!)) removed++;
  return endRemoval(call, zset, 'zrem', removed);
}

/** Members have been taken out of the set at the first key: an empty one goes. Answers with their number. */
export function endRemoval(call: Call, zset: ZsetObject, event: string, removed: number): number {
  if (removed === 0) return 0;
  const key = call.args[1]!;
  const isEmpty = zset.size === 0;
  if (isEmpty) call.db.delete(key);
  call.dirty = removed;
  call.changed(key, 'z', event);
  if (isEmpty) call.notify('g', 'del', key);
  return removed;
}

/** ZCARD key */
function zcard({ db, args }: Call): Reply {
  return db.getObject(args[1]!, 'zset')?.size ?? 0;
}

/** ZSCORE key member */
function zscore({ db, args }: Call): Reply {
  return scoreReply(db.getObject(args[1]!, 'zset'), args[2]!);
}

/** ZMSCORE key member [member ...] */
function zmscore({ db, args }: Call): Reply {
  const zset = db.getObject(args[1]!, 'zset');
  return args.slice(2).map((member) => scoreReply(zset, member));
}

/** ZRANK key member [WITHSCORE], ZREVRANK likewise */
function rank({ db, args, engine }: Call, isReverse: boolean): Reply {
  if (args.length > (engine.settings.target.version >= VERSION_7_2 ? 4 : 3)) throw wrongArity(args[0]!);
  if (args.length === 4 && !isOption(args[3], 'WITHSCORE')) throw syntaxError();
  const withScore = args.length === 4;
  const zset = db.getObject(args[1]!, 'zset');
  const found = zset?.rank(args[2]!);
  if (zset === undefined || found === undefined) return withScore ? NULL_ARRAY : null;
  const counted = isReverse ? zset.size - 1 - found : found;
  return withScore ? [counted, scoreReply(zset, args[2]!)] : counted;
}

/** The bit of an option of ZADD; 0 for what is none, which is where the scores begin. */
function optionOf(text: ByteString | undefined): number {
  if (text === undefined || text.length < 2 || text.length > 4) return 0;
  // Digits, signs and points begin no option: nearly every ZADD has none.
  if (text.charCodeAt(0) < 0x41) return 0;
  if (isOption(text, 'NX')) return NX;
  if (isOption(text, 'XX')) return XX;
  if (isOption(text, 'GT')) return GT;
  if (isOption(text, 'LT')) return LT;
  if (isOption(text, 'CH')) return CH;
  return isOption(text, 'INCR') ? INCR : 0;
}

function checkOptions(options: number, left: number): void {
  if (left === 0 || left % 2 !== 0) throw syntaxError();
  if (options === 0) return;
  const has = (option: number): boolean => (options & option) !== 0;
  if (has(NX) && has(XX)) throw new CommandError('ERR XX and NX options at the same time are not compatible');
  if ((has(NX) && (has(GT) || has(LT))) || (has(GT) && has(LT)))
    throw new CommandError('ERR GT, LT, and/or NX options at the same time are not compatible');
  if (has(INCR) && left > 2) throw new CommandError('ERR INCR option supports a single increment-element pair');
}

/** Whether an option keeps a member at the score that it has. */
function isRefused(options: number, before: number, score: number): boolean {
  if (options === 0) return false;
  return (options & NX) !== 0 || ((options & GT) !== 0 && score <= before) || ((options & LT) !== 0 && score >= before);
}

/**
 * A new set in the form in which the server begins one for these members. From 7.2 on their number counts, those that come
 * twice included; the size of the first, or in Valkey from 8.0 on of the longest.
 */
function beginFor(members: readonly ByteString[], { settings }: Engine): ZsetObject {
  const { target } = settings;
  const size = measuresAll(target) ? longest(members) : members[0]!.length;
  return ZsetObject.begin(settings, target.version >= VERSION_7_2 ? members.length : 1, size);
}

/** What {@link beginFor} looks at may expand a set that is there as well, even if nothing is added to it then. */
function expectMembers(zset: ZsetObject, members: readonly ByteString[], { settings }: Engine): void {
  const { target } = settings;
  if (!zset.isPacked || target.version < VERSION_7_2) return;
  zset.expect(members.length, measuresAll(target) ? longest(members) : 0, settings);
}

const VERSION_7_2 = 11;

function measuresAll({ family, name }: Target): boolean {
  return family === 'valkey' && name !== 'valkey:7.2';
}

function longest(members: readonly ByteString[]): number {
  let size = 0;
  for (const member of members) size = Math.max(size, member.length);
  return size;
}

function scoreReply(zset: ZsetObject | undefined, member: ByteString): Reply {
  const score = zset?.score(member);
  return score === undefined ? null : new DoubleReply(score);
}

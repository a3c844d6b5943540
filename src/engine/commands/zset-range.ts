/** Ranges of sorted sets by rank, score and member: what is in them, how much, and their removal. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Target } from '../../rdb/versions.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, DoubleReply, PairsReply, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { RankedPairs } from '../values/ordered-index.js';
import { ZsetObject } from '../values/zset-object.js';
import { endRemoval } from './zset.js';
import { LexRange, limitedRanks, NO_RANKS, type RankRange, ScoreRange } from './zset-arguments.js';

export const ZSET_RANGE_COMMANDS: CommandTable = {
  ZCOUNT: zcount,
  ZLEXCOUNT: zlexcount,
  ZRANGE: (call) => range(call, undefined, undefined),
  ZRANGEBYLEX: (call) => range(call, 'lex', false),
  ZRANGEBYSCORE: (call) => range(call, 'score', false),
  ZRANGESTORE: zrangestore,
  ZREMRANGEBYLEX: zremrangebylex,
  ZREMRANGEBYRANK: zremrangebyrank,
  ZREMRANGEBYSCORE: zremrangebyscore,
  ZREVRANGE: (call) => range(call, 'rank', true),
  ZREVRANGEBYLEX: (call) => range(call, 'lex', true),
  ZREVRANGEBYSCORE: (call) => range(call, 'score', true),
};

/** ZREMRANGEBYRANK key start stop */
function zremrangebyrank(call: Call): Reply {
  const { args } = call;
  const start = numberArgument(args[2]);
  const stop = numberArgument(args[3]);
  return removeRange(call, 'zremrangebyrank', (zset) => rankRange(zset, start, stop));
}

/** ZREMRANGEBYSCORE key min max */
function zremrangebyscore(call: Call): Reply {
  const { args, engine } = call;
  const scores = new ScoreRange(args[2]!, args[3]!, engine.settings.target);
  return removeRange(call, 'zremrangebyscore', (zset) => scores.ranks(zset));
}

/** ZREMRANGEBYLEX key min max */
function zremrangebylex(call: Call): Reply {
  const { args } = call;
  const members = new LexRange(args[2]!, args[3]!);
  return removeRange(call, 'zremrangebylex', (zset) => members.ranks(zset));
}

/** ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count] */
function zrangestore(call: Call): Reply {
  const { args, db, engine } = call;
  const parsed = parseRange(call, 2, undefined, undefined, true);
  const zset = db.getObject(args[2]!, 'zset');
  const { start, end } = zset === undefined ? NO_RANKS : parsed.ranks(zset);
  if (zset === undefined || start === end) return storeZset(call, args[1]!, undefined, 'zrangestore');
  const { members, scores } = zset.slice(start, end);
  // The number of members is known beforehand to a range by rank alone.
  const result = ZsetObject.begin(engine.settings, parsed.by === 'rank' ? members.length : 0, 0);
  const first = parsed.isReverse ? members.length - 1 : 0;
  for (let done = 0; done < members.length; done++) {
    const at = Math.abs(first - done);
    result.put(members[at]!, scores[at]!, undefined, engine.settings);
  }
  return storeZset(call, args[1]!, result, 'zrangestore');
}

/** ZCOUNT key min max */
function zcount({ args, db, engine }: Call): Reply {
  const scores = new ScoreRange(args[2]!, args[3]!, engine.settings.target);
  const zset = db.getObject(args[1]!, 'zset');
  return zset === undefined ? 0 : countOf(scores.ranks(zset));
}

/** ZLEXCOUNT key min max */
function zlexcount({ args, db }: Call): Reply {
  const members = new LexRange(args[2]!, args[3]!);
  const zset = db.getObject(args[1]!, 'zset');
  return zset === undefined ? 0 : countOf(members.ranks(zset));
}

type RangeKind = 'rank' | 'score' | 'lex';

/**
 * ZRANGE key min max [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES], and the older commands, which have kind and
 * direction in their names: Z[REV]RANGE, Z[REV]RANGEBYSCORE, Z[REV]RANGEBYLEX.
 */
function range(call: Call, kind: RangeKind | undefined, isReverse: boolean | undefined): Reply {
  const parsed = parseRange(call, 1, kind, isReverse, false);
  const zset = call.db.getObject(call.args[1]!, 'zset');
  if (zset === undefined) return [];
  const { start, end } = parsed.ranks(zset);
  return rangeReply(zset.slice(start, end), parsed.isReverse, parsed.withScores);
}

/** Puts the result of a command in its place: what is empty deletes what was there. Answers with its size. */
export function storeZset(
  call: Call,
  key: ByteString,
  result: ZsetObject | undefined,
  event: string,
  changes = 1,
): number {
  const { db } = call;
  if (result === undefined || result.size === 0) {
    if (!db.has(key)) return 0;
    db.delete(key);
    call.dirty = 1;
    call.changed(key, 'g', 'del');
    return 0;
  }
  db.set(key, result);
  call.dirty = changes;
  call.changed(key, 'z', event);
  return result.size;
}

/** Members, each with its score where that was asked for. */
export function rangeReply(ranked: RankedPairs, isReverse: boolean, withScores: boolean): Reply {
  if (withScores) return new PairsReply(scoredPairs(ranked, isReverse));
  return isReverse ? [...ranked.members].reverse() : ranked.members;
}

export function scoredPairs({ members, scores }: RankedPairs, isReverse: boolean): [ByteString, DoubleReply][] {
  const pairs = members.map((member, at): [ByteString, DoubleReply] => [member, new DoubleReply(scores[at]!)]);
  return isReverse ? pairs.reverse() : pairs;
}

interface ParsedRange {
  readonly by: RangeKind;
  readonly isReverse: boolean;
  readonly withScores: boolean;
  ranks(zset: ZsetObject): RankRange;
}

interface RangeOptions {
  by: RangeKind | undefined;
  isReverse: boolean | undefined;
  withScores: boolean;
  skip: number;
  /** Negative: all of them. */
  limit: number;
}

function parseRange(
  call: Call,
  keyAt: number,
  kind: RangeKind | undefined,
  direction: boolean | undefined,
  isStore: boolean,
): ParsedRange {
  const { args } = call;
  const options = parseOptions(args, keyAt + 3, kind, direction, isStore);
  const { by = 'rank', isReverse = false, withScores, skip, limit } = options;
  if (limit !== -1 && by === 'rank')
    throw new CommandError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  if (withScores && by === 'lex')
    throw new CommandError('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
  const swapped = isReverse && by !== 'rank';
  const min = args[keyAt + (swapped ? 2 : 1)]!;
  const max = args[keyAt + (swapped ? 1 : 2)]!;
  const ranks = rangeFinder(call, by, min, max, isReverse, skip, limit < 0 ? Infinity : limit);
  return { by, isReverse, withScores, ranks };
}

function parseOptions(
  args: readonly ByteString[],
  from: number,
  by: RangeKind | undefined,
  isReverse: boolean | undefined,
  isStore: boolean,
): RangeOptions {
  const options: RangeOptions = { by, isReverse, withScores: false, skip: 0, limit: -1 };
  for (let at = from; at < args.length; at++) {
    const text = args[at];
    if (!isStore && isOption(text, 'WITHSCORES')) options.withScores = true;
    else if (isOption(text, 'LIMIT') && args.length - at > 2) {
      options.skip = numberArgument(args[at + 1]);
      options.limit = numberArgument(args[at + 2]);
      at += 2;
    } else if (isReverse === undefined && options.isReverse === undefined && isOption(text, 'REV'))
      options.isReverse = true;
    else if (options.by === undefined && isOption(text, 'BYLEX')) options.by = 'lex';
    else if (options.by === undefined && isOption(text, 'BYSCORE')) options.by = 'score';
    else throw syntaxError();
  }
  return options;
}

function rangeFinder(
  call: Call,
  by: RangeKind,
  min: ByteString,
  max: ByteString,
  isReverse: boolean,
  skip: number,
  limit: number,
): (zset: ZsetObject) => RankRange {
  if (by === 'rank') {
    const start = numberArgument(min);
    const stop = numberArgument(max);
    return (zset) => mirrored(rankRange(zset, start, stop), zset, isReverse);
  }
  const { target } = call.engine.settings;
  const skipsBack = skip < 0 && countsBack(target);
  if (by === 'score') {
    const scores = new ScoreRange(min, max, target);
    return (zset) => {
      const ranks = scores.ranks(zset);
      return limitedRanks(ranks, isReverse, skipsBack ? fromEnd(ranks, zset, skip) : skip, limit);
    };
  }
  const members = new LexRange(min, max);
  return (zset) => {
    const from = skipsBack ? fromEnd(members.ranks(zset), zset, skip) : skip;
    return members.ranks(zset, isReverse, from, limit);
  };
}

/**
 * Whether a negative offset of LIMIT counts from the end of the range: in sets that are not packed, seen of Redis 8.0.2,
 * Valkey 8.1.1 and 9.1.2. Up to 7.2, and again as of Redis 8.2, there is nothing at a negative offset.
 */
function countsBack(target: Target): boolean {
  return isSince(target, { redis: '7.4', valkey: '8.0' }) && !isSince(target, { redis: '8.2' });
}

/** A negative offset as one from the start of the range; still negative where that lies before it. */
function fromEnd({ start, end }: RankRange, { isPacked }: ZsetObject, skip: number): number {
  return isPacked ? skip : end - start + skip;
}

/** Ranks from `start` to `stop`, which is in the range; negative ones count from the end. */
function rankRange({ size }: ZsetObject, start: number, stop: number): RankRange {
  const first = Math.max(0, start < 0 ? size + start : start);
  const last = Math.min(size - 1, stop < 0 ? size + stop : stop);
  return first > last ? NO_RANKS : { start: first, end: last + 1 };
}

function mirrored({ start, end }: RankRange, { size }: ZsetObject, isReverse: boolean): RankRange {
  return isReverse && start !== end ? { start: size - end, end: size - start } : { start, end };
}

function countOf({ start, end }: RankRange): number {
  return end - start;
}

function removeRange(call: Call, event: string, rangeOf: (zset: ZsetObject) => RankRange): number {
  const { db, args } = call;
  const zset = db.getObject(args[1]!, 'zset');
  if (zset === undefined) return 0;
  const { start, end } = rangeOf(zset);
  if (end > start) zset.removeRange(start, end);
  return endRemoval(call, zset, event, end - start);
}

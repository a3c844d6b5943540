/** Unions, intersections and differences of sorted sets and plain sets, whose members count with a score of 1. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { doubleArgument } from '../double.js';
import { CommandError, type Reply, syntaxError, wrongType } from '../reply.js';
import { sortedPairs } from '../values/ordered-index.js';
import type { SetObject } from '../values/set-object.js';
import { ZsetObject } from '../values/zset-object.js';
import { countArgument } from './zset-arguments.js';
import { rangeReply, storeZset } from './zset-range.js';

export const ZSET_COMBINE_COMMANDS: CommandTable = {
  ZDIFF: (call) => combine(call, 'diff'),
  ZDIFFSTORE: (call) => combineStore(call, 'diff', 'zdiffstore'),
  ZINTER: (call) => combine(call, 'inter'),
  ZINTERCARD: zintercard,
  ZINTERSTORE: (call) => combineStore(call, 'inter', 'zinterstore'),
  ZUNION: (call) => combine(call, 'union'),
  ZUNIONSTORE: (call) => combineStore(call, 'union', 'zunionstore'),
};

type Operation = 'union' | 'inter' | 'diff';

/**
 * ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX|COUNT] [WITHSCORES], ZINTER likewise;
 * ZDIFF numkeys key [key ...] [WITHSCORES]
 */
function combine(call: Call, operation: Operation): Reply {
  const { sources, options } = parse(call, 1, operation, 'reply');
  return rangeReply(sortedPairs(resultOf(operation, sources, options.aggregate)), false, options.withScores);
}

/** ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS …] [AGGREGATE …], ZINTERSTORE; ZDIFFSTORE without options */
function combineStore(call: Call, operation: Operation, event: string): Reply {
  const { sources, options } = parse(call, 2, operation, 'store');
  const result = resultOf(operation, sources, options.aggregate);
  return storeZset(call, call.args[1]!, ZsetObject.ofResult(result, call.engine.settings), event);
}

/** ZINTERCARD numkeys key [key ...] [LIMIT limit] */
function zintercard(call: Call): Reply {
  const { sources, options } = parse(call, 1, 'inter', 'count');
  const count = resultOf('inter', sources, 'sum').size;
  return options.limit > 0 ? Math.min(count, options.limit) : count;
}

class Source {
  weight = 1;

  constructor(private readonly value: ZsetObject | SetObject | undefined) {}

  get size(): number {
    return this.value?.size ?? 0;
  }

  score(member: ByteString): number | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    if (value.type === 'zset') return value.score(member);
    return value.has(member) ? 1 : undefined;
  }

  each(visit: (member: ByteString, score: number) => void): void {
    const { value } = this;
    if (value === undefined) return;
    if (value.type === 'zset') for (const [member, score] of value.entries()) visit(member, score);
    else for (const member of value.values()) visit(member, 1);
  }
}

type Aggregate = 'sum' | 'min' | 'max' | 'count';

interface Options {
  aggregate: Aggregate;
  withScores: boolean;
  /** 0 for none. */
  limit: number;
}

function parse(
  call: Call,
  countAt: number,
  operation: Operation,
  form: 'reply' | 'store' | 'count',
): { sources: Source[]; options: Options } {
  const { args } = call;
  const count = numberArgument(args[countAt]);
  if (count < 1) throw new CommandError(`ERR at least 1 input key is needed for '${args[0]!.toLowerCase()}' command`);
  const end = countAt + 1 + count;
  if (end > args.length) throw syntaxError();
  const sources = args.slice(countAt + 1, end).map((key) => sourceOf(call, key));
  const options: Options = { aggregate: 'sum', withScores: false, limit: 0 };
  const hasWeights = operation !== 'diff' && form !== 'count';
  for (let at = end; at < args.length; at++) {
    const left = args.length - at;
    if (hasWeights && left >= count + 1 && isOption(args[at], 'WEIGHTS')) {
      for (const source of sources) source.weight = weightArgument(call, args[++at]);
    } else if (hasWeights && left >= 2 && isOption(args[at], 'AGGREGATE')) {
      options.aggregate = aggregateArgument(args[++at]!);
    } else if (form === 'reply' && isOption(args[at], 'WITHSCORES')) {
      options.withScores = true;
    } else if (form === 'count' && left >= 2 && isOption(args[at], 'LIMIT')) {
      options.limit = countArgument(args[++at], 0, "ERR LIMIT can't be negative");
    } else throw syntaxError();
  }
  return { sources, options };
}

function sourceOf({ db }: Call, key: ByteString): Source {
  const value = db.get(key);
  if (value === undefined) return new Source(undefined);
  if (typeof value !== 'string' && (value.type === 'zset' || value.type === 'set')) return new Source(value);
  throw wrongType();
}

function weightArgument({ engine }: Call, text: ByteString | undefined): number {
  return doubleArgument(text, engine.settings.target, 'ERR weight value is not a float');
}

/** COUNT came with Redis 8.8. */
function aggregateArgument(text: ByteString): Aggregate {
  if (isOption(text, 'SUM')) return 'sum';
  if (isOption(text, 'MIN')) return 'min';
  if (isOption(text, 'MAX')) return 'max';
  if (isOption(text, 'COUNT')) return 'count';
  throw syntaxError();
}

function resultOf(operation: Operation, sources: readonly Source[], aggregate: Aggregate): Map<ByteString, number> {
  if (operation === 'diff') return difference(sources);
  // Sums of more than two depend on their order, which goes by size; sources of one size stay as they were given.
  const ordered = [...sources].sort((one, other) => one.size - other.size);
  return operation === 'inter' ? intersection(ordered, aggregate) : union(ordered, aggregate);
}

function difference([first, ...others]: readonly Source[]): Map<ByteString, number> {
  const result = new Map<ByteString, number>();
  first!.each((member, score) => {
    if (others.every((other) => other.score(member) === undefined)) result.set(member, score);
  });
  return result;
}

function intersection(sources: readonly Source[], aggregate: Aggregate): Map<ByteString, number> {
  const result = new Map<ByteString, number>();
  const [first, ...others] = sources;
  first!.each((member, score) => {
    let total = numberOrZero(weighted(score, first!.weight, aggregate));
    for (const other of others) {
      const found = other.score(member);
      if (found === undefined) return;
      total = aggregated(total, weighted(found, other.weight, aggregate), aggregate);
    }
    result.set(member, total);
  });
  return result;
}

function union(sources: readonly Source[], aggregate: Aggregate): Map<ByteString, number> {
  const result = new Map<ByteString, number>();
  for (const source of sources) {
    source.each((member, score) => {
      const value = numberOrZero(weighted(score, source.weight, aggregate));
      const before = result.get(member);
      result.set(member, before === undefined ? value : aggregated(before, value, aggregate));
    });
  }
  return result;
}

function weighted(score: number, weight: number, aggregate: Aggregate): number {
  return aggregate === 'count' ? weight : weight * score;
}

/** As the server: infinities that cancel out are 0; a minimum or maximum with NaN is what was there before. */
function aggregated(total: number, value: number, aggregate: Aggregate): number {
  if (aggregate === 'sum' || aggregate === 'count') return numberOrZero(total + value);
  const replaces = aggregate === 'min' ? value < total : value > total;
  return replaces ? value : total;
}

function numberOrZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/**
 * Arguments of the commands on the expiry of fields, as three generations read them: Redis 7.4 to 8.4 with everything in its
 * place, Redis 8.6 in any order, Valkey 9 with all options before FIELDS. While a log is loaded, all of their options are
 * taken: what a server has logged it had accepted.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, toNumber } from '../arguments.js';
import type { Call } from '../call.js';
import { CommandError, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import type { UnixMs } from '../unix-ms.js';
import { isInt64Text } from '../values/int64-text.js';

/** `any`: of a log, all of them. */
export type Grammar = 'strict' | 'free' | 'valkey' | 'any';

/** The latest expiry of a field in Redis: 2^46 − 1. */
const LATEST_MS = 2 ** 46 - 1;
const MAX_INT64 = 2n ** 63n - 1n;
/** Below this nothing overflows, whatever the unit. */
const SMALL = 2 ** 42;

/** Servers without field expiry are given the newest Redis. */
export function grammarOf({ engine }: Call): Grammar {
  const { target } = engine.settings;
  if (engine.isLoading) return 'any';
  if (isSince(target, { valkey: '9.0' })) return 'valkey';
  return isSince(target, { redis: '7.4' }) && !isSince(target, { redis: '8.6' }) ? 'strict' : 'free';
}

/** A time as an argument; `base` is what it counts from. Throws what the generation says of a bad one. */
export function expiryArgument(call: Call, text: ByteString | undefined, unitMs: number, base: number): UnixMs {
  const value = integerArgument(text);
  const grammar = grammarOf(call);
  const invalid = `ERR invalid expire time in '${call.args[0]!.toLowerCase()}' command`;
  if (value < 0) throw new CommandError(grammar === 'valkey' ? invalid : 'ERR invalid expire time, must be >= 0');
  const isSmall = typeof value === 'number' && value <= SMALL;
  const atMs = isSmall ? value * unitMs + base : toNumber(BigInt(value) * BigInt(unitMs) + BigInt(base));
  if (atMs > (grammar === 'valkey' || grammar === 'any' ? MAX_INT64 : LATEST_MS)) throw new CommandError(invalid);
  return atMs;
}

/** Where the fields stand, and how many arguments each takes with its value. */
export interface FieldList {
  readonly first: number;
  readonly count: number;
}

/**
 * Reads the option at a position and says how many arguments it took; 0 where there is none. Valkey's grammar asks for the
 * position of FIELDS too, when all options have been read.
 */
export type OptionReader = (at: number) => number;

/** `step`: 2 where values follow fields. */
export interface FieldRules {
  readonly from: number;
  readonly step: 1 | 2;
  /** What Redis says of a number of fields that is none. */
  readonly badCount: string;
}

/** What stands from `rules.from` on in the generation's grammar: options, and `FIELDS numfields field [value] …`. */
export function readFields(call: Call, rules: FieldRules, option: OptionReader): FieldList {
  const grammar = grammarOf(call);
  if (grammar === 'valkey') return readValkey(call, rules, option);
  if (grammar === 'strict') return readStrict(call, rules, option);
  return readFree(call, rules, option);
}

/** `FIELDS numfields field …` at `from` and nothing else, in Redis's words or Valkey's. */
export function readPlainFields(call: Call, from: number): FieldList {
  const { args } = call;
  if (grammarOf(call) !== 'valkey') return readStrict(call, { from, step: 1, badCount: POSITIVE_COUNT }, () => 0);
  if (!isOption(args[from], 'FIELDS')) throw syntaxError();
  return valkeyFields(call, from, 1);
}

/** What C prints of an argument: up to a zero byte; line breaks would end the reply. */
export function asCText(text: ByteString): string {
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).replace(/[\r\n]/g, ' ');
}

export const POSITIVE_COUNT = 'Number of fields must be a positive integer';

function readStrict(call: Call, rules: FieldRules, option: OptionReader): FieldList {
  const { args } = call;
  const at = rules.from + option(rules.from);
  if (!isOption(args[at], 'FIELDS'))
    throw new CommandError('ERR Mandatory argument FIELDS is missing or not at the right position');
  const count = countArgument(args[at + 1], MAX_INT64, rules.badCount);
  if (count !== BigInt(args.length - at - 2))
    throw new CommandError('ERR The `numfields` parameter must match the number of arguments');
  return { first: at + 2, count: Number(count) };
}

function readFree(call: Call, { from, step, badCount }: FieldRules, option: OptionReader): FieldList {
  const { args } = call;
  let found: FieldList | undefined;
  for (let at = from; at < args.length; ) {
    if (!isOption(args[at], 'FIELDS')) {
      const taken = option(at);
      if (taken === 0) throw new CommandError(`ERR unknown argument: ${asCText(args[at]!)}`);
      at += taken;
      continue;
    }
    if (found !== undefined) throw new CommandError('ERR FIELDS keyword specified multiple times');
    if (at + 2 >= args.length) throw new CommandError('ERR wrong number of arguments');
    const count = Number(countArgument(args[at + 1], 2n ** 31n - 1n, badCount));
    if (at + 2 + count * step > args.length) throw new CommandError('ERR wrong number of arguments');
    found = { first: at + 2, count };
    at += 2 + count * step;
  }
  if (found === undefined) throw new CommandError('ERR missing FIELDS argument');
  return found;
}

function readValkey(call: Call, { from, step }: FieldRules, option: OptionReader): FieldList {
  const { args } = call;
  const at = args.findIndex((arg, index) => index >= from && index < args.length - 1 && isOption(arg, 'FIELDS'));
  if (at < 0) throw new CommandError(VALKEY_COUNT);
  for (let index = from; index < at; ) {
    const taken = option(index);
    if (taken === 0 || index + taken > at) throw syntaxError();
    index += taken;
  }
  option(at);
  return valkeyFields(call, at, step);
}

const VALKEY_COUNT = 'ERR numfields should be greater than 0 and match the provided number of fields';

function valkeyFields({ args }: Call, at: number, step: number): FieldList {
  const count = integerArgument(args[at + 1]);
  if (count === 0 || BigInt(count) * BigInt(step) !== BigInt(args.length - at - 2))
    throw new CommandError(VALKEY_COUNT);
  return { first: at + 2, count: Number(count) };
}

function countArgument(text: ByteString | undefined, most: bigint, message: string): bigint {
  const count = text !== undefined && isInt64Text(text) ? BigInt(text) : 0n;
  if (count < 1n || count > most) throw new CommandError(`ERR ${message}`);
  return count;
}

/** HSETEX of Redis 8.0: as strict about places as its siblings, but in its own words. */
export function readHsetexFields(call: Call, option: OptionReader): FieldList {
  const { args } = call;
  if (grammarOf(call) !== 'strict')
    return readFields(call, { from: 2, step: 2, badCount: 'invalid number of fields' }, option);
  let at = 2;
  while (at < args.length && !isOption(args[at], 'FIELDS')) {
    const taken = option(at);
    if (taken === 0) throw new CommandError(`ERR unknown argument: ${asCText(args[at]!)}`);
    at += taken;
  }
  if (at >= args.length - 3) throw wrongArity(args[0]!);
  const count = countArgument(args[at + 1], 2n ** 31n - 1n, 'invalid number of fields');
  const left = args.length - at - 2;
  if (count * 2n !== BigInt(left)) throw wrongArity(args[0]!);
  return { first: at + 2, count: Number(count) };
}

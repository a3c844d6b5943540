/** SCAN and its relatives: a collection in steps, so that what is there all the time is seen for sure. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { compileGlob, type Glob } from '../../bytes/glob.js';
import { formatScore17 } from '../../codecs/double.js';
import type { Target } from '../../rdb/versions.js';
import { integerArgument, isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { formatDouble } from '../double-text.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import { ScanIndex } from '../values/scan-index.js';
import type { ZsetObject } from '../values/zset-object.js';
import { hashAt } from './hash.js';

export const SCAN_COMMANDS: CommandTable = { SCAN: scan, SSCAN: sscan, HSCAN: hscan, ZSCAN: zscan };

interface ScanOptions {
  readonly count: number;
  readonly glob: Glob | undefined;
  readonly type: ByteString | undefined;
  readonly isNoValues: boolean;
}

/** Buckets without keys that are passed in one step, for each key that is asked for. */
const MOST_EMPTY = 10;

/** SCAN cursor [MATCH pattern] [COUNT count] [TYPE type] */
function scan(call: Call): Reply {
  const { db, args } = call;
  let cursor = cursorArgument(call, args[1]!);
  const { count, glob, type } = parseOptions(call, 2);
  call.log?.separately();
  const found: ByteString[] = [];
  // What has expired goes, which the table is not to notice while it is gone through.
  for (let left = count * MOST_EMPTY; left > 0 && found.length < count; left--) {
    cursor = db.keys.scan(cursor, (key) => found.push(key));
    if (cursor === 0) break;
  }
  const keys = found.filter((key) => {
    if (glob !== undefined && !matches(glob, key)) return false;
    return type === undefined ? db.has(key) : db.typeOf(key)?.toLowerCase() === type;
  });
  return [String(cursor), keys];
}

/** SSCAN key cursor [MATCH pattern] [COUNT count] */
function sscan(call: Call): Reply {
  const { db, args } = call;
  const cursor = cursorArgument(call, args[2]!);
  const set = db.getObject(args[1]!, 'set');
  if (set === undefined) return EMPTY;
  const options = parseOptions(call, 3);
  return step(set, cursor, options, {
    isWhole: set.encoding() !== 'hashtable',
    names: () => set.values(),
    take: (member, found) => {
      if (set.has(member)) found.push(member);
    },
  });
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES] */
function hscan(call: Call): Reply {
  const { args, engine } = call;
  const cursor = cursorArgument(call, args[2]!);
  const hash = hashAt(call, args[1]!);
  if (hash === undefined) return EMPTY;
  const options = parseOptions(call, 3);
  return step(hash, cursor, options, {
    isWhole: hash.encoding(engine.settings) !== 'hashtable',
    names: () => hash.names(),
    take: (field, found) => {
      const value = hash.get(field);
      if (value === undefined) return;
      found.push(field);
      if (!options.isNoValues) found.push(value);
    },
  });
}

/** ZSCAN key cursor [MATCH pattern] [COUNT count] */
function zscan(call: Call): Reply {
  const { db, args, engine } = call;
  const cursor = cursorArgument(call, args[2]!);
  const zset = db.getObject(args[1]!, 'zset');
  if (zset === undefined) return EMPTY;
  const options = parseOptions(call, 3);
  return step(zset, cursor, options, {
    isWhole: zset.isPacked,
    names: () => (zset.isPacked ? zset.slice(0, zset.size).members : [...zset.entries()].map(([member]) => member)),
    take: (member, found) => {
      const score = zset.score(member);
      if (score !== undefined) found.push(member, scoreText(zset, score, engine.settings.target));
    },
  });
}

/** Packed ones have integers for scores that are such; the others are written as C's `%.17Lg`, whatever the generation. */
function scoreText({ isPacked }: ZsetObject, score: number, target: Target): ByteString {
  if (!isPacked) return formatScore17(score);
  const isInteger = Number.isInteger(score) && Math.abs(score) <= 2 ** 62;
  return isInteger ? String(BigInt(score)) : formatDouble(score, target);
}

interface Scanned {
  /** Small ones are given at once, whatever the cursor. */
  readonly isWhole: boolean;
  names(): Iterable<ByteString>;
  /** Adds what belongs to a name, if it is still there. */
  take(name: ByteString, found: ByteString[]): void;
}

const EMPTY: Reply = ['0', []];

/** Of collections that somebody is going through. */
const indexes = new WeakMap<object, ScanIndex>();

function step(collection: object, cursor: number, { count, glob }: ScanOptions, scanned: Scanned): Reply {
  const found: ByteString[] = [];
  const take = (name: ByteString): void => {
    if (glob === undefined || matches(glob, name)) scanned.take(name, found);
  };
  if (scanned.isWhole) {
    for (const name of scanned.names()) take(name);
    return ['0', found];
  }
  // Whoever begins is to see what is there now; whoever goes on only needs what was there then.
  const index = (cursor === 0 ? undefined : indexes.get(collection)) ?? ScanIndex.of(scanned.names());
  const next = index.visit(cursor, count, take);
  if (next === 0) indexes.delete(collection);
  else indexes.set(collection, index);
  return [String(next), found];
}

function matches(glob: Glob, name: ByteString): boolean {
  return glob.matches(fromByteString(name), 0, name.length);
}

/**
 * As C's strtoul reads it, of which the lower 32 bits count here. Up to 7.x blanks in front are refused and nothing at all is
 * 0; since then it is the other way round, and what is a negative number of 64 bits is none.
 */
function cursorArgument({ engine }: Call, text: ByteString): number {
  const isNewer = isSince(engine.settings.target, READS_BLANKS);
  const [, blanks, sign, digits] = /^([ \t\n\v\f\r]*)([+-]?)(\d*)$/.exec(text) ?? [];
  const isNothing = digits === '' && (isNewer || text !== '');
  if (digits === undefined || isNothing || (blanks !== '' && !isNewer)) throw badCursor();
  const value = BigInt(digits);
  if (value >= 2n ** 64n || (isNewer && sign === '-' && value > 0n && value <= 2n ** 63n)) throw badCursor();
  return Number(BigInt.asUintN(32, sign === '-' ? -value : value));
}

const READS_BLANKS = { redis: '8.0', valkey: '8.0' };

function badCursor(): CommandError {
  return new CommandError('ERR invalid cursor');
}

/** Servers that refuse a type that they do not know. */
const KNOWS_TYPES = { redis: '8.0', valkey: '8.1' };
const TYPES: ReadonlySet<string> = new Set(['string', 'list', 'set', 'zset', 'hash', 'stream', 'array', 'vectorset']);
const HAS_NOVALUES = { redis: '7.4', valkey: '8.0' };

function parseOptions(call: Call, from: number): ScanOptions {
  const { args, engine } = call;
  const { target } = engine.settings;
  let count = 10;
  let pattern = '*';
  let type: ByteString | undefined;
  let isNoValues = false;
  for (let at = from; at < args.length; at++) {
    const hasOperand = at + 1 < args.length;
    if (hasOperand && isOption(args[at], 'COUNT')) {
      count = Number(integerArgument(args[++at]));
      if (count < 1) throw syntaxError();
    } else if (hasOperand && isOption(args[at], 'MATCH')) {
      pattern = args[++at]!;
    } else if (hasOperand && from === 2 && isOption(args[at], 'TYPE')) {
      type = args[++at]!.toLowerCase();
      if (isSince(target, KNOWS_TYPES) && !TYPES.has(type))
        throw new CommandError(`ERR unknown type name '${args[at]}'`);
    } else if (isOption(args[0], 'HSCAN') && isSince(target, HAS_NOVALUES) && isOption(args[at], 'NOVALUES')) {
      isNoValues = true;
    } else throw syntaxError();
  }
  return { count, glob: pattern === '*' ? undefined : compileGlob(fromByteString(pattern)), type, isNoValues };
}

/** Commands on sorted sets, for engine-differential.ts. */
import type { Argument, Chance, Generated } from '../engine-differential.js';

/** Scores differ in these. */
const MIXED = ['z:0', 'z:1', 'z:2', 'z:3', 'z:4'];
/** All scores are 0 in these, so that ranges of members mean something in every encoding. */
const LEX = ['z:l0', 'z:l1'];
/** Has one member. */
const ONE = 'z:one';
/** Is never there. */
const NONE = 'z:none';
const SETS = ['z:s0', 'z:s1'];
/** Of another type until something is stored there. */
const OVERWRITTEN = ['z:s1', 'z:h'];
const OTHER = ['z:h', 'z:rare'];
const SOURCES = [...MIXED, ...MIXED, ...LEX, ...SETS, ...OTHER];
const KEYS = [...MIXED, ...MIXED, ...MIXED, ...OTHER];

const POPPED = [...KEYS, ...LEX, NONE, NONE, NONE];

const MEMBERS = [
  ...'abcdefghijklmnop',
  '',
  'aa',
  'ab',
  'member-of-some-length',
  '10',
  '-7',
  '\xff\xfe',
  'a\x00b',
  '9223372036854775807',
];

const SCORES = [
  '0 1 2 3 -1 -2 5 10 100 -100 1.5 -2.25 0.1 0.30000000000000004 1e3 1e17 123456789012345678 -0 +4 inf -inf +inf',
  'infinity -INF 1e300 -1e-300 3.14159265358979 4611686018427387904 4611686018427387905 1e22 .5 7. 00012 5e-324 1e-320',
  '99999999999999999 0.1e1 9007199254740993 2.5E-3',
].flatMap((line) => line.split(' '));
const BAD_SCORES = ['', ' 1', '1 ', 'nan', 'x', '1e', '.', '1e400', '-1e400', '1e-400', '--1', '1,5', '0b1', '1\x00'];
/** For servers that read scores with strtod. */
const HEXADECIMAL = ['0x10', '-0x1.8p1', '0x.8', '0X1P4', '0x1.fffffffffffff8p0', '0x1.00000000000008p0'];

const INTEGERS = [0, 1, 2, 3, -1, -2, 5, 8, 100, -100];
const BAD_INTEGERS = ['', 'x', '1.5', '01', '+1', '9223372036854775808'];

/** Everything that there is about sorted sets, right and wrong. */
export function sortedSets(chance: Chance): Generated {
  if (chance.odds(0.02)) return arity(chance);
  return chance.pick(GENERATORS)(chance);
}

const GENERATORS: readonly ((chance: Chance) => Generated)[] = [
  add,
  add,
  add,
  add,
  addEqual,
  addEqual,
  (chance) => ['ZINCRBY', chance.pick(KEYS), score(chance), chance.pick(MEMBERS)],
  (chance) => ['ZADD', chance.pick(KEYS), 'INCR', score(chance), chance.pick(MEMBERS)],
  (chance) => ['ZREM', chance.pick([...KEYS, ...LEX]), ...chance.some(MEMBERS, 4)],
  (chance) => ['SADD', chance.pick(SETS), ...chance.some(chance.odds(0.5) ? ['1', '2', '10', '-7'] : MEMBERS, 4)],
  (chance) => ['SREM', chance.pick(SETS), ...chance.some(MEMBERS, 4)],
  (chance) => ['HSET', 'z:h', 'f', String(chance.integer(10))],
  read,
  read,
  rangeByRank,
  rangeByScore,
  (chance) => lexRange(chance, LEX),
  range,
  store,
  removeRange,
  combine,
  combine,
  combine,
  pop,
  pop,
  popMany,
  random,
];

function add(chance: Chance): Generated {
  const options = chance.odds(0.4) ? chance.some(['NX', 'XX', 'GT', 'LT', 'CH', 'ch', 'xx', 'INCR'], 2) : [];
  const pairs = Array.from({ length: 1 + chance.integer(chance.odds(0.1) ? 14 : 4) }, () => [
    score(chance),
    chance.pick(MEMBERS),
  ]);
  return ['ZADD', chance.pick(KEYS), ...options, ...pairs.flat(), ...(chance.odds(0.02) ? ['1'] : [])];
}

function addEqual(chance: Chance): Generated {
  return ['ZADD', chance.pick(LEX), ...chance.some(MEMBERS, 5).flatMap((member) => ['0', member])];
}

function score(chance: Chance): string {
  if (chance.odds(0.04)) return chance.pick(BAD_SCORES);
  if (chance.odds(0.03) && !chance.since({ valkey: '9.0' })) return chance.pick(HEXADECIMAL);
  if (chance.odds(0.2)) return String((chance.next() - 0.5) * 10 ** chance.integer(20));
  return chance.pick(SCORES);
}

function integer(chance: Chance): Argument {
  return chance.odds(0.03) ? chance.pick(BAD_INTEGERS) : chance.pick(INTEGERS);
}

function read(chance: Chance): Generated {
  const key = chance.pick(KEYS);
  const member = chance.pick(MEMBERS);
  const withScore = chance.odds(0.2) ? ['WITHSCORE'] : [];
  return chance.pick<Generated>([
    ['ZSCORE', key, member],
    ['ZMSCORE', key, ...chance.some(MEMBERS, 4)],
    ['ZCARD', key],
    ['ZRANK', key, member, ...withScore],
    ['ZREVRANK', key, member, ...withScore],
    ['ZCOUNT', key, bound(chance), bound(chance)],
    ['ZLEXCOUNT', chance.pick(LEX), lexBound(chance), lexBound(chance)],
  ]);
}

/** What leaves nothing to chance: all members, or those of a set with one. */
function random(chance: Chance): Generated {
  if (chance.odds(0.2)) return ['ZADD', ONE, chance.pick(SCORES), 'a'];
  if (chance.odds(0.2)) return ['ZRANDMEMBER', chance.pick([ONE, ONE, NONE, 'z:s0'])];
  const isOne = chance.odds(0.5);
  const key = isOne ? ONE : chance.pick([...KEYS, NONE]);
  const count = chance.odds(0.1)
    ? chance.pick(['', 'x', '1.5', '9223372036854775808', '-9223372036854775808'])
    : chance.pick(isOne ? [0, 1, 2, 100, -1, -5, '4611686018427387903'] : [0, 100, '9223372036854775807']);
  return ['ZRANDMEMBER', key, count, ...chance.pick([[], ['WITHSCORES'], ['withscores'], ['WITHSCORE'], ['a', 'b']])];
}

function bound(chance: Chance): string {
  if (chance.odds(0.05))
    return chance.pick(['', '(', 'x', 'nan', '(x', '1e400', '-1e400', '1e-400', '1\x00x', '(\x00']);
  if (chance.odds(0.05) && !chance.since({ redis: '8.0', valkey: '9.0' }))
    return chance.pick([' 1', '( -1', '0x1', '(0x5']);
  if (chance.odds(0.3)) return chance.pick(['-inf', '+inf', '(-inf', '(inf']);
  return (chance.odds(0.3) ? '(' : '') + chance.pick(SCORES);
}

function lexBound(chance: Chance): string {
  if (chance.odds(0.05)) return chance.pick(['', 'a', '-x', '++', '-\x00', '+\x00a']);
  if (chance.odds(0.3)) return chance.pick(['-', '+']);
  return chance.pick(['[', '(']) + chance.pick(MEMBERS);
}

function limit(chance: Chance): Argument[] {
  if (!chance.odds(0.4)) return [];
  return ['LIMIT', integer(chance), integer(chance)];
}

function withScores(chance: Chance): string[] {
  return chance.odds(0.5) ? ['WITHSCORES'] : [];
}

function rangeByRank(chance: Chance): Generated {
  const name = chance.pick(['ZRANGE', 'ZREVRANGE']);
  return [name, chance.pick(KEYS), integer(chance), integer(chance), ...withScores(chance)];
}

function rangeByScore(chance: Chance): Generated {
  const name = chance.pick(['ZRANGEBYSCORE', 'ZREVRANGEBYSCORE']);
  return [name, chance.pick(KEYS), bound(chance), bound(chance), ...withScores(chance), ...limit(chance)];
}

/**
 * Ranges of members where scores differ. What they are the server leaves undefined; packed sets it walks, so that they are
 * the same everywhere.
 */
export function mixedMemberRanges(chance: Chance): Generated {
  return lexRange(chance, MIXED);
}

function lexRange(chance: Chance, keys: readonly string[]): Generated {
  const key = chance.pick(keys);
  const bounds = [lexBound(chance), lexBound(chance)];
  const rev = chance.odds(0.5) ? ['REV'] : [];
  return chance.pick<Generated>([
    ['ZRANGEBYLEX', key, ...bounds, ...limit(chance)],
    ['ZREVRANGEBYLEX', key, ...bounds, ...limit(chance)],
    ['ZRANGE', key, ...bounds, 'BYLEX', ...rev, ...limit(chance)],
    ['ZRANGESTORE', chance.pick(MIXED), key, ...bounds, 'BYLEX', ...rev, ...limit(chance)],
    ['ZREMRANGEBYLEX', key, ...bounds],
    ['ZLEXCOUNT', key, ...bounds],
  ]);
}

/** The arguments of ZRANGE behind the key, not always such that they fit. */
function rangeArguments(chance: Chance): Argument[] {
  const options = [...(chance.odds(0.4) ? ['REV'] : []), ...limit(chance), ...(chance.odds(0.03) ? ['NO'] : [])];
  if (chance.odds(0.5)) return [bound(chance), bound(chance), 'BYSCORE', ...options];
  if (chance.odds(0.05)) return [bound(chance), bound(chance), 'byscore', 'BYLEX', ...options];
  return [integer(chance), integer(chance), ...options];
}

function range(chance: Chance): Generated {
  return ['ZRANGE', chance.pick(KEYS), ...rangeArguments(chance), ...withScores(chance)];
}

function store(chance: Chance): Generated {
  const rest = rangeArguments(chance);
  return ['ZRANGESTORE', chance.pick(MIXED), chance.pick([...KEYS, ...LEX]), ...rest];
}

function removeRange(chance: Chance): Generated {
  const key = chance.pick(KEYS);
  if (chance.odds(0.5)) return ['ZREMRANGEBYRANK', key, integer(chance), integer(chance)];
  return ['ZREMRANGEBYSCORE', key, bound(chance), bound(chance)];
}

function combine(chance: Chance): Generated {
  const name = chance.pick(['ZUNION', 'ZINTER', 'ZDIFF', 'ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE', 'ZINTERCARD']);
  const sources = chance.some(chance.odds(0.9) ? SOURCES.filter((key) => key !== 'z:h') : SOURCES, 4);
  const count = chance.odds(0.03) ? chance.pick([0, -1, 9, 'x']) : sources.length;
  const destination = name.endsWith('STORE') ? [chance.odds(0.03) ? chance.pick(OVERWRITTEN) : chance.pick(MIXED)] : [];
  return [name, ...destination, count, ...sources, ...combineOptions(chance, name, sources.length)];
}

function combineOptions(chance: Chance, name: string, count: number): Argument[] {
  if (name === 'ZINTERCARD') return chance.odds(0.5) ? ['LIMIT', integer(chance)] : [];
  const withAll = name.startsWith('ZDIFF') ? chance.odds(0.05) : true;
  const weights = withAll && chance.odds(0.4) ? ['WEIGHTS', ...Array.from({ length: count }, () => score(chance))] : [];
  const aggregate =
    withAll && chance.odds(0.4)
      ? ['AGGREGATE', chance.pick(['SUM', 'min', 'MAX', 'avg', ...(chance.since({ redis: '8.8' }) ? ['COUNT'] : [])])]
      : [];
  return [...weights, ...aggregate, ...(name.endsWith('STORE') ? [] : withScores(chance))];
}

function pop(chance: Chance): Generated {
  const name = chance.pick(['ZPOPMIN', 'ZPOPMAX']);
  if (chance.odds(0.7)) return [name, chance.pick(KEYS), ...(chance.odds(0.5) ? [integer(chance)] : [])];
  const timeout = chance.pick(['0.001', '0.01', '-1', 'x', '', '-0.01']);
  return [`B${name}`, ...chance.some(POPPED, 3), timeout];
}

function popMany(chance: Chance): Generated {
  const keys = chance.some(POPPED, 3);
  const count = chance.odds(0.05) ? chance.pick([0, -1, 'x', 9]) : keys.length;
  const where = chance.odds(0.05) ? 'MID' : chance.pick(['MIN', 'max']);
  const rest = [count, ...keys, where, ...(chance.odds(0.5) ? ['COUNT', integer(chance)] : [])];
  return chance.odds(0.7) ? ['ZMPOP', ...rest] : ['BZMPOP', chance.pick(['0.01', '-1', 'x']), ...rest];
}

/** Refused before it is run, with the last command's changes still counted here. */
function arity(chance: Chance): Generated {
  const args = chance.pick<readonly Argument[]>([
    ['ZADD', 'z:0', '1'],
    ['ZADD', 'z:0', 'NX', '1'],
    ['ZINCRBY', 'z:0', '1'],
    ['ZSCORE', 'z:0'],
    ['ZREM', 'z:0'],
    ['ZRANGE', 'z:0', '0'],
    ['ZRANK', 'z:0', 'a', 'b', 'c'],
    ['ZPOPMIN', 'z:0', '1', '2'],
    ['ZINCRBY', 'z:0', 'nx', 'a'],
    ['ZMPOP', '1', 'z:0'],
  ]);
  return { args, anyDirty: true };
}

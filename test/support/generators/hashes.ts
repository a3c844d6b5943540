/** Commands on hashes, and on the expiry of their fields. */
import type { Chance, Generated } from '../engine-differential.js';

const KEYS = ['h:a', 'h:b', 'h:c', 'h:d'];
const FIELDS = ['', 'f', 'g', '1', '-5', 'h', 'i', 'j', '\x00\xff', 'F'.repeat(20)];
const LONG_FIELD = 'F'.repeat(21);
const NUMBERS = ['0', '1', '-1', '10', '-3', '9223372036854775807', '-9223372036854775808', '4611686018427387904'];
const FLOATS = ['0', '1.5', '-1.25', '3e2', '0.1', '1e-10', '1e17', '-0', '0x1p3', '5.0e3', '.5', '3.'];
/** Thousands of digits: few of them, that replies stay short. */
const HUGE = ['1e4931', '-1e4931'];
const BAD = [
  '',
  'x',
  ' 1',
  '1 ',
  '1e5000',
  'nan',
  'inf',
  '-infinity',
  '+1',
  '01',
  '1e-5000',
  '9223372036854775808',
  '0x',
];

function field(chance: Chance): string {
  return chance.odds(0.02) ? LONG_FIELD : chance.pick(FIELDS);
}

function value(chance: Chance): string {
  if (chance.odds(0.03)) return 'v'.repeat(chance.pick([20, 21, 300]));
  return chance.pick(['', 'v', '007', ...NUMBERS, ...FLOATS.slice(0, 5)]);
}

function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['h:text', 'h:none']) : chance.pick(KEYS);
}

function pairs(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => [field(chance), value(chance)]).flat();
}

/** 8.6.3 falls over where HSETEX names a field twice, and the second value is a long one. */
function distinctPairs(chance: Chance): string[] {
  const items = pairs(chance, 3);
  if (!chance.since({ redis: '8.6' })) return items;
  const values = new Map<string, string>();
  for (let at = 0; at < items.length; at += 2) values.set(items[at]!, items[at + 1]!);
  return [...values].flat();
}

function fields(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => field(chance));
}

function increment(chance: Chance): string {
  if (chance.odds(0.02)) return chance.pick(HUGE);
  return chance.pick(chance.odds(0.1) ? BAD : FLOATS);
}

const PLAIN: ((chance: Chance) => Generated)[] = [
  (chance) => ['HSET', key(chance), ...pairs(chance, chance.odds(0.1) ? 12 : 3)],
  (chance) => ['hmset', key(chance), ...pairs(chance, 3)],
  (chance) => ['HSET', key(chance), ...pairs(chance, 2), 'odd'],
  (chance) => ['HMSET', key(chance), ...pairs(chance, 2), 'odd'],
  (chance) => ['HSETNX', key(chance), ...pairs(chance, 1)],
  (chance) => ['HDEL', key(chance), ...fields(chance, 4)],
  (chance) => ['HDEL', key(chance), ...fields(chance, 12)],
  (chance) => ['HINCRBY', key(chance), field(chance), chance.pick(chance.odds(0.1) ? BAD : NUMBERS)],
  (chance) => ['HINCRBYFLOAT', key(chance), field(chance), increment(chance)],
  (chance) => ['HSET', key(chance), field(chance), chance.pick([...BAD, ...FLOATS])],
  () => ['SET', 'h:text', 'text'],
];

const READS: ((chance: Chance) => Generated)[] = [
  (chance) => ['HGET', key(chance), field(chance)],
  (chance) => ['hmget', key(chance), ...fields(chance, 4)],
  (chance) => ['HLEN', key(chance)],
  (chance) => ['HSTRLEN', key(chance), field(chance)],
  (chance) => ['HEXISTS', key(chance), field(chance)],
  (chance) => ({ args: ['HKEYS', key(chance)], unordered: true }),
  (chance) => ({ args: ['HVALS', key(chance)], unordered: true }),
  (chance) => ({ args: ['HGETALL', key(chance)], unordered: true }),
  (chance) => ({
    args: ['HRANDFIELD', key(chance), chance.pick(['12', '99', '4611686018427387903'])],
    unordered: true,
  }),
  (chance) => ({ args: ['HRANDFIELD', key(chance), '4611686018427387903', 'WithValues'], unordered: true }),
  (chance) => ['HRANDFIELD', 'h:missing', ...chance.some(['-5', '3', 'x', 'WITHVALUES'], 2)],
  (chance) => ['HRANDFIELD', key(chance), '0', ...(chance.odds(0.5) ? ['WITHVALUES'] : [])],
  (chance) => ['HRANDFIELD', key(chance), chance.pick(BAD_COUNTS), ...chance.some(['WITHVALUES', 'NONE'], 2)],
  arity,
];

const BAD_COUNTS = ['', 'x', '1.5', '9223372036854775807', '-9223372036854775808', '-4611686018427387904'];

/** Refused before it is run, with the last command's changes still counted here. */
function arity(chance: Chance): Generated {
  const args = chance.pick([
    ['HGET', 'h:a'],
    ['HGET', 'h:a', 'f', 'g'],
    ['HMGET', 'h:a'],
    ['HLEN', 'h:a', 'f'],
    ['HSTRLEN', 'h:a'],
    ['HEXISTS', 'h:a'],
    ['HKEYS', 'h:a', 'f'],
    ['HGETALL'],
    ['HRANDFIELD'],
    ['HSET', 'h:a', 'f'],
    ['HDEL', 'h:a'],
    ['hincrby', 'h:a', 'f'],
  ]);
  return { args, anyDirty: true };
}

/** Far enough away that nothing of it passes meanwhile, or past. */
const MS = ['9999999999999', '8888888888888', '9999999999998', '1', '0', '99999999999999', '70368744177663'];
const SECONDS = ['9999999999', '8888888888', '1', '0'];
const BAD_TIMES = [
  '-1',
  'x',
  '',
  '1.5',
  '70368744177664',
  '281474976710656',
  '9223372036854775807',
  '99999999999999999',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775',
  '9223372036854776',
];

/** Those that Redis takes and Valkey does not mind, or that Redis refuses. */
function time(chance: Chance, good: readonly string[]): string {
  return chance.pick(chance.odds(0.9) ? good : BAD_TIMES);
}

function count(chance: Chance, right: number): string {
  if (chance.odds(0.9)) return String(right);
  // 8.6.3 adds to 2^31 − 1, and falls over.
  const most = chance.since({ redis: '8.6' }) ? [] : ['2147483647'];
  return chance.pick(['0', '-1', 'x', '1', '2', '3', '9223372036854775807', '2147483648', ...most]);
}

function fieldsWord(chance: Chance): string {
  return chance.odds(0.97) ? chance.pick(['FIELDS', 'fields']) : 'FIELD';
}

function list(chance: Chance, most: number): string[] {
  const names = fields(chance, most);
  return [fieldsWord(chance), count(chance, names.length), ...names];
}

function noList(chance: Chance): string[] {
  const names = chance.some(['none', 'x', 'y'], 3);
  return [fieldsWord(chance), count(chance, names.length), ...names];
}

function conditions(chance: Chance): string[] {
  if (chance.odds(0.4)) return [];
  if (chance.odds(0.9)) return [chance.pick(['NX', 'XX', 'GT', 'LT', 'nx', 'Gt'])];
  return chance.some(['NX', 'XX', 'GT', 'LT', 'KEEPTTL', 'FOO'], 2);
}

function timeOption(chance: Chance): string[] {
  return chance.odds(0.5) ? ['PXAT', time(chance, MS)] : ['EXAT', time(chance, SECONDS)];
}

function setOptions(chance: Chance): string[] {
  const options: string[] = [];
  if (chance.odds(0.3)) options.push(chance.pick(['FNX', 'FXX', 'fxx']));
  if (chance.odds(0.6)) options.push(...timeOption(chance));
  else if (chance.odds(0.4)) options.push('KEEPTTL');
  if (chance.odds(0.06)) options.push(...chance.some(['NX', 'XX', 'FNX', 'KEEPTTL', 'PERSIST', 'EX', 'FOO'], 2));
  return options;
}

function getOptions(chance: Chance): string[] {
  if (chance.odds(0.1)) return chance.some(['PERSIST', 'NX', 'FXX', 'KEEPTTL', 'EX', 'FOO'], 2);
  return chance.odds(0.3) ? [] : chance.odds(0.3) ? ['PERSIST'] : timeOption(chance);
}

/** Options behind the fields, which only some servers take. */
function behind(chance: Chance, options: readonly string[], names: readonly string[]): string[] {
  return chance.odds(0.1) ? [...names, ...options] : [...options, ...names];
}

const EXPIRY: Readonly<Record<string, (chance: Chance) => Generated>> = {
  HPEXPIREAT: (chance) => [
    'HPEXPIREAT',
    key(chance),
    time(chance, MS),
    ...behind(chance, conditions(chance), list(chance, 4)),
  ],
  HEXPIREAT: (chance) => ['HEXPIREAT', key(chance), time(chance, SECONDS), ...conditions(chance), ...list(chance, 4)],
  // Relative times would differ by the milliseconds between the two clocks: what is past, and what is refused.
  HPEXPIRE: (chance) => [
    'HPEXPIRE',
    key(chance),
    chance.pick(['0', '-1', 'x']),
    ...conditions(chance),
    ...list(chance, 3),
  ],
  HEXPIRE: (chance) => ['hexpire', key(chance), chance.pick(['0', '-1', '9223372036854775807']), ...list(chance, 3)],
  HPERSIST: (chance) => ['HPERSIST', key(chance), ...list(chance, 4)],
  HSETEX: (chance) => {
    const items = distinctPairs(chance);
    const names = [fieldsWord(chance), count(chance, items.length / 2), ...items];
    return ['HSETEX', key(chance), ...behind(chance, setOptions(chance), names)];
  },
  HGETEX: (chance) => ['HGETEX', key(chance), ...behind(chance, getOptions(chance), list(chance, 3))],
  HGETDEL: (chance) => ['HGETDEL', key(chance), ...list(chance, 3)],
  HEXPIRETIME: (chance) => ['HEXPIRETIME', key(chance), ...list(chance, 4)],
  HPEXPIRETIME: (chance) => ['hpexpiretime', key(chance), ...list(chance, 4)],
  // Of fields that are not there: how much is left depends on the clock.
  HTTL: (chance) => ['HTTL', key(chance), ...noList(chance)],
  HPTTL: (chance) => ['HPTTL', key(chance), ...noList(chance)],
};

/** What the server has of all. */
export function hashes(chance: Chance): Generated {
  if (chance.odds(0.25)) return chance.pick(READS)(chance);
  const known = Object.keys(EXPIRY).filter((name) => chance.has(name));
  if (known.length === 0 || chance.odds(0.4)) return chance.pick(PLAIN)(chance);
  return EXPIRY[chance.pick(known)]!(chance);
}

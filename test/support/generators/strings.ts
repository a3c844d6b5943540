/** Commands on strings, for engine-differential.ts. */
import { xxh3Hex } from '../../../src/codecs/xxh3.js';
import { type Chance, embedsKeys, type Generated } from '../engine-differential.js';

export const KEYS = ['k:a', 'k:b', 'k:c', 'k:d'];
const INTEGERS = ['0', '1', '-1', '2', '7', '-8', '10', '100', '-100', '65536', '4294967296'];
const EDGES = [
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775806',
  '-9223372036854775807',
  '9223372036854775808',
  '18446744073709551616',
  '9007199254740993',
  '-9007199254740993',
];
const NO_INTEGERS = ['', 'x', '1.5', '+1', '01', ' 1', '1 ', '-0', '1e3', '0x10'];
const FLOATS = [
  '1.5',
  '-0.1',
  '3.0e3',
  '1e-5',
  '0.1',
  '-1e-20',
  '1e17',
  '123456789.123456789',
  '1e300',
  '.5',
  '5.',
  '0x1p3',
];
const NO_FLOATS = ['', 'abc', ' 1', '1 ', 'nan', '1e5000', '1e-5000', 'inf', '-Infinity', '1,5'];
/** Far from now on either side, beyond 2^53 and at the end of 64 bits, and nonsense. */
const TIMES = [
  '99999999999999',
  '4102444800',
  '1000',
  '1',
  '0',
  '-1',
  'x',
  '',
  '9007199254740992',
  '9007199254740993',
  '9223372036854775',
  '9223372036854776',
  '9223372036854775807',
];

export function integer(chance: Chance): string {
  const choice = chance.next();
  if (choice < 0.6) return chance.pick(INTEGERS);
  return chance.pick(choice < 0.85 ? EDGES : NO_INTEGERS);
}

/** Both sides of what encodings distinguish. */
export function value(chance: Chance): string {
  switch (chance.integer(5)) {
    case 0:
      return integer(chance);
    case 1:
      return chance.pick([...FLOATS, ...NO_FLOATS]);
    case 2:
      return 'v'.repeat(chance.pick([0, 1, 20, 30, 39, 40, 43, 44, 45, 100, 129]));
    case 3:
      return chance.pick(['\x00\xff\r\n', '\x80\x01', 'abc', 'hello']);
    default:
      return String(chance.integer(300) - 20);
  }
}

export function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['k:list', 'k:none']) : chance.pick(KEYS);
}

/** Both clocks tick for themselves: relative times are far away, and compared with some tolerance. */
function time(chance: Chance): string[] {
  if (chance.odds(0.2)) return [chance.pick(['EX', 'px']), chance.pick(['0', '-1', 'x', '9223372036854775807'])];
  if (chance.odds(0.1)) return [chance.pick(['ex', 'PX']), '100000000'];
  if (chance.odds(0.1)) return ['EXAT', '9223372036854775807'];
  return chance.odds(0.3) ? ['EXAT', chance.pick(TIMES.slice(1))] : [chance.pick(['PXAT', 'pxat']), chance.pick(TIMES)];
}

function digest(chance: Chance): string {
  if (chance.odds(0.2)) return chance.pick(['0123456789abcdef', 'zz', '0123456789ABCDEG', '']);
  const hex = xxh3Hex(Buffer.from(value(chance), 'latin1'));
  return chance.odds(0.5) ? hex : hex.toUpperCase();
}

function setOption(chance: Chance): string[] {
  switch (chance.integer(9)) {
    case 0:
      return ['NX'];
    case 1:
      return ['xx'];
    case 2:
      return ['GET'];
    case 3:
      return ['KEEPTTL'];
    case 4:
      return comparison(chance);
    case 5:
      return comparison(chance);
    case 6:
      return [chance.pick(['NONE', 'EX', 'PERSIST'])];
    default:
      return time(chance);
  }
}

/** The engine takes them whatever it stands for: a log may be of any server. */
function comparison(chance: Chance): string[] {
  if (chance.since({ redis: '8.4' }) && chance.odds(0.6))
    return chance.odds(0.5) ? ['ifne', value(chance)] : [chance.pick(['IFDEQ', 'ifdne']), digest(chance)];
  return chance.since({ redis: '8.4', valkey: '8.1' }) ? ['IFEQ', value(chance)] : ['GET'];
}

function options(chance: Chance, option: (chance: Chance) => string[]): string[] {
  return Array.from({ length: chance.integer(4) }, () => option(chance)).flat();
}

function pairs(chance: Chance): string[] {
  return Array.from({ length: 1 + chance.integer(3) }, () => [key(chance), value(chance)]).flat();
}

const LCS_OPTIONS = [['LEN'], ['idx'], ['IDX'], ['WITHMATCHLEN'], ['MINMATCHLEN', '2'], ['minmatchlen', '-1'], ['no']];

const STRINGS: ((chance: Chance) => Generated)[] = [
  (chance) => ['SET', key(chance), value(chance)],
  (chance) => ['set', key(chance), value(chance), ...options(chance, setOption)],
  (chance) => ['SET', key(chance), value(chance), ...setOption(chance)],
  (chance) => ['SET', chance.pick(KEYS), value(chance), 'PXAT', 99999999999000 + chance.integer(1000)],
  (chance) => ['SETNX', key(chance), value(chance)],
  (chance) => [
    chance.pick(['SETEX', 'PSETEX']),
    key(chance),
    chance.pick(['0', '-1', 'x', '100000000']),
    value(chance),
  ],
  (chance) => ['GETSET', key(chance), value(chance)],
  (chance) => ['GETDEL', key(chance)],
  (chance) => ['GETEX', key(chance), ...options(chance, (at) => (at.odds(0.3) ? ['PERSIST'] : time(at)))],
  (chance) => ['GETEX', key(chance), ...(chance.odds(0.5) ? ['PERSIST'] : time(chance))],
  (chance) => ['APPEND', key(chance), value(chance)],
  (chance) => [
    'SETRANGE',
    key(chance),
    chance.pick(['0', '1', '5', '44', '-1', 'x', '536870912']),
    value(chance).slice(0, 9),
  ],
  (chance) => [chance.pick(['INCR', 'DECR', 'incr']), key(chance)],
  (chance) => [chance.pick(['INCRBY', 'DECRBY']), key(chance), integer(chance)],
  (chance) => ['INCRBYFLOAT', key(chance), chance.pick(chance.odds(0.8) ? FLOATS : NO_FLOATS)],
  (chance) => ['MSET', ...pairs(chance), ...(chance.odds(0.1) ? ['x'] : [])],
  (chance) => ['MSETNX', ...pairs(chance), ...(chance.odds(0.1) ? ['x'] : [])],
  (chance) => ['GET', key(chance)],
  (chance) => ['MGET', key(chance), key(chance), key(chance)],
  (chance) => ['STRLEN', key(chance)],
  (chance) => ['GETRANGE', key(chance), integer(chance), integer(chance)],
  (chance) => ['GETRANGE', key(chance), chance.integer(12) - 6, chance.integer(12) - 6],
  (chance) => (embedsKeys(chance.target) ? ['GET', key(chance)] : ['OBJECT', 'ENCODING', key(chance)]),
  (chance) => ['LCS', key(chance), key(chance), ...chance.some(LCS_OPTIONS, 3).flat()],
  (chance) => ['LCS', key(chance), key(chance)],
  (chance) => ['PEXPIRETIME', key(chance)],
  (chance) => ['DEL', key(chance)],
  () => ['RPUSH', 'k:list', 'x'],
];

/** Of newer servers. */
const NEWER: Readonly<Record<string, (chance: Chance) => Generated>> = {
  MSETEX: (chance) => {
    const found = pairs(chance);
    const count = chance.odds(0.9) ? found.length / 2 : chance.pick(['0', '-1', 'x', '9', '2147483648']);
    return [
      'MSETEX',
      count,
      ...found,
      ...options(chance, (at) => (at.odds(0.6) ? at.pick([['NX'], ['XX'], ['KEEPTTL']]) : time(at))),
    ];
  },
  DELEX: (chance) =>
    chance.odds(0.4)
      ? ['DELEX', key(chance), chance.pick(['IFDEQ', 'IFDNE']), digest(chance)]
      : ['DELEX', key(chance), ...(chance.odds(0.9) ? [chance.pick(['IFEQ', 'IFNE', 'IFXX']), value(chance)] : [])],
  DELIFEQ: (chance) => ['DELIFEQ', key(chance), value(chance)],
  DIGEST: (chance) => ['DIGEST', key(chance)],
};

export function strings(chance: Chance): Generated {
  const newer = Object.keys(NEWER).filter((name) => chance.has(name));
  const isNewer = newer.length > 0 && chance.odds(0.15);
  const command = isNewer ? NEWER[chance.pick(newer)]!(chance) : chance.pick(STRINGS)(chance);
  return isAnsweredTwice(command) ? ['GET', key(chance)] : command;
}

/** Redis 8.6 answers SET … GET with the value, and then once more, where the digest to compare with is none. */
function isAnsweredTwice(command: Generated): boolean {
  const words = ('args' in command ? command.args : command).map((arg) => String(arg).toUpperCase());
  const at = words.findIndex((word) => word === 'IFDEQ' || word === 'IFDNE');
  return at > 0 && words.includes('GET') && words[at + 1]?.length !== 16;
}

/** Strings, bitmaps and HyperLogLogs: the engine answers as the server does, and keeps them as it does. */
import { describe, expect, it } from 'vitest';
import { xxh3Hex } from '../../src/codecs/xxh3.js';
import { type Chance, compareWithServer, embedsKeys, type Generated } from '../support/engine-differential.js';

const KEYS = ['a', 'b', 'c', 'd'];
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

function integer(chance: Chance): string {
  const choice = chance.next();
  if (choice < 0.6) return chance.pick(INTEGERS);
  return chance.pick(choice < 0.85 ? EDGES : NO_INTEGERS);
}

/** Both sides of what encodings distinguish. */
function value(chance: Chance): string {
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

function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['list', 'none']) : chance.pick(KEYS);
}

/** Relative times only where they are refused: both clocks tick for themselves. */
function time(chance: Chance): string[] {
  if (chance.odds(0.2)) return [chance.pick(['EX', 'px']), chance.pick(['0', '-1', 'x', '9223372036854775807'])];
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

const STRINGS: ((chance: Chance) => Generated)[] = [
  (chance) => ['SET', key(chance), value(chance)],
  (chance) => ['set', key(chance), value(chance), ...options(chance, setOption)],
  (chance) => ['SET', key(chance), value(chance), ...setOption(chance)],
  (chance) => ['SET', chance.pick(KEYS), value(chance), 'PXAT', 99999999999000 + chance.integer(1000)],
  (chance) => ['SETNX', key(chance), value(chance)],
  (chance) => [chance.pick(['SETEX', 'PSETEX']), key(chance), chance.pick(['0', '-1', 'x']), value(chance)],
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
  (chance) => ['PEXPIRETIME', key(chance)],
  (chance) => ['DEL', key(chance)],
  () => ['RPUSH', 'list', 'x'],
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

function offset(chance: Chance): string {
  if (chance.odds(0.06)) return chance.pick(['-1', 'x', '4294967296', '#1', '', '9223372036854775807']);
  return String(chance.integer(chance.odds(0.1) ? 5000 : 40));
}

function fieldType(chance: Chance): string {
  if (chance.odds(0.06)) return chance.pick(['u64', 'i65', 'u0', 'x8', 'i', '', 'u']);
  const bits = chance.pick([1, 2, 3, 7, 8, 9, 16, 31, 32, 33, 63]);
  return chance.odds(0.1) ? 'i64' : `${chance.pick(['u', 'i'])}${bits}`;
}

function fieldOffset(chance: Chance): string {
  return chance.odds(0.3) ? `#${chance.integer(9)}` : offset(chance);
}

function fieldOperation(chance: Chance): string[] {
  switch (chance.integer(5)) {
    case 0:
      return ['GET', fieldType(chance), fieldOffset(chance)];
    case 1:
      return ['OVERFLOW', chance.odds(0.05) ? 'NONE' : chance.pick(['WRAP', 'sat', 'FAIL'])];
    default:
      return [chance.pick(['SET', 'incrby', 'INCRBY']), fieldType(chance), fieldOffset(chance), integer(chance)];
  }
}

function bitRange(chance: Chance): string[] {
  const range = [String(chance.integer(80) - 40), String(chance.integer(80) - 40)];
  const all = [...range, ...(chance.odds(0.6) ? [chance.pick(['BIT', 'byte', 'x'])] : [])];
  return all.slice(0, chance.integer(4));
}

const BITMAPS: ((chance: Chance) => Generated)[] = [
  (chance) => ['SETBIT', key(chance), offset(chance), chance.pick(['0', '1', '1', '1', '2', 'x'])],
  (chance) => ['SETBIT', key(chance), chance.integer(64), 1],
  (chance) => ['GETBIT', key(chance), offset(chance)],
  (chance) => ['BITCOUNT', key(chance), ...bitRange(chance)],
  (chance) => ['BITPOS', key(chance), chance.pick(['0', '1', '0', '1', '2']), ...bitRange(chance)],
  (chance) => ['BITOP', operation(chance), key(chance), ...chance.some([...KEYS, ...KEYS, 'none', 'list'], 4)],
  (chance) => [
    'BITFIELD',
    key(chance),
    ...Array.from({ length: chance.integer(5) }, () => fieldOperation(chance)).flat(),
  ],
  (chance) => ['BITFIELD', key(chance), 'OVERFLOW', chance.pick(['WRAP', 'SAT', 'FAIL']), ...fieldOperation(chance)],
  (chance) => ['BITFIELD_RO', key(chance), ...fieldOperation(chance)],
  (chance) => ['SET', key(chance), value(chance)],
  (chance) => ['APPEND', key(chance), value(chance)],
  (chance) => ['GET', key(chance)],
  (chance) => ['INCR', key(chance)],
  (chance) => ['COPY', key(chance), key(chance), 'REPLACE'],
  (chance) => ['DEL', key(chance)],
  (chance) => (embedsKeys(chance.target) ? ['GET', key(chance)] : ['OBJECT', 'ENCODING', key(chance)]),
  () => ['RPUSH', 'list', 'x'],
];

function operation(chance: Chance): string {
  const newer = chance.since({ redis: '8.2' }) ? ['DIFF', 'diff1', 'ANDOR', 'ONE'] : [];
  return chance.pick(['AND', 'or', 'XOR', 'NOT', 'NAND', ...newer]);
}

/** `many`: enough for a sparse form to come to its limit. */
function elements(chance: Chance): string[] {
  const count = chance.odds(0.05) ? 300 : chance.integer(8);
  return Array.from({ length: count }, () => 'e'.repeat(chance.integer(12)) + chance.integer(1_000_000));
}

const HYPERLOGLOGS: ((chance: Chance) => Generated)[] = [
  (chance) => ['PFADD', key(chance), ...elements(chance)],
  (chance) => ['PFADD', chance.pick(KEYS), ...elements(chance)],
  (chance) => ['PFCOUNT', key(chance)],
  (chance) => ['PFCOUNT', ...chance.some([...KEYS, ...KEYS, 'none', 'list'], 3)],
  (chance) => ['PFMERGE', ...chance.some([...KEYS, ...KEYS, 'none', 'list'], 3)],
  (chance) => ['PFDEBUG', chance.pick(['ENCODING', 'DECODE', 'none']), key(chance)],
  (chance) => (chance.odds(0.03) ? ['PFDEBUG', chance.pick(['GETREG', 'TODENSE']), key(chance)] : ['GET', key(chance)]),
  (chance) => (chance.odds(0.3) ? ['DEL', key(chance)] : ['GET', key(chance)]),
  (chance) => (chance.odds(0.1) ? ['SET', key(chance), chance.pick(['x', '7', 'HYLL'])] : ['PFCOUNT', key(chance)]),
  (chance) =>
    chance.odds(0.1)
      ? ['SET', key(chance), `HYLL\x01${'\0'.repeat(11)}${chance.pick(['', '\x7f\xff', '\x85'])}`]
      : ['STRLEN', key(chance)],
  (chance) => (chance.odds(0.2) ? ['COPY', key(chance), key(chance), 'REPLACE'] : ['OBJECT', 'ENCODING', key(chance)]),
  () => ['RPUSH', 'list', 'x'],
];

describe('strings', () => {
  it.each([1, 2, 3])('are as on the server, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => {
      const newer = Object.keys(NEWER).filter((name) => chance.has(name));
      return newer.length > 0 && chance.odds(0.15) ? NEWER[chance.pick(newer)]!(chance) : chance.pick(STRINGS)(chance);
    };
    const { errors, encodings } = await compareWithServer({ seed, commands: 4000, generate, flushEvery: 4 });
    expect(errors.size).toBeGreaterThan(9);
    for (const name of ['int', 'embstr', 'raw']) expect(encodings.get(`string ${name}`)).toBeGreaterThan(0);
  });
});

describe('bitmaps', () => {
  it.each([4, 5])('are as on the server, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => chance.pick(BITMAPS)(chance);
    const { errors } = await compareWithServer({ seed, commands: 4000, generate, flushEvery: 3 });
    expect(errors.size).toBeGreaterThan(7);
  });
});

describe('HyperLogLogs', () => {
  it.each([6, 7])('are as on the server byte by byte, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => chance.pick(HYPERLOGLOGS)(chance);
    const { errors } = await compareWithServer({ seed, commands: 3000, generate, flushEvery: 8 });
    expect(errors.size).toBeGreaterThan(3);
  });
});

/** Keys of every type, SORT, whole databases and functions: the engine answers as the server does. */
import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { encodeDump } from '../../src/rdb/dump.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { type Chance, compareWithServer, type Generated } from '../support/engine-differential.js';

const KEYS = ['a', 'b', 'c', 'd', '{t}e', 'f*[x]'];
const DATABASES = ['0', '1', '2', '15', '16', '-1', 'x', '', '99999999999', '01'];
/** Far from now on either side, beyond 2^53 and at the end of 64 bits, and nonsense. */
const TIMES = [
  '99999999999999',
  '88888888888888',
  '9007199254740993',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '4102444800',
  '1000',
  '0',
  '-1',
  'x',
  '-9223372036854775808',
];

function key(chance: Chance): string {
  return chance.pick(KEYS);
}

function anyCase(chance: Chance, word: string): string {
  return chance.odds(0.3) ? word.toLowerCase() : word;
}

/** A value of every type. */
function create(chance: Chance): string[] {
  const name = key(chance);
  switch (chance.integer(7)) {
    case 0:
      return ['SET', name, chance.pick(['1', 'x', 'v'.repeat(50)])];
    case 1:
      return ['APPEND', name, 'x'];
    case 2:
      return ['RPUSH', name, '3', '1', '2', 'x'];
    case 3:
      return ['SADD', name, '3', '1', '2'];
    case 4:
      return ['ZADD', name, '1', 'a', '2', 'b'];
    case 5:
      return ['HSET', name, 'f', 'v', 'g', 'w'];
    default:
      return ['SET', name, 'y', 'PXAT', '99999999999999'];
  }
}

function expiry(chance: Chance): Generated {
  const options = chance.odds(0.5) ? chance.some(['NX', 'xx', 'GT', 'LT', chance.odds(0.1) ? 'no' : 'GT'], 2) : [];
  // Relative times only where the outcome does not depend on when now is.
  const relative = ['0', '-1', 'x', '-9223372036854775808', '9223372036854775807', '9223372036854775'];
  if (chance.odds(0.3))
    return [chance.pick(['EXPIRE', 'PEXPIRE']), key(chance), chance.pick(relative.slice(0, 5)), ...options];
  return ['PEXPIREAT', key(chance), chance.pick(TIMES), ...options];
}

const VALUES: readonly RdbValue[] = [
  { type: 'string', encoding: 'raw', value: Buffer.from('hello') },
  { type: 'string', encoding: 'raw', value: Buffer.from('-12') },
  { type: 'string', encoding: 'raw', value: Buffer.alloc(100, 'z') },
  { type: 'list', encoding: 'listpack', items: [Buffer.from('x'), Buffer.from('1')] },
  { type: 'list', encoding: 'listpack', items: [] },
  { type: 'set', encoding: 'intset', members: [Buffer.from('1'), Buffer.from('5')] },
  { type: 'hash', encoding: 'listpack', fields: [{ field: Buffer.from('f'), value: Buffer.from('v') }] },
  { type: 'zset', encoding: 'listpack', members: [{ member: Buffer.from('m'), score: 1.5 }] },
];

function payload(chance: Chance): string {
  if (chance.odds(0.1)) return chance.pick(['', 'short', 'x'.repeat(30)]);
  const bytes = encodeDump(chance.pick(VALUES), { target: chance.target });
  const choice = chance.next();
  if (choice < 0.05) bytes[bytes.length - 1]! ^= 1;
  else if (choice < 0.1) bytes.fill(0, bytes.length - 8);
  else if (choice < 0.15) return toByteString(encodeDump(chance.pick(VALUES), { target: chance.target }).subarray(1));
  return toByteString(bytes);
}

function restoreOption(chance: Chance): string[] {
  switch (chance.integer(6)) {
    case 0:
      return ['IDLETIME', chance.pick(['0', '100', '-1', 'x'])];
    case 1:
      return ['freq', chance.pick(['0', '255', '256', '-1'])];
    case 2:
      return [chance.pick(['none', 'FREQ'])];
    default:
      return ['replace'];
  }
}

function restore(chance: Chance): string[] {
  const options = Array.from({ length: chance.integer(3) }, () => restoreOption(chance)).flat();
  const ttl = chance.odds(0.6)
    ? ['0']
    : [chance.pick(['-1', 'x', '1000', '99999999999999', '9007199254740993', '9223372036854775807', ''])];
  // A time that is not absolute would depend on the clock.
  const absolute = /^\d{4,}$/.test(ttl[0]!) || chance.odds(0.2) ? ['ABSTTL'] : [];
  return [
    chance.pick(['RESTORE', 'RESTORE', 'restore-asking']),
    key(chance),
    ...ttl,
    payload(chance),
    ...absolute,
    ...options,
  ];
}

const GENERIC: ((chance: Chance) => Generated)[] = [
  create,
  create,
  create,
  expiry,
  (chance) => ['PEXPIREAT', key(chance), chance.pick(TIMES.slice(0, 6))],
  restore,
  restore,
  (chance) => [chance.pick(['DEL', 'UNLINK']), ...chance.some(KEYS, 3)],
  (chance) => [chance.pick(['EXISTS', 'TOUCH']), ...chance.some(KEYS, 4)],
  (chance) => ['PERSIST', key(chance)],
  (chance) => ['RENAME', key(chance), key(chance)],
  (chance) => ['RENAMENX', key(chance), key(chance)],
  (chance) => ['MOVE', key(chance), chance.pick(DATABASES)],
  (chance) => ['COPY', key(chance), key(chance), ...(chance.odds(0.5) ? ['REPLACE'] : [])],
  (chance) => ['COPY', key(chance), key(chance), ...chance.some(['DB', 'replace', '1', 'no'], 3)],
  (chance) => [
    'COPY',
    key(chance),
    key(chance),
    'db',
    chance.pick(DATABASES),
    ...(chance.odds(0.5) ? ['REPLACE'] : []),
  ],
  (chance) => [
    'EXPIREAT',
    key(chance),
    chance.pick(['99999999999', 'x', '9223372036854775', '9223372036854776', '-9223372036854775']),
  ],
  (chance) => [chance.pick(['PEXPIRETIME', 'EXPIRETIME', 'TYPE']), key(chance)],
  (chance) => ({ args: ['KEYS', chance.pick(['*', 'a', '?', '[a-c]', '*e', 'f\\*\\[x]', 'none'])], unordered: true }),
  () => ['DBSIZE'],
  (chance) => ['SELECT', chance.odds(0.7) ? chance.pick(['0', '1']) : chance.pick(DATABASES)],
  (chance) => ['SWAPDB', chance.pick(DATABASES), chance.pick(DATABASES)],
  (chance) => (chance.odds(0.2) ? [anyCase(chance, 'FLUSHDB'), ...flushOption(chance)] : create(chance)),
  (chance) => (chance.odds(0.1) ? [anyCase(chance, 'FLUSHALL'), ...flushOption(chance)] : create(chance)),
];

function flushOption(chance: Chance): string[] {
  return chance.odds(0.5) ? [] : chance.some(['SYNC', 'async', chance.odds(0.2) ? 'x' : 'SYNC'], 2);
}

const SORTED = ['list', 'set', 'zset', 'words'];
const PATTERNS = ['w_*', 'h_*->f', '#', 'nosort', '*', 'h_*->', 'w_*->f', 'h_*->none'];

function sortOption(chance: Chance): string[] {
  switch (chance.integer(8)) {
    case 0:
      return ['BY', chance.pick(PATTERNS)];
    case 1:
      return ['GET', chance.pick(PATTERNS)];
    case 2:
      return ['LIMIT', chance.pick(['0', '1', '2', '-3', '100', 'x']), chance.pick(['0', '1', '3', '-1', '100', '-7'])];
    case 3:
      return [chance.pick(['ASC', 'desc', 'DESC'])];
    case 4:
      return ['alpha'];
    case 5:
      return ['BY', 'nosort'];
    case 6:
      return ['STORE', chance.pick(['out', 'list', 'words'])];
    default:
      return chance.odds(0.1) ? ['no'] : ['ALPHA'];
  }
}

function word(chance: Chance): string {
  if (chance.odds(0.6)) return String(chance.integer(30) - 5);
  return chance.pick(['1.5', '-2e3', 'inf', '0x10', 'x', 'y', '', ' 7', 'word', 'Word', '\xff']);
}

function words(chance: Chance, number: boolean): string[] {
  return Array.from({ length: 1 + chance.integer(chance.odds(0.2) ? 60 : 6) }, () =>
    number ? String(chance.integer(100) - 20) : word(chance),
  );
}

const SORTS: ((chance: Chance) => Generated)[] = [
  (chance) => ['RPUSH', 'list', ...words(chance, true)],
  (chance) => ['RPUSH', 'words', ...words(chance, false)],
  (chance) => ['SADD', 'set', ...words(chance, true)],
  (chance) => ['ZADD', 'zset', ...words(chance, true).flatMap((text) => [String(chance.integer(9)), text])],
  (chance) => ['SET', `w_${word(chance)}`, word(chance)],
  (chance) => ['SET', `w_${chance.integer(30)}`, String(chance.integer(5))],
  (chance) => ['HSET', `h_${chance.integer(30)}`, 'f', word(chance)],
  (chance) => ['HSET', 'h_x', 'f', word(chance)],
  (chance) => ['DEL', chance.pick([...SORTED, 'w_1', 'w_2', 'h_3', 'out'])],
  (chance) => ['SORT', chance.pick(['none', 'w_1', 'h_1', 'list']), ...sortOption(chance)],
];

/** Those whose outcome depends on where a set's table or equal weights happen to lie are left out. */
function sort(chance: Chance): Generated {
  const source = chance.pick(SORTED);
  const options = Array.from({ length: chance.integer(5) }, () => sortOption(chance)).flat();
  const isByWords = options.includes('BY') && options.some((option) => /alpha/i.test(option));
  const hasNoOrder = source === 'set' && options.includes('BY');
  if ((hasNoOrder || (source === 'zset' && isByWords)) && !options.includes('STORE'))
    return ['SORT', 'list', ...options];
  if (source === 'set' || (source === 'zset' && isByWords)) return ['SORT', 'words', ...options];
  return [chance.odds(0.1) ? 'SORT_RO' : 'SORT', source, ...options];
}

const LIBRARIES = ['one', 'two', 'three'];

function code(chance: Chance): string {
  const name = chance.pick(LIBRARIES);
  const body = `\nredis.register_function('${name}${chance.integer(3)}', function() return 1 end)`;
  if (chance.odds(0.75))
    return (
      `#!${chance.pick(['lua', 'LUA'])} ${chance.pick(['name=', 'NAME=', ' name="'])}`.replace(/"$/, '') + name + body
    );
  return refusedCode(chance, "\nredis.register_function('one0', function() return 1 end)");
}

/** All but the last kinds of quotes. No function of one library has the name of another's: nothing here looks for them. */
function refusedCode(chance: Chance, body: string): string {
  return chance.pick([
    'x',
    '#!lua',
    `#!lua${body}`,
    `#!lua name=${body}`,
    `#!lua name=a-b${body}`,
    `#!lua name=one name=two${body}`,
    `#!lua other=1${body}`,
    `#!python name=one${body}`,
    `#!lua name="one"${body}`,
    `#!lua name='one${body}`,
    `#!lua name="o\\x6ee"${body}`,
  ]);
}

const FUNCTIONS: ((chance: Chance) => Generated)[] = [
  (chance) => ['FUNCTION', 'LOAD', ...(chance.odds(0.5) ? [chance.odds(0.05) ? 'no' : 'replace'] : []), code(chance)],
  (chance) => ['function', 'load', code(chance)],
  (chance) => ['FUNCTION', 'DELETE', chance.pick([...LIBRARIES, 'none'])],
  (chance) => (chance.odds(0.2) ? ['FUNCTION', 'FLUSH', ...flushOption(chance)] : ['FUNCTION', 'LOAD', code(chance)]),
  (chance) => [
    'FUNCTION',
    'RESTORE',
    chance.pick(['', 'x'.repeat(20)]),
    ...chance.some(['FLUSH', 'append', 'REPLACE', 'no'], 2),
  ],
  (chance) => ['SCRIPT', 'LOAD', `return ${chance.integer(100)}`],
  (chance) => ['SCRIPT', 'FLUSH', ...flushOption(chance)],
];

describe('keys of every type', () => {
  it.each([11, 12, 13])('are as on the server, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => chance.pick(GENERIC)(chance);
    const { errors } = await compareWithServer({ seed, commands: 3000, generate, batch: 60, flushEvery: 4 });
    expect(errors.size).toBeGreaterThan(15);
  });
});

describe('SORT', () => {
  it.each([14, 15, 16])('is as on the server, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => (chance.odds(0.5) ? sort(chance) : chance.pick(SORTS)(chance));
    const { errors } = await compareWithServer({ seed, commands: 3000, generate, flushEvery: 2 });
    expect(errors.size).toBeGreaterThan(3);
  });
});

describe('functions', () => {
  it.each([17, 18])('are as on the server, seed %i', async (seed) => {
    const generate = (chance: Chance): Generated => chance.pick(FUNCTIONS)(chance);
    const { errors } = await compareWithServer({ seed, commands: 1500, generate });
    expect(errors.size).toBeGreaterThan(9);
  });
});

/** Commands on keys of every type and on whole databases, for engine-differential.ts. */
import { toByteString } from '../../../src/bytes/byte-string.js';
import { encodeDump } from '../../../src/rdb/dump.js';
import type { RdbValue } from '../../../src/rdb/model.js';
import type { Chance, Generated } from '../engine-differential.js';

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

/** Keys that stay what they are: lex ranges need equal scores, HyperLogLogs whole ones, SORT an order that does not hang on a table. */
const KEPT = /^z:l|^p:|^(?:list|set|zset|words|out)$/;

/** One of its own, or of whatever other commands have left. */
function key(chance: Chance): string {
  if (chance.odds(0.7)) return chance.pick(KEYS);
  const { keys } = chance.engine.database(0);
  let left = keys.size === 0 ? 0 : chance.integer(Math.min(keys.size, 40));
  for (const name of keys.keys()) if (left-- === 0 && !KEPT.test(name)) return name;
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
  // Relative times only where the outcome hardly depends on when now is.
  const relative = ['0', '-1', 'x', '-9223372036854775808', '9223372036854775807', '100000000'];
  if (chance.odds(0.3)) return [chance.pick(['EXPIRE', 'PEXPIRE']), key(chance), chance.pick(relative), ...options];
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
  (chance) => ({ args: ['SCAN', '0', 'COUNT', '100000', ...scanOptions(chance)], unordered: true }),
  (chance) => ({
    args: [
      chance.pick(['SSCAN', 'HSCAN', 'ZSCAN', 'sscan']),
      key(chance),
      '0',
      ...scanOptions(chance),
      'COUNT',
      '100000',
    ],
    unordered: true,
  }),
  (chance) => [chance.pick(['SCAN', 'scan']), chance.pick(['x', '1x', ' x', '18446744073709551616', '-'])],
  (chance) => [
    chance.pick(['SSCAN', 'HSCAN', 'ZSCAN']),
    key(chance),
    chance.pick(['0', 'x']),
    chance.pick(['COUNT', 'MATCH', 'x', 'TYPE']),
    ...chance.some(['0', '-1', 'x'], 2),
  ],
  (chance) => [
    'OBJECT',
    ...chance.pick([
      ['REFCOUNT', 'none'],
      ['freq', 'a'],
      ['IDLETIME', 'none'],
      ['FREQ', 'none'],
    ]),
  ],
  (chance) => [chance.pick(['TTL', 'PTTL']), 'none'],
  (chance) => (chance.odds(0.05) ? ['RANDOMKEY', 'x'] : ['EXISTS', key(chance)]),
  (chance) => ['SELECT', chance.odds(0.7) ? chance.pick(['0', '1']) : chance.pick(DATABASES)],
  (chance) => ['SWAPDB', chance.pick(DATABASES), chance.pick(DATABASES)],
  (chance) => (chance.odds(0.2) ? [anyCase(chance, 'FLUSHDB'), ...flushOption(chance)] : create(chance)),
  (chance) => (chance.odds(0.1) ? [anyCase(chance, 'FLUSHALL'), ...flushOption(chance)] : create(chance)),
];

export function flushOption(chance: Chance): string[] {
  return chance.odds(0.5) ? [] : chance.some(['SYNC', 'async', chance.odds(0.2) ? 'x' : 'SYNC'], 2);
}

function scanOptions(chance: Chance): string[] {
  const pattern = ['MATCH', chance.pick(['*', '*a*', '[a-k]*', '?', '*:?', '1*'])];
  return chance.odds(0.5) ? pattern : [];
}

export function generic(chance: Chance): Generated {
  return chance.pick(GENERIC)(chance);
}

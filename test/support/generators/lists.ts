/** Commands on lists, for engine-differential.ts. */
import type { Argument, Chance, Generated } from '../engine-differential.js';

const KEYS = ['l:a', 'l:b', 'l:c', 'l:d'];
/** Never a list. */
const SET = 'l:set';
/** Never there. */
const NONE = 'l:none';
const FEW = ['x', 'y', 'z'];
const NUMBERS = ['0', '1', '-1', '2', '-2', '3', '5', '-7', '100', '-100'];
const BAD_NUMBERS = [
  '',
  'x',
  '1.5',
  '+1',
  '01',
  ' 1',
  '9223372036854775807',
  '-9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
];
/** Refused, all but the first ones: nobody is to wait for longer. */
const TIMEOUTS = ['0.001', '0.01', '5e-3', '.002', '0x1p-8', '-1', '-0.01', 'x', '', '1e400', 'inf', 'nan'];
const LONG_TIMEOUTS = ['100000000000000000', '9223372036854775807'];

/** Both sides of what listpacks and their nodes distinguish. */
function element(chance: Chance): string {
  switch (chance.integer(6)) {
    case 0:
      return chance.pick(['', '0', '7', '127', '128', '-1', '4095', '4096', '-4097', '32768', '8388608', '2147483648']);
    case 1:
      return chance.pick(['9223372036854775807', '-9223372036854775808', '9223372036854775808', '007', '-0', '1e3']);
    case 2:
      return 'e'.repeat(chance.pick([1, 12, 60, 61, 62, 63, 64, 65, 200]));
    case 3:
      return chance.odds(0.1) ? 'L'.repeat(chance.pick([4000, 4094, 8100, 8192, 8193, 9000])) : '\x00\xff\r\n';
    default:
      return chance.pick(FEW);
  }
}

function number(chance: Chance): string {
  return chance.odds(0.05) ? chance.pick(BAD_NUMBERS) : chance.pick(NUMBERS);
}

function end(chance: Chance): string {
  return chance.odds(0.03) ? 'MIDDLE' : chance.pick(['LEFT', 'RIGHT', 'left', 'Right']);
}

function elements(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => element(chance));
}

function key(chance: Chance): string {
  return chance.odds(0.06) ? chance.pick([SET, NONE]) : chance.pick(KEYS);
}

function keys(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => key(chance));
}

function timeout(chance: Chance): string {
  return chance.odds(0.05) ? chance.pick(LONG_TIMEOUTS) : chance.pick(TIMEOUTS);
}

function popMany(chance: Chance): Argument[] {
  const found = keys(chance, 3);
  const count = chance.odds(0.9) ? found.length : chance.pick(['0', 'x', '3', '-1', '9223372036854775807', '']);
  const options = chance.odds(0.5) ? [chance.pick(['COUNT', 'count']), number(chance)] : [];
  return [count, ...found, end(chance), ...options, ...(chance.odds(0.05) ? chance.pick([['COUNT', '1'], ['x']]) : [])];
}

function moveBlocking(chance: Chance): Generated {
  if (chance.odds(0.5)) return ['BRPOPLPUSH', key(chance), key(chance), timeout(chance)];
  return ['BLMOVE', key(chance), key(chance), end(chance), end(chance), timeout(chance)];
}

/** Of newer servers than have been seen. */
function moveMany(chance: Chance): Generated {
  if (!chance.has('LMOVEM')) return ['LMOVE', chance.pick(KEYS), chance.pick(KEYS), end(chance), end(chance)];
  const ends = [end(chance), end(chance)];
  const options = [chance.pick(['COUNT', 'exactly', 'SOME']), number(chance), chance.pick(['OBO', 'bulk', 'x'])];
  const given = chance.odds(0.8) ? options : [];
  if (chance.odds(0.7)) return ['LMOVEM', key(chance), key(chance), ...ends, ...given];
  return { args: ['BLMOVEM', key(chance), key(chance), ...ends, timeout(chance), ...given] };
}

function position(chance: Chance): Generated {
  const option = (): string[] =>
    chance.pick([
      ['RANK', number(chance)],
      ['COUNT', number(chance)],
      ['maxlen', number(chance)],
      ['rank', chance.pick(['1', '-1', '2', '-2'])],
      ['MAXLEN', chance.pick(['1', '3', '10'])],
      ...(chance.odds(0.1) ? [['FIRST', '1'], ['COUNT']] : []),
    ]);
  const options = Array.from({ length: chance.integer(4) }, option).flat();
  return ['LPOS', key(chance), chance.odds(0.8) ? chance.pick(FEW) : element(chance), ...options];
}

/** Refused before they are run, with the last command's changes still counted here. */
const MISSHAPEN: readonly (readonly Argument[])[] = [
  ['LPUSH', 'l:a'],
  ['LPOP'],
  ['LLEN', 'l:a', 'l:b'],
  ['LINDEX', 'l:a'],
  ['LRANGE', 'l:a', '0'],
  ['LPOS', 'l:a'],
  ['LMPOP', '1', 'l:a'],
  ['BLPOP', 'l:a'],
  ['BLMOVE', 'l:a', 'l:b', 'LEFT', 'LEFT'],
];

const WRITES: ((chance: Chance) => Generated)[] = [
  (chance) => [chance.pick(['LPUSH', 'RPUSH', 'rpush']), key(chance), ...elements(chance, chance.odds(0.1) ? 40 : 5)],
  (chance) => [chance.pick(['LPUSH', 'RPUSH']), key(chance), ...elements(chance, 12)],
  (chance) => [chance.pick(['LPUSH', 'RPUSH']), key(chance), element(chance)],
  (chance) => [chance.pick(['LPUSHX', 'RPUSHX']), key(chance), ...elements(chance, 3)],
  (chance) => [chance.pick(['LPOP', 'RPOP', 'lpop']), key(chance)],
  (chance) => [chance.pick(['LPOP', 'RPOP']), key(chance), number(chance)],
  (chance) => ['LPOP', key(chance), 1, 2],
  (chance) => ['LINSERT', key(chance), chance.pick(['BEFORE', 'after', 'beside']), element(chance), element(chance)],
  (chance) => ['LINSERT', key(chance), chance.pick(['BEFORE', 'AFTER']), chance.pick(FEW), element(chance)],
  (chance) => ['LSET', key(chance), number(chance), element(chance)],
  (chance) => ['LSET', key(chance), chance.integer(40) - 20, element(chance)],
  (chance) => ['LREM', key(chance), number(chance), chance.pick(FEW)],
  (chance) => ['LTRIM', key(chance), number(chance), number(chance)],
  (chance) => ['LTRIM', key(chance), chance.integer(5), -1 - chance.integer(5)],
  (chance) => [chance.pick(['RPOPLPUSH', 'rpoplpush']), key(chance), key(chance)],
  (chance) => [chance.pick(['LMOVE', 'lmove']), key(chance), key(chance), end(chance), end(chance)],
  moveMany,
  (chance) => ['LMPOP', ...popMany(chance)],
  (chance) => [chance.pick(['BLPOP', 'BRPOP', 'blpop']), ...keys(chance, 3), timeout(chance)],
  (chance) => ['BLMPOP', timeout(chance), ...popMany(chance)],
  moveBlocking,
  () => ['SADD', SET, 'member'],
];

const READS: ((chance: Chance) => Generated)[] = [
  (chance) => ['LLEN', key(chance)],
  (chance) => ['LINDEX', key(chance), number(chance)],
  (chance) => ['LINDEX', key(chance), chance.integer(40) - 20],
  (chance) => ['LRANGE', key(chance), number(chance), number(chance)],
  (chance) => ['LRANGE', key(chance), chance.integer(12) - 6, chance.integer(12) - 6],
  position,
  position,
];

/** Everything that there is about lists, right and wrong. */
export function lists(chance: Chance): Generated {
  if (chance.odds(0.01)) return { args: chance.pick(MISSHAPEN), anyDirty: true };
  return chance.pick(chance.odds(0.75) ? WRITES : READS)(chance);
}

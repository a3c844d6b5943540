/** Lists: the engine answers as the server does, and keeps them as it does. */
import { describe, expect, it } from 'vitest';
import {
  type Chance,
  compareWithServer,
  type DifferentialResult,
  type Generated,
} from '../support/engine-differential.js';

const KEYS = ['a', 'b', 'c', 'd'];
const NUMBERS = ['0', '1', '-1', '2', '-2', '3', '5', '-7', '100', '-100'];
const BAD_NUMBERS = [
  '',
  'x',
  '1.5',
  '+1',
  '01',
  ' 1',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
];

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
      return chance.pick(['x', 'y', 'z']);
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
  return chance.odds(0.04) ? chance.pick(['set', 'none']) : chance.pick(KEYS);
}

const COMMANDS: ((chance: Chance) => Generated)[] = [
  (chance) => [chance.pick(['LPUSH', 'RPUSH', 'rpush']), key(chance), ...elements(chance, chance.odds(0.1) ? 40 : 5)],
  (chance) => [chance.pick(['LPUSH', 'RPUSH']), key(chance), element(chance)],
  (chance) => [chance.pick(['LPUSHX', 'RPUSHX']), key(chance), ...elements(chance, 3)],
  (chance) => [chance.pick(['LPOP', 'RPOP']), key(chance)],
  (chance) => [chance.pick(['LPOP', 'RPOP']), key(chance), number(chance)],
  (chance) => ['LPOP', key(chance), 1, 2],
  (chance) => ['LINSERT', key(chance), chance.pick(['BEFORE', 'after', 'beside']), element(chance), element(chance)],
  (chance) => ['LINSERT', key(chance), chance.pick(['BEFORE', 'AFTER']), chance.pick(['x', 'y', 'z']), element(chance)],
  (chance) => ['LSET', key(chance), number(chance), element(chance)],
  (chance) => ['LSET', key(chance), chance.integer(40) - 20, element(chance)],
  (chance) => ['LREM', key(chance), number(chance), chance.pick(['x', 'y', 'z'])],
  (chance) => ['LTRIM', key(chance), number(chance), number(chance)],
  (chance) => ['LTRIM', key(chance), chance.integer(5), -1 - chance.integer(5)],
  (chance) => ['RPOPLPUSH', key(chance), key(chance)],
  (chance) => ['LMOVE', key(chance), key(chance), end(chance), end(chance)],
  (chance) => ['LMPOP', chance.pick(['1', '2', '0', 'x', '3', '-1']), key(chance), key(chance), end(chance)],
  (chance) => ['LMPOP', 2, key(chance), key(chance), end(chance), 'COUNT', number(chance)],
  (chance) => ['LMPOP', 1, key(chance), end(chance), 'count', 2, ...(chance.odds(0.3) ? ['COUNT', 1] : [])],
  (chance) => [chance.pick(['BLPOP', 'BRPOP']), key(chance), 'full', timeout(chance)],
  (chance) => ['BRPOPLPUSH', 'full', key(chance), timeout(chance)],
  (chance) => ['BLMOVE', 'full', key(chance), end(chance), end(chance), timeout(chance)],
  (chance) => ['BLMPOP', timeout(chance), 2, key(chance), 'full', end(chance), 'COUNT', number(chance)],
  (chance) => ['RPUSH', 'full', ...elements(chance, 20)],
  () => ['SADD', 'set', 'member'],
];

/** Nobody waits: the last key has something. */
function timeout(chance: Chance): string {
  return chance.pick(['0', '1.5', '0', '-1', 'x', '0x10', '1e400', 'inf', '100000000000000000']);
}

/** `full` is filled before anybody might wait for it. */
function generator(): (chance: Chance) => Generated {
  let left = 0;
  return (chance) => {
    if (left-- > 0) return chance.pick(COMMANDS)(chance);
    left = 4;
    return ['RPUSH', 'full', ...Array.from({ length: 30 }, () => element(chance))];
  };
}

/** Where encodings are worth comparing, they come up. */
function expectCrossed({ encodings, target }: DifferentialResult): void {
  expect(encodings.get('list quicklist')).toBeGreaterThan(0);
  if (target.version >= 11) expect(encodings.get('list listpack')).toBeGreaterThan(0);
}

describe.each([
  { size: -2, seed: 1 },
  { size: -1, seed: 2 },
  { size: 8, seed: 3 },
  { size: 3, seed: 4 },
  { size: 1, seed: 5 },
])('lists with list-max-listpack-size $size', ({ size, seed }) => {
  it('are as on the server', async () => {
    const config = { 'list-max-listpack-size': size };
    const result = await compareWithServer({ seed, commands: 2500, config, generate: generator() });
    expectCrossed(result);
    expect(result.errors.size).toBeGreaterThan(8);
  });
});

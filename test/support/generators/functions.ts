/** Libraries of functions and scripts, for engine-differential.ts. */
import type { Chance, Generated } from '../engine-differential.js';
import { flushOption } from './generic.js';

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
  (chance) => ['SCRIPT', 'EXISTS', ...chance.some(SHAS, 3)],
  (chance) => ({ args: ['FUNCTION', 'LIST', ...listOptions(chance)], unordered: true }),
  (chance) => ['FUNCTION', 'STATS', ...(chance.odds(0.1) ? ['x'] : [])],
  (chance) => ['EVALSHA', chance.pick([...SHAS.slice(2), 'x'.repeat(40)]), chance.pick(['0', '1', '-1', 'x'])],
  (chance) => ['FCALL', 'none', chance.pick(['0', 'x'])],
];

/** Of `return 0` and `return 1`, and of nothing. */
const SHAS = ['06d3d9b2060dd51343d5f19f0e531f15c507e3d1', 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db', 'x', ''];

function listOptions(chance: Chance): string[] {
  const options = [['WITHCODE'], ['libraryname', chance.pick(['*', 'one', 't*'])], ['LIBRARYNAME'], ['x']];
  return chance.odds(0.3) ? [] : chance.some(options, 2).flat();
}

export function functions(chance: Chance): Generated {
  return chance.pick(FUNCTIONS)(chance);
}

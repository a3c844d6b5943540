/** Commands on bitmaps and HyperLogLogs, for engine-differential.ts: on the keys of strings.ts. */
import { type Chance, embedsKeys, type Generated } from '../engine-differential.js';
import { integer, KEYS, key, value } from './strings.js';

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
  (chance) => ['BITOP', operation(chance), key(chance), ...chance.some([...KEYS, ...KEYS, 'k:none', 'k:list'], 4)],
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
  () => ['RPUSH', 'k:list', 'x'],
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

/** Nobody else changes them: what is made of a broken one is not the same on every server. */
const SKETCHES = ['p:a', 'p:b', 'p:c', 'p:d'];

function sketch(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['k:list', 'k:none']) : chance.pick(SKETCHES);
}

const HYPERLOGLOGS: ((chance: Chance) => Generated)[] = [
  (chance) => ['PFADD', sketch(chance), ...elements(chance)],
  (chance) => ['PFADD', chance.pick(SKETCHES), ...elements(chance)],
  (chance) => ['PFCOUNT', sketch(chance)],
  (chance) => ['PFCOUNT', ...chance.some([...SKETCHES, ...SKETCHES, 'k:none', 'k:list'], 3)],
  (chance) => ['PFMERGE', ...chance.some([...SKETCHES, ...SKETCHES, 'k:none', 'k:list'], 3)],
  (chance) => ['PFDEBUG', chance.pick(['ENCODING', 'DECODE', 'k:none']), sketch(chance)],
  (chance) =>
    chance.odds(0.03) ? ['PFDEBUG', chance.pick(['GETREG', 'TODENSE']), sketch(chance)] : ['GET', sketch(chance)],
  (chance) => (chance.odds(0.3) ? ['DEL', sketch(chance)] : ['GET', sketch(chance)]),
  (chance) =>
    chance.odds(0.1) ? ['SET', sketch(chance), chance.pick(['x', '7', 'HYLL'])] : ['PFCOUNT', sketch(chance)],
  (chance) =>
    chance.odds(0.1)
      ? ['SET', sketch(chance), `HYLL\x01${'\0'.repeat(11)}${chance.pick(['', '\x7f\xff', '\x85'])}`]
      : ['STRLEN', sketch(chance)],
  (chance) =>
    chance.odds(0.2) ? ['COPY', sketch(chance), sketch(chance), 'REPLACE'] : ['OBJECT', 'ENCODING', sketch(chance)],
  () => ['RPUSH', 'k:list', 'x'],
];

export function bitmaps(chance: Chance): Generated {
  return chance.pick(BITMAPS)(chance);
}

export function hyperLogLogs(chance: Chance): Generated {
  return chance.pick(HYPERLOGLOGS)(chance);
}

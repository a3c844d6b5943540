/** Random commands on vector sets, some of them wrong. */
import type { Argument, Chance, Generated } from './engine-differential.js';

/** What the commands for a key mostly agree on; a key that is gone may begin with something else. */
const SHAPES: readonly { readonly dim: number; readonly options: readonly Argument[]; readonly reduced?: number }[] = [
  { dim: 3, options: [] },
  { dim: 9, options: ['NOQUANT', 'M', 5] },
  { dim: 70, options: ['bin'] },
  { dim: 12, options: ['NOQUANT'], reduced: 7 },
  { dim: 33, options: ['Q8', 'm', 64], reduced: 32 },
  { dim: 1, options: ['BIN', 'M', 4096] },
];
const VALUES: readonly Argument[] = [
  0,
  1,
  -1,
  '0.1',
  '-2.5e3',
  '1e-20',
  '1e20',
  '-0',
  'inf',
  '1e39',
  '1e-50',
  '0x1.8p3',
];
const WRONG_VALUES: readonly Argument[] = ['', 'x', 'nan', '1e400', '1e-400', ' 1', '1 ', '1e'];
const ATTRIBUTES: readonly Argument[] = ['', '{"year":1984}', 'not JSON', '\x00\xff'];

export function vectorCommands(chance: Chance): Generated {
  const kind = chance.next();
  if (kind < 0.6) return vadd(chance);
  if (kind < 0.7) return read(chance);
  if (kind < 0.85) return ['VREM', keyOf(chance), elementOf(chance)];
  if (kind < 0.97) return ['VSETATTR', keyOf(chance), elementOf(chance), chance.pick(ATTRIBUTES)];
  return chance.odds(0.5) ? ['RPUSH', 'list', 'item'] : ['DEL', keyOf(chance)];
}

function read(chance: Chance): Generated {
  const key = chance.odds(0.1) ? 'none' : keyOf(chance);
  const reads: Generated[] = [
    ['VCARD', key],
    ['VDIM', key],
    ['VGETATTR', key, elementOf(chance)],
    ['VISMEMBER', key, elementOf(chance)],
    { args: ['VRANDMEMBER', key, '1000'], unordered: true },
    ['VRANDMEMBER', key, chance.pick(['0', 'x'])],
  ];
  if (chance.has('VRANGE')) {
    const ends = ['-', '[a', '(b', '+', 'x', '[e1'];
    reads.push(['VRANGE', key, chance.pick(ends), chance.pick(ends), ...chance.pick([[], ['2'], ['-1'], ['x']])]);
  }
  return chance.pick(reads);
}

function vadd(chance: Chance): Generated {
  const at = chance.integer(SHAPES.length);
  const { dim, options, reduced } = SHAPES[chance.odds(0.06) ? chance.integer(SHAPES.length) : at]!;
  const size = chance.odds(0.04) ? 1 + chance.integer(14) : dim;
  const to = chance.odds(0.04) ? chance.integer(14) : reduced;
  return [
    'VADD',
    chance.odds(0.02) ? 'list' : `v${at}`,
    ...(to === undefined ? [] : ['REDUCE', to]),
    ...(chance.odds(0.5) ? blobOf(chance, size) : valuesOf(chance, size)),
    elementOf(chance),
    ...options,
    ...(chance.odds(0.05) ? wrongOptions(chance) : optionsOf(chance)),
  ];
}

function blobOf(chance: Chance, size: number): Argument[] {
  const floats = Float32Array.from({ length: size }, () => (chance.next() - 0.5) * 10 ** (chance.integer(30) - 15));
  const text = Buffer.from(floats.buffer).toString('latin1');
  return [chance.pick(['FP32', 'fp32']), chance.odds(0.03) ? text.slice(1) : text];
}

function valuesOf(chance: Chance, size: number): Argument[] {
  const isOdd = chance.odds(0.3);
  const values = Array.from({ length: size }, (): Argument => {
    return isOdd ? chance.pick(VALUES) : (chance.next() * 2 - 1).toFixed(chance.integer(17));
  });
  if (chance.odds(0.05)) values[chance.integer(size)] = chance.pick(WRONG_VALUES);
  return ['VALUES', chance.odds(0.03) ? chance.pick([0, -1, size + 2, '01', 'x']) : size, ...values];
}

/**
 * Not what makes the server's count of attributes wrong, by which it leaves all of them out of its dump: CAS with SETATTR,
 * and SETATTR with nothing.
 */
function optionsOf(chance: Chance): Argument[] {
  const options: Argument[] = [];
  if (chance.odds(0.2)) options.push('EF', chance.pick([1, 100, 1_000_000]));
  if (chance.odds(0.3)) options.push('SETATTR', chance.pick(ATTRIBUTES.slice(1)));
  else if (chance.odds(0.2)) options.push('CAS');
  return options;
}

function wrongOptions(chance: Chance): Argument[] {
  return chance.pick<Argument[]>([
    ['M', 3],
    ['M', 4097],
    ['M', 16],
    ['M'],
    ['EF', 0],
    ['EF', 1_000_001],
    ['EF', 'x'],
    ['SETATTR'],
    ['NOQUANT', 'Q8'],
    ['BIN'],
    ['REDUCE', 2],
    ['constructor'],
  ]);
}

function keyOf(chance: Chance): string {
  return chance.odds(0.03) ? 'list' : `v${chance.integer(SHAPES.length)}`;
}

function elementOf(chance: Chance): string {
  return chance.pick(['', 'a', 'b', 'c', 'd', '\xff\x00', 'x'.repeat(100), `e${chance.integer(20)}`]);
}

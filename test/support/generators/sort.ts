/** SORT, what it sorts, and by what, for engine-differential.ts. */
import type { Chance, Generated } from '../engine-differential.js';

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

export function sorts(chance: Chance): Generated {
  return chance.odds(0.5) ? sort(chance) : chance.pick(SORTS)(chance);
}

/** Commands on streams, for engine-differential.ts. What depends on clocks is in stream-times.ts. */
import type { Argument, Chance, Generated } from '../engine-differential.js';
import {
  key,
  limit,
  type Maker,
  maybe,
  nextId,
  number,
  oneOf,
  pairs,
  references,
  STREAMS,
  seenId,
  someIds,
} from './stream-arguments.js';
import { GROUP_MAKERS, NEWER_GROUP_MAKERS } from './stream-groups.js';

/** Everything that there is about streams, right and wrong. */
export function streams(chance: Chance): Generated {
  return oneOf(chance, ALL_MAKERS);
}

/** Without groups. */
export function streamEntries(chance: Chance): Generated {
  return oneOf(chance, ENTRY_MAKERS);
}

const add: Maker = (chance) => [
  'XADD',
  key(chance),
  ...maybe(chance, 0.05, 'nomkstream'),
  ...maybe(chance, 0.03, 'LIMIT', number(chance, 3)),
  ...(chance.odds(0.12) ? trim(chance) : []),
  ...(chance.has('XCFGSET') ? [] : maybe(chance, 0.005, 'IDMP', 'p', 'i')),
  nextId(chance),
  ...pairs(chance),
];

/** What time gives an id to is run with that id. */
const addNow: Maker = (chance) => {
  const fields = pairs(chance);
  const before = ['XADD', chance.pick(['x:now', 'x:then']), ...maybe(chance, 0.2, 'MAXLEN', '~', '5')];
  return {
    args: [...before, '*', ...fields],
    follow: (reply) => (reply === undefined ? [] : [[...before, String(reply), ...fields]]),
  };
};

const ENTRY_MAKERS: readonly Maker[] = [
  ...[add, add, add, add, add, add, add, addNow],
  (chance) => ['XDEL', key(chance), ...someIds(chance, 4)],
  (chance) => ['XDEL', key(chance), ...someIds(chance, 4)],
  (chance) => ['XTRIM', key(chance), ...trim(chance), ...maybe(chance, 0.02, 'FOO')],
  (chance) => [
    'XSETID',
    key(chance),
    seenId(chance),
    ...maybe(chance, 0.4, 'ENTRIESADDED', number(chance, 300)),
    ...maybe(chance, 0.3, 'MAXDELETEDID', seenId(chance)),
    ...maybe(chance, 0.02, 'FOO'),
  ],
  () => ['RPUSH', 'x:list', 'element'],
  (chance) => ['COPY', chance.pick(STREAMS), chance.pick(STREAMS), 'REPLACE'],
  (chance) => ['XLEN', key(chance)],
  range,
  range,
  read,
  read,
  (chance) => ['XINFO', chance.pick(['STREAM', 'stream', 'GROUPS']), key(chance)],
  wrong,
];

const ALL_MAKERS: readonly Maker[] = [...ENTRY_MAKERS, ...GROUP_MAKERS, ...NEWER_GROUP_MAKERS];

function trim(chance: Chance): Argument[] {
  const sign = maybe(chance, 0.7, chance.pick(['~', '~', '=']));
  const most = maybe(chance, sign[0] === '~' ? 0.3 : 0.02, 'LIMIT', number(chance, 12));
  const rest = [...most, ...references(chance)];
  return chance.odds(0.5)
    ? [chance.pick(['MAXLEN', 'maxlen']), ...sign, number(chance, 30), ...rest]
    : [chance.pick(['MINID', 'minid']), ...sign, seenId(chance), ...rest];
}

function range(chance: Chance): Generated {
  const isDown = chance.odds(0.4);
  const ends = chance.odds(0.5) ? (isDown ? ['+', '-'] : ['-', '+']) : [limit(chance), limit(chance)];
  return [
    isDown ? 'XREVRANGE' : 'XRANGE',
    key(chance),
    ...ends,
    ...maybe(chance, 0.7, 'COUNT', chance.odds(0.1) ? chance.pick([-1, -2, 0]) : number(chance, 20)),
    ...maybe(chance, 0.02, 'FOO'),
  ];
}

function read(chance: Chance): Generated {
  const keys = Array.from({ length: 1 + chance.integer(2) }, () => key(chance));
  return [
    'XREAD',
    ...maybe(chance, 0.5, 'COUNT', number(chance, 12)),
    ...maybe(chance, 0.1, 'block', chance.pick([1, 2, 5])),
    ...maybe(chance, 0.01, chance.pick(['NOACK', 'FOO', 'GROUP'])),
    'STREAMS',
    ...keys,
    ...keys.map(() => (chance.odds(0.3) ? chance.pick(['$', '+', '0', '>']) : seenId(chance))),
    ...maybe(chance, 0.01, '0'),
  ];
}

function wrong(chance: Chance): Generated {
  return chance.pick<readonly Argument[]>([
    ['XINFO', 'STREAM', key(chance), 'FOO'],
    ['XINFO', 'STREAM', key(chance), 'FULL', 'COUNT', 'x'],
    ['XINFO', 'STREAM', key(chance), 'FULL', 'COUNT'],
    ['XINFO', 'CONSUMERS', key(chance), 'nobody'],
    ['XREAD', 'BLOCK', '-1', 'STREAMS', key(chance), '0'],
    ['XREAD', 'BLOCK', 'x', 'STREAMS', key(chance), '0'],
    ['XREAD', 'COUNT', 'x', 'STREAMS', key(chance), '0'],
    ['XREAD', 'GROUP', 'g', 'c', 'STREAMS', key(chance), '0'],
    ['XREAD', 'STREAMS', key(chance), key(chance), '0'],
    ['XRANGE', key(chance), '-', '+', 'COUNT'],
    ['XTRIM', key(chance), 'LIMIT', '5'],
  ]);
}

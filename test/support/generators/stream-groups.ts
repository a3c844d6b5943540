/** Commands on groups of streams, for engine-differential.ts. */
import type { Argument, Chance, Generated } from '../engine-differential.js';
import {
  BAD_NUMBERS,
  CONSUMERS,
  GROUPS,
  key,
  type Maker,
  maybe,
  number,
  references,
  seenId,
  someIds,
} from './stream-arguments.js';

const create: Maker = (chance) => [
  ...['XGROUP', 'CREATE', key(chance), chance.pick(GROUPS), chance.pick(['$', '0', '0', seenId(chance)])],
  ...maybe(chance, 0.3, 'MKSTREAM'),
  ...maybe(chance, 0.2, 'ENTRIESREAD', number(chance, 20)),
  ...maybe(chance, 0.02, 'FOO'),
];

const setId: Maker = (chance) => [
  ...['XGROUP', 'setid', key(chance), chance.pick(GROUPS), chance.pick(['$', '0', '-', seenId(chance)])],
  ...maybe(chance, 0.3, 'ENTRIESREAD', number(chance, 20)),
  ...maybe(chance, 0.02, 'MKSTREAM'),
];

const makeConsumer: Maker = (chance) =>
  chance.odds(0.2)
    ? ['XGROUP', 'DESTROY', key(chance), chance.pick(GROUPS)]
    : ['XGROUP', 'CREATECONSUMER', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS)];

const readNew: Maker = (chance) => [
  ...['XREADGROUP', 'GROUP', chance.pick(GROUPS), chance.pick(CONSUMERS)],
  ...maybe(chance, 0.9, 'COUNT', number(chance, 6)),
  ...maybe(chance, 0.1, 'NOACK'),
  ...maybe(chance, 0.05, 'BLOCK', chance.pick([1, 3])),
  'STREAMS',
  ...(chance.odds(0.8) ? [key(chance), '>'] : [key(chance), key(chance), '>', seenId(chance)]),
];

const claim: Maker = (chance) => [
  ...['XCLAIM', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS), minIdle(chance)],
  ...someIds(chance, 5),
  ...maybe(chance, 0.3, 'FORCE'),
  ...maybe(chance, 0.5, 'justid'),
  ...maybe(chance, 0.2, 'IDLE', chance.odds(0.9) ? chance.integer(3) * 10_000_000 : chance.pick(BAD_NUMBERS)),
  ...maybe(chance, 0.2, 'TIME', number(chance, 1000)),
  ...maybe(chance, 0.3, 'RETRYCOUNT', number(chance, 1000)),
  ...maybe(chance, 0.2, 'LASTID', seenId(chance)),
  ...maybe(chance, 0.03, chance.pick(['FOO', 'IDLE', 'lastid'])),
];

const claimAny: Maker = (chance) => [
  ...['XAUTOCLAIM', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS), minIdle(chance)],
  chance.pick(['-', '0', seenId(chance), `(${seenId(chance)}`]),
  ...maybe(chance, 0.5, 'COUNT', chance.odds(0.9) ? 1 + chance.integer(4) : number(chance, 1)),
  ...maybe(chance, 0.5, 'JUSTID'),
  ...maybe(chance, 0.02, 'FOO'),
];

/** Far from what clocks may say differently. */
function minIdle(chance: Chance): Argument {
  return chance.odds(0.9) ? 0 : chance.pick(['99999999', '15000000', ...BAD_NUMBERS]);
}

export const GROUP_MAKERS: readonly Maker[] = [
  create,
  setId,
  makeConsumer,
  (chance) => ['XGROUP', 'DELCONSUMER', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS)],
  ...[readNew, readNew, readNew, readNew],
  (chance) => ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', key(chance), chance.pick(['0', '>', seenId(chance)])],
  (chance) => ['XACK', key(chance), chance.pick(GROUPS), ...someIds(chance, 5)],
  claim,
  claimAny,
  (chance) => ['XPENDING', key(chance), chance.pick(GROUPS)],
  (chance) => ['XINFO', 'GROUPS', key(chance)],
  wrong,
];

function wrong(chance: Chance): Generated {
  return chance.pick<readonly Argument[]>([
    ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'x:s', 'x:t', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '1', 'STREAMS', 'x:s'],
    ['XREADGROUP', 'COUNT', '1', 'COUNT', '1', 'NOACK', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'FOO', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 'x', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '-1', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 'x', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'NOACK', 'NOACK', 'NOACK'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'CLAIM', 'x', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'CLAIM', '-1', 'STREAMS', 'x:s', '>'],
    ['XREADGROUP', 'GROUP', 'g', 'c', 'CLAIM', 'STREAMS', 'x:s', '>'],
    ['XPENDING', key(chance), 'g', '-', '+'],
    ['XPENDING', key(chance), 'g', '-', '+', 'x'],
    ['XPENDING', key(chance), 'g', 'IDLE', '-', '+', '1'],
    ['XPENDING', key(chance), 'g', 'x', '+', '1'],
    ['XPENDING', key(chance), 'nobody', '-', '+', '1'],
  ]);
}

function idList(chance: Chance): Argument[] {
  const list = someIds(chance, 4);
  return ['IDS', chance.odds(0.95) ? list.length : chance.pick([...BAD_NUMBERS, '0', '1', '7']), ...list];
}

export const NEWER_GROUP_MAKERS: readonly Maker[] = [
  (chance) => ['XDELEX', key(chance), ...references(chance), ...idList(chance), ...maybe(chance, 0.03, 'FOO')],
  (chance) => ['XDELEX', key(chance), ...references(chance), ...idList(chance)],
  (chance) => ['XACKDEL', key(chance), chance.pick(GROUPS), ...references(chance), ...idList(chance)],
  (chance) => ['XACKDEL', key(chance), chance.pick(GROUPS), ...references(chance), ...idList(chance)],
];

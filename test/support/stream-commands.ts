/** Random commands on streams, for comparing the engine with servers. */
import type { Argument, Chance, Generated } from './engine-differential.js';

const KEYS = ['s', 't', 'u'];
const GROUPS = ['g', 'h', ''];
const CONSUMERS = ['c', 'd', 'e', ''];
const PRODUCERS = ['p', 'q', ''];
const ODD_IDS = [
  '0-0',
  '0-*',
  '-',
  '+',
  '$',
  '>',
  '(5',
  'x',
  '',
  '-1',
  '1-',
  '1-x',
  '1-1-1',
  '05-1',
  '+5-1',
  ' 5-1',
  '5-+1',
  '5--1',
  '5--01',
  '5-1\x00z',
  '18446744073709551615-18446744073709551615',
  '18446744073709551615',
  '18446744073709551616',
  '18446744073709551614-5',
  '9007199254740993-9007199254740993',
  `${'0'.repeat(127)}`,
  `${'0'.repeat(128)}`,
];
const BAD_NUMBERS = ['-1', 'x', '', '1.5', '9223372036854775808', ' 1', '01'];
const FAR = 8000;

type Maker = (chance: Chance) => Generated;

/** Ids rise slowly, so that most of what is added can be. */
class Ids {
  private ms = 1;

  next(chance: Chance): string {
    if (chance.odds(0.2)) this.ms += chance.integer(4);
    if (chance.odds(0.03)) this.ms = Math.max(1, this.ms - chance.integer(20));
    return `${this.ms}-${chance.odds(0.5) ? '*' : chance.integer(6)}`;
  }

  seen(chance: Chance): string {
    if (chance.odds(0.02)) return chance.pick(ODD_IDS);
    const ms = Math.max(0, this.ms - chance.integer(12) + 1);
    return chance.odds(0.1) ? String(ms) : `${ms}-${chance.integer(6)}`;
  }

  some(chance: Chance, most: number): string[] {
    return Array.from({ length: 1 + chance.integer(most) }, () => this.seen(chance));
  }
}

function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['list', 'none']) : chance.pick(KEYS);
}

function maybe(chance: Chance, probability: number, ...args: Argument[]): Argument[] {
  return chance.odds(probability) ? args : [];
}

function number(chance: Chance, below: number): Argument {
  return chance.odds(0.03) ? chance.pick(BAD_NUMBERS) : chance.integer(below);
}

function pairs(chance: Chance): Argument[] {
  if (chance.odds(0.03)) return ['a', 'b', 'c'];
  if (chance.odds(0.6)) return ['a', chance.pick(['', '1', '-70000', '127', 'text', '9223372036854775807']), 'b', 2];
  const fields = chance.some(['a', '12', 'f'.repeat(chance.pick([1, 63, 64, 130])), ''], 3);
  return fields.flatMap((field) => [field, chance.pick(['v', '-1', '4096', 'x'.repeat(chance.integer(80))])]);
}

function references(chance: Chance): Argument[] {
  if (!chance.has('XDELEX')) return [];
  const word = chance.odds(0.6) ? chance.pick(['KEEPREF', 'DELREF', 'acked']) : undefined;
  return word === undefined ? [] : [word, ...maybe(chance, 0.02, 'KEEPREF')];
}

function trim(chance: Chance, ids: Ids): Argument[] {
  const sign = maybe(chance, 0.7, chance.pick(['~', '~', '=']));
  const limit = maybe(chance, sign[0] === '~' ? 0.3 : 0.02, 'LIMIT', number(chance, 12));
  const rest = [...limit, ...references(chance)];
  return chance.odds(0.5)
    ? ['MAXLEN', ...sign, number(chance, 30), ...rest]
    : [chance.pick(['MINID', 'minid']), ...sign, ids.seen(chance), ...rest];
}

function producer(chance: Chance): Argument[] {
  if (!chance.has('XCFGSET') || chance.odds(0.6)) return [];
  if (chance.odds(0.4)) return ['IDMPAUTO', chance.pick(PRODUCERS)];
  return ['IDMP', chance.pick(PRODUCERS), chance.pick(['1', '2', 'iid', ''])];
}

/** What time gives an id to is run with that id. */
function addNow(chance: Chance): Generated {
  const name = chance.pick(['now', 'then']);
  const fields = pairs(chance);
  return {
    args: ['XADD', name, '*', ...fields],
    follow: (reply) => (reply === undefined ? [] : [['XADD', name, String(reply), ...fields]]),
  };
}

/** Once the last id is far ahead of the clock, nobody needs a clock. */
function isFar(chance: Chance): boolean {
  const stream = chance.engine.database(0).get('far');
  return typeof stream === 'object' && stream.type === 'stream' && stream.lastId.ms > Date.now() * 2;
}

function addFar(chance: Chance): Generated {
  if (chance.odds(0.2)) return ['XADD', 'far', `${FAR}999999999-${chance.integer(50)}`, 'a', 1];
  return ['XADD', 'far', 'MAXLEN', 50, `${FAR}999999999-*`, ...pairs(chance)];
}

export function entryCommands(ids: Ids): Maker[] {
  const add = (chance: Chance): Generated => [
    'XADD',
    key(chance),
    ...maybe(chance, 0.05, 'nomkstream'),
    ...maybe(chance, 0.03, 'LIMIT', number(chance, 3)),
    ...(chance.odds(0.12) ? trim(chance, ids) : []),
    chance.odds(0.03) ? chance.pick(ODD_IDS) : ids.next(chance),
    ...pairs(chance),
  ];
  return [
    add,
    add,
    add,
    add,
    add,
    add,
    addNow,
    addFar,
    (chance) => ['XDEL', key(chance), ...ids.some(chance, 4)],
    (chance) => ['XDEL', key(chance), ...ids.some(chance, 4)],
    (chance) => ['XTRIM', key(chance), ...trim(chance, ids), ...maybe(chance, 0.02, 'FOO')],
    (chance) => [
      'XSETID',
      key(chance),
      ids.seen(chance),
      ...maybe(chance, 0.4, 'ENTRIESADDED', number(chance, 300)),
      ...maybe(chance, 0.3, 'MAXDELETEDID', ids.seen(chance)),
      ...maybe(chance, 0.02, 'FOO'),
    ],
    () => ['RPUSH', 'list', 'element'],
    (chance) => ['COPY', chance.pick(KEYS), chance.pick(KEYS), 'REPLACE'],
  ];
}

export function groupCommands(ids: Ids): Maker[] {
  return [...groupMakers(ids), ...readMakers(ids), ...claimMakers(ids)];
}

function groupMakers(ids: Ids): Maker[] {
  return [
    (chance) => [
      'XGROUP',
      'CREATE',
      key(chance),
      chance.pick(GROUPS),
      chance.pick(['$', '0', '0', ids.seen(chance)]),
      ...maybe(chance, 0.3, 'MKSTREAM'),
      ...maybe(chance, 0.2, 'ENTRIESREAD', number(chance, 20)),
      ...maybe(chance, 0.02, 'FOO'),
    ],
    (chance) => [
      'XGROUP',
      'setid',
      key(chance),
      chance.pick(GROUPS),
      chance.pick(['$', '0', '-', ids.seen(chance)]),
      ...maybe(chance, 0.3, 'ENTRIESREAD', number(chance, 20)),
      ...maybe(chance, 0.02, 'MKSTREAM'),
    ],
    (chance) =>
      chance.odds(0.2)
        ? ['XGROUP', 'DESTROY', key(chance), chance.pick(GROUPS)]
        : ['XGROUP', 'CREATECONSUMER', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS)],
    (chance) => ['XGROUP', 'DELCONSUMER', key(chance), chance.pick(GROUPS), chance.pick(CONSUMERS)],
  ];
}

function readMakers(ids: Ids): Maker[] {
  const readNew = (chance: Chance): Generated => [
    'XREADGROUP',
    'GROUP',
    chance.pick(GROUPS),
    chance.pick(CONSUMERS),
    ...maybe(chance, 0.9, 'COUNT', number(chance, 6)),
    ...maybe(chance, 0.1, 'NOACK'),
    'STREAMS',
    ...(chance.odds(0.8) ? [key(chance), '>'] : [key(chance), key(chance), '>', ids.seen(chance)]),
  ];
  return [
    readNew,
    readNew,
    readNew,
    readNew,
    (chance) => ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', key(chance), chance.pick(['0', '>', ids.seen(chance)])],
    (chance) =>
      chance.pick([
        ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', 't', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '1', 'STREAMS', 's'],
        ['XREADGROUP', 'COUNT', '1', 'COUNT', '1', 'NOACK', 'STREAMS', 's', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'FOO', 'STREAMS', 's', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', 'x', 'STREAMS', 's', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '-1', 'STREAMS', 's', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', 'x', 'STREAMS', 's', '>'],
        ['XREADGROUP', 'GROUP', 'g', 'c', 'NOACK', 'NOACK', 'NOACK'],
      ]),
  ];
}

function claimMakers(ids: Ids): Maker[] {
  return [
    (chance) => ['XACK', key(chance), chance.pick(GROUPS), ...ids.some(chance, 5)],
    (chance) => [
      'XCLAIM',
      key(chance),
      chance.pick(GROUPS),
      chance.pick(CONSUMERS),
      chance.odds(0.9) ? 0 : chance.pick(['99999999', ...BAD_NUMBERS]),
      ...ids.some(chance, 5),
      ...maybe(chance, 0.3, 'FORCE'),
      ...maybe(chance, 0.5, 'justid'),
      ...maybe(chance, 0.2, 'IDLE', number(chance, 1000)),
      ...maybe(chance, 0.2, 'TIME', number(chance, 1000)),
      ...maybe(chance, 0.3, 'RETRYCOUNT', number(chance, 1000)),
      ...maybe(chance, 0.2, 'LASTID', ids.seen(chance)),
      ...maybe(chance, 0.03, chance.pick(['FOO', 'IDLE', 'lastid'])),
    ],
    (chance) => [
      'XAUTOCLAIM',
      key(chance),
      chance.pick(GROUPS),
      chance.pick(CONSUMERS),
      chance.odds(0.9) ? 0 : chance.pick(['99999999', ...BAD_NUMBERS]),
      chance.pick(['-', '0', ids.seen(chance), `(${ids.seen(chance)}`]),
      ...maybe(chance, 0.5, 'COUNT', chance.odds(0.9) ? 1 + chance.integer(4) : number(chance, 1)),
      ...maybe(chance, 0.5, 'JUSTID'),
      ...maybe(chance, 0.02, 'FOO'),
    ],
  ];
}

function idList(chance: Chance, ids: Ids): Argument[] {
  const list = ids.some(chance, 4);
  return ['IDS', chance.odds(0.95) ? list.length : chance.pick([...BAD_NUMBERS, '0', '1', '7']), ...list];
}

export function newerCommands(ids: Ids): Maker[] {
  const xdelex = (chance: Chance): Generated => [
    'XDELEX',
    key(chance),
    ...references(chance),
    ...idList(chance, ids),
    ...maybe(chance, 0.03, 'FOO'),
  ];
  const xackdel = (chance: Chance): Generated => [
    'XACKDEL',
    key(chance),
    chance.pick(GROUPS),
    ...references(chance),
    ...idList(chance, ids),
  ];
  const addOnce = (chance: Chance): Generated => {
    if (!chance.has('XCFGSET') || !isFar(chance)) return addFar(chance);
    if (chance.odds(0.03)) return ['XADD', 'far', 'IDMPAUTO', chance.pick(PRODUCERS), '1-1', 'a', 'b'];
    const trimmed = maybe(chance, 0.1, 'MAXLEN', 20);
    const again = maybe(chance, 0.03, 'IDMPAUTO', 'p');
    const id = chance.odds(0.95) ? '*' : `${FAR}999999999-*`;
    return ['XADD', 'far', ...trimmed, ...producer(chance), ...again, id, ...pairs(chance)];
  };
  const xcfgset = (chance: Chance): Generated => [
    'XCFGSET',
    chance.odds(0.9) ? 'far' : key(chance),
    ...maybe(chance, 0.7, 'IDMP-DURATION', chance.pick([100, 200, 0, 86400, 86401, 'x'])),
    ...maybe(chance, 0.7, 'idmp-maxsize', chance.pick([1, 2, 100, 0, 10000, 10001, ''])),
    ...maybe(chance, 0.03, 'FOO'),
  ];
  const xidmprecord = (chance: Chance): Generated => [
    'XIDMPRECORD',
    chance.odds(0.5) ? 'far' : key(chance),
    chance.pick(PRODUCERS),
    chance.pick(['1', 'iid', '']),
    chance.odds(0.5) ? `${FAR}999999999-${chance.integer(50)}` : ids.seen(chance),
  ];
  const producers = [addOnce, addOnce, addOnce, xcfgset, xidmprecord];
  return [xdelex, xdelex, xackdel, xackdel, ...producers];
}

/** Any of these commands, as far as the server has them. */
export function familyOf(...lists: ((ids: Ids) => Maker[])[]): (chance: Chance) => Generated {
  const ids = new Ids();
  const makers = lists.flatMap((list) => list(ids));
  return (chance) => {
    for (;;) {
      const generated = chance.pick(makers)(chance);
      const args = 'args' in generated ? generated.args : generated;
      if (chance.has(String(args[0]))) return generated;
    }
  };
}

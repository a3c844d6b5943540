/**
 * Commands on streams in which the clock plays a part, for engine-differential.ts. Replies that tell how much time has passed
 * are compared here, times with some tolerance; they are run in database 0.
 */
import { isDeepStrictEqual } from 'node:util';
import { CommandError } from '../../../src/engine/reply.js';
import { CommandRunner } from '../../../src/engine/runner.js';
import type { Argument, Chance, Generated } from '../engine-differential.js';
import { asServerReply, plainReply, textOf } from '../engine-replies.js';
import { TypedReply } from '../resp-replies.js';
import { CONSUMERS, GROUPS, key, limit, type Maker, maybe, nextId, oneOf, pairs, someIds } from './stream-arguments.js';

export function streamTimes(chance: Chance): Generated {
  return oneOf(chance, chance.since({ redis: '8.4' }) ? NEWER : OLDER);
}

/** Whether a number of a reply is a time; `path`: of indexes. Everywhere else replies must be the same. */
type Times = (path: readonly number[], value: number) => boolean;

const pending: Maker = (chance) => {
  const idle = maybe(chance, 0.4, 'idle', chance.pick([0, 5_000_000, 15_000_000, '9223372036854775807']));
  const range = [limit(chance), limit(chance), chance.pick([0, 1, 3, 100, -1])];
  const args = ['XPENDING', key(chance), chance.pick(GROUPS), ...idle, ...range];
  return timed(chance, [...args, ...maybe(chance, 0.3, chance.pick(CONSUMERS))], ([, column]) => column === 2);
};

const consumers: Maker = (chance) =>
  timed(
    chance,
    ['XINFO', 'consumers', key(chance), chance.pick(GROUPS)],
    (path) => path.at(-1) === 5 || path.at(-1) === 7,
  );

const full: Maker = (chance) => {
  const count = maybe(chance, 0.6, 'COUNT', chance.pick([0, 1, 3, -1]));
  return timed(chance, ['XINFO', 'STREAM', key(chance), 'full', ...count], isTimeOfFull);
};

/** Nothing else is so large. */
const isTimeOfFull: Times = (_path, value) => value > 1_000_000_000_000;

const TIMED: readonly Maker[] = [pending, pending, consumers, full, full];

const claimAndRead: Maker = (chance) => {
  const options = [...maybe(chance, 0.5, 'COUNT', chance.integer(5)), ...maybe(chance, 0.2, 'NOACK')];
  const idle = chance.pick([0, 0, 5_000_000, 15_000_000]);
  const reader = ['GROUP', chance.pick(GROUPS), chance.pick(CONSUMERS)];
  const args = ['XREADGROUP', ...reader, 'CLAIM', idle, ...options, 'STREAMS', DUE, chance.odds(0.9) ? '>' : '0'];
  return timed(chance, args, (path) => path.at(-1) === 2);
};

/** Is never copied: what was delivered at the same time is put in order then, and clocks differ in what is the same time. */
const DUE = 'x:due';

/** Reading what has been pending for long (Redis 8.4). */
const DUE_MAKERS: readonly Maker[] = [
  ...[claimAndRead, claimAndRead, claimAndRead],
  (chance) => ['XADD', DUE, ...maybe(chance, 0.1, 'MAXLEN', '~', 20), nextId(chance), 'a', 'b'],
  (chance) => ['XADD', DUE, nextId(chance), 'a', 'b'],
  (chance) => ['XGROUP', 'CREATE', DUE, chance.pick(GROUPS), '0'],
  (chance) => ['XREADGROUP', 'GROUP', chance.pick(GROUPS), 'd', 'COUNT', chance.integer(4), 'STREAMS', DUE, '>'],
  (chance) => ['XREADGROUP', 'GROUP', chance.pick(GROUPS), 'd', 'STREAMS', DUE, '0'],
  (chance) => ['XCLAIM', DUE, chance.pick(GROUPS), 'c', 0, ...someIds(chance, 5), ...longAgo(chance)],
  (chance) => ['XDEL', DUE, ...someIds(chance, 2)],
];

function longAgo(chance: Chance): Argument[] {
  return chance.odds(0.5) ? ['IDLE', chance.integer(3) * 10_000_000] : maybe(chance, 0.5, 'TIME', chance.integer(1000));
}

/** The engine runs it when the server's reply is there. */
function timed(chance: Chance, args: readonly Argument[], times: Times): Generated {
  return {
    args,
    follow: (reply) => {
      const { engine, target } = chance;
      const ours = new CommandRunner(engine).execute(args.map(String));
      const isRefused = ours instanceof CommandError;
      const found = isRefused ? undefined : asServerReply(ours, target, reply === null || isNewer(reply) ? 3 : 2);
      if (!isSame(plainReply(reply), plainReply(found), times, []))
        throw new Error(
          `${args.join(' ')}\nserver: ${textOf(reply)}\nengine: ${isRefused ? ours.message : textOf(found)}`,
        );
      return [];
    },
  };
}

const CLOCKS_MS = 5000;

function isSame(left: unknown, right: unknown, times: Times, path: readonly number[]): boolean {
  if (typeof left === 'number' && typeof right === 'number' && left !== right)
    return left >= 0 && right >= 0 && times(path, left) && Math.abs(left - right) < CLOCKS_MS;
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((part, at) => isSame(part, right[at], times, [...path, at]));
  if (isTyped(left) && isTyped(right)) return left.kind === right.kind && isSame(left.value, right.value, times, path);
  return isDeepStrictEqual(left, right);
}

function isTyped(reply: unknown): reply is { readonly kind: string; readonly value: unknown } {
  return typeof reply === 'object' && reply !== null && 'kind' in reply;
}

/** Whether the reply is one of RESP3. */
function isNewer(reply: unknown): boolean {
  if (Array.isArray(reply)) return reply.some(isNewer);
  return reply instanceof TypedReply && reply.kind === 'map';
}

const FAR = 8000;
const PRODUCERS = ['p', 'q', ''];

/** Once the last id is far ahead of the clock, nobody needs a clock. */
function isFar(chance: Chance): boolean {
  const stream = chance.engine.database(0).get('x:far');
  return typeof stream === 'object' && stream.type === 'stream' && stream.lastId.ms > Date.now() * 2;
}

function addFar(chance: Chance): Generated {
  if (chance.odds(0.2)) return ['XADD', 'x:far', `${FAR}999999999-${chance.integer(50)}`, 'a', 1];
  return ['XADD', 'x:far', 'MAXLEN', 50, `${FAR}999999999-*`, ...pairs(chance)];
}

function producer(chance: Chance): Argument[] {
  if (chance.odds(0.6)) return [];
  if (chance.odds(0.4)) return ['IDMPAUTO', chance.pick(PRODUCERS)];
  return ['IDMP', chance.pick(PRODUCERS), chance.pick(['1', '2', 'iid', ''])];
}

const addOnce: Maker = (chance) => {
  if (!isFar(chance)) return addFar(chance);
  if (chance.odds(0.03)) return ['XADD', 'x:far', 'IDMPAUTO', chance.pick(PRODUCERS), '1-1', 'a', 'b'];
  const trimmed = maybe(chance, 0.1, 'MAXLEN', ...maybe(chance, 0.5, '~'), 20);
  const again = maybe(chance, 0.03, 'IDMPAUTO', 'p');
  const id = chance.odds(0.95) ? '*' : `${FAR}999999999-*`;
  return ['XADD', 'x:far', ...trimmed, ...producer(chance), ...again, id, ...pairs(chance)];
};

/** Idempotent producers (Redis 8.6). */
const PRODUCER_MAKERS: readonly Maker[] = [
  ...[addOnce, addOnce, addOnce],
  (chance) => [
    'XCFGSET',
    chance.odds(0.9) ? 'x:far' : key(chance),
    ...maybe(chance, 0.7, 'IDMP-DURATION', chance.pick([100, 200, 0, 86400, 86401, 'x'])),
    ...maybe(chance, 0.7, 'idmp-maxsize', chance.pick([1, 2, 100, 0, 10000, 10001, ''])),
    ...maybe(chance, 0.03, 'FOO'),
  ],
  (chance) => [
    'XIDMPRECORD',
    chance.odds(0.5) ? 'x:far' : key(chance),
    chance.pick(PRODUCERS),
    chance.pick(['1', 'iid', '']),
    `${FAR}999999999-${chance.integer(50)}`,
  ],
  () => ['XINFO', 'STREAM', 'x:far'],
];

const OLDER: readonly Maker[] = [...TIMED, addFar];
const NEWER: readonly Maker[] = [...TIMED, ...DUE_MAKERS, ...PRODUCER_MAKERS];

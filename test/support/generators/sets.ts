/** Commands on sets, for engine-differential.ts. */
import type { ByteString } from '../../../src/bytes/byte-string.js';
import type { Database } from '../../../src/engine/database.js';
import { SetObject } from '../../../src/engine/values/set-object.js';
import type { StoredValue } from '../../../src/engine/values/stored-value.js';
import type { RdbValue } from '../../../src/rdb/model.js';
import { type Argument, type Chance, comparableValue, type Generated } from '../engine-differential.js';

const KEYS = ['s:a', 's:b', 's:c', 's:d', 's:e'];
/** A list until something is stored there. */
const LIST = 's:list';
/** Never a set, as long as there are no commands but those here. */
const WRONG = 's:wrong';
/** Has one member, or none, as long as there are no commands but those here. */
const ONE = 's:one';
/** Never there. */
const NONE = 's:none';
const INTEGERS = ['0', '1', '-1', '2', '10', '-10', '32767', '32768', '-2147483649', '9223372036854775807'];
const MORE_INTEGERS = ['-9223372036854775808', '3', '4', '5', '6', '7', '8', '9'];
const TEXTS = [
  '',
  'x',
  'y',
  '01',
  '+1',
  '-0',
  '9223372036854775808',
  '1.5',
  '\x00\xff',
  's'.repeat(16),
  's'.repeat(17),
];
const BAD_COUNTS = ['x', '', '1.0', '+1', '9223372036854775808', '-9223372036854775808'];

function members(chance: Chance, most: number): string[] {
  const from = chance.pick([INTEGERS, INTEGERS, [...INTEGERS, ...MORE_INTEGERS], [...INTEGERS, ...TEXTS], TEXTS]);
  return chance.some(from, most);
}

function key(chance: Chance): string {
  return chance.odds(0.06) ? chance.pick([LIST, WRONG, ONE, NONE]) : chance.pick(KEYS);
}

function keys(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => key(chance));
}

/** Refused before they are run, with the last command's changes still counted here. */
const MISSHAPEN: readonly (readonly Argument[])[] = [
  ['SADD', 's:a'],
  ['SCARD'],
  ['SISMEMBER', 's:a', 'x', 'y'],
  ['SMISMEMBER', 's:a'],
  ['SMOVE', 's:a', 's:b'],
  ['SINTERCARD', '1'],
  ['SUNIONSTORE', 's:a'],
];

/** What leaves the order of a packed set to the commands. */
const PLAIN: ((chance: Chance) => Generated)[] = [
  (chance) => ['SADD', chance.pick(KEYS), ...members(chance, chance.odds(0.1) ? 20 : 4)],
  (chance) => ['SADD', chance.pick(KEYS), ...members(chance, 8)],
  (chance) => ['sadd', chance.pick(KEYS), ...members(chance, 1)],
  (chance) => ['SREM', key(chance), ...members(chance, 5)],
  (chance) => ['SMOVE', key(chance), chance.pick([...KEYS, LIST]), ...members(chance, 1)],
  (chance) => popped(chance.pick(KEYS)),
  (chance) => popped(chance.pick(KEYS), chance.integer(4)),
  popAll,
  (chance) => ['SADD', chance.pick([...KEYS, ONE]), 'member'],
  (chance) => ['RPUSH', chance.pick([LIST, WRONG]), 'element'],
  read,
  read,
  combine,
  random,
  drawn,
];

const STORING: ((chance: Chance) => Generated)[] = [
  (chance) => ['SINTERSTORE', destination(chance), ...keys(chance, 2)],
  (chance) => ['SINTERSTORE', destination(chance), chance.pick(KEYS)],
  (chance) => ['SUNIONSTORE', destination(chance), ...keys(chance, 4)],
  (chance) => ['SDIFFSTORE', destination(chance), ...keys(chance, 4)],
];

/** Everything that there is about sets, right and wrong. */
export function sets(chance: Chance): Generated {
  if (chance.odds(0.01)) return { args: chance.pick(MISSHAPEN), anyDirty: true };
  return chance.pick([...PLAIN, ...STORING])(chance);
}

/** As {@link sets}, and what leaves nothing to chance as long as there are no other commands. */
export function setsAlone(chance: Chance): Generated {
  return chance.odds(0.08) ? single(chance) : sets(chance);
}

/** As {@link setsAlone}, without what gives a packed set an order that only the server knows. */
export function orderedSets(chance: Chance): Generated {
  return chance.odds(0.08) ? single(chance) : chance.pick(PLAIN)(chance);
}

/** Operations go through hash tables, whose order nobody knows, and may make a listpack of what they find. */
export function comparableSet(value: RdbValue): unknown {
  if (value.type !== 'set') return comparableValue(value);
  return { ...value, encoding: '', members: [...value.members].sort(Buffer.compare) };
}

function destination(chance: Chance): string {
  return chance.odds(0.06) ? LIST : chance.pick(KEYS);
}

function read(chance: Chance): Generated {
  return chance.pick<Generated>([
    ['SCARD', key(chance)],
    ['SISMEMBER', key(chance), ...members(chance, 1)],
    ['SMISMEMBER', key(chance), ...members(chance, 5)],
    { args: ['SMEMBERS', key(chance)], unordered: true },
  ]);
}

function combine(chance: Chance): Generated {
  const found = keys(chance, 4);
  if (chance.odds(0.6))
    return { args: [chance.pick(['SINTER', 'SUNION', 'SDIFF', 'sdiff']), ...found], unordered: true };
  const count = chance.odds(0.9) ? found.length : chance.pick(['0', '-1', 'x', '9', '9223372036854775807']);
  const limit = (): Argument[] => [chance.pick(['LIMIT', 'limit']), chance.pick(['0', '1', '2', '100', '-1', 'x'])];
  return ['SINTERCARD', count, ...found, ...(chance.odds(0.5) ? limit() : []), ...(chance.odds(0.1) ? limit() : [])];
}

/** All members, or none. */
function random(chance: Chance): Generated {
  if (chance.odds(0.1)) return ['SRANDMEMBER', NONE];
  const count = chance.odds(0.2) ? chance.pick(BAD_COUNTS) : chance.pick([0, 100, '9223372036854775807']);
  return { args: ['SRANDMEMBER', key(chance), count, ...(chance.odds(0.05) ? ['1'] : [])], unordered: true };
}

/** The only member, of the only set that has one, and of a key that has another type. */
function single(chance: Chance): Generated {
  const counts = ['0', '1', '2', '100', '-1', '-5', '9223372036854775807'];
  return chance.pick<Generated>([
    ['SRANDMEMBER', chance.pick([ONE, WRONG])],
    ['SRANDMEMBER', chance.pick([ONE, WRONG]), chance.pick(counts)],
    ['SPOP', chance.pick([ONE, WRONG])],
    ['SADD', ONE, 'member'],
    ['SADD', ONE, 'member'],
  ]);
}

/** What the server draws, the engine might have drawn. */
function drawn(chance: Chance): Generated {
  const name = chance.pick(KEYS);
  const count = chance.pick([undefined, 1, 2, 3, -1, -4]);
  const args = count === undefined ? ['SRANDMEMBER', name] : ['SRANDMEMBER', name, count];
  const follow = (reply: unknown): Argument[][] => {
    const members = plainMembers(reply);
    const fits = (db: Database): boolean => mightBeDrawn(db.peek(name), members, count ?? 1);
    if (members.length > 0 && ![...chance.engine.inUse()].some(fits))
      throw new Error(`${args.join(' ')}: ${members.join(' ')}`);
    return [];
  };
  return { args, follow };
}

function mightBeDrawn(value: StoredValue | undefined, members: readonly ByteString[], count: number): boolean {
  if (!(value instanceof SetObject)) return false;
  const size = count < 0 ? -count : Math.min(count, value.size);
  if (members.length !== size || !members.every((member) => value.has(member))) return false;
  return count < 0 || new Set(members).size === size;
}

function popAll(chance: Chance): Generated {
  if (chance.odds(0.2)) return ['SPOP', NONE];
  if (chance.odds(0.3)) return ['SPOP', key(chance), chance.pick([...BAD_COUNTS, '0', '-1'])];
  if (chance.odds(0.1)) return ['SPOP', key(chance), 1, 2];
  return { args: ['SPOP', key(chance), chance.pick([100, '9223372036854775807'])], unordered: true };
}

/** The engine takes what the server has taken, whose reply that leaves uncompared; nothing where there was nothing, or no set. */
function popped(name: string, ...count: number[]): Generated {
  const args = ['SPOP', name, ...count];
  const follow = (reply: unknown): Argument[][] => {
    const taken = plainMembers(reply);
    if (taken.length === 0) return [];
    takeNext(taken);
    return [args];
  };
  return { args, follow };
}

/** Of a bulk string, an array, or a set of RESP3. */
function plainMembers(reply: unknown): ByteString[] {
  if (reply instanceof Uint8Array) return [Buffer.from(reply).toString('latin1')];
  if (Array.isArray(reply)) return reply.flatMap(plainMembers);
  if (typeof reply === 'object' && reply !== null && 'value' in reply) return plainMembers(reply.value);
  return [];
}

const { takeRandom, takeSome } = SetObject.prototype;

/** The next time that members are taken at random from a set that has these, these are. */
function takeNext(taken: ByteString[]): void {
  const take = (set: SetObject): ByteString[] | undefined => {
    Object.assign(SetObject.prototype, { takeRandom, takeSome });
    if (!taken.every((member) => set.has(member))) return undefined;
    for (const member of taken) set.remove(member);
    return taken;
  };
  Object.assign(SetObject.prototype, {
    takeRandom(this: SetObject, random: () => number): ByteString {
      return take(this)?.[0] ?? this.takeRandom(random);
    },
    takeSome(this: SetObject, count: number, random: () => number): ByteString[] {
      return take(this) ?? this.takeSome(count, random);
    },
  });
}

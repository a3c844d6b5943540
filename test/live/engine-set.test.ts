/** Sets: the engine answers as the server does, and keeps them as it does. */
import { describe, expect, it } from 'vitest';
import type { RdbValue } from '../../src/rdb/model.js';
import {
  type Chance,
  comparableValue,
  compareWithServer,
  type DifferentialOptions,
  type DifferentialResult,
  type Generated,
} from '../support/engine-differential.js';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
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

function members(chance: Chance, most: number): string[] {
  const from = chance.pick([INTEGERS, INTEGERS, [...INTEGERS, ...MORE_INTEGERS], [...INTEGERS, ...TEXTS], TEXTS]);
  return chance.some(from, most);
}

function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(['list', 'none']) : chance.pick(KEYS);
}

function keys(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => key(chance));
}

/** What leaves the order of a packed set to the commands. */
const PLAIN: ((chance: Chance) => Generated)[] = [
  (chance) => ['SADD', key(chance), ...members(chance, chance.odds(0.1) ? 20 : 4)],
  (chance) => ['sadd', key(chance), ...members(chance, 1)],
  (chance) => ['SREM', key(chance), ...members(chance, 5)],
  (chance) => ['SMOVE', key(chance), key(chance), ...members(chance, 1)],
  // What a log has of it: the members that were taken.
  (chance) => popped(key(chance)),
  (chance) => popped(key(chance), chance.integer(4)),
  (chance) => ({ args: ['SPOP', key(chance), 1000], unordered: true }),
  (chance) => ['SPOP', key(chance), chance.pick(['-1', 'x', '', '0', '1.0', '-9223372036854775808'])],
  (chance) => ['SPOP', key(chance), 1, 2],
  () => ['SPOP', 'nothing'],
  () => ['RPUSH', 'list', 'element'],
];

const STORING: ((chance: Chance) => Generated)[] = [
  ...PLAIN,
  (chance) => ['SINTERSTORE', key(chance), ...keys(chance, 2)],
  (chance) => ['SINTERSTORE', key(chance), key(chance)],
  (chance) => ['SUNIONSTORE', key(chance), ...keys(chance, 4)],
  (chance) => ['SDIFFSTORE', key(chance), ...keys(chance, 4)],
];

/** SPOP on the server, SREM of what it took on the engine; nothing where there was nothing, or no set. */
function popped(name: string, ...count: number[]): Generated {
  const follow = (reply: unknown): string[][] => {
    const members = [reply ?? []].flat() as Buffer[];
    return members.length === 0 ? [] : [['SREM', name, ...members.map((member) => member.toString('latin1'))]];
  };
  return { args: ['SPOP', name, ...count], follow };
}

/** The operations go through hash tables, whose order nobody knows, and may make a listpack of what they find. */
function sorted(value: RdbValue): unknown {
  if (value.type !== 'set') return comparableValue(value);
  return { ...value, encoding: '', members: [...value.members].sort(Buffer.compare) };
}

function expectCrossed({ encodings, errors, target }: DifferentialResult): void {
  const forms = target.version >= 11 ? ['intset', 'listpack', 'hashtable'] : ['intset', 'hashtable'];
  for (const form of forms) expect(encodings.get(`set ${form}`), form).toBeGreaterThan(2);
  expect(errors.size).toBeGreaterThan(2);
}

const THRESHOLDS = [
  { integers: 6, entries: 6, bytes: 16, seed: 11 },
  { integers: 12, entries: 5, bytes: 16, seed: 12 },
  { integers: 512, entries: 128, bytes: 64, seed: 13 },
];

describe.each(THRESHOLDS)('sets with thresholds $integers, $entries, $bytes', ({ integers, entries, bytes, seed }) => {
  const config = {
    'set-max-intset-entries': integers,
    'set-max-listpack-entries': entries,
    'set-max-listpack-value': bytes,
  };
  const options: Omit<DifferentialOptions, 'generate'> = { seed, commands: 2500, config };

  it('are as on the server, their order too', async () => {
    const result = await compareWithServer({ ...options, generate: (chance) => chance.pick(PLAIN)(chance) });
    if (integers < 100) expectCrossed(result);
  });

  it('are as on the server after operations between them', async () => {
    await compareWithServer({ ...options, generate: (chance) => chance.pick(STORING)(chance), comparable: sorted });
  });
});

describe('sets whose integers become a table early', () => {
  it('are as on the server', async () => {
    const config = { 'set-max-intset-entries': 3, 'set-max-listpack-entries': 6, 'set-max-listpack-value': 3 };
    const generate = (chance: Chance): Generated => chance.pick(PLAIN)(chance);
    await compareWithServer({ seed: 14, commands: 2000, config, generate });
  });
});

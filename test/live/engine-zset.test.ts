/** Sorted sets of the engine beside those of a real server: replies, changes counted, log, events, values, encodings. */
import { expect, it } from 'vitest';
import { compareWithServer } from '../support/engine-differential.js';
import { mixedMemberRanges, sortedSets } from '../support/generators/sorted-sets.js';

const COMMANDS = 4000;
const SMALL = { 'zset-max-listpack-entries': 8, 'zset-max-listpack-value': 10, 'set-max-intset-entries': 4 };

it.each([
  [50301, 2],
  [50304, 3],
] as const)(
  'does with small thresholds what the server does, seed %i, RESP%i',
  async (seed, protocol) => {
    const generate = sortedSets;
    const { errors, encodings } = await compareWithServer({
      seed,
      commands: COMMANDS,
      generate,
      config: SMALL,
      protocol,
    });
    expect(errors.size).toBeGreaterThan(12);
    expect([...encodings.keys()].filter((name) => name.startsWith('zset')).length).toBe(2);
  },
  240_000,
);

it('does with the thresholds of a new server what that does', async () => {
  const { encodings } = await compareWithServer({
    seed: 50302,
    commands: COMMANDS,
    generate: (chance) => (chance.odds(0.2) ? mixedMemberRanges(chance) : sortedSets(chance)),
  });
  expect(encodings.get('zset listpack')).toBeGreaterThan(100);
}, 240_000);

it('begins with no packed form where there may be none', async () => {
  const config = { 'zset-max-listpack-entries': 0 };
  const { encodings } = await compareWithServer({ seed: 50303, commands: 1000, generate: sortedSets, config });
  expect(encodings.has('zset listpack')).toBe(false);
}, 120_000);

/** Positions of the engine beside those of a real server: scores bit by bit, searches, stored results. */
import { expect, it } from 'vitest';
import { compareWithServer } from '../support/engine-differential.js';
import { geo, manyPositions, withoutLastDigits } from '../support/generators/geo.js';

const SMALL = { 'zset-max-listpack-entries': 12, 'zset-max-listpack-value': 10 };

it.each([
  [50311, 2],
  [50313, 3],
] as const)(
  'does what the server does, seed %i, RESP%i',
  async (seed, protocol) => {
    const { errors, encodings } = await compareWithServer({
      seed,
      commands: 4000,
      generate: geo,
      config: SMALL,
      comparable: withoutLastDigits,
      protocol,
    });
    expect(errors.size).toBeGreaterThan(10);
    expect([...encodings.keys()].filter((name) => name.startsWith('zset')).length).toBe(2);
  },
  240_000,
);

it('finds the same among many', async () => {
  await compareWithServer({
    seed: 50312,
    commands: 1500,
    generate: (chance) => (chance.odds(0.3) ? manyPositions(chance) : geo(chance)),
    comparable: withoutLastDigits,
  });
}, 240_000);

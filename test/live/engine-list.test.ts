/** Lists of the engine beside those of a real server: replies, changes counted, log, events, values, encodings. */
import { describe, expect, it } from 'vitest';
import { compareWithServer, type DifferentialResult } from '../support/engine-differential.js';
import { lists } from '../support/generators/lists.js';

/** Where encodings are worth comparing, they come up. */
function expectCrossed({ encodings, target }: DifferentialResult): void {
  expect(encodings.get('list quicklist')).toBeGreaterThan(0);
  if (target.version >= 11) expect(encodings.get('list listpack')).toBeGreaterThan(0);
}

describe.each([
  { size: -2, seed: 1, protocol: 2 },
  { size: -1, seed: 2, protocol: 2 },
  { size: 8, seed: 3, protocol: 2 },
  { size: 3, seed: 4, protocol: 2 },
  { size: 1, seed: 5, protocol: 2 },
  { size: 8, seed: 6, protocol: 3 },
] as const)('lists with list-max-listpack-size $size, RESP$protocol', ({ size, seed, protocol }) => {
  it('are as on the server', async () => {
    const config = { 'list-max-listpack-size': size };
    const result = await compareWithServer({ seed, commands: 2500, config, generate: lists, protocol });
    expectCrossed(result);
    expect(result.errors.size).toBeGreaterThan(12);
  }, 60_000);
});

/** Sets of the engine beside those of a real server: replies, changes counted, log, events, values, encodings. */
import { describe, expect, it } from 'vitest';
import {
  compareWithServer,
  type DifferentialOptions,
  type DifferentialResult,
} from '../support/engine-differential.js';
import { comparableSet, orderedSets, setsAlone } from '../support/generators/sets.js';

function expectCrossed({ encodings, errors, target }: DifferentialResult): void {
  const forms = target.version >= 11 ? ['intset', 'listpack', 'hashtable'] : ['intset', 'hashtable'];
  for (const form of forms) expect(encodings.get(`set ${form}`), form).toBeGreaterThan(2);
  expect(errors.size).toBeGreaterThan(6);
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
    const result = await compareWithServer({ ...options, generate: orderedSets });
    if (integers < 100) expectCrossed(result);
  }, 60_000);

  it('are as on the server after operations between them, RESP3', async () => {
    await compareWithServer({ ...options, generate: setsAlone, comparable: comparableSet, protocol: 3 });
  }, 60_000);
});

describe('sets whose integers become a table early', () => {
  it('are as on the server', async () => {
    const config = { 'set-max-intset-entries': 3, 'set-max-listpack-entries': 6, 'set-max-listpack-value': 3 };
    await compareWithServer({ seed: 14, commands: 2000, config, generate: orderedSets });
  }, 60_000);
});

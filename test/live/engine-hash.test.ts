/** Hashes: the engine answers as the server does, and keeps them as it does; so do the commands on the expiry of fields. */
import { describe, expect, it } from 'vitest';
import {
  type Chance,
  compareWithServer,
  type DifferentialResult,
  type Generated,
} from '../support/engine-differential.js';
import { hashes } from '../support/generators/hashes.js';

function expectCrossed({ encodings, errors, target }: DifferentialResult): void {
  expect(encodings.get('hash listpack')).toBeGreaterThan(0);
  expect(encodings.get('hash hashtable')).toBeGreaterThan(0);
  if (target.writes.hashExpiryPacked !== undefined) expect(encodings.get('hash listpackex')).toBeGreaterThan(0);
  expect(errors.size).toBeGreaterThan(4);
}

describe.each([
  { entries: 6, bytes: 20, seed: 21 },
  { entries: 3, bytes: 10, seed: 22 },
])('hashes with thresholds $entries and $bytes', ({ entries, bytes, seed }) => {
  it.each([2, 3] as const)('are as on the server, RESP%i', async (protocol) => {
    const config = { 'hash-max-listpack-entries': entries, 'hash-max-listpack-value': bytes };
    const result = await compareWithServer({
      seed: seed * protocol,
      commands: 4000,
      config,
      generate: hashes,
      protocol,
    });
    expectCrossed(result);
  });
});

/** Packed hashes have an order, in which replies are, too. Valkey packs none whose fields expire. */
function ordered(chance: Chance): Generated {
  const generated = hashes(chance);
  if (!('args' in generated) || chance.since({ valkey: '9.0' })) return generated;
  return { ...generated, unordered: false };
}

describe('hashes that stay packed', () => {
  it.each([2, 3] as const)('have the order that they have on the server, RESP%i', async (protocol) => {
    const config = { 'hash-max-listpack-entries': 512, 'hash-max-listpack-value': 8000 };
    const { encodings } = await compareWithServer({
      seed: 23 * protocol,
      commands: 4000,
      config,
      generate: ordered,
      protocol,
    });
    expect(encodings.get('hash listpack')).toBeGreaterThan(20);
  });
});

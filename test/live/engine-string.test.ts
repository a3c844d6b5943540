/** Strings, bitmaps and HyperLogLogs: the engine answers as the server does, and keeps them as it does. */
import { describe, expect, it } from 'vitest';
import { compareWithServer } from '../support/engine-differential.js';
import { bitmaps, hyperLogLogs } from '../support/generators/bits.js';
import { strings } from '../support/generators/strings.js';

describe('strings', () => {
  it.each([
    [1, 2],
    [2, 2],
    [3, 3],
  ] as const)('are as on the server, seed %i, RESP%i', async (seed, protocol) => {
    const { errors, encodings } = await compareWithServer({
      seed,
      commands: 4000,
      generate: strings,
      flushEvery: 4,
      protocol,
    });
    expect(errors.size).toBeGreaterThan(9);
    for (const name of ['int', 'embstr', 'raw']) expect(encodings.get(`string ${name}`)).toBeGreaterThan(0);
  });
});

describe('bitmaps', () => {
  it.each([
    [4, 2],
    [5, 3],
  ] as const)('are as on the server, seed %i, RESP%i', async (seed, protocol) => {
    const { errors } = await compareWithServer({ seed, commands: 4000, generate: bitmaps, flushEvery: 3, protocol });
    expect(errors.size).toBeGreaterThan(7);
  });
});

describe('HyperLogLogs', () => {
  it.each([
    [6, 2],
    [7, 3],
  ] as const)('are as on the server byte by byte, seed %i, RESP%i', async (seed, protocol) => {
    const generate = hyperLogLogs;
    const { errors } = await compareWithServer({ seed, commands: 3000, generate, flushEvery: 8, protocol });
    expect(errors.size).toBeGreaterThan(3);
  });
});

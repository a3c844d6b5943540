/** Keys of every type, SORT, whole databases and functions: the engine answers as the server does. */
import { describe, expect, it } from 'vitest';
import { compareWithServer } from '../support/engine-differential.js';
import { functions } from '../support/generators/functions.js';
import { generic } from '../support/generators/generic.js';
import { sorts } from '../support/generators/sort.js';

describe('keys of every type', () => {
  it.each([
    [11, 2],
    [12, 2],
    [13, 3],
  ] as const)('are as on the server, seed %i, RESP%i', async (seed, protocol) => {
    const options = { seed, commands: 3000, generate: generic, batch: 60, flushEvery: 4, protocol };
    const { errors } = await compareWithServer(options);
    expect(errors.size).toBeGreaterThan(15);
  });
});

describe('SORT', () => {
  it.each([
    [14, 2],
    [15, 2],
    [16, 3],
  ] as const)('is as on the server, seed %i, RESP%i', async (seed, protocol) => {
    const { errors } = await compareWithServer({ seed, commands: 3000, generate: sorts, flushEvery: 2, protocol });
    expect(errors.size).toBeGreaterThan(3);
  });
});

describe('functions', () => {
  it.each([
    [17, 2],
    [18, 3],
  ] as const)('are as on the server, seed %i, RESP%i', async (seed, protocol) => {
    const { errors } = await compareWithServer({ seed, commands: 1500, generate: functions, protocol });
    expect(errors.size).toBeGreaterThan(9);
  });
});

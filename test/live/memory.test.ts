/** The memory model against MEMORY USAGE … SAMPLES 0 and used_memory of a real server. */
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../support/memory-bounds.js';
import {
  CONFIGURATIONS,
  compareMemory,
  filledDump,
  fixtureFor,
  fixturesWithDumps,
  kindOfServer,
  type MemoryPair,
  type ServerKind,
} from '../support/memory-errors.js';

let kind: ServerKind;
beforeAll(async () => {
  kind = await kindOfServer();
});

it('has every key of every fixture', async () => {
  const pairs: MemoryPair[] = [];
  for (const name of fixturesWithDumps()) {
    const dump = await fixtureFor(name, kind);
    if (dump !== undefined) pairs.push(...(await compareMemory(dump, kind, CONFIGURATIONS[0]!)).pairs);
  }
  expect(pairs.length).toBeGreaterThan(8000);
  expectSame(pairs);
}, 300_000);

describe.each([11, 12])('a dataset of seed %i', (seed) => {
  let dump: Uint8Array;
  beforeAll(async () => {
    dump = await filledDump(seed);
  }, 120_000);

  it.each(CONFIGURATIONS)(
    'has every key with $name',
    async (configuration) => {
      const { pairs, usedBytes, datasetBytes } = await compareMemory(dump, kind, configuration);
      expect(pairs.length).toBeGreaterThan(500);
      expectSame(pairs);
      expect(Math.abs(datasetBytes / usedBytes - 1), `${datasetBytes} of ${usedBytes}`).toBeLessThan(0.03);
    },
    120_000,
  );
});

function expectSame(pairs: readonly MemoryPair[]): void {
  expectClose(pairs, kind);
  const others = pairs.filter(({ encoding, modelEncoding, type }) => encoding !== modelEncoding && type !== 'module');
  expect(others).toEqual([]);
}

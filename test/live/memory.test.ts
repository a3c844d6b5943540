/** The memory model against MEMORY USAGE … SAMPLES 0 and used_memory of a real server. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  byKind,
  CONFIGURATIONS,
  compareMemory,
  errorsOf,
  filledDump,
  fixtureFor,
  fixturesWithDumps,
  kindOfServer,
  type MemoryPair,
  type ServerKind,
} from '../support/memory-errors.js';

/**
 * What chance decides: levels of skiplists, overflow of Valkey's tables and the end of a dict's growth. The sums are held
 * closely, single keys only loosely.
 */
const RANDOM = new Set(['zset skiplist', 'hash hashtable', 'set hashtable']);

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
  expectClose(pairs);
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
      expectClose(pairs);
      expect(Math.abs(datasetBytes / usedBytes - 1), `${datasetBytes} of ${usedBytes}`).toBeLessThan(0.03);
    },
    120_000,
  );
});

function expectClose(pairs: readonly MemoryPair[]): void {
  for (const [name, list] of byKind(pairs)) {
    const { median, p99, sum } = errorsOf(list);
    const isRandom = RANDOM.has(name);
    const worst = list.toSorted(
      (a, b) => Math.abs(b.modelBytes / b.bytes - 1) - Math.abs(a.modelBytes / a.bytes - 1),
    )[0];
    const about = `${name}: ${JSON.stringify(worst)}`;
    expect(median, about).toBeLessThanOrEqual(isRandom ? 0.05 : 0);
    expect(p99, about).toBeLessThanOrEqual(isRandom ? 0.15 : 0.02);
    expect(Math.abs(sum), about).toBeLessThanOrEqual(isRandom ? 0.04 : 0.005);
  }
  const others = pairs.filter(({ encoding, modelEncoding, type }) => encoding !== modelEncoding && type !== 'module');
  expect(others).toEqual([]);
}

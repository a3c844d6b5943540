/** A failing worker fails the run as one thread would have failed: the same error, behind the same output. */
import { describe, expect, it } from 'vitest';
import { random } from '../support/random.js';
import { byOne, bySeveral, type Reading } from './json-threads.js';
import { manyKeys, withFooter } from './many-keys.js';

const RANGE_BYTES = 20_000;
const SOURCES = ['redis-7.0/types', 'redis-5.0/types', 'valkey-9.1/types'];

/** Whole numbers below whatever is asked for. */
function belowOf(seed: number): (limit: number) => number {
  const next = random(seed);
  return (limit) => Math.floor(next() * limit);
}

async function expectSame(file: Uint8Array, reading: Reading, jobs = 2): Promise<string | undefined> {
  const expected = await byOne(file, reading);
  expect(await bySeveral(file, reading, jobs, RANGE_BYTES)).toEqual(expected);
  return expected.error?.code;
}

describe.each(SOURCES)('the keys of %s many times over', (source) => {
  const file = manyKeys(source, 500_000);

  it('with a changed byte', async () => {
    const below = belowOf(1);
    const codes = new Set<string | undefined>();
    for (let round = 0; round < 24; round++) {
      const damaged = file.slice();
      damaged[below(file.length)]! ^= 1 << below(8);
      codes.add(await expectSame(damaged, { checksum: false }));
    }
    expect(codes.size).toBeGreaterThan(2);
  });

  it('with many changed bytes: the first that matters ends the reading', async () => {
    const below = belowOf(2);
    for (let round = 0; round < 8; round++) {
      const damaged = file.slice();
      for (let at = 50_000; at < file.length; at += 5000) damaged[at + below(5000)]! ^= 1 << below(8);
      expect(await expectSame(withFooter(damaged), {}, 3)).toBeDefined();
    }
  });

  it('cut off', async () => {
    for (const size of [0, 5, 9, 10, 20_000, 123_456, file.length - 9, file.length - 1])
      expect(await expectSame(file.subarray(0, size), {})).toBeDefined();
  });

  it('with a wrong checksum', async () => {
    const damaged = file.slice();
    damaged[file.length - 1]! ^= 1;
    expect(await expectSame(damaged, {})).toBe('CHECKSUM_MISMATCH');
  });

  it('with a limit that one of them is beyond', async () => {
    expect(await expectSame(file, { limits: { maxBlobBytes: 300 } })).toBe('LIMIT_BLOB');
  });
});

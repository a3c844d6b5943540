/** A file that ends early is never a success: every prefix of small files, seeded prefixes of all others. */
import { describe, expect, it } from 'vitest';
import { TruncatedError } from '../src/bytes/errors.js';
import { readRdbSync } from '../src/rdb/read.js';
import { listFixtures, readFixture } from './support/fixtures.js';
import { random } from './support/random.js';
import { smallFiles } from './support/records.js';

const SEED = 7;
const PREFIXES = 300;

function errorOf(file: Uint8Array): unknown {
  try {
    for (const _entry of readRdbSync(file)) void _entry;
  } catch (error) {
    return error;
  }
  return undefined;
}

function expectTruncated(file: Uint8Array, length: number): void {
  const error = errorOf(file.subarray(0, length));
  if (!(error instanceof TruncatedError)) expect.unreachable(`prefix of ${length} bytes: ${String(error)}`);
  expect(error.offset).toBeLessThanOrEqual(length);
}

describe.each(smallFiles())('$name', ({ bytes }) => {
  it('fails at every prefix', () => {
    for (let length = 1; length < bytes.length; length++) expectTruncated(bytes, length);
    expect(errorOf(bytes)).toBeUndefined();
  });
});

describe.each(listFixtures())('$name', ({ name }) => {
  it(`fails at ${PREFIXES} prefixes (seed ${SEED})`, () => {
    const file = readFixture(name);
    const next = random(SEED);
    // A version without a checksum is complete as soon as its EOF opcode is there.
    for (let left = PREFIXES; left > 0; left--) expectTruncated(file, 1 + Math.floor(next() * (file.length - 1)));
  });
});

/** The folded checksum against the tables: lengths around every border, any split, and the algebra that it rests on. */
import { describe, expect, it } from 'vitest';
import { Crc64, crc64 } from '../../src/bytes/crc64.js';
import { openWorkspace } from '../../src/kernels/workspace.js';
import { random } from '../support/random.js';

const POLYNOMIAL = (1n << 64n) | 0xad93d23594c935a9n;
const DISTANCE = 2393;
const TAPS = [2393, 2253, 2005, 1957, 1768, 979, 937, 161];

it('rests on a multiple of the polynomial', () => {
  // The distances as exponents: x^(32 * 2393) plus x^(32 * (2393 - d)) for each of them.
  const exponents = [DISTANCE, ...TAPS.map((tap) => DISTANCE - tap)];
  expect(exponents.map((words) => power(32 * words)).reduce((sum, one) => sum ^ one)).toBe(0n);
});

describe('compiled', () => {
  const workspace = openWorkspace()!;
  const next = random(7);
  const bytes = workspace.window;
  for (let pos = 0; pos < bytes.length; pos++) bytes[pos] = next() * 256;
  const sizes = [0, 1, 7, 8, 9, 32_767, 32_768, 32_769, 32_832, 65_535, 65_536, 65_600, 131_072, 200_001, 1_048_576];

  it.each(sizes)('equals the tables over %i bytes', (size) => {
    for (const start of [0, 1, 5, 64, 4097]) {
      const crc = new Crc64();
      crc.updateWindow(workspace, start, start + size);
      expect(crc.value()).toBe(crc64(bytes, start, start + size));
    }
  });

  it('goes on from any state', () => {
    for (let round = 0; round < 40; round++) {
      const cuts = Array.from({ length: 5 }, () => Math.floor(next() * 1_000_000)).sort((a, b) => a - b);
      const crc = new Crc64();
      for (let cut = 1; cut < cuts.length; cut++) crc.updateWindow(workspace, cuts[cut - 1]!, cuts[cut]!);
      expect(crc.value(), `${cuts}`).toBe(crc64(bytes, cuts[0], cuts.at(-1)));
    }
  });
});

/** x^exponent modulo the polynomial, over GF(2). */
function power(exponent: number): bigint {
  let result = 1n;
  for (let bit = 16; bit >= 0; bit--) {
    result = multiply(result, result);
    if ((exponent >> bit) & 1) result = reduce(result << 1n);
  }
  return result;
}

function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 0n; bit < 64n; bit++) if ((b >> bit) & 1n) product ^= a << bit;
  return reduce(product);
}

function reduce(value: bigint): bigint {
  let rest = value;
  for (let bit = 127n; bit >= 64n; bit--) if ((rest >> bit) & 1n) rest ^= POLYNOMIAL << (bit - 64n);
  return rest;
}

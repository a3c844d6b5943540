import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInt64, formatUint53, formatUint64, Int64 } from '../../src/bytes/int64.js';

function parts(value: bigint): { hi: number; lo: number } {
  return { hi: Number(BigInt.asIntN(32, value >> 32n)), lo: Number(BigInt.asIntN(32, value)) };
}

function written(write: (out: Uint8Array) => number): string {
  const out = new Uint8Array(32).fill(0x23);
  return Buffer.from(out.subarray(0, write(out))).toString('latin1');
}

const EDGES = [
  0n,
  1n,
  9n,
  10n,
  99n,
  100n,
  999_999_999n,
  1_000_000_000n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n,
];

describe('decimal text', () => {
  it('is exact on both sides of every edge', () => {
    for (const edge of EDGES) {
      for (const value of [edge - 1n, edge, edge + 1n]) {
        const signed = BigInt.asIntN(64, value);
        const { hi, lo } = parts(value);
        expect(written((out) => formatInt64(hi, lo, out, 0))).toBe(String(signed));
        expect(written((out) => formatUint64(hi, lo, out, 0))).toBe(String(BigInt.asUintN(64, value)));
      }
    }
  });

  it('is exact for any value', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        const { hi, lo } = parts(value);
        expect(written((out) => formatInt64(hi, lo, out, 0))).toBe(String(value));
        expect(written((out) => formatUint64(hi, lo, out, 0))).toBe(String(BigInt.asUintN(64, value)));
      }),
      { numRuns: 5000 },
    );
  });

  it('is exact for any safe count', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(written((out) => formatUint53(value, out, 0))).toBe(String(value));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('Int64', () => {
  it('reads both byte orders and gives both signs', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        const bytes = new Uint8Array(16);
        const view = new DataView(bytes.buffer);
        view.setBigInt64(0, value, true);
        view.setBigInt64(8, value, false);
        const little = new Int64();
        const big = new Int64();
        little.setLe(bytes, 0);
        big.setBe(bytes, 8);
        expect([little.signed(), big.signed()]).toEqual([value, value]);
        expect(little.unsigned()).toBe(BigInt.asUintN(64, value));
        const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(little.isSafe()).toBe(safe);
        const limit = value < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
        expect(little.toNumber()).toBe(safe ? Number(value) : limit);
      }),
    );
  });

  it.each([
    [-(2n ** 53n), false],
    [1n - 2n ** 53n, true],
    [2n ** 53n - 1n, true],
    [2n ** 53n, false],
  ])('is safe where a number is a safe integer: %d', (value, safe) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, value);
    const number = new Int64();
    number.setBe(bytes, 0);
    expect([number.isSafe(), Number.isSafeInteger(number.toNumber())]).toEqual([safe, true]);
  });
});

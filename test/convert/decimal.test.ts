import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../src/convert/json/decimal.js';

const out = new Uint8Array(64);

/** Also expects that only the text is written, and at most 25 bytes of it. */
function text(value: number): string {
  out.fill(0xa5);
  const end = formatDecimal(value, out, 7);
  expect(out.subarray(0, 7).every((byte) => byte === 0xa5)).toBe(true);
  expect(end).toBeLessThanOrEqual(7 + 25);
  return Buffer.from(out.subarray(7, end)).toString('latin1');
}

const bits = new DataView(new ArrayBuffer(8));

/** The double `steps` places further on the line of doubles. */
function neighbour(value: number, steps: number): number {
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
}

describe('formatDecimal', () => {
  it.each([
    [0.1 + 0.2, '0.30000000000000004'],
    [1.5, '1.5'],
    [-12.25, '-12.25'],
    [0.001, '0.001'],
    [0.0001, '0.0001'],
    [123456.789, '123456.789'],
    [1e-7, '1e-7'],
    [1e21, '1e+21'],
    [-0, '0'],
    [2 ** 53, '9007199254740992'],
    [999999999999999.9, '999999999999999.9'],
    [5e-324, '5e-324'],
  ])('%d is %s', (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it('is what String gives: any double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(text(value)).toBe(String(value));
      }),
      { numRuns: 3000 },
    );
  });

  it('is what String gives: decimals of few digits and the doubles next to them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 50 }),
        fc.integer({ min: 0, max: 17 }),
        fc.integer({ min: -3, max: 3 }),
        (digits, places, steps) => {
          const value = neighbour(digits / 10 ** places, steps);
          expect(text(value)).toBe(String(value));
          expect(text(-value)).toBe(String(-value));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('is what String gives: doubles of every size that is handled here, and its borders', () => {
    for (let exponent = -12; exponent < 52; exponent++) {
      for (let step = -2; step < 200; step++) {
        const value = neighbour(2 ** exponent, step < 3 ? step : step * 45_035_996_273_70 + step * 7919);
        expect(text(value)).toBe(String(value));
      }
    }
    for (let power = -4; power <= 16; power++) {
      for (let step = -50; step <= 50; step++) {
        const value = neighbour(10 ** power, step);
        expect(text(value)).toBe(String(value));
      }
    }
  });
});

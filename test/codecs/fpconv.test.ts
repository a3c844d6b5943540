import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFpconv, MAX_FPCONV_TEXT } from '../../src/codecs/fpconv.js';
import { random } from '../support/random.js';

function text(value: number): string {
  const out = new Uint8Array(MAX_FPCONV_TEXT + 8).fill(0xa5);
  const end = formatFpconv(value, out, 3);
  expect(end - 3).toBeLessThanOrEqual(MAX_FPCONV_TEXT);
  expect([...out.subarray(0, 3), ...out.subarray(end)].every((byte) => byte === 0xa5)).toBe(true);
  return Buffer.from(out.subarray(3, end)).toString('latin1');
}

/** Every bit pattern of the upper half equally likely: all exponents, both signs, infinities and NaN among them. */
function* anyDoubles(count: number, seed: number): Generator<number> {
  const next = random(seed);
  const view = new DataView(new ArrayBuffer(8));
  for (let index = 0; index < count; index++) {
    view.setUint32(0, next() * 2 ** 32);
    view.setUint32(4, next() * 2 ** 32);
    const value = view.getFloat64(0);
    if (!Number.isNaN(value)) yield value;
  }
}

function sha1OfTexts(values: Iterable<number>): string {
  const hash = createHash('sha1');
  for (const value of values) hash.update(`${text(value)}\n`);
  return hash.digest('hex');
}

it('writes the worked examples', () => {
  expect(text(1.1)).toBe('1.1');
  expect(text(2 ** 62 * 1.5)).toBe('6917529027641082000');
});

describe('the three shapes', () => {
  it.each([
    // Whole, then zeros: at most seven of them.
    [0.5, '0.5'],
    [1, '1'],
    [100, '100'],
    [1e7, '10000000'],
    [1e8, '1e+8'],
    [120000000, '120000000'],
    [1200000000, '1.2e+9'],
    [123456789, '123456789'],
    [12345678900000, '12345678900000'],
    [999999999999999, '999999999999999'],
    [1e15, '1e+15'],
    [2 ** 53, '9007199254740992'],
    [Number('2681366931699517440'), '2681366931699517400'],
    [2 ** 63, '9223372036854776000'],
    [1e17, '1e+17'],
    [1e21, '1e+21'],
    [1e23, '99999999999999990000000'],
    // Below one: down to six places, or a first digit close enough to the point.
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [5e-5, '0.00005'],
    [0.00001234, '1.234e-5'],
    [1.5e-9, '1.5e-9'],
    [1 / 3, '0.3333333333333333'],
    [1234567.891, '1234567.891'],
    // Powers of two and three digits.
    [123e-20, '1.23e-18'],
    [1e300, '1e+300'],
    [1e-10, '1e-10'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [2 ** -1022, '2.2250738585072014e-308'],
    [2.225073858507201e-308, '2.225073858507201e-308'],
    [Number.MIN_VALUE, '5e-324'],
  ])('%d as %s', (value, expected) => {
    expect(text(value)).toBe(expected);
    expect(text(-value)).toBe(`-${expected}`);
  });

  it.each([
    [0, '0'],
    [-0, '-0'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [Number.NaN, 'nan'],
  ])('%d as %s', (value, expected) => {
    expect(text(value)).toBe(expected);
  });
});

describe('digits that are not the shortest, or not the closest', () => {
  // As the servers' own C code writes them.
  it.each([
    [3.2189071415331185e21, '3218907141533118500000'],
    [4.575404103768934e-97, '4.5754041037689337e-97'],
    [149955983897196.88, '149955983897196.87'],
    [66847682821252380, '66847682821252384'],
    [70489753282800460, '70489753282800464'],
    [7.137970655281882e264, '7.1379706552818824e+264'],
    [3.730250456770576e-109, '3.7302504567705762e-109'],
  ])('%d as %s', (value, expected) => {
    expect(text(value)).toBe(expected);
    expect(Number(text(value))).toBe(value);
  });
});

describe('held against the texts of the C code by their SHA-1', () => {
  it('for random bit patterns', () => {
    expect(sha1OfTexts(anyDoubles(100_000, 7))).toBe('2bb58559ec118aa3e4fbc5cc3d837b74d47dccb9');
  });

  it('for powers of two', () => {
    const powers = Array.from({ length: 2098 }, (_, index) => 2 ** (index - 1074));
    expect(sha1OfTexts(powers)).toBe('edb609800c7a18cb3b18a7645ae85b52a42b0ef6');
  });

  it('for decimals and large whole numbers', () => {
    const next = random(11);
    const values = Array.from({ length: 60_000 }, (_, index) =>
      index % 3 === 0
        ? Math.round(next() * 1e8) / 100
        : index % 3 === 1
          ? Math.floor(next() * 2 ** (next() * 70))
          : Number(`${Math.floor(next() * 1e5)}e${Math.floor(next() * 600) - 300}`),
    );
    expect(sha1OfTexts(values)).toBe('c8939d030e0eed509f4694cbade3e96ae843ad59');
  });
});

describe('properties', () => {
  it('reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(text(value))).toBe(value);
      }),
    );
  });

  it('has the digits of a whole number below 10^15, and seven more zeros at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (value) => {
        const digits = String(value);
        const significant = digits.replace(/0+$/, '');
        if (digits.length - significant.length <= 7) expect(text(value)).toBe(digits);
        else expect(text(value).replace(/e.*|\./g, '')).toBe(significant);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeDoubleLe,
  decodeFloatLe,
  decodeTextDouble,
  encodeDoubleLe,
  encodeTextDouble,
  formatNumber,
  formatScore17,
  MAX_NUMBER_TEXT,
  parseScore,
  skipTextDouble,
} from '../../src/codecs/double.js';
import { ascii, expectError, expectRobust, hex, latin1, readInside, toHex } from '../support/packed.js';

const { NaN: NAN, POSITIVE_INFINITY: INF, NEGATIVE_INFINITY: NEG_INF } = Number;

const parse = (text: string): number => readInside(ascii(text), parseScore, 0x31);

function decodeText(bytes: Uint8Array, pos: number, end: number): number {
  return skipTextDouble(bytes, pos, end) > end ? -0 : decodeTextDouble(bytes, pos);
}

describe('the worked example', () => {
  it('decodes', () => {
    expect(decodeTextDouble(hex('03 312E35'), 0)).toBe(1.5);
    expect(decodeTextDouble(hex('FE'), 0)).toBe(INF);
  });
  it('encodes', () => {
    const out = new Uint8Array(8);
    expect(toHex(out.subarray(0, encodeTextDouble(1.5, out, 0)))).toBe('03312e35');
    expect(toHex(out.subarray(0, encodeTextDouble(INF, out, 0)))).toBe('fe');
  });
});

describe('binary numbers', () => {
  it.each([
    ['000000000000f83f', 1.5],
    ['0000000000000080', -0],
    ['0100000000000000', 5e-324],
    ['000000000000f07f', INF],
    ['000000000000f8ff', NAN],
    ['9a9999999999f13f', 1.1],
  ])('%s is the double %d', (bytes, value) => {
    const data = hex(`ff ${bytes} ff`);
    expect(decodeDoubleLe(data, 1)).toBe(value);
    if (Number.isNaN(value)) return;
    const out = new Uint8Array(10).fill(0xff);
    expect(encodeDoubleLe(value, out, 1)).toBe(9);
    expect(toHex(out)).toBe(toHex(data));
  });

  it.each([
    ['0000c03f', 1.5],
    ['00000080', -0],
    ['cdcc8c3f', 1.100000023841858],
    ['000080ff', NEG_INF],
  ])('%s is the float %d', (bytes, value) => expect(decodeFloatLe(hex(`ff ${bytes}`), 1)).toBe(value));
});

describe('text doubles', () => {
  it.each([
    [ascii('\x011'), 1, 2],
    [ascii('\x02-0'), -0, 3],
    [ascii('\x041abc'), 1, 5],
    [ascii('\x051e+17'), 1e17, 6],
    [ascii('\x071e99999'), INF, 8],
    [hex('FD'), NAN, 1],
    [hex('FE'), INF, 1],
    [hex('FF'), NEG_INF, 1],
    [new Uint8Array(253).fill(0x31).fill(252, 0, 1), Number('1'.repeat(252)), 253],
  ])('%#', (bytes, value, next) => {
    expect(decodeTextDouble(bytes, 0)).toBe(value);
    expect(skipTextDouble(bytes, 0, bytes.length)).toBe(next);
  });

  it.each([
    ['no text', '00'],
    ['nan', '036e616e'],
    ['letters', '03616263'],
    ['white space', '0120'],
    ['a sign', '012d'],
    ['a point', '012e'],
    ['an exponent', '026531'],
  ])('%s is no score', (_, bytes) => expectError(hex(bytes), decodeText, 'BAD_SCORE', 0));

  it('say how many bytes they want', () => {
    expect(skipTextDouble(hex('03'), 0, 0)).toBe(1);
    expect(skipTextDouble(hex('03 31'), 0, 2)).toBe(4);
  });

  it('keep to their bounds when damaged', () => {
    expectRobust(ascii('\x161.1000000000000001e+300'), decodeText, ['BAD_SCORE']);
  });

  it('read back what they wrote', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const out = new Uint8Array(32);
        const next = encodeTextDouble(value, out, 1);
        expect(skipTextDouble(out, 1, 32)).toBe(next);
        expect(decodeTextDouble(out, 1)).toBe(value);
      }),
    );
  });
});

describe('parseScore follows strtod', () => {
  it.each([
    ['0', 0],
    ['-0', -0],
    ['-0.0', -0],
    ['+5', 5],
    ['007', 7],
    ['  \t\n\v\f\r42', 42],
    ['1.', 1],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['1.5abc', 1.5],
    ['1 2', 1],
    ['1e', 1],
    ['1e+', 1],
    ['1e5x', 100000],
    ['1E-5', 1e-5],
    ['1..2', 1],
    ['1.2.3', 1.2],
    ['1e400', INF],
    ['-1e400', NEG_INF],
    ['1e-400', 0],
    ['-1e-400', -0],
    ['inf', INF],
    ['-INFINITY', NEG_INF],
    ['+Infx', INF],
    ['999999999999999', 999999999999999],
    ['9007199254740993', 9007199254740992],
    ['9007199254740995', 9007199254740996],
    ['2681366931699517440', 2681366931699517400],
    ['9999999999999999999', 1e19],
    ['99999999999999999999', 1e20],
    ['1.1000000000000001', 1.1],
    ['0.10000000000000001', 0.1],
    ['0.30000000000000004', 0.30000000000000004],
    ['1.0000000000000001e+300', 1e300],
    ['0.0000000000000000000001', 1e-22],
    ['0.00000000000000000000001', 1e-23],
    ['4.9406564584124654e-324', 5e-324],
    ['2.2250738585072011e-308', 2.225073858507201e-308],
    ['1.7976931348623159e+308', INF],
    ['0x10', 16],
    ['-0X1.8p1', -3],
    ['0x', 0],
    ['0xg', 0],
    ['0x.8', 0.5],
    ['0x1p', 1],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.8p-1075', 5e-324],
    ['0x1p1023', 2 ** 1023],
    ['0x1p1024', INF],
    ['0x1p99999999999', INF],
    ['0x1p-99999999999', 0],
    ['0x20000000000001', 9007199254740992],
    ['0x20000000000003', 9007199254740996],
    ['0x200000000000010000000000000001', 2 ** 117 + 2 ** 65],
  ])('%j is %d', (text, value) => expect(parse(text)).toBe(value));

  it.each(['', ' ', '-', '+', '.', '-.', 'e5', 'nan', '-nan', 'NAN(1)', 'abc', '--1', 'in', 'x1', '\0', 'é'])(
    '%j is no number',
    (text) => expect(parse(text)).toBeNaN(),
  );

  it('does not look beyond the end', () => {
    expect(parseScore(ascii('12345'), 1, 3)).toBe(23);
    expect(parseScore(ascii('-5'), 0, 0)).toBeNaN();
  });

  it('looks at 127 bytes, as the server does', () => {
    expect(parse(`${'0'.repeat(126)}12`)).toBe(1);
    expect(parse(`0.${'1'.repeat(1000)}`)).toBe(Number(`0.${'1'.repeat(125)}`));
  });

  it('rounds decimal texts of every length correctly', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String);
    fc.assert(
      fc.property(digits, fc.nat(24), fc.boolean(), (text, places, negative) => {
        const padded = text.padStart(places + 1, '0');
        const decimal = `${negative ? '-' : ''}${padded.slice(0, padded.length - places)}.${padded.slice(padded.length - places)}`;
        expect(parse(decimal)).toBe(Number(decimal));
        expect(parse(text)).toBe(Number(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('rounds correctly close to halfway between two doubles', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 1e15, noNaN: true }),
        fc.integer({ min: 15, max: 22 }),
        (value, digits) => {
          const up = decodeNext(value);
          // 2 · halfway = value + up, exactly, as decimal digits.
          const scale = 10n ** 30n;
          const halfway = (exactly(value, scale) + exactly(up, scale)) / 2n;
          const text = halfway.toString().padStart(31, '0');
          const decimal = `${text.slice(0, -30)}.${text.slice(-30)}`.slice(0, digits + 2);
          expect(parse(decimal)).toBe(Number(decimal));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('reads what formatScore17 and String write', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(formatScore17(value))).toBe(value);
        expect(parse(String(value))).toBe(Object.is(value, -0) ? 0 : value);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes any bytes', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'0123456789.eExXpPaAfFiInN+- \t\0'), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(typeof parse(text)).toBe('number');
      }),
    );
    expectRobust(ascii('-0x1.fp+10 '), parseScore, []);
  });
});

/** The next double above a positive one. */
function decodeNext(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + 1n);
  return view.getFloat64(0);
}

/** `value * scale` with the fraction cut off, by its bits. */
function exactly(value: number, scale: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const mantissa = (bits & 0xfffffffffffffn) | 0x10000000000000n;
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1075;
  return exponent >= 0 ? (mantissa << BigInt(exponent)) * scale : (mantissa * scale) >> BigInt(-exponent);
}

/** Values and what glibc's printf("%.17g") gives. */
describe('formatScore17 is %.17g', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [INF, 'inf'],
    [NEG_INF, '-inf'],
    [NAN, 'nan'],
    [-7, '-7'],
    [1.1, '1.1000000000000001'],
    [0.1, '0.10000000000000001'],
    [-0.5, '-0.5'],
    [1e300, '1.0000000000000001e+300'],
    [100000000, '100000000'],
    [1e15, '1000000000000000'],
    [1e16, '10000000000000000'],
    [99999999999999984, '99999999999999984'],
    [1e17, '1e+17'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e-4, '0.0001'],
    [1e-5, '1.0000000000000001e-05'],
    [0.00012345, '0.00012344999999999999'],
    [5e-324, '4.9406564584124654e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    // Exactly halfway: to the even digit, both ways.
    [26215 / 2 ** 18, '0.10000228881835938'],
    [26217 / 2 ** 18, '0.10000991821289062'],
    [-26217 / 2 ** 18, '-0.10000991821289062'],
  ])('%d', (value, text) => expect(formatScore17(value)).toBe(text));

  it('never loses a bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatScore17(value);
        expect(Number(text)).toBe(value);
        expect(text.replace(/e.*/, '').replace(/^-?0*\.?0*|[-.]/g, '').length).toBeLessThanOrEqual(17);
      }),
    );
  });
});

describe('formatNumber', () => {
  const format = (value: number): string => {
    const out = new Uint8Array(MAX_NUMBER_TEXT + 1);
    const next = formatNumber(value, out, 1);
    return latin1(out.subarray(1, next));
  };

  it.each([0, -0, 1, -1, 9, 10, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e21, 1e-7, 0.1, 123.456, -1.5])(
    '%d',
    (value) => expect(format(value)).toBe(String(value)),
  );

  it('is the text of JavaScript', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true }), fc.maxSafeInteger()), (value) => {
        expect(format(value)).toBe(String(value));
      }),
    );
    expect(format(-2.2250738585072014e-308).length).toBeLessThanOrEqual(MAX_NUMBER_TEXT);
  });
});

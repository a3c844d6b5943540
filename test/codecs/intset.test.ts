import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLICE_INT, Slice } from '../../src/bytes/slice.js';
import {
  checkIntset,
  checkIntsetOrder,
  decodeIntsetMember,
  encodeIntset,
  intsetWidth,
} from '../../src/codecs/intset.js';
import { expectError, expectRobust, hex, INTEGER_BOUNDARIES, readInside, sliceText, toHex } from '../support/packed.js';

const EXAMPLE = hex('04000000 03000000  FDFFFFFF  01000000  70110100');

function decodeAll(bytes: Uint8Array, start: number, end: number): string[] {
  const count = checkIntset(bytes, start, end);
  const width = intsetWidth(bytes, start);
  const slice = new Slice();
  return Array.from({ length: count }, (_, index) => {
    decodeIntsetMember(bytes, start, index, width, slice);
    expect(slice.form).toBe(SLICE_INT);
    return sliceText(slice);
  });
}

function checkDeep(bytes: Uint8Array, start: number, end: number): number {
  const count = checkIntset(bytes, start, end);
  checkIntsetOrder(bytes, start, end);
  return count;
}

describe('the worked example', () => {
  it('decodes', () => expect(readInside(EXAMPLE, decodeAll)).toEqual(['-3', '1', '70000']));
  it('encodes', () => expect(toHex(encodeIntset([70000n, 1n, -3n]))).toBe(toHex(EXAMPLE)));
  it('checks', () => expect(readInside(EXAMPLE, checkDeep)).toBe(3));
});

describe('widths', () => {
  it.each([
    [32767n, 2],
    [-32768n, 2],
    [32768n, 4],
    [-32769n, 4],
    [2147483647n, 4],
    [-2147483648n, 4],
    [2147483648n, 8],
    [-2147483649n, 8],
    [9223372036854775807n, 8],
    [-9223372036854775808n, 8],
  ])('%d takes %d bytes', (value, width) => {
    const blob = encodeIntset([value, 0n]);
    expect(intsetWidth(blob, 0)).toBe(width);
    expect(blob.length).toBe(8 + 2 * width);
    expect(new Set(readInside(blob, decodeAll))).toEqual(new Set(['0', String(value)]));
  });

  it('may be wider than needed', () => {
    const blob = hex('08000000 01000000 0500000000000000');
    expect(readInside(blob, decodeAll)).toEqual(['5']);
    expect(readInside(blob, checkDeep)).toBe(1);
  });
});

describe('refusals', () => {
  it.each([
    ['no header', '02000000 010000'],
    ['a width of 0', '00000000 01000000'],
    ['a width of 3', '03000000 01000000 000000'],
    ['a width of 16', '10000000 01000000 00000000000000000000000000000000'],
    ['no member', '02000000 00000000'],
    ['a byte too few', '02000000 02000000 010002'],
    ['a byte too many', '02000000 01000000 010000'],
    ['2^32 - 1 members', '08000000 FFFFFFFF 0100000000000000'],
  ])('%s', (_, blob) => expectError(hex(blob), checkIntset, 'BAD_INTSET'));

  it.each([
    ['of 2 bytes, descending', '02000000 02000000 0100 FFFF', 10],
    ['of 2 bytes, repeated', '02000000 03000000 0100 0200 0200', 12],
    ['of 4 bytes, descending', '04000000 02000000 01000000 FFFFFFFF', 12],
    ['of 8 bytes, equal upper half', '08000000 02000000 FFFFFFFF00000000 0000000000000000', 16],
    ['of 8 bytes, descending', '08000000 02000000 0000000001000000 FFFFFFFFFFFFFFFF', 16],
    ['of 8 bytes, repeated', '08000000 02000000 0000000001000000 0000000001000000', 16],
  ])('members %s, only deep', (_, blob, pos) => {
    readInside(hex(blob), checkIntset);
    expectError(hex(blob), checkDeep, 'BAD_INTSET', pos);
  });

  it('to encode what no intset holds', () => {
    expect(() => encodeIntset([])).toThrow(RangeError);
    expect(() => encodeIntset([1n, 1n])).toThrow('1 occurs twice');
    expect(() => encodeIntset([1n << 63n])).toThrow('9223372036854775808 does not fit 64 bits');
    expect(() => encodeIntset([0n, -(1n << 63n) - 1n])).toThrow('-9223372036854775809 does not fit 64 bits');
  });
});

describe('damage', () => {
  it('never gets past decode and check', () => {
    for (const blob of [EXAMPLE, encodeIntset([1n, 2n, 3n]), encodeIntset([-1n, 1n << 40n])]) {
      expectRobust(blob, decodeAll, ['BAD_INTSET']);
      expectRobust(blob, checkDeep, ['BAD_INTSET']);
    }
  });
});

describe('properties', () => {
  it('decode ∘ encode is sorting', () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      fc.integer({ min: -40000, max: 40000 }).map(BigInt),
      fc.constantFrom(...INTEGER_BOUNDARIES),
    );
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 50 }), (values) => {
        const blob = encodeIntset(values);
        expect(readInside(blob, checkDeep)).toBe(values.length);
        expect(readInside(blob, decodeAll)).toEqual(values.sort((a, b) => (a < b ? -1 : 1)).map(String));
      }),
    );
  });
});

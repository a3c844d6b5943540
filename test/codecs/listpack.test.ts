import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Int64 } from '../../src/bytes/int64.js';
import { SLICE_INT, SLICE_PLAIN, Slice } from '../../src/bytes/slice.js';
import {
  checkListpack,
  checkListpackHeader,
  decodeListpackEntry,
  decodeListpackInteger,
  encodeListpack,
  isListpackInteger,
  LISTPACK_HEADER_SIZE,
  type ListpackOptions,
  listpackLength,
  parseDecimal64,
  skipListpackEntry,
} from '../../src/codecs/listpack.js';
import {
  ALMOST_INTEGERS,
  ascii,
  expectError,
  expectRobust,
  hex,
  hostileValue,
  INTEGER_BOUNDARIES,
  latin1,
  readInside,
  sliceText,
  toHex,
} from '../support/packed.js';

const EXAMPLE = hex('12000000 0400  816102  0501  816202  DFFF02  FF');
const EMPTY = hex('07000000 0000 FF');

/** Every entry as one character per byte, walked as readers do. */
function decodeAll(bytes: Uint8Array, start: number, end: number): string[] {
  checkListpackHeader(bytes, start, end);
  const slice = new Slice();
  const found: string[] = [];
  for (let pos = start + LISTPACK_HEADER_SIZE; bytes[pos] !== 0xff; ) {
    const next = decodeListpackEntry(bytes, pos, end, slice);
    expect(skipListpackEntry(bytes, pos, end)).toBe(next);
    expect(slice.form === SLICE_INT).toBe(isListpackInteger(bytes, pos));
    expect(slice.origin).toBe(pos);
    found.push(sliceText(slice));
    pos = next;
  }
  return found;
}

function decodeIntegers(bytes: Uint8Array, start: number, end: number): string[] {
  checkListpackHeader(bytes, start, end);
  const out = new Int64();
  const found: string[] = [];
  for (let pos = start + LISTPACK_HEADER_SIZE; bytes[pos] !== 0xff; ) {
    pos = decodeListpackInteger(bytes, pos, end, out);
    found.push(String(out.signed()));
  }
  return found;
}

/** The encoding and backlen of the only entry. */
function encodedEntry(value: Uint8Array, options?: ListpackOptions): Uint8Array {
  return encodeListpack([value], options).slice(LISTPACK_HEADER_SIZE, -1);
}

/** A listpack around entries given as bytes. */
function wrap(entries: Uint8Array, count: number): Uint8Array {
  const total = LISTPACK_HEADER_SIZE + entries.length + 1;
  const out = new Uint8Array(total).fill(0xff);
  const view = new DataView(out.buffer);
  view.setUint32(0, total, true);
  view.setUint16(4, count, true);
  out.set(entries, LISTPACK_HEADER_SIZE);
  return out;
}

describe('the worked example', () => {
  const values = ['a', '5', 'b', '-1'];

  it('decodes', () => expect(readInside(EXAMPLE, decodeAll)).toEqual(values));
  it('encodes', () => expect(toHex(encodeListpack(values.map(ascii)))).toBe(toHex(EXAMPLE)));
  it('checks', () => expect(readInside(EXAMPLE, checkListpack)).toBe(4));
  it('has an empty sibling', () => {
    expect(toHex(encodeListpack([]))).toBe(toHex(EMPTY));
    expect(readInside(EMPTY, checkListpack)).toBe(0);
    expect(readInside(EMPTY, decodeAll)).toEqual([]);
  });
});

describe('integer forms', () => {
  const forms: [string, string][] = [
    ['0', '00 01'],
    ['127', '7F 01'],
    ['128', 'C080 02'],
    ['-1', 'DFFF 02'],
    ['4095', 'CFFF 02'],
    ['-4096', 'D000 02'],
    ['4096', 'F10010 03'],
    ['-4097', 'F1FFEF 03'],
    ['32767', 'F1FF7F 03'],
    ['-32768', 'F10080 03'],
    ['32768', 'F2008000 04'],
    ['-32769', 'F2FF7FFF 04'],
    ['8388607', 'F2FFFF7F 04'],
    ['-8388608', 'F2000080 04'],
    ['8388608', 'F300008000 05'],
    ['-8388609', 'F3FFFF7FFF 05'],
    ['2147483647', 'F3FFFFFF7F 05'],
    ['-2147483648', 'F300000080 05'],
    ['2147483648', 'F40000008000000000 09'],
    ['-2147483649', 'F4FFFFFF7FFFFFFFFF 09'],
    ['9223372036854775807', 'F4FFFFFFFFFFFFFF7F 09'],
    ['-9223372036854775808', 'F40000000000000080 09'],
  ];
  it.each(forms)('%s is %s', (value, entry) => {
    expect(toHex(encodedEntry(ascii(value)))).toBe(toHex(hex(entry)));
    const blob = wrap(hex(entry), 1);
    expect(readInside(blob, decodeAll)).toEqual([value]);
    expect(readInside(blob, decodeIntegers)).toEqual([value]);
    expect(readInside(blob, checkListpack)).toBe(1);
  });

  it('is read in wider forms than needed, as in strings that look like one', () => {
    const blob = wrap(hex('F40500000000000000 09  F3FFFFFFFF 05  C005 02  8135 02'), 4);
    expect(readInside(blob, decodeAll)).toEqual(['5', '-1', '5', '5']);
    expect(readInside(blob, checkListpack)).toBe(4);
    expectError(blob, decodeIntegers, 'BAD_LISTPACK', blob.length - 4);
  });

  it.each(INTEGER_BOUNDARIES.map(String))('%s survives', (value) => {
    expect(readInside(encodeListpack([ascii(value)]), decodeIntegers)).toEqual([value]);
  });

  it.each(ALMOST_INTEGERS)('%j stays a string', (value) => {
    const blob = encodeListpack([ascii(value)]);
    expect(isListpackInteger(blob, LISTPACK_HEADER_SIZE)).toBe(false);
    expect(readInside(blob, decodeAll)).toEqual([latin1(ascii(value))]);
  });
});

describe('string forms', () => {
  it.each([
    [0, '80', '01'],
    [1, '81', '02'],
    [63, 'BF', '40'],
    [64, 'E040', '42'],
    [125, 'E07D', '7F'],
    [126, 'E07E', '0180'],
    [4095, 'EFFF', '2081'],
    [4096, 'F000100000', '2085'],
    [16377, 'F0F93F0000', '7FFE'],
    [16378, 'F0FA3F0000', '00FFFF'],
    [16379, 'F0FB3F0000', '018080'],
    [2097145, 'F0F9FF1F00', '7FFFFE'],
    [2097146, 'F0FAFF1F00', '00FFFFFF'],
    [2097147, 'F0FBFF1F00', '01808080'],
  ])('%d bytes start with %s and end with the backlen %s', (size, lead, backlen) => {
    const value = new Uint8Array(size).fill(0x78);
    const entry = encodedEntry(value);
    expect(toHex(entry.subarray(0, lead.length / 2)).toUpperCase()).toBe(lead);
    expect(toHex(entry.subarray(lead.length / 2 + size)).toUpperCase()).toBe(backlen);
    const blob = wrap(entry, 1);
    expect(readInside(blob, checkListpack)).toBe(1);
    expect(readInside(blob, decodeAll)[0]?.length).toBe(size);
  });

  it.each([
    [16378, '7FFF'],
    [2097146, '7FFFFF'],
  ])('%d bytes may end with the short backlen %s', (size, backlen) => {
    const value = new Uint8Array(size).fill(0x78);
    const entry = encodedEntry(value, { boundaryBacklen: 'short' });
    expect(toHex(entry.subarray(5 + size)).toUpperCase()).toBe(backlen);
    const blob = encodeListpack([value, ascii('7'), value], { boundaryBacklen: 'short' });
    expect(readInside(blob, checkListpack)).toBe(3);
    expect(readInside(blob, decodeAll).map((text) => text.length)).toEqual([size, 1, size]);
    expect(encodeListpack([value, value]).length).toBe(
      encodeListpack([value, value], { boundaryBacklen: 'short' }).length + 2,
    );
  });

  it('are views, not copies', () => {
    const slice = new Slice();
    decodeListpackEntry(EXAMPLE, 6, EXAMPLE.length, slice);
    expect([slice.bytes === EXAMPLE, slice.start, slice.end, slice.form]).toEqual([true, 7, 8, SLICE_PLAIN]);
  });

  it('of 268435450 bytes have a padded backlen of five bytes, or four', () => {
    // The bytes between are never looked at: a sparse array stands in for them.
    const size = 268435450;
    const blob = new Uint8Array(LISTPACK_HEADER_SIZE + 5 + size + 5 + 1);
    const view = new DataView(blob.buffer);
    view.setUint16(4, 1, true);
    blob.set(hex('F0FAFFFF0F'), 6);
    for (const backlen of ['00FFFFFFFF', '7FFFFFFF']) {
      const end = 11 + size + backlen.length / 2 + 1;
      view.setUint32(0, end, true);
      blob.set(hex(`${backlen}FF`), 11 + size);
      expect(checkListpack(blob, 0, end)).toBe(1);
      expect(skipListpackEntry(blob, 6, end)).toBe(end - 1);
    }
  });
});

describe('the count', () => {
  it.each([65534, 65535, 65536])('of %d entries', (count) => {
    const blob = encodeListpack(Array.from({ length: count }, (_, index) => ascii(String(index % 100))));
    expect(readInside(blob, checkListpackHeader)).toBe(Math.min(count, 65535));
    expect(readInside(blob, listpackLength)).toBe(count);
    expect(readInside(blob, checkListpack)).toBe(count);
  });

  it('is scanned for where the header does not know', () => {
    const blob = wrap(EXAMPLE.slice(6, -1), 65535);
    expect(readInside(blob, listpackLength)).toBe(4);
    expect(readInside(blob, checkListpack)).toBe(4);
  });

  it('must be right', () => {
    expectError(wrap(EXAMPLE.slice(6, -1), 3), checkListpack, 'BAD_LISTPACK', 0);
    expect(readInside(wrap(EXAMPLE.slice(6, -1), 3), listpackLength)).toBe(3);
  });
});

describe('refusals', () => {
  it.each([
    ['too few bytes', '06000000 0000'],
    ['another total', '08000000 0000 FF'],
    ['no terminator', '07000000 0000 00'],
  ])('%s', (_, blob) => {
    expectError(hex(blob), checkListpackHeader, 'BAD_LISTPACK');
    expectError(hex(blob), checkListpack, 'BAD_LISTPACK');
    expectError(hex(blob), listpackLength, 'BAD_LISTPACK');
  });

  it.each([
    ['a 6-bit string that takes the terminator', '8461 FF'],
    ['a 6-bit string whose backlen is the terminator', '8161'],
    ['an integer whose backlen is the terminator', '05'],
    ['half an int13', 'C0'],
    ['half a 12-bit length', 'E0'],
    ['a 12-bit string beyond the end', 'EFFF 61'],
    ['half a 32-bit length', 'F0 0100'],
    ['a 32-bit string of 4 GiB', 'F0 FFFFFFFF 61'],
    ['half an int64', 'F4 00000000'],
    ['an unknown lead', 'F5 0000000000000000'],
    ['another unknown lead', 'FE 0000'],
  ])('%s', (_, entry) => {
    const blob = wrap(hex(entry), 1);
    expectError(blob, checkListpack, 'BAD_LISTPACK', 6);
    expectError(blob, decodeAll, 'BAD_LISTPACK', 6);
    expectError(blob, (bytes, start, end) => skipListpackEntry(bytes, start + 6, end), 'BAD_LISTPACK', 6);
  });

  it.each([
    ['of a small integer', '05 02'],
    ['of a small string', '8161 03'],
    ['of one byte that needs two', `E07E${'61'.repeat(126)} 8080`],
    ['with a bit too many', `E07E${'61'.repeat(126)} 8180`],
    ['without its bit', `E07E${'61'.repeat(126)} 0100`],
    ['padded where it must not be', 'C080 0082'],
  ])('a backlen %s, but only deep', (_, entry) => {
    expectError(wrap(hex(entry), 1), checkListpack, 'BAD_LISTPACK');
  });

  it('bytes behind a first terminator', () => {
    expectError(wrap(hex('0501 FF 0501'), 1), checkListpack, 'BAD_LISTPACK', 8);
  });

  it('the terminator as an entry', () => {
    const last = (bytes: Uint8Array, _: number, end: number) => decodeListpackEntry(bytes, end - 1, end, new Slice());
    expectError(EXAMPLE, last, 'BAD_LISTPACK', EXAMPLE.length - 1);
    expectError(EXAMPLE, (bytes, _, end) => skipListpackEntry(bytes, end - 1, end), 'BAD_LISTPACK');
    expectError(EXAMPLE, (bytes, _, end) => decodeListpackInteger(bytes, end - 1, end, new Int64()), 'BAD_LISTPACK');
  });
});

describe('damage', () => {
  const long = encodeListpack(
    ['a', '5', '300', '-70000', '9000000', '1'.repeat(15), 'x'.repeat(70), 'y'.repeat(130)].map(ascii),
  );
  for (const [name, blob] of Object.entries({ EXAMPLE, EMPTY, long })) {
    it(`never gets past decode and check: ${name}`, () => {
      expectRobust(blob, decodeAll, ['BAD_LISTPACK']);
      expectRobust(blob, checkListpack, ['BAD_LISTPACK']);
      expectRobust(blob, decodeIntegers, ['BAD_LISTPACK']);
      expectRobust(blob, listpackLength, ['BAD_LISTPACK']);
    });
  }

  it('that passes the deep check decodes to as many entries', () => {
    fc.assert(
      fc.property(fc.array(hostileValue(), { maxLength: 6 }), fc.nat(), fc.nat(255), (values, at, byte) => {
        const blob = encodeListpack(values);
        blob[at % blob.length] = byte;
        let count = 0;
        try {
          count = checkListpack(blob, 0, blob.length);
        } catch {
          return;
        }
        expect(decodeAll(blob, 0, blob.length)).toHaveLength(count);
      }),
    );
  });
});

describe('properties', () => {
  it('decode ∘ encode is the identity, in both boundary forms', () => {
    const boundary = fc.constantFrom(16377, 16378, 16379).map((size) => new Uint8Array(size).fill(0x7a));
    const values = fc.array(fc.oneof({ weight: 20, arbitrary: hostileValue() }, { weight: 1, arbitrary: boundary }));
    fc.assert(
      fc.property(values, fc.constantFrom('long' as const, 'short' as const), (entries, boundaryBacklen) => {
        const blob = encodeListpack(entries, { boundaryBacklen });
        expect(checkListpack(blob, 0, blob.length)).toBe(entries.length);
        expect(readInside(blob, decodeAll)).toEqual(entries.map(latin1));
      }),
    );
  });

  it('parseDecimal64 accepts exactly what BigInt prints', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789-+ '), maxLength: 22 });
    const numbers = fc.bigInt({ min: -(1n << 66n), max: 1n << 66n }).map(String);
    fc.assert(
      fc.property(fc.oneof(digits, numbers), (text) => {
        const value = /^(0|-?[1-9][0-9]*)$/.test(text) ? BigInt(text) : undefined;
        const expected = value !== undefined && BigInt.asIntN(64, value) === value;
        const out = new Int64();
        expect(readInside(ascii(text), (bytes, start, end) => parseDecimal64(bytes, start, end, out), 0x31)).toBe(
          expected,
        );
        if (expected) expect(out.signed()).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });
});

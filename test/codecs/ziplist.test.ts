import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLICE_PLAIN, Slice } from '../../src/bytes/slice.js';
import {
  checkZiplist,
  checkZiplistHeader,
  decodeZiplistEntry,
  encodeZiplist,
  skipZiplistEntry,
  ZIPLIST_HEADER_SIZE,
  type ZiplistOptions,
  ziplistLength,
} from '../../src/codecs/ziplist.js';
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

const EXAMPLE = hex('15000000 10000000 0300  00F3  02026869  04C02C01  FF');
const EMPTY = hex('0B000000 0A000000 0000 FF');

/** Every entry as one character per byte, walked as readers do. */
function decodeAll(bytes: Uint8Array, start: number, end: number): string[] {
  checkZiplistHeader(bytes, start, end);
  const slice = new Slice();
  const found: string[] = [];
  for (let pos = start + ZIPLIST_HEADER_SIZE; bytes[pos] !== 0xff; ) {
    const next = decodeZiplistEntry(bytes, pos, end, slice);
    expect(skipZiplistEntry(bytes, pos, end)).toBe(next);
    expect(slice.origin).toBe(pos);
    found.push(sliceText(slice));
    pos = next;
  }
  return found;
}

/** The bytes of the only entry, without its prevlen. */
function encodedEntry(value: Uint8Array, options?: ZiplistOptions): Uint8Array {
  return encodeZiplist([value], options).slice(ZIPLIST_HEADER_SIZE + 1, -1);
}

/** A ziplist around entries given as bytes; `tail` counts from its start. */
function wrap(entries: Uint8Array, count: number, tail: number): Uint8Array {
  const total = ZIPLIST_HEADER_SIZE + entries.length + 1;
  const out = new Uint8Array(total).fill(0xff);
  const view = new DataView(out.buffer);
  view.setUint32(0, total, true);
  view.setUint32(4, tail, true);
  view.setUint16(8, count, true);
  out.set(entries, ZIPLIST_HEADER_SIZE);
  return out;
}

describe('the worked example', () => {
  const values = ['2', 'hi', '300'];

  it('decodes', () => expect(readInside(EXAMPLE, decodeAll)).toEqual(values));
  it('encodes', () => expect(toHex(encodeZiplist(values.map(ascii)))).toBe(toHex(EXAMPLE)));
  it('checks', () => expect(readInside(EXAMPLE, checkZiplist)).toBe(3));
  it('has an empty sibling', () => {
    expect(toHex(encodeZiplist([]))).toBe(toHex(EMPTY));
    expect(readInside(EMPTY, checkZiplist)).toBe(0);
    expect(readInside(EMPTY, decodeAll)).toEqual([]);
  });
});

describe('integer forms', () => {
  it.each([
    ['0', 'F1', 'C00000'],
    ['12', 'FD', 'C00C00'],
    ['13', 'FE0D', 'C00D00'],
    ['-1', 'FEFF', 'C0FFFF'],
    ['127', 'FE7F', 'C07F00'],
    ['-128', 'FE80', 'C080FF'],
    ['128', 'C08000', 'C08000'],
    ['-129', 'C07FFF', 'C07FFF'],
    ['32767', 'C0FF7F', 'C0FF7F'],
    ['-32768', 'C00080', 'C00080'],
    ['32768', 'F0008000', 'D000800000'],
    ['-32769', 'F0FF7FFF', 'D0FF7FFFFF'],
    ['8388607', 'F0FFFF7F', 'D0FFFF7F00'],
    ['-8388608', 'F0000080', 'D0000080FF'],
    ['8388608', 'D000008000', 'D000008000'],
    ['-8388609', 'D0FFFF7FFF', 'D0FFFF7FFF'],
    ['2147483647', 'D0FFFFFF7F', 'D0FFFFFF7F'],
    ['-2147483648', 'D000000080', 'D000000080'],
    ['2147483648', 'E00000008000000000', 'E00000008000000000'],
    ['-2147483649', 'E0FFFFFF7FFFFFFFFF', 'E0FFFFFF7FFFFFFFFF'],
    ['9223372036854775807', 'E0FFFFFFFFFFFFFF7F', 'E0FFFFFFFFFFFFFF7F'],
    ['-9223372036854775808', 'E00000000000000080', 'E00000000000000080'],
  ])('%s is %s, before RDB 6 %s', (value, small, old) => {
    expect(toHex(encodedEntry(ascii(value)))).toBe(small.toLowerCase());
    expect(toHex(encodedEntry(ascii(value), { smallIntegers: false }))).toBe(old.toLowerCase());
    for (const encoding of [small, old]) {
      const blob = wrap(hex(`00${encoding}`), 1, 10);
      expect(readInside(blob, decodeAll)).toEqual([value]);
      expect(readInside(blob, checkZiplist)).toBe(1);
    }
  });

  it.each(INTEGER_BOUNDARIES.map(String))('%s survives', (value) => {
    expect(readInside(encodeZiplist([ascii(value)]), decodeAll)).toEqual([value]);
    expect(readInside(encodeZiplist([ascii(value)], { smallIntegers: false }), decodeAll)).toEqual([value]);
  });

  it.each(ALMOST_INTEGERS)('%j stays a string', (value) => {
    const blob = encodeZiplist([ascii(value)]);
    expect(blob[ZIPLIST_HEADER_SIZE + 1]).toBe(value.length);
    expect(readInside(blob, decodeAll)).toEqual([latin1(ascii(value))]);
  });
});

describe('string forms', () => {
  it.each([
    [0, '00'],
    [63, '3F'],
    [64, '4040'],
    [16383, '7FFF'],
    [16384, '8000004000'],
  ])('%d bytes start with %s', (size, lead) => {
    const entry = encodedEntry(new Uint8Array(size).fill(0x78));
    expect(toHex(entry.subarray(0, lead.length / 2)).toUpperCase()).toBe(lead);
    expect(entry.length).toBe(lead.length / 2 + size);
    expect(readInside(wrap(new Uint8Array([0, ...entry]), 1, 10), decodeAll)[0]?.length).toBe(size);
  });

  it('ignore the low bits of a 32-bit lead', () => {
    expect(readInside(wrap(hex('00 BF 00000001 61'), 1, 10), decodeAll)).toEqual(['a']);
  });

  it('are views, not copies', () => {
    const slice = new Slice();
    decodeZiplistEntry(EXAMPLE, 12, EXAMPLE.length, slice);
    expect([slice.bytes === EXAMPLE, slice.start, slice.end, slice.form]).toEqual([true, 14, 16, SLICE_PLAIN]);
  });
});

describe('prevlen', () => {
  // An entry of n bytes of string has prevlen, one or two bytes of encoding, and n.
  it.each([
    [250, 253, 'FD'],
    [251, 254, 'FEFE000000'],
    [252, 255, 'FEFF000000'],
  ])('after an entry with %d bytes of data is %d', (data, size, prevlen) => {
    const blob = encodeZiplist([new Uint8Array(data).fill(0x78), ascii('y')]);
    const second = ZIPLIST_HEADER_SIZE + size;
    expect(toHex(blob.subarray(second, second + prevlen.length / 2)).toUpperCase()).toBe(prevlen);
    expect(readInside(blob, checkZiplist)).toBe(2);
    expect(readInside(blob, decodeAll)[1]).toBe('y');
  });

  it('may be long and small', () => {
    const blob = wrap(hex('FE00000000 0161  FE07000000 0162'), 2, 17);
    expect(readInside(blob, checkZiplist)).toBe(2);
    expect(readInside(blob, decodeAll)).toEqual(['a', 'b']);
  });

  it('must be that of the entry before', () => {
    expectError(wrap(hex('00 0161  02 0162'), 2, 13), checkZiplist, 'BAD_ZIPLIST', 13);
    expectError(wrap(hex('01 0161'), 1, 10), checkZiplist, 'BAD_ZIPLIST', 10);
    expectError(wrap(hex('00 0161  FE03000001 0162'), 2, 13), checkZiplist, 'BAD_ZIPLIST', 13);
  });
});

describe('the count', () => {
  it.each([65534, 65535, 65536])('of %d entries', (count) => {
    const blob = encodeZiplist(Array.from({ length: count }, (_, index) => ascii(String(index % 100))));
    expect(readInside(blob, checkZiplistHeader)).toBe(Math.min(count, 65535));
    expect(readInside(blob, ziplistLength)).toBe(count);
    expect(readInside(blob, checkZiplist)).toBe(count);
  });

  it('is scanned for where the header does not know', () => {
    expect(readInside(wrap(EXAMPLE.slice(10, -1), 65535, 16), checkZiplist)).toBe(3);
  });

  it('must be right', () => {
    expectError(wrap(EXAMPLE.slice(10, -1), 2, 16), checkZiplist, 'BAD_ZIPLIST', 0);
  });
});

describe('refusals', () => {
  it.each([
    ['too few bytes', '0A000000 0A000000 0000'],
    ['another total', '0C000000 0A000000 0000 FF'],
    ['no terminator', '0B000000 0A000000 0000 00'],
  ])('%s', (_, blob) => {
    expectError(hex(blob), checkZiplistHeader, 'BAD_ZIPLIST');
    expectError(hex(blob), checkZiplist, 'BAD_ZIPLIST');
    expectError(hex(blob), ziplistLength, 'BAD_ZIPLIST');
  });

  it.each([
    ['a string that takes the terminator', '00 0261'],
    ['a prevlen alone', '00'],
    ['half a long prevlen', 'FE0000'],
    ['half a 14-bit length', '00 40'],
    ['half a 32-bit length', '00 80 0000'],
    ['a string of 4 GiB', '00 80 FFFFFFFF 61'],
    ['half an int64', '00 E0 00000000'],
    ['an unknown encoding', '00 C1 000000'],
    ['the terminator as encoding', '00 FF 000000'],
  ])('%s', (_, entry) => {
    const blob = wrap(hex(entry), 1, 10);
    expectError(blob, checkZiplist, 'BAD_ZIPLIST');
    expectError(blob, decodeAll, 'BAD_ZIPLIST');
    expectError(blob, (bytes, start, end) => skipZiplistEntry(bytes, start + 10, end), 'BAD_ZIPLIST');
  });

  it('a tail that is not at the last entry', () => {
    expectError(wrap(hex('00 0161  03 0162'), 2, 10), checkZiplist, 'BAD_ZIPLIST', 4);
    expectError(wrap(hex('00 0161'), 1, 0xfffffff0), checkZiplist, 'BAD_ZIPLIST', 4);
    expectError(wrap(hex(''), 0, 11), checkZiplist, 'BAD_ZIPLIST', 4);
  });

  it('bytes behind a first terminator', () => {
    expectError(wrap(hex('00 0161 FF 00'), 1, 10), checkZiplist, 'BAD_ZIPLIST', 13);
  });

  it('the terminator as an entry', () => {
    const last = (bytes: Uint8Array, _: number, end: number) => decodeZiplistEntry(bytes, end - 1, end, new Slice());
    expectError(EXAMPLE, last, 'BAD_ZIPLIST', EXAMPLE.length - 1);
  });
});

describe('damage', () => {
  const long = encodeZiplist(['a', '5', '300', '-70000', '9000000', '1'.repeat(15), 'x'.repeat(70), '77'].map(ascii));
  for (const [name, blob] of Object.entries({ EXAMPLE, EMPTY, long })) {
    it(`never gets past decode and check: ${name}`, () => {
      expectRobust(blob, decodeAll, ['BAD_ZIPLIST']);
      expectRobust(blob, checkZiplist, ['BAD_ZIPLIST']);
      expectRobust(blob, ziplistLength, ['BAD_ZIPLIST']);
    });
  }
});

describe('properties', () => {
  it('decode ∘ encode is the identity, before and since RDB 6', () => {
    fc.assert(
      fc.property(fc.array(hostileValue()), fc.boolean(), (entries, smallIntegers) => {
        const blob = encodeZiplist(entries, { smallIntegers });
        expect(checkZiplist(blob, 0, blob.length)).toBe(entries.length);
        expect(readInside(blob, decodeAll)).toEqual(entries.map(latin1));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Slice } from '../../src/bytes/slice.js';
import {
  checkZipmap,
  checkZipmapHeader,
  decodeZipmapPair,
  encodeZipmap,
  ZIPMAP_HEADER_SIZE,
  zipmapLength,
} from '../../src/codecs/zipmap.js';
import {
  ascii,
  expectError,
  expectRobust,
  hex,
  hostileValue,
  latin1,
  readInside,
  sliceText,
  toHex,
} from '../support/packed.js';

const EXAMPLE = hex('02  03 666F6F  03 00 626172  05 68656C6C6F  05 01 776F726C64 00  FF');

/** Every pair as one character per byte, walked as readers do. */
function decodeAll(bytes: Uint8Array, start: number, end: number): [string, string][] {
  checkZipmapHeader(bytes, start, end);
  const field = new Slice();
  const value = new Slice();
  const found: [string, string][] = [];
  for (let pos = start + ZIPMAP_HEADER_SIZE; bytes[pos] !== 0xff; ) {
    const next = decodeZipmapPair(bytes, pos, end, field, value);
    expect(field.origin).toBe(pos);
    found.push([sliceText(field), sliceText(value)]);
    pos = next;
  }
  return found;
}

describe('the worked example', () => {
  it('decodes', () => {
    expect(readInside(EXAMPLE, decodeAll)).toEqual([
      ['foo', 'bar'],
      ['hello', 'world'],
    ]);
  });
  it('checks', () => expect(readInside(EXAMPLE, checkZipmap)).toBe(2));
  it('encodes, with nothing unused', () => {
    const pairs = [
      [ascii('foo'), ascii('bar')],
      [ascii('hello'), ascii('world')],
    ] as const;
    expect(toHex(encodeZipmap(pairs))).toBe(toHex(hex('02 03666F6F 0300626172 0568656C6C6F 0500776F726C64 FF')));
  });
});

describe('lengths', () => {
  it.each([
    [253, 'FD'],
    [254, 'FEFE000000'],
    [255, 'FEFF000000'],
    [70000, 'FE70110100'],
  ])('of %d bytes are %s', (size, length) => {
    const text = new Uint8Array(size).fill(0x78);
    const blob = encodeZipmap([[text, text]]);
    expect(toHex(blob.subarray(1, 1 + length.length / 2)).toUpperCase()).toBe(length);
    expect(readInside(blob, checkZipmap)).toBe(1);
    expect(readInside(blob, decodeAll)).toEqual([[latin1(text), latin1(text)]]);
  });

  it('in the long form for a small value are read, but refused deep', () => {
    for (const blob of [hex('01 FE01000000 61 0100 62 FF'), hex('01 01 61 FE01000000 00 62 FF')]) {
      expect(readInside(blob, decodeAll)).toEqual([['a', 'b']]);
      expectError(blob, checkZipmap, 'BAD_ZIPMAP');
    }
  });

  it('of zero are legal', () => {
    expect(readInside(hex('01 00 00 00 FF'), decodeAll)).toEqual([['', '']]);
    expect(readInside(hex('01 00 00 00 FF'), checkZipmap)).toBe(1);
  });

  it('may be followed by up to 255 unused bytes', () => {
    const blob = new Uint8Array([...hex('01 01 61 01 FF 62'), ...new Uint8Array(255).fill(0xff), 0xff]);
    expect(readInside(blob, decodeAll)).toEqual([['a', 'b']]);
    expect(readInside(blob, checkZipmap)).toBe(1);
  });
});

describe('the count', () => {
  it.each([1, 252, 253, 254, 255, 600])('of %d pairs', (count) => {
    const blob = encodeZipmap(Array.from({ length: count }, (_, index) => [ascii(`f${index}`), ascii('v')]));
    expect(blob[0]).toBe(Math.min(count, 254));
    expect(readInside(blob, zipmapLength)).toBe(count);
    expect(readInside(blob, checkZipmap)).toBe(count);
  });

  it.each([254, 255])('is scanned for where the header says %d', (header) => {
    const blob = EXAMPLE.slice();
    blob[0] = header;
    expect(readInside(blob, zipmapLength)).toBe(2);
    expect(readInside(blob, checkZipmap)).toBe(2);
  });

  it('must be right', () => {
    const blob = EXAMPLE.slice();
    blob[0] = 3;
    expectError(blob, checkZipmap, 'BAD_ZIPMAP', 0);
    expect(readInside(blob, zipmapLength)).toBe(3);
  });
});

describe('refusals', () => {
  it.each([
    ['no bytes', ''],
    ['one byte', 'FF'],
    ['no terminator', '01 01 61 01 00 62'],
    ['no pair', '00 FF'],
    ['no pair and an unknown count', 'FE FF'],
    ['a field without a value', '01 01 61 FF'],
    ['a field that takes the terminator', '01 02 61 FF'],
    ['a value that takes the terminator', '01 01 61 02 00 62 FF'],
    ['unused bytes that take the terminator', '01 01 61 01 01 62 FF'],
    ['a value without the count of unused bytes', '01 01 61 01 FF'],
    ['half a long length', '01 FE0100 FF'],
    ['a field of 4 GiB', '01 FEFFFFFFFF 61 01 00 62 FF'],
    ['bytes behind a first terminator', '01 01 61 01 00 62 FF 00 FF'],
  ])('%s', (_, blob) => expectError(hex(blob), checkZipmap, 'BAD_ZIPMAP'));

  it('to encode nothing', () => expect(() => encodeZipmap([])).toThrow(RangeError));
});

describe('damage', () => {
  it('never gets past decode and check', () => {
    const long = encodeZipmap([
      [new Uint8Array(254).fill(0x78), ascii('1')],
      [ascii('2'), ascii('3')],
    ]);
    for (const blob of [EXAMPLE, long]) {
      expectRobust(blob, decodeAll, ['BAD_ZIPMAP']);
      expectRobust(blob, checkZipmap, ['BAD_ZIPMAP']);
      expectRobust(blob, zipmapLength, ['BAD_ZIPMAP']);
    }
  });
});

describe('properties', () => {
  it('decode ∘ encode is the identity', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileValue(), hostileValue()), { minLength: 1 }), (pairs) => {
        const blob = encodeZipmap(pairs);
        expect(checkZipmap(blob, 0, blob.length)).toBe(pairs.length);
        expect(readInside(blob, decodeAll)).toEqual(pairs.map((pair) => pair.map(latin1)));
      }),
    );
  });
});

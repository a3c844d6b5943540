import fc from 'fast-check';
import * as lzfjs from 'lzfjs';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { checkLzf, compress, compressLzf, decompress, decompressLzf, MAX_LZF_RATIO } from '../../src/codecs/lzf.js';
import { ascii, bitFlips, expectError, expectRobust, hex, latin1, prefixes, toHex } from '../support/packed.js';

const EXAMPLE = hex('01 6161  E0 57 00  01 6161');

/** Output with a margin that must stay as it was. */
function decompressInto(bytes: Uint8Array, start: number, end: number, length: number): Uint8Array {
  const out = new Uint8Array(length + 40).fill(0xee);
  decompressLzf(bytes, start, end, out, length);
  expect(out.subarray(length).every((byte) => byte === 0xee)).toBe(true);
  return out.slice(0, length);
}

const to =
  (length: number) =>
  (bytes: Uint8Array, start: number, end: number): string =>
    toHex(decompressInto(bytes, start, end, length));

/** The format by the letter of the specification, byte by byte; an error is its position. */
function reference(bytes: Uint8Array, length: number): number[] | number {
  const out: number[] = [];
  let pos = 0;
  while (pos < bytes.length) {
    const item = pos;
    const control = bytes[pos++]!;
    if (control < 32) {
      if (pos + control + 1 > bytes.length || out.length + control + 1 > length) return item;
      for (let left = control + 1; left > 0; left--) out.push(bytes[pos++]!);
      continue;
    }
    let size = control >> 5;
    if (size === 7) size += bytes[pos++] ?? 0;
    if (pos >= bytes.length) return item;
    const distance = (((control & 0x1f) << 8) | bytes[pos++]!) + 1;
    if (distance > out.length || out.length + size + 2 > length) return item;
    for (let left = size + 2; left > 0; left--) out.push(out[out.length - distance]!);
  }
  return out.length === length ? out : bytes.length;
}

function expectLikeReference(bytes: Uint8Array, length: number): void {
  let found: number[] | number;
  try {
    found = [...decompressInto(bytes, 0, bytes.length, length)];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(error.code).toBe('BAD_LZF');
    found = error.offset;
  }
  const expected = reference(bytes, length);
  expect(found).toEqual(expected);
  expect(errorOffset(() => checkLzf(bytes, 0, bytes.length, length))).toEqual(
    typeof expected === 'number' ? expected : undefined,
  );
}

/** Where the check fails; undefined where it does not. */
function errorOffset(check: () => void): number | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof FormatError && error.code === 'BAD_LZF') return error.offset;
    throw error;
  }
  return undefined;
}

/** The stream even where it is longer than the bytes. */
function compressFully(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * bytes.length + 8);
  return out.slice(0, compressLzf(bytes, 0, bytes.length, out, out.length));
}

function noise(length: number): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    return state >>> 16;
  });
}

/** Every kind of item: short and long literals and references, overlap by 1 to 9 bytes, and more than 512 bytes. */
const MIXED = ascii(
  `${'x'.repeat(300)}abc${'abc'.repeat(20)}{"id":1,"status":"active"},{"id":2,"status":"active"}${latin1(noise(70))}${'0123456'.repeat(9)}${'z'.repeat(300)}end`,
);

describe('the worked example', () => {
  it('decompresses', () => expect(latin1(decompress(EXAMPLE))).toBe('a'.repeat(100)));
  it('compresses', () => expect(toHex(compress(ascii('a'.repeat(100)))!)).toBe(toHex(EXAMPLE)));
});

describe('items', () => {
  it.each([
    ['one literal', '00 61', 'a'],
    ['32 literals', `1F ${'62'.repeat(32)}`, 'b'.repeat(32)],
    ['the shortest reference', '02 616263  20 02', 'abcabc'],
    ['the longest short reference', '00 61  C0 00', 'a'.repeat(9)],
    ['the shortest long reference', '00 61  E0 00 00', 'a'.repeat(10)],
    ['the longest reference', '00 61  E0 FF 00', 'a'.repeat(265)],
    ['overlap by two', '01 6162  A0 01', 'ababababa'],
    ['overlap by three', '02 616263  E0 0A 02', `${'abc'.repeat(7)}a`],
    ['no items', '', ''],
  ])('%s', (_, bytes, text) => expect(latin1(decompress(hex(bytes)))).toBe(text));

  it.each([3, 4, 8, 9, 263, 264])('a match of %d bytes survives', (size) => {
    const text = ascii(`....${'abcdefgh'.repeat(33).slice(0, size)}|${'abcdefgh'.repeat(33).slice(0, size)}--`);
    expect(toHex(decompress(compressFully(text)))).toBe(toHex(text));
  });

  it.each([
    [8192, true],
    [8193, false],
  ])('a repetition at distance %d is referred to: %s', (distance, found) => {
    const text = noise(distance + 64);
    text.set(text.subarray(1, 60), distance + 1);
    const stream = compressFully(text);
    // Noise repeats three bytes by chance; only the planted 59 save as much as this.
    expect(stream.length < text.length + Math.ceil(text.length / 32) - 40).toBe(found);
    expect(toHex(decompress(stream))).toBe(toHex(text));
  });
});

describe('bad streams', () => {
  it.each([
    ['literals beyond the input', '00 61  02 6162', 10, 2],
    ['a reference cut before its distance', '00 61  20', 10, 2],
    ['a long reference cut before its distance', '00 61  E0 05', 30, 2],
    ['literals beyond the output', '01 6162  01 6162', 3, 3],
    ['a reference beyond the output', '00 61  20 00', 3, 2],
    ['a reference before the start', '00 61  20 01', 4, 2],
    ['a reference first', '20 00', 3, 0],
    ['too few bytes', '01 6162', 3, 3],
    ['no items at all', '', 3, 0],
  ])('%s', (_, bytes, length, pos) => expectError(hex(bytes), to(length), 'BAD_LZF', pos));

  it('finds the same errors in the middle of long streams', () => {
    const long = [...compress(MIXED)!];
    const stream = new Uint8Array([...long.slice(0, 8), 0x3f, 0xff, ...long.slice(8)]);
    expectLikeReference(stream, MIXED.length + 3);
  });

  it('keeps to its bounds when damaged', () => {
    expectRobust(EXAMPLE, to(100), ['BAD_LZF']);
    expectRobust(compress(MIXED)!, to(MIXED.length), ['BAD_LZF']);
  });

  it('agrees with the letter of the format on every damage', () => {
    const stream = compress(MIXED)!;
    for (const damaged of [...prefixes(stream), ...bitFlips(stream)]) expectLikeReference(damaged, MIXED.length);
  });

  it('refuses a length that no stream of this size can have', () => {
    expect(() => decompress(new Uint8Array(3), 3 * MAX_LZF_RATIO + 1)).toThrow(FormatError);
  });

  it('refuses a stream whose last item is cut, without being told the length', () => {
    for (const cut of prefixes(EXAMPLE)) {
      if ([0, 3, 6].includes(cut.length)) expect(decompress(cut).length).toBeLessThan(100);
      else expect(() => decompress(cut)).toThrow(FormatError);
    }
  });
});

describe('compress', () => {
  it('gives null where nothing is gained', () => {
    expect(compress(new Uint8Array())).toBeNull();
    expect(compress(ascii('abcdefgh'))).toBeNull();
    expect(compress(noise(5000))).toBeNull();
  });

  it('keeps to its limit', () => {
    const out = new Uint8Array(MIXED.length).fill(0xee);
    const size = compressLzf(MIXED, 0, MIXED.length, out, MIXED.length - 4);
    expect(toHex(decompress(out.slice(0, size)))).toBe(toHex(MIXED));
    // Before the last two bytes the server wants room for them, for the head of their run, and for one more.
    const least = size + 1;
    for (let limit = 0; limit < least; limit++) {
      const short = new Uint8Array(MIXED.length).fill(0xee);
      expect(compressLzf(MIXED, 0, MIXED.length, short, limit)).toBe(0);
      expect(short.subarray(limit).every((byte) => byte === 0xee)).toBe(true);
    }
    expect(compressLzf(MIXED, 0, MIXED.length, out, least)).toBe(size);
  });

  it('does not depend on what was compressed before', () => {
    const first = toHex(compress(MIXED)!);
    for (let round = 0; round < 50; round++) compress(MIXED.subarray(round));
    expect(toHex(compress(MIXED)!)).toBe(first);
  });
});

describe('properties', () => {
  const repetitive = fc
    .array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(ascii('abcabc'), ascii('"status":"active",'))), {
      maxLength: 120,
    })
    .map((parts) => new Uint8Array(Buffer.concat(parts)));

  it('decompress undoes compress', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        expect(toHex(decompress(compressFully(bytes)))).toBe(toHex(bytes));
        const small = compress(bytes);
        if (small !== null) expect(small.length).toBeLessThan(bytes.length);
      }),
    );
  });

  it('agrees with lzfjs, both ways', () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        fc.pre(bytes.length > 4);
        expect(toHex(decompress(lzfjs.compress(bytes)))).toBe(toHex(bytes));
        const small = compress(bytes);
        if (small !== null) expect(toHex(lzfjs.decompress(small))).toBe(toHex(bytes));
      }),
    );
  });

  it('reads any bytes as the letter of the format does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 1500 }), (bytes, length) => {
        expectLikeReference(bytes, length);
      }),
    );
  });
});

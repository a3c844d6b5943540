/** The beginning of what an LZF string decompresses to. */
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { compress, decompress, decompressLzfPrefix } from '../../src/codecs/lzf.js';
import { hex } from '../support/packed.js';
import { randomSizes } from '../support/random.js';

function prefixOf(input: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size + 8).fill(0xa5);
  decompressLzfPrefix(input, 0, input.length, out, size);
  expect(out.subarray(size).every((byte) => byte === 0xa5)).toBe(true);
  return out.slice(0, size);
}

it('cuts literals and references', () => {
  const input = hex('01 61 62 E0 57 01 01 63 64');
  const whole = decompress(input);
  for (let size = 0; size <= whole.length; size++) expect(prefixOf(input, size)).toEqual(whole.slice(0, size));
});

it('equals the whole, cut', () => {
  const next = randomSizes(7, 1_000_000);
  for (let round = 0; round < 300; round++) {
    const text = Uint8Array.from({ length: 20 + (next() % 2000) }, () => next() % (1 + (round % 7)));
    const input = compress(text);
    if (input === null) continue;
    const size = next() % (text.length + 1);
    expect(prefixOf(input, size)).toEqual(text.slice(0, size));
  }
});

it('does not look at what follows', () => {
  expect(prefixOf(hex('02 61 62 63 FF FF FF'), 3)).toEqual(hex('61 62 63'));
});

describe('throws BAD_LZF', () => {
  it.each<[string, string, number]>([
    ['a reference to before the start', '00 61 20 05', 2],
    ['a literal beyond the end', '05 61 62', 2],
    ['a reference cut off', '00 61 20', 3],
    ['a long reference cut off', '00 61 E0 00', 3],
    ['too few bytes', '01 61 62', 3],
    ['nothing', '', 1],
  ])('for %s', (_what, input, size) => {
    const error = (() => {
      try {
        prefixOf(hex(input), size);
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).code).toBe('BAD_LZF');
  });
});

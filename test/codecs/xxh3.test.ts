import { describe, expect, it } from 'vitest';
import { xxh3Hex } from '../../src/codecs/xxh3.js';

describe('XXH3', () => {
  /** Both ends of every way to hash; what DIGEST of Redis 8.6.3 answers. */
  it.each([
    [0, '2d06800538d394c2'],
    [1, 'e12ef9d2eb86ceeb'],
    [3, 'a9088dda485b481c'],
    [4, '57648c318a7a307e'],
    [8, 'b0fb3e3c3f94990a'],
    [9, '8aca5cb309437c2e'],
    [16, '2bd926d88792965a'],
    [17, '621f018aad19b14a'],
    [32, '8911535e799e4d99'],
    [33, 'b6d8b523db9b284c'],
    [64, '1b1bf114c7371f1b'],
    [65, 'f0037f8ac0441cc4'],
    [128, 'e9549af9a74093e6'],
    [129, 'b54ad1cd8a4c84b9'],
    [240, '3e136902ec966624'],
    [241, 'bd7d29b6ba966d6a'],
    [1024, 'dc5acf0b043c445b'],
    [1025, 'c856c953bbdbc807'],
    [2049, '036bbe6219dfccda'],
  ])('of %i bytes', (size, expected) => {
    expect(xxh3Hex(Uint8Array.from({ length: size }, (_, at) => at * 7 + size))).toBe(expected);
  });

  it('is the same wherever the bytes lie', () => {
    const bytes = new TextEncoder().encode('..hello..');
    expect(xxh3Hex(bytes.subarray(2, 7))).toBe(xxh3Hex(new TextEncoder().encode('hello')));
  });
});

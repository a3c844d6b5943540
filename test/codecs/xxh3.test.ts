import { describe, expect, it } from 'vitest';
import { xxh3Hex } from '../../src/codecs/xxh3.js';
import { xxh3128 } from '../../src/codecs/xxh3-128.js';

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

describe('XXH3 of 128 bits', () => {
  /** Both ends of every way to hash; what XXH3_128bits of libxxhash 0.8 gives. */
  it.each([
    [0, '99aa06d3014798d86001c324468d497f'],
    [1, '51025a4491835505e12ef9d2eb86ceeb'],
    [3, 'ce31763cbf8245a5a9088dda485b481c'],
    [4, 'dd40da4fb215e2141c39dbb553a705e0'],
    [8, 'f69a63d1bfe6b421ed2e15d607e65102'],
    [9, 'e6437f593809a3c57d29026a8dab645b'],
    [16, 'e8920f24c46d190e93e2125b8d5e83bd'],
    [17, '87a3d4506bedd5649f166f98e8c7d6d8'],
    [32, '948b89cc364a6c14a9e5525d1313ef69'],
    [33, '52690df719c32c554b450d35e4e4ce40'],
    [64, '5914f5995a136fedce6033110f0e190c'],
    [65, '652f0fb569a7679762635de38a5cecaf'],
    [96, 'c975a517453689134b4d2855354723da'],
    [97, '00a0693ce78ee58a62cf4ae63bb12a3e'],
    [128, '6366d7603fd45b4ae5ba6e4129933089'],
    [129, '29ff8922f1223360efe75d0059e9e2d3'],
    [160, 'f981459584c2e4459a5e902dbab22008'],
    [240, '162f94b689da4e16fd17fecfdb5c1b45'],
    [241, '83e91254d35bcf72bd7d29b6ba966d6a'],
    [1024, '8bbb9f7af37f2f52dc5acf0b043c445b'],
    [1025, 'f66a602aa3eda73bc856c953bbdbc807'],
    [2049, 'c5bb05b0e31fbadc036bbe6219dfccda'],
  ])('of %i bytes', (size, expected) => {
    const { low, high } = xxh3128(Uint8Array.from({ length: size }, (_, at) => at * 7 + size));
    expect(high.toString(16).padStart(16, '0') + low.toString(16).padStart(16, '0')).toBe(expected);
  });
});

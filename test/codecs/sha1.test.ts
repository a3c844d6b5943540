import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeSha1, formatSha1, SHA1_WORDS, sha1, sha1OfDigest } from '../../src/codecs/sha1.js';
import { random } from '../support/random.js';

function hashed(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const words = new Int32Array(SHA1_WORDS);
  sha1(bytes, start, end, words, 0);
  return formatSha1(words);
}

function expected(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

it.each([
  ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
])('%j', (text, digest) => expect(hashed(new TextEncoder().encode(text))).toBe(digest));

it('is that of node:crypto at every size around the blocks', () => {
  const next = random(1);
  for (let size = 0; size <= 300; size++) {
    const bytes = Uint8Array.from({ length: size }, () => next() * 256);
    expect(hashed(bytes), `${size} bytes`).toBe(expected(bytes));
  }
});

it('is that of node:crypto for large inputs', () => {
  const bytes = new Uint8Array(1_000_003).map((_, at) => (at * 31) >> 3);
  expect(hashed(bytes)).toBe(expected(bytes));
});

it('looks at its range alone', () => {
  const next = random(2);
  const bytes = Uint8Array.from({ length: 400 }, () => next() * 256);
  for (let turn = 0; turn < 200; turn++) {
    const start = Math.floor(next() * 200);
    const end = start + Math.floor(next() * 200);
    expect(hashed(bytes, start, end), `[${start}, ${end})`).toBe(expected(bytes.slice(start, end)));
  }
});

describe('words', () => {
  it('are written where they are to go, and nowhere else', () => {
    const words = new Int32Array(7).fill(-1);
    sha1(new TextEncoder().encode('abc'), 0, 3, words, 1);
    expect(formatSha1(words, 1)).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    expect([words[0], words[6]]).toEqual([-1, -1]);
    expect(Buffer.from(encodeSha1(words, 1)).toString('hex')).toBe(formatSha1(words, 1));
  });

  it('are hashed as the 20 bytes that they stand for, also in their own place', () => {
    const words = new Int32Array(SHA1_WORDS);
    let bytes = new Uint8Array(4 * SHA1_WORDS);
    for (let turn = 0; turn < 1000; turn++) {
      sha1OfDigest(words, 0, words, 0);
      bytes = new Uint8Array(createHash('sha1').update(bytes).digest());
    }
    expect(encodeSha1(words)).toEqual(bytes);
  });
});

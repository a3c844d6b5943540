/**
 * The two steps that DEBUG DIGEST is made of (digest.md §1), on a state of five words that stands somewhere in an
 * Int32Array:
 *
 *     addIn     D := D xor SHA1(bytes)          in any order
 *     mixIn     D := SHA1(D xor SHA1(bytes))    what went in before counts
 */
import { SHA1_WORDS, sha1, sha1OfDigest } from '../codecs/sha1.js';

const hashed = new Int32Array(SHA1_WORDS);

export function mixIn(words: Int32Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  sha1(bytes, start, end, hashed, 0);
  mixHash(words, at, hashed, 0);
}

export function addIn(words: Int32Array, at: number, bytes: Uint8Array, start: number, end: number): void {
  sha1(bytes, start, end, hashed, 0);
  addHash(words, at, hashed, 0);
}

/** {@link mixIn} of bytes whose SHA-1 is at hand: `hash[from, from + 5)`. */
export function mixHash(words: Int32Array, at: number, hash: Int32Array, from: number): void {
  addHash(words, at, hash, from);
  sha1OfDigest(words, at, words, at);
}

/** {@link addIn} of bytes whose SHA-1 is at hand. */
export function addHash(words: Int32Array, at: number, hash: Int32Array, from: number): void {
  words[at] = words[at]! ^ hash[from]!;
  words[at + 1] = words[at + 1]! ^ hash[from + 1]!;
  words[at + 2] = words[at + 2]! ^ hash[from + 2]!;
  words[at + 3] = words[at + 3]! ^ hash[from + 3]!;
  words[at + 4] = words[at + 4]! ^ hash[from + 4]!;
}

/** {@link addIn} of the 20 bytes of another state, `other[from, from + 5)`. */
export function addState(words: Int32Array, at: number, other: Int32Array, from: number): void {
  sha1OfDigest(other, from, hashed, 0);
  addHash(words, at, hashed, 0);
}

export function clearState(words: Int32Array, at: number): void {
  words[at] = 0;
  words[at + 1] = 0;
  words[at + 2] = 0;
  words[at + 3] = 0;
  words[at + 4] = 0;
}

/** SHA-1 of a text in ASCII. */
export function hashOf(text: string): Int32Array {
  const words = new Int32Array(SHA1_WORDS);
  sha1(new TextEncoder().encode(text), 0, text.length, words, 0);
  return words;
}

/** SHA-1 of the four bytes of a number, big endian: how types and databases go in. */
export function hashOfUint32(value: number): Int32Array {
  const words = new Int32Array(SHA1_WORDS);
  sha1(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value), 0, 4, words, 0);
  return words;
}

/** The hash of a key in a keyspace, word by word: the same for a byte string and for its bytes. */
import type { ByteString } from '../bytes/byte-string.js';

const MULTIPLIER = 0x9e3779b1;

/** 32 bits. */
export function hashOf(key: ByteString): number {
  const end = key.length;
  let hash = end;
  let at = 0;
  for (; at + 4 <= end; at += 4)
    hash = mixWord(
      hash,
      key.charCodeAt(at) |
        (key.charCodeAt(at + 1) << 8) |
        (key.charCodeAt(at + 2) << 16) |
        (key.charCodeAt(at + 3) << 24),
    );
  for (; at < end; at++) hash = mixWord(hash, key.charCodeAt(at));
  return finish(hash);
}

/** As {@link hashOf} the string of `bytes[start, end)`. */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4)
    hash = mixWord(hash, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  for (; at < end; at++) hash = mixWord(hash, bytes[at]!);
  return finish(hash);
}

function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), 0x85ebca6b);
  return mixed ^ (mixed >>> 16);
}

/**
 * Arguments of commands as byte strings. A key that is there is given out as the string that the database has; short ones
 * that were seen lately are given out again: names of fields and options. That spares making and hashing them, and the
 * memory of all but one.
 */
import type { CommandView } from '../aof/command-view.js';
import { type ByteString, toByteString } from '../bytes/byte-string.js';
import type { Keys } from './keys.js';

/** Longer ones are values, which rarely come twice. */
const MAX_SHARED_BYTES = 20;
const SLOTS = 1 << 14;
/** Bytes at the end that the hash looks at: keys differ there. */
const HASHED_BYTES = 10;
/** Commands with more arguments get an array of their own. */
const MAX_REUSED = 16;

export class ArgumentReader {
  private readonly shared: ByteString[] = new Array<ByteString>(SLOTS).fill('');
  /** Of what was met last in each slot: looked at first, since the strings lie all over the memory. */
  private readonly hashes = new Int32Array(SLOTS);
  /** By the number of arguments. */
  private readonly reused: ByteString[][] = Array.from({ length: MAX_REUSED + 1 }, (_, argc) =>
    new Array<ByteString>(argc).fill(''),
  );

  /**
   * Valid until the next call, or for good where the caller `keeps` the array. The first argument behind the name is a key
   * of `keys`, or likely to be one.
   */
  read({ bytes, ranges, argc }: CommandView, keeps: boolean, keys: Keys): readonly ByteString[] {
    const args = keeps || argc > MAX_REUSED ? new Array<ByteString>(argc).fill('') : this.reused[argc]!;
    args[0] = this.take(bytes, ranges[0]!, ranges[1]!);
    if (argc === 1) return args;
    const start = ranges[2]!;
    const end = ranges[3]!;
    args[1] = keys.find(bytes, start, end) ?? toByteString(bytes, start, end);
    for (let index = 2; index < argc; index++)
      args[index] = this.take(bytes, ranges[index * 2]!, ranges[index * 2 + 1]!);
    return args;
  }

  private take(bytes: Uint8Array, start: number, end: number): ByteString {
    return end - start <= MAX_SHARED_BYTES ? this.share(bytes, start, end) : toByteString(bytes, start, end);
  }

  private share(bytes: Uint8Array, start: number, end: number): ByteString {
    const { shared, hashes } = this;
    const size = end - start;
    let hash = size;
    for (let at = size > HASHED_BYTES ? end - HASHED_BYTES : start; at < end; at++)
      hash = Math.imul(hash, 31) + bytes[at]!;
    const slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
    // Only what is met again is kept: most values are not.
    if (hashes[slot] !== hash) {
      hashes[slot] = hash;
      return toByteString(bytes, start, end);
    }
    const text = shared[slot]!;
    if (isSame(text, bytes, start, size)) return text;
    const made = toByteString(bytes, start, end);
    shared[slot] = made;
    return made;
  }
}

function isSame(text: ByteString, bytes: Uint8Array, start: number, size: number): boolean {
  if (text.length !== size) return false;
  // From the end, where they differ if they do.
  for (let at = size - 1; at >= 0; at--) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

/**
 * Arguments of commands as byte strings. Short ones that were seen lately are given out again: names of fields and options,
 * keys that are written all the time. That spares making and hashing them, and the memory of all but one.
 */
import type { CommandView } from '../aof/command-view.js';
import { type ByteString, toByteString } from '../bytes/byte-string.js';

/** Longer ones are values, which rarely come twice. */
const MAX_SHARED_BYTES = 20;
const SLOTS = 1 << 14;
/** Bytes at the end that the hash looks at: keys differ there. */
const HASHED_BYTES = 10;
/** Commands with more arguments get an array of their own. */
const MAX_REUSED = 16;

export class ArgumentReader {
  private readonly shared: ByteString[] = new Array<ByteString>(SLOTS).fill('');
  /** By the number of arguments. */
  private readonly reused: ByteString[][] = Array.from({ length: MAX_REUSED + 1 }, (_, argc) =>
    new Array<ByteString>(argc).fill(''),
  );

  /** Valid until the next call, or for good where the caller `keeps` the array. */
  read({ bytes, ranges, argc }: CommandView, keeps: boolean): readonly ByteString[] {
    const args = keeps || argc > MAX_REUSED ? new Array<ByteString>(argc).fill('') : this.reused[argc]!;
    for (let index = 0; index < argc; index++) {
      const start = ranges[index * 2]!;
      const end = ranges[index * 2 + 1]!;
      args[index] = end - start <= MAX_SHARED_BYTES ? this.share(bytes, start, end) : toByteString(bytes, start, end);
    }
    return args;
  }

  private share(bytes: Uint8Array, start: number, end: number): ByteString {
    const { shared } = this;
    const size = end - start;
    let hash = size;
    for (let at = size > HASHED_BYTES ? end - HASHED_BYTES : start; at < end; at++)
      hash = Math.imul(hash, 31) + bytes[at]!;
    const slot = (hash ^ (hash >>> 14)) & (SLOTS - 1);
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

/**
 * Copies of short byte ranges, many to a page: a typed array with memory of its own costs several times as much to make.
 * Like Node's Buffer pool, a kept copy keeps its page alive, so pages are small.
 */
import { copyBytes } from './slice.js';

const PAGE_BYTES = 16 * 1024;
/** Longer ranges get memory of their own. */
const MAX_POOLED_BYTES = 2 * 1024;

export class Arena {
  private page = new Uint8Array(0);
  private used = 0;

  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const size = end - start;
    if (size > MAX_POOLED_BYTES) return copyBytes(bytes, start, end);
    if (size > this.page.length - this.used) {
      this.page = new Uint8Array(PAGE_BYTES);
      this.used = 0;
    }
    const at = this.used;
    const { page } = this;
    // A loop beats set(subarray()) for the few bytes that most keys and fields have.
    if (size < 32) for (let i = 0; i < size; i++) page[at + i] = bytes[start + i]!;
    else page.set(bytes.subarray(start, end), at);
    this.used = at + size;
    return page.subarray(at, at + size);
  }
}

/**
 * Short byte strings out of many bytes. A call of Node's latin1Slice costs as much as parsing a whole command, and a character at
 * a time is slower still beyond a few; a slice of a string costs a tenth of it. So some KiB become one string, and what is short
 * is cut out of that.
 *
 * V8 copies what is shorter than 13 characters, and lets longer slices hold on to the whole string: those are made by themselves.
 */
import { type ByteString, toByteString } from '../bytes/byte-string.js';

/** V8's SlicedString::kMinLength. */
const FIRST_THAT_HOLDS = 13;
/** Below this a loop is as fast, and needs no string to cut from. */
const FIRST_WORTH_CUTTING = 3;
const WINDOW_BYTES = 4 * 1024;

export class PieceText {
  /** `bytes[from, from + text.length)` as a string. */
  private text: ByteString = '';
  private from = 0;

  /** The bytes are others now. */
  forget(): void {
    this.text = '';
  }

  /** `bytes[start, end)`; what stands up to `limit` may be asked for next. */
  slice(bytes: Uint8Array, start: number, end: number, limit: number): ByteString {
    const size = end - start;
    if (size >= FIRST_THAT_HOLDS || size < FIRST_WORTH_CUTTING) return toByteString(bytes, start, end);
    if (start < this.from || end > this.from + this.text.length) {
      this.text = toByteString(bytes, start, Math.min(limit, start + WINDOW_BYTES));
      this.from = start;
    }
    return this.text.slice(start - this.from, end - this.from);
  }
}

/** How the string behind a slice stood in the file. */
export const SLICE_PLAIN = 0;
export const SLICE_INT = 1;
export const SLICE_LZF = 2;

const EMPTY = new Uint8Array(0);

/**
 * A borrowed range of bytes, `[start, end)` of `bytes`: what every visitor is handed.
 *
 * It is valid during the call only: the next read moves the window or reuses the scratch memory. {@link copy} keeps it.
 * Plain strings lie in the window itself; integers and LZF strings are expanded into the slice's own scratch memory.
 */
export class Slice {
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  /** Where the string begins in the window (its length byte), for error positions. */
  origin = 0;
  /** {@link SLICE_PLAIN}, {@link SLICE_INT} or {@link SLICE_LZF}. */
  form: typeof SLICE_PLAIN | typeof SLICE_INT | typeof SLICE_LZF = SLICE_PLAIN;
  private scratch: Uint8Array = EMPTY;

  get length(): number {
    return this.end - this.start;
  }

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.form = SLICE_PLAIN;
  }

  /** Points the slice at `size` bytes of its own scratch memory and returns that memory; the caller has checked `size`. */
  expand(size: number): Uint8Array {
    if (this.scratch.length < size) {
      // Small scratch memory grows in powers of two; large one to the byte, since it may be the largest thing we hold.
      const small = size < 1024 * 1024;
      this.scratch = new Uint8Array(small ? Math.max(64, 2 ** Math.ceil(Math.log2(size + 1))) : size + 64);
    }
    this.bytes = this.scratch;
    this.start = 0;
    this.end = size;
    return this.scratch;
  }

  /** Lets go of scratch memory beyond `keepBytes`, after a giant has passed. */
  release(keepBytes: number): void {
    if (this.scratch.length > keepBytes) this.scratch = EMPTY;
  }

  /** A copy of its own, which the caller may keep. */
  copy(): Uint8Array {
    return copyBytes(this.bytes, this.start, this.end);
  }
}

/** `[start, end)` in memory of its own. Not `bytes.slice()`: for a Buffer, which a caller may hand us, that is a view. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

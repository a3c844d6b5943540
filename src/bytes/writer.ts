/**
 * Output, as bytes: one growing buffer that is handed on when it is full enough.
 *
 * A caller reserves room for the worst case once per record or element and then writes to the plain fields. What was
 * written since the last {@link ByteWriter.mark} is not handed on, so that it can still be changed.
 */
import type { Int64 } from './int64.js';

/** Takes `bytes[start, end)`; the bytes are valid during the call only. */
export type WriteBytes = (bytes: Uint8Array, start: number, end: number) => void;

/** Output is handed on in about this much: it still is in the processor's cache then. */
const FLUSH_BYTES = 256 * 1024;
/** Pieces up to here are copied byte by byte, … */
const SHORT_BYTES = 16;
/** … up to here word by word, and beyond by `set`, whose call alone takes as long. */
const MAX_WORDS_BYTES = 512;
/** Arrays that pieces came from, up to this size, may be held on to. */
const KEEP_BYTES = 4 * 1024 * 1024;

export class ByteWriter {
  bytes = new Uint8Array(FLUSH_BYTES + 4096);
  pos = 0;
  /** Bytes handed on so far. */
  flushed = 0;
  private marked = -1;
  private view = new DataView(this.bytes.buffer);
  private source: Uint8Array = this.bytes;
  private sourceView: DataView = this.view;
  private otherSource: Uint8Array = this.bytes;
  private otherView: DataView = this.view;

  constructor(private readonly write: WriteBytes) {}

  /** Bytes written in all. */
  get offset(): number {
    return this.flushed + this.pos;
  }

  /** Makes room for `size` more bytes, so that as many may be written to `bytes[pos…]`. */
  reserve(size: number): void {
    if (this.pos >= FLUSH_BYTES && this.marked < 0) this.flush();
    if (this.pos + size > this.bytes.length) this.grow(size);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.pos++] = value;
  }

  /** Copies `bytes[start, end)`. */
  copy(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    if (size > FLUSH_BYTES && this.marked < 0) {
      this.flush();
      this.write(bytes, start, end);
      this.flushed += size;
      return;
    }
    this.reserve(size);
    if (size < SHORT_BYTES) for (let from = start, to = this.pos; from < end; from++) this.bytes[to++] = bytes[from]!;
    else if (size <= MAX_WORDS_BYTES) this.copyWords(bytes, start, end);
    else this.bytes.set(bytes.subarray(start, end), this.pos);
    this.pos += size;
  }

  /** In words of four bytes, the last of which may overlap the one before it. */
  private copyWords(bytes: Uint8Array, start: number, end: number): void {
    const source = bytes === this.source ? this.sourceView : this.viewOf(bytes);
    const { view } = this;
    const shift = this.pos - start;
    const last = end - 4;
    for (let from = start; from < last; from += 4) view.setInt32(from + shift, source.getInt32(from, true), true);
    view.setInt32(last + shift, source.getInt32(last, true), true);
  }

  /** Pieces come from two arrays in turn, as a rule: the window, and what was made of the key. */
  private viewOf(bytes: Uint8Array): DataView {
    const { source, sourceView, otherSource, otherView } = this;
    this.otherSource = source;
    this.otherView = sourceView;
    this.source = bytes;
    this.sourceView = bytes === otherSource ? otherView : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return this.sourceView;
  }

  int32Le(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.pos, value, true);
    this.pos += 4;
  }

  int64Le(value: Int64): void {
    this.int32Le(value.lo);
    this.int32Le(value.hi);
  }

  bigInt64Le(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.pos, BigInt.asIntN(64, value), true);
    this.pos += 8;
  }

  bigInt64Be(value: bigint): void {
    this.reserve(8);
    this.view.setBigInt64(this.pos, BigInt.asIntN(64, value), false);
    this.pos += 8;
  }

  doubleLe(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** From here on nothing is handed on, until {@link release} or {@link rewind}. */
  mark(): void {
    this.marked = this.pos;
  }

  /** What was written since the mark stands. */
  release(): void {
    this.marked = -1;
  }

  /** Takes back what was written since the mark. */
  rewind(): void {
    this.pos = this.marked;
    this.marked = -1;
  }

  /** Hands on what is there. */
  flush(): void {
    const { pos } = this;
    this.pos = 0;
    this.flushed += pos;
    if (pos > 0) this.write(this.bytes, 0, pos);
    // Views of a window that only a giant needed would keep it alive.
    if (this.source.length > KEEP_BYTES || this.otherSource.length > KEEP_BYTES) {
      this.source = this.otherSource = this.bytes;
      this.sourceView = this.otherView = this.view;
    }
  }

  private grow(size: number): void {
    if (this.marked < 0) this.flush();
    const needed = this.pos + size;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.min(this.bytes.length * 2, needed + 64 * 1024 * 1024)));
    grown.set(this.bytes.subarray(0, this.pos));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/**
 * A string that was altered in place: servers keep it in the encoding `raw` however short it is, or, as the result of
 * INCRBYFLOAT, as `embstr` although it may read as an integer.
 *
 * It is text until bits of it are set, and an array with room behind it from then on, until somebody asks for the text:
 * commands of one kind come in long runs.
 */
import { type ByteString, fromByteString, toByteString, writeByteString } from '../../bytes/byte-string.js';

export class RawString {
  readonly type = 'string';
  /** The text, where {@link buffer} is undefined. */
  private text: ByteString;
  private buffer: Uint8Array | undefined;
  /** Bytes of {@link buffer} that are in use; the others are zero. */
  private size = 0;

  constructor(
    bytes: ByteString,
    readonly encoding: 'raw' | 'embstr' = 'raw',
  ) {
    this.text = bytes;
  }

  /** The array is taken over. */
  static ofBuffer(bytes: Uint8Array): RawString {
    const value = new RawString('');
    value.buffer = bytes;
    value.size = bytes.length;
    return value;
  }

  get bytes(): ByteString {
    if (this.buffer !== undefined) this.bytes = toByteString(this.buffer, 0, this.size);
    return this.text;
  }

  set bytes(text: ByteString) {
    this.text = text;
    this.buffer = undefined;
  }

  get length(): number {
    return this.buffer === undefined ? this.text.length : this.size;
  }

  /** 0 beyond the end. */
  byteAt(at: number): number {
    if (this.buffer !== undefined) return at < this.size ? this.buffer[at]! : 0;
    return at < this.text.length ? this.text.charCodeAt(at) : 0;
  }

  /**
   * The bytes, to be changed where they lie, zeros added where there are fewer than `size`. Whoever holds the array may use
   * it until the next call of anything here.
   */
  edit(size = 0): Uint8Array {
    let { buffer } = this;
    if (buffer === undefined) {
      buffer = new Uint8Array(Math.max(size, this.text.length));
      this.size = this.text.length;
      writeByteString(this.text, buffer, 0);
      this.text = '';
    } else if (buffer.length < size) {
      const grown = new Uint8Array(roomFor(size));
      grown.set(buffer.subarray(0, this.size));
      buffer = grown;
    }
    this.buffer = buffer;
    this.size = Math.max(this.size, size);
    return buffer.length === this.size ? buffer : buffer.subarray(0, this.size);
  }

  /** Other bytes in their place. The array is taken over. */
  replace(bytes: Uint8Array): void {
    if (this.buffer?.buffer === bytes.buffer && this.size === bytes.length) return;
    this.buffer = bytes;
    this.size = bytes.length;
    this.text = '';
  }

  /** A copy of the bytes, without making text of them. */
  toBytes(): Uint8Array {
    return this.buffer === undefined ? fromByteString(this.text) : this.buffer.slice(0, this.size);
  }

  copy(): RawString {
    return this.buffer === undefined ? new RawString(this.text, this.encoding) : RawString.ofBuffer(this.toBytes());
  }
}

const LARGEST_STEP = 1 << 20;

/** Twice what is needed, while that is little: as the server's strings grow. */
function roomFor(size: number): number {
  return size + Math.min(size, LARGEST_STEP);
}

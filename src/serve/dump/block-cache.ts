/** Pieces of a file that were read lately: names and short values lie near each other, and are asked for again. */
import { TruncatedError } from '../../bytes/errors.js';
import type { SyncByteSource } from '../../bytes/source.js';

const BLOCK_BYTES = 16 * 1024;
/** 4 MiB in all. */
const MOST_BLOCKS = 256;
/** Larger reads go past the blocks, which would be of no use to them. */
const LARGE_READ = 4 * BLOCK_BYTES;

export class BlockCache {
  /** After {@link seek}: the byte that was looked for is `bytes[pos]`, and what follows it in the file goes up to `end`. */
  bytes = new Uint8Array(0);
  pos = 0;
  end = 0;
  /** By number; the one that was used last comes last. */
  private readonly blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  private current = -1;

  /** `source` has a size, and can be read at any offset. */
  constructor(private readonly source: SyncByteSource) {}

  get sizeBytes(): number {
    return this.source.sizeBytes!;
  }

  /** Throws TruncatedError beyond the end of the file. */
  seek(offset: number): void {
    const number = Math.floor(offset / BLOCK_BYTES);
    if (number !== this.current) this.take(number);
    this.pos = offset - number * BLOCK_BYTES;
    if (this.pos >= this.end) throw this.tooShort(offset);
  }

  /** Puts `size` bytes from `offset` on at `target[at..]`. Throws TruncatedError where there are fewer. */
  read(offset: number, target: Uint8Array, at: number, size: number): void {
    if (size >= LARGE_READ) {
      this.readSource(offset, target, at, size);
      return;
    }
    for (let done = 0; done < size; ) {
      this.seek(offset + done);
      const count = Math.min(size - done, this.end - this.pos);
      target.set(this.bytes.subarray(this.pos, this.pos + count), at + done);
      done += count;
    }
  }

  private take(number: number): void {
    const { blocks } = this;
    let block = blocks.get(number);
    if (block === undefined) {
      const size = Math.min(BLOCK_BYTES, this.sizeBytes - number * BLOCK_BYTES);
      if (size <= 0) throw this.tooShort(number * BLOCK_BYTES);
      block = this.room(size);
      this.readSource(number * BLOCK_BYTES, block, 0, size);
    } else blocks.delete(number);
    blocks.set(number, block);
    this.bytes = block;
    this.end = block.length;
    this.current = number;
  }

  /** Memory for a block: that of the one which was not used for the longest time, where there are enough. */
  private room(size: number): Uint8Array<ArrayBuffer> {
    const { blocks } = this;
    if (blocks.size < MOST_BLOCKS) return new Uint8Array(size);
    const [oldest, block] = blocks.entries().next().value!;
    blocks.delete(oldest);
    this.current = -1;
    return block.length === size ? block : new Uint8Array(size);
  }

  private readSource(offset: number, target: Uint8Array, at: number, size: number): void {
    for (let done = 0; done < size; ) {
      const count = this.source.readAt!(offset + done, target, at + done, size - done);
      if (count === 0) throw this.tooShort(offset + done);
      done += count;
    }
  }

  private tooShort(offset: number): TruncatedError {
    return new TruncatedError(`${this.source.name} is shorter than it was`, offset);
  }
}

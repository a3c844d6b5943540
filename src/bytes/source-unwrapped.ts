/** The pull side of a push-style decompressor: feeds it small slices and keeps what does not fit the reader's buffer. */
import type { ByteSource, Compression, Unwrapper, UnwrapStream } from './source.js';

/** What is fed at a time: it bounds what one push can put out, and so what must be kept. */
const SLICE_BYTES = 64 * 1024;
/** Kept for the next overflow; anything larger was a burst and is given back. */
const KEPT_SPILL_BYTES = 1024 * 1024;

/** Delivers what an {@link Unwrapper} makes of another source; as synchronous as that source is. */
export class UnwrappedSource implements ByteSource {
  readonly sizeBytes = undefined;
  readonly compression: Compression;
  private readonly stream: UnwrapStream;
  private readonly slice = new Uint8Array(SLICE_BYTES);
  private ended = false;
  private failed = false;
  private failure: unknown;
  /** Where the running read wants its bytes: output goes there first, and only the rest into the spill. */
  private target: Uint8Array = EMPTY;
  private at = 0;
  private room = 0;
  private filled = 0;
  private spill: Uint8Array = EMPTY;
  private spillStart = 0;
  private spillEnd = 0;

  constructor(
    private readonly inner: ByteSource,
    unwrapper: Unwrapper,
  ) {
    this.compression = inner.compression ?? unwrapper.name;
    this.stream = unwrapper.create((bytes, start, end) => this.accept(bytes, start, end));
  }

  get name(): string {
    return this.inner.name;
  }

  get consumedBytes(): number {
    return this.inner.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    for (;;) {
      const kept = this.takeSpill(target, at, max);
      if (kept > 0 || this.ended) return kept;
      if (this.failed) throw this.failure;
      const got = this.inner.read(this.slice, 0, SLICE_BYTES);
      if (typeof got !== 'number') return this.readLater(got, target, at, max);
      const count = this.convert(got, target, at, max);
      if (count > 0) return count;
    }
  }

  close(): void | Promise<void> {
    this.spill = EMPTY;
    this.spillStart = 0;
    this.spillEnd = 0;
    return this.inner.close();
  }

  private async readLater(first: Promise<number>, target: Uint8Array, at: number, max: number): Promise<number> {
    const count = this.convert(await first, target, at, max);
    return count > 0 ? count : this.read(target, at, max);
  }

  /** Pushes what was read. An error waits until what came out before it has been delivered. */
  private convert(got: number, target: Uint8Array, at: number, max: number): number {
    this.target = target;
    this.at = at;
    this.room = max;
    this.filled = 0;
    try {
      if (got > 0) this.stream.push(this.slice, 0, got);
      else this.stream.finish();
      this.ended = got === 0;
    } catch (error) {
      this.failed = true;
      this.failure = error;
    }
    this.target = EMPTY;
    this.room = 0;
    return this.filled;
  }

  private accept(bytes: Uint8Array, start: number, end: number): void {
    const direct = this.spillEnd > this.spillStart ? 0 : Math.min(end - start, this.room);
    if (direct > 0) {
      this.target.set(bytes.subarray(start, start + direct), this.at);
      this.at += direct;
      this.room -= direct;
      this.filled += direct;
    }
    if (start + direct < end) this.keep(bytes, start + direct, end);
  }

  private keep(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.spillEnd + end - start;
    if (needed > this.spill.length) {
      const grown = new Uint8Array(Math.max(needed, this.spill.length * 2, SLICE_BYTES * 4));
      grown.set(this.spill.subarray(0, this.spillEnd));
      this.spill = grown;
    }
    this.spill.set(bytes.subarray(start, end), this.spillEnd);
    this.spillEnd = needed;
  }

  private takeSpill(target: Uint8Array, at: number, max: number): number {
    const count = Math.min(max, this.spillEnd - this.spillStart);
    if (count === 0) return 0;
    target.set(this.spill.subarray(this.spillStart, this.spillStart + count), at);
    this.spillStart += count;
    if (this.spillStart === this.spillEnd) {
      this.spillStart = 0;
      this.spillEnd = 0;
      if (this.spill.length > KEPT_SPILL_BYTES) this.spill = EMPTY;
    }
    return count;
  }
}

const EMPTY = new Uint8Array(0);

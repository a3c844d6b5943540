/** Sources without I/O: bytes in memory, and the thin layers that put back peeked bytes or watch an AbortSignal. */
import type { ByteSource, Compression, SyncByteSource } from './source.js';

/** Bytes that are all there. They are read in place: the caller must not change them meanwhile. */
export class BytesSource implements SyncByteSource {
  readonly name = 'bytes';
  readonly sizeBytes: number;
  readonly compression = undefined;
  consumedBytes = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.sizeBytes = bytes.length;
  }

  get totalBytes(): number {
    return this.sizeBytes;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.readAt(this.consumedBytes, target, at, max);
    this.consumedBytes += count;
    return count;
  }

  readAt(offset: number, target: Uint8Array, at: number, max: number): number {
    const count = Math.min(max, this.bytes.length - offset);
    if (count <= 0) return 0;
    target.set(this.bytes.subarray(offset, offset + count), at);
    return count;
  }

  close(): void {}
}

/** Delivers bytes that were read ahead, then the rest of the source. */
export class ReplayedSource implements ByteSource {
  private pos = 0;

  constructor(
    private readonly inner: ByteSource,
    private readonly head: Uint8Array,
  ) {}

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get compression(): Compression | undefined {
    return this.inner.compression;
  }

  get consumedBytes(): number {
    return this.inner.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    if (this.pos === this.head.length) return this.inner.read(target, at, max);
    const count = Math.min(max, this.head.length - this.pos);
    target.set(this.head.subarray(this.pos, this.pos + count), at);
    this.pos += count;
    return count;
  }

  close(): void | Promise<void> {
    return this.inner.close();
  }
}

/**
 * Rejects what is being waited for, and refuses what comes later, once the signal aborts. The source below may be stuck
 * in a read that nobody can call back: it is closed and its late answer ignored.
 */
export class AbortableSource implements ByteSource {
  readonly readAt?: (offset: number, target: Uint8Array, at: number, max: number) => number;

  constructor(
    private readonly inner: ByteSource,
    private readonly signal: AbortSignal,
  ) {
    if (inner.readAt === undefined) return;
    this.readAt = (offset, target, at, max) => {
      signal.throwIfAborted();
      return inner.readAt!(offset, target, at, max);
    };
  }

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get compression(): Compression | undefined {
    return this.inner.compression;
  }

  get consumedBytes(): number {
    return this.inner.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    this.signal.throwIfAborted();
    const got = this.inner.read(target, at, max);
    if (typeof got === 'number') return got;
    return unlessAborted(got, this.signal, () => this.inner.close());
  }

  close(): void | Promise<void> {
    return this.inner.close();
  }
}

/** The promise, or the signal's reason if that comes first; then `stop` is called and its failure ignored. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, stop: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason);
      Promise.resolve()
        .then(stop)
        .catch(() => undefined);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

/**
 * Fills `head` with the first bytes of a source that was not read yet, as far as there are so many, and returns their
 * number with the source that still delivers them.
 */
export async function peekSource(source: ByteSource, head: Uint8Array): Promise<{ source: ByteSource; size: number }> {
  if (source.readAt !== undefined) return { source, size: source.readAt(0, head, 0, head.length) };
  let size = 0;
  while (size < head.length) {
    const got = await source.read(head, size, head.length - size);
    if (got === 0) break;
    size += got;
  }
  return { source: new ReplayedSource(source, head.subarray(0, size)), size };
}

/**
 * The outermost layer of a source: it says how far the reading has come, and lets signals in. Reading a file never waits,
 * and a program that never waits hears no signals: so now and then it waits for nothing.
 */
import type { ByteSource } from '../bytes/source.js';

const BREATH_MS = 50;

export class WatchedSource implements ByteSource {
  readonly readAt?: NonNullable<ByteSource['readAt']>;
  private lastBreath = performance.now();

  constructor(
    private readonly inner: ByteSource,
    private readonly signal: AbortSignal,
    private readonly onProgress: (consumedBytes: number) => void,
    private readonly onClose: () => void = nothing,
  ) {
    const { readAt } = inner;
    if (readAt !== undefined) this.readAt = (offset, target, at, max) => readAt.call(inner, offset, target, at, max);
  }

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get compression(): ByteSource['compression'] {
    return this.inner.compression;
  }

  get consumedBytes(): number {
    return this.inner.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    const now = performance.now();
    if (now - this.lastBreath < BREATH_MS) return this.inner.read(target, at, max);
    this.lastBreath = now;
    this.onProgress(this.inner.consumedBytes);
    return this.readLater(target, at, max);
  }

  close(): void | Promise<void> {
    this.onClose();
    return this.inner.close();
  }

  private async readLater(target: Uint8Array, at: number, max: number): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    this.signal.throwIfAborted();
    return this.inner.read(target, at, max);
  }
}

function nothing(): void {
  // Most have an end of their own.
}

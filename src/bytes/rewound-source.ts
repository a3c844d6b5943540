/** The same input once more from its start, by random access. */
import type { ByteSource } from './source.js';

export class RewoundSource implements ByteSource {
  readonly compression = undefined;
  consumedBytes = 0;

  private constructor(
    private readonly inner: ByteSource,
    private readonly readInner: NonNullable<ByteSource['readAt']>,
  ) {}

  /** Makes one after the other; undefined where the input has no random access. Closing them leaves the input open. */
  static rewinder(inner: ByteSource): (() => RewoundSource) | undefined {
    const { readAt } = inner;
    if (readAt === undefined) return undefined;
    return () => new RewoundSource(inner, (offset, target, at, max) => readAt.call(inner, offset, target, at, max));
  }

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.readInner(this.consumedBytes, target, at, max);
    this.consumedBytes += count;
    return count;
  }

  close(): void {}
}

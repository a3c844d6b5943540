/** zstd in front of a file: one frame with a content hash, where this Node has zstd (from 22.15 on). */
import type { Transform } from 'node:stream';
import type { FileSink } from './sink.js';

/** What zstd is given at once. */
const PIECE_BYTES = 256 * 1024;
/** Bytes that wait for zstd: it is time to drain. */
const MANY_WAITING_BYTES = 8 * PIECE_BYTES;

/** What the types of Node 20 do not have yet. */
interface ZstdModule {
  readonly createZstdCompress?: (options: object) => Transform;
  readonly constants: { readonly ZSTD_c_checksumFlag?: number };
}

/** zstd works in a thread of its own: who writes much drains when it is behind. */
export class ZstdSink implements FileSink {
  readonly isFinal = false;
  private readonly stream: Transform;
  private piece = new Uint8Array(PIECE_BYTES);
  private used = 0;
  private waitingBytes = 0;
  private isSealed = false;
  private failure: unknown;
  private wake: (() => void) | undefined;

  /** Only where it {@link isSupported}. */
  constructor(private readonly inner: FileSink) {
    const { createZstdCompress, constants } = zstdModule();
    this.stream = createZstdCompress!({ params: { [constants.ZSTD_c_checksumFlag!]: 1 }, chunkSize: PIECE_BYTES });
    this.stream.on('data', (chunk: Uint8Array) => this.forward(chunk));
    this.stream.on('error', (error) => this.fail(error));
  }

  static isSupported(): boolean {
    return zstdModule().createZstdCompress !== undefined;
  }

  get isBehind(): boolean {
    return this.waitingBytes >= MANY_WAITING_BYTES;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.throwFailure();
    for (let pos = start; pos < end; ) {
      const count = Math.min(end - pos, PIECE_BYTES - this.used);
      this.piece.set(bytes.subarray(pos, pos + count), this.used);
      this.used += count;
      pos += count;
      if (this.used === PIECE_BYTES) this.submit();
    }
  }

  async drain(): Promise<void> {
    while (this.isBehind && this.failure === undefined) await this.change();
    this.throwFailure();
  }

  async seal(): Promise<void> {
    if (this.isSealed) return;
    this.submit();
    const isEnded = new Promise((resolve) => this.stream.once('end', resolve).once('close', resolve));
    this.stream.end();
    await isEnded;
    this.throwFailure();
    this.isSealed = true;
    await this.inner.seal();
  }

  async commit(): Promise<void> {
    await this.seal();
    await this.inner.commit();
  }

  discard(): void {
    this.failure ??= new Error('the output was given up');
    this.stream.destroy();
    this.inner.discard();
  }

  takeBack(): void {
    this.inner.takeBack();
  }

  private submit(): void {
    const piece = this.piece.subarray(0, this.used);
    if (piece.length === 0) return;
    this.piece = new Uint8Array(PIECE_BYTES);
    this.used = 0;
    this.waitingBytes += piece.length;
    this.stream.write(piece, () => {
      this.waitingBytes -= piece.length;
      this.wake?.();
    });
  }

  private forward(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    try {
      this.inner.write(chunk, 0, chunk.length);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.wake?.();
  }

  private async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

function zstdModule(): ZstdModule {
  return process.getBuiltinModule('node:zlib') as unknown as ZstdModule;
}

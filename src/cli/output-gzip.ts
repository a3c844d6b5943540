/** gzip in front of another sink. zlib works in the thread pool, so this one runs behind and wants to be drained. */

import { once } from 'node:events';
import { createGzip, type Gzip } from 'node:zlib';
import { copyBytes } from '../bytes/slice.js';
import type { Sink } from './sink.js';

export class GzipSink implements Sink {
  readonly isFinal = false;
  private readonly gzip: Gzip = createGzip();
  private failure: unknown;

  constructor(private readonly inner: Sink) {
    this.gzip.on('data', (chunk: Uint8Array) => this.forward(chunk));
    this.gzip.on('error', (error) => {
      this.failure ??= error;
    });
  }

  get isBehind(): boolean {
    return this.gzip.writableNeedDrain;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.throwFailure();
    // zlib reads it later, when the caller may have written over it.
    this.gzip.write(copyBytes(bytes, start, end));
  }

  async drain(): Promise<void> {
    if (this.isBehind && this.failure === undefined) await once(this.gzip, 'drain');
    this.throwFailure();
  }

  async commit(): Promise<void> {
    this.gzip.end();
    await once(this.gzip, 'end');
    this.throwFailure();
    await this.inner.commit();
  }

  discard(): void {
    this.gzip.destroy();
    this.inner.discard();
  }

  private forward(chunk: Uint8Array): void {
    if (this.failure !== undefined) return;
    try {
      this.inner.write(chunk, 0, chunk.length);
    } catch (error) {
      this.failure = error;
    }
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

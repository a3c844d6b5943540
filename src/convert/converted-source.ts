/** A dump as it is after a conversion, read while it is being converted: for what reads dumps. */
import { copyBytes } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { drive } from '../rdb/drive.js';
import { type DriverOptions, RdbDriver } from '../rdb/driver.js';
import type { ConvertHandler } from './convert-handler.js';

/**
 * Reading it converts as much as is asked for; about 1 MiB waits in it. `create` makes the handler, which is to write to
 * what it is given. The inner source stays open. `read` throws what reading the inner source and converting it throw.
 */
export class ConvertedSource implements ByteSource {
  readonly sizeBytes = undefined;
  readonly compression = undefined;
  readonly handler: ConvertHandler;
  private readonly driver: RdbDriver;
  private pieces: Uint8Array[] = [];
  /** Of the first piece: bytes that have been read. */
  private used = 0;
  private isConverted = false;

  constructor(
    private readonly inner: ByteSource,
    create: (write: WriteBytes) => ConvertHandler,
    options: DriverOptions,
  ) {
    this.handler = create((bytes, start, end) => this.pieces.push(copyBytes(bytes, start, end)));
    this.handler.source = inner;
    const window = Window.for(inner.sizeBytes);
    this.driver = new RdbDriver(window, this.handler, options);
    this.handler.driver = this.driver;
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

  async read(target: Uint8Array, at: number, max: number): Promise<number> {
    while (this.pieces.length === 0 && !this.isConverted) await this.convert();
    const [piece] = this.pieces;
    if (piece === undefined) return 0;
    const count = Math.min(max, piece.length - this.used);
    target.set(piece.subarray(this.used, this.used + count), at);
    this.used += count;
    if (this.used === piece.length) {
      this.pieces.shift();
      this.used = 0;
    }
    return count;
  }

  close(): void {}

  private async convert(): Promise<void> {
    if ((await drive(this.inner, this.driver)) === 'pause') return;
    this.isConverted = true;
    this.handler.finish();
  }
}

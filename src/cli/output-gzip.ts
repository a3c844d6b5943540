/**
 * gzip in front of a file: one member, whose deflate stream is cut into blocks that zlib's threads compress side by side.
 *
 * ```
 * 1F 8B 08 00 | time 4 (0) | 00 | FF (no system) || block … || 03 00 (last, empty) || CRC-32 4 LE | size 4 LE
 * ```
 *
 * Every block ends on a whole byte (Z_SYNC_FLUSH) and knows the 32 KiB before it, so the blocks behind one another are what one
 * run over everything would have made, but for a few bytes. Their bounds do not depend on who compresses them: same input,
 * same bytes.
 */
import { availableParallelism } from 'node:os';
import type { ZlibOptions } from 'node:zlib';
import type { FileSink } from './sink.js';

/** What is compressed at once. */
export const GZIP_BLOCK_BYTES = 256 * 1024;
const WINDOW_BYTES = 32 * 1024;
/** Of the threads that zlib has there are four. */
const THREADS = Math.min(4, availableParallelism());
/** Blocks on their way: it is time to drain. */
const MANY_RUNNING = 2 * THREADS;
/** Who does not drain compresses in his own thread from here on: what waits stays bounded. */
const MAX_RUNNING = MANY_RUNNING + 8;

const HEADER = Uint8Array.of(0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff);
const LAST_BLOCK = Uint8Array.of(0x03, 0x00);

/** A block on its way through a thread. */
interface Block {
  readonly input: Uint8Array;
  readonly options: ZlibOptions;
  output: Uint8Array | undefined;
}

export class GzipSink implements FileSink {
  readonly isFinal = false;
  /** Loaded where something is compressed. */
  private readonly zlib = process.getBuiltinModule('node:zlib');
  private block = new Uint8Array(GZIP_BLOCK_BYTES);
  private used = 0;
  /** The end of the block before. */
  private dictionary: Uint8Array | undefined;
  private crc = 0;
  private sizeBytes = 0;
  /** In the order of the file. */
  private readonly queue: Block[] = [];
  private running = 0;
  private hasHeader = false;
  private isSealed = false;
  private failure: unknown;
  private wake: (() => void) | undefined;

  constructor(private readonly inner: FileSink) {}

  get isBehind(): boolean {
    return this.running >= MANY_RUNNING;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.throwFailure();
    for (let pos = start; pos < end; ) {
      const count = Math.min(end - pos, GZIP_BLOCK_BYTES - this.used);
      this.block.set(bytes.subarray(pos, pos + count), this.used);
      this.used += count;
      pos += count;
      if (this.used === GZIP_BLOCK_BYTES) this.submit();
    }
  }

  async drain(): Promise<void> {
    while (this.isBehind && this.failure === undefined) await this.change();
    this.throwFailure();
  }

  async seal(): Promise<void> {
    if (this.isSealed) return;
    if (this.used > 0) this.submit();
    while (this.queue.length > 0 && this.failure === undefined) await this.change();
    this.throwFailure();
    this.put(LAST_BLOCK);
    const footer = new DataView(new ArrayBuffer(8));
    footer.setUint32(0, this.crc, true);
    footer.setUint32(4, this.sizeBytes, true);
    this.put(new Uint8Array(footer.buffer));
    this.isSealed = true;
    await this.inner.seal();
  }

  async commit(): Promise<void> {
    await this.seal();
    await this.inner.commit();
  }

  discard(): void {
    this.queue.length = 0;
    this.inner.discard();
  }

  takeBack(): void {
    this.inner.takeBack();
  }

  private submit(): void {
    const { zlib } = this;
    const input = this.block.subarray(0, this.used);
    this.crc = zlib.crc32(input, this.crc);
    // The format counts modulo 2^32.
    this.sizeBytes = (this.sizeBytes + input.length) >>> 0;
    const { dictionary } = this;
    const { Z_SYNC_FLUSH } = zlib.constants;
    const options = {
      finishFlush: Z_SYNC_FLUSH,
      chunkSize: GZIP_BLOCK_BYTES,
      ...(dictionary && { dictionary }),
    };
    this.dictionary = input.subarray(Math.max(0, input.length - WINDOW_BYTES));
    this.block = new Uint8Array(GZIP_BLOCK_BYTES);
    this.used = 0;
    const block: Block = { input, options, output: undefined };
    this.queue.push(block);
    if (this.running < MAX_RUNNING) this.start(block);
    else this.finishHere();
  }

  private start(block: Block): void {
    this.running++;
    this.zlib.deflateRaw(block.input, block.options, (error, output) => {
      this.running--;
      if (error !== null) this.failure ??= error;
      else block.output = output;
      try {
        if (this.failure === undefined) this.putReady();
      } catch (reason) {
        this.failure = reason;
      }
      this.wake?.();
    });
  }

  /** All that waits, at once. What a thread still makes of it is not needed then. */
  private finishHere(): void {
    for (const { input, options, output } of this.queue) this.put(output ?? this.zlib.deflateRawSync(input, options));
    this.queue.length = 0;
  }

  private putReady(): void {
    while (this.queue[0]?.output !== undefined) this.put(this.queue.shift()!.output!);
  }

  private put(bytes: Uint8Array): void {
    if (!this.hasHeader) this.inner.write(HEADER, 0, HEADER.length);
    this.hasHeader = true;
    this.inner.write(bytes, 0, bytes.length);
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

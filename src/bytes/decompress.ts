/** gzip, and zstd where node:zlib has it: streamed through zlib's own threads with little in flight. */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ZSTD_BLOCK, ZSTD_END, ZSTD_HEADER, ZstdFrames } from './decompress-frames.js';
import { FormatError, LimitError, TruncatedError } from './errors.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ByteSource, SyncByteSource } from './source.js';
import { type Chunk, type ChunkFeed, ChunkSource } from './source-stream.js';
import { UnwrappedSource } from './source-unwrapped.js';

/** How much compressed input is read at a time. */
const SLICE_BYTES = 64 * 1024;
/** How much zlib puts out at a time. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Inflates gzip of one or more members; zero bytes may follow as padding.
 *
 * Reading throws TruncatedError where it ends early, FormatError (BAD_COMPRESSION) where it is damaged or followed by
 * anything else. Offsets count in the compressed bytes and are as exact as zlib tells.
 */
export function gunzipSource(inner: ByteSource): ByteSource {
  return new ChunkSource(new GunzipFeed(inner), {
    name: inner.name,
    compression: inner.compression ?? 'gzip',
    below: inner,
  });
}

/** As {@link gunzipSource} for zstd of one or more frames: by node:zlib, or by fzstd where Node has no zstd. */
export async function zstdSource(inner: ByteSource): Promise<ByteSource> {
  return hasNativeZstd() ? nativeZstdSource(inner) : fzstdSource(inner);
}

/** Node has zstd from 22.15 and 23.8 on. */
export function hasNativeZstd(): boolean {
  return zstdFactory() !== undefined;
}

export function nativeZstdSource(inner: ByteSource): ByteSource {
  const feed = new ZstdFeed(inner, zstdFactory()!);
  return new ChunkSource(feed, { name: inner.name, compression: inner.compression ?? 'zstd', below: inner });
}

export async function fzstdSource(inner: ByteSource): Promise<ByteSource> {
  const { ZSTD_UNWRAPPER } = await import('./decompress-zstd.js');
  return new UnwrappedSource(inner, ZSTD_UNWRAPPER);
}

/**
 * Inflates all of a gzip source at once.
 *
 * @throws LimitError (LIMIT_BLOB) where either side is larger than `DEFAULT_LIMITS.maxBlobBytes`; else as {@link gunzipSource}
 */
export function inflateWhole(source: SyncByteSource, maxBytes = DEFAULT_LIMITS.maxBlobBytes): Uint8Array {
  const stored = readWhole(source, maxBytes);
  try {
    // With `info` the result tells how far the input was used, which its type does not know.
    const result: unknown = zlib.gunzipSync(stored, { maxOutputLength: maxBytes, info: true });
    const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
    checkPadding(stored, engine.bytesWritten, stored.length, 0);
    return buffer;
  } catch (error) {
    if (error instanceof FormatError) throw error;
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw gzipFailure(error, codeOf(error) === 'Z_BUF_ERROR' ? stored.length : 0);
  }
}

/** One zlib stream: written to when nothing is in flight, taken from when there is something. */
class Pump {
  /** A write or the end is under way. */
  busy = false;
  /** Everything was taken, or zlib wants no more input. */
  ended = false;
  failed = false;
  failure: unknown;
  private wake: (() => void) | undefined;

  constructor(private readonly transform: Transform & zlib.Zlib) {
    transform.on('readable', () => this.settle());
    transform.on('end', () => {
      this.ended = true;
      this.settle();
    });
    transform.on('error', (error) => {
      this.failed = true;
      this.failure = error;
      this.settle();
    });
  }

  /** Input bytes that zlib has used. */
  get usedBytes(): number {
    return this.transform.bytesWritten;
  }

  take(): Uint8Array | null {
    return this.transform.read();
  }

  /** The bytes must stay as they are while {@link busy}. */
  write(bytes: Uint8Array): void {
    this.busy = true;
    this.transform.write(bytes, () => {
      this.busy = false;
      this.settle();
    });
  }

  end(): void {
    this.busy = true;
    this.transform.end();
  }

  /** Waits until one of the above has changed. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  destroy(): void {
    this.transform.destroy();
  }

  private settle(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }
}

class GunzipFeed implements ChunkFeed {
  private readonly pump = new Pump(zlib.createGunzip({ chunkSize: CHUNK_BYTES }));
  private readonly slice = new Uint8Array(SLICE_BYTES);
  private sliceSize = 0;
  private fedBytes = 0;
  private inputEnded = false;

  constructor(private readonly inner: ByteSource) {}

  async pull(): Promise<Chunk> {
    const { pump } = this;
    for (;;) {
      const chunk = pump.take();
      if (chunk !== null) return chunk;
      if (pump.failed) throw gzipFailure(pump.failure, this.inputEnded ? this.fedBytes : pump.usedBytes);
      if (pump.ended || (!pump.busy && pump.usedBytes < this.fedBytes)) return this.atEnd();
      if (pump.busy) await pump.wait();
      else await this.feed();
    }
  }

  async stop(): Promise<void> {
    this.pump.destroy();
    await this.inner.close();
  }

  private async feed(): Promise<void> {
    // Ended only when all output was taken: an error at the end makes the stream drop what it still holds.
    this.sliceSize = await this.inner.read(this.slice, 0, SLICE_BYTES);
    this.fedBytes += this.sliceSize;
    this.inputEnded = this.sliceSize === 0;
    if (this.inputEnded) this.pump.end();
    else this.pump.write(this.slice.subarray(0, this.sliceSize));
  }

  /** zlib stops early at a zero byte behind a member: what is left must be padding. */
  private async atEnd(): Promise<undefined> {
    if (this.inputEnded) return undefined;
    let from = this.sliceSize - (this.fedBytes - this.pump.usedBytes);
    while (this.sliceSize > 0) {
      checkPadding(this.slice, from, this.sliceSize, this.fedBytes - this.sliceSize);
      this.sliceSize = await this.inner.read(this.slice, 0, SLICE_BYTES);
      this.fedBytes += this.sliceSize;
      from = 0;
    }
    this.inputEnded = true;
    return undefined;
  }
}

/** Frame by frame, since Node's stream stops behind the first one and drops the rest without a word. */
class ZstdFeed implements ChunkFeed {
  private readonly frames = new ZstdFrames();
  private pump: Pump | undefined;
  private readonly slice = new Uint8Array(SLICE_BYTES);
  private pos = 0;
  private sliceSize = 0;

  constructor(
    private readonly inner: ByteSource,
    private readonly create: ZstdFactory,
  ) {}

  async pull(): Promise<Chunk> {
    for (;;) {
      const { pump } = this;
      const chunk = pump?.take() ?? null;
      if (chunk !== null) return chunk;
      if (pump?.failed) throw zstdFailure(pump.failure, this.frames.offset);
      if (pump?.ended) {
        pump.destroy();
        this.pump = undefined;
      } else if (pump?.busy) {
        await pump.wait();
      } else if (!(await this.feed())) {
        return undefined;
      }
    }
  }

  async stop(): Promise<void> {
    this.pump?.destroy();
    await this.inner.close();
  }

  /** Goes on to the next piece of the stream, and says whether some input is left. */
  private async feed(): Promise<boolean> {
    const { frames } = this;
    this.pos = frames.next(this.slice, this.pos, this.sliceSize);
    if (frames.event === ZSTD_HEADER) {
      this.pump = new Pump(this.create({ chunkSize: CHUNK_BYTES }));
      this.pump.write(frames.piece.subarray(0, frames.size));
    } else if (frames.event === ZSTD_BLOCK) {
      this.pump!.write(frames.piece.subarray(0, frames.size));
    } else if (frames.event === ZSTD_END) {
      if (frames.size > 0) this.pump!.write(frames.piece.subarray(0, frames.size));
      this.pump!.end();
    } else {
      this.pos = 0;
      this.sliceSize = await this.inner.read(this.slice, 0, SLICE_BYTES);
      if (this.sliceSize === 0) frames.finish();
      return this.sliceSize > 0;
    }
    return true;
  }
}

type ZstdFactory = (options: { chunkSize: number }) => Transform & zlib.Zlib;

/** The types are those of Node 20, which knows nothing of zstd. */
function zstdFactory(): ZstdFactory | undefined {
  return (zlib as { createZstdDecompress?: ZstdFactory }).createZstdDecompress;
}

function readWhole(source: SyncByteSource, maxBytes: number): Uint8Array {
  let bytes = new Uint8Array(Math.min(source.sizeBytes ?? SLICE_BYTES, maxBytes) + 1);
  let size = 0;
  for (;;) {
    const got = source.read(bytes, size, bytes.length - size);
    if (got === 0) return bytes.subarray(0, size);
    size += got;
    if (size > maxBytes) throw tooLarge(maxBytes);
    if (size < bytes.length) continue;
    const grown = new Uint8Array(Math.min(size * 2, maxBytes + 1));
    grown.set(bytes);
    bytes = grown;
  }
}

function tooLarge(maxBytes: number): LimitError {
  const message = `gzip of more than ${maxBytes} bytes cannot be read synchronously; the asynchronous form has no limit`;
  return new LimitError('LIMIT_BLOB', message, 0);
}

function checkPadding(bytes: Uint8Array, start: number, end: number, base: number): void {
  for (let pos = start; pos < end; pos++) {
    if (bytes[pos] !== 0)
      throw new FormatError('BAD_COMPRESSION', 'bytes follow the end of the gzip stream', base + pos);
  }
}

function gzipFailure(error: unknown, offset: number): unknown {
  const code = codeOf(error);
  if (code === 'Z_BUF_ERROR') return new TruncatedError('the gzip stream ends early', offset, { cause: error });
  if (code?.startsWith('Z_') !== true || code === 'Z_MEM_ERROR') return error;
  const message = `the gzip stream does not decompress: ${(error as Error).message}`;
  return new FormatError('BAD_COMPRESSION', message, offset, { cause: error });
}

function zstdFailure(error: unknown, offset: number): unknown {
  if (codeOf(error)?.startsWith('ZSTD_') !== true) return error;
  const message = `the zstd stream does not decompress: ${(error as Error).message}`;
  return new FormatError('BAD_COMPRESSION', message, offset, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

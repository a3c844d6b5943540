/** zstd by `fzstd`, for where node:zlib has none (Node before 22.15) and for synchronous reading. */
import { Decompress } from 'fzstd';
import {
  ZSTD_BLOCK,
  ZSTD_BLOCK_HEADER_BYTES,
  ZSTD_END,
  ZSTD_HEADER,
  ZSTD_MORE,
  ZstdFrames,
} from './decompress-frames.js';
import { Xxh64 } from './decompress-xxh64.js';
import { FormatError } from './errors.js';
import type { ByteSink, Unwrapper, UnwrapStream } from './source.js';

/** zstd as an {@link Unwrapper}: block by block, with content sizes and hashes checked. */
export const ZSTD_UNWRAPPER: Unwrapper = {
  name: 'zstd',
  magicBytes: 4,
  matches: () => true,
  create: (write) => new ZstdStream(write),
};

class ZstdStream implements UnwrapStream {
  private readonly frames = new ZstdFrames();
  private decompress: Decompress | undefined;
  /** What fzstd was not given yet: it keeps what is shorter than any useful frame, so it gets 18 bytes first. */
  private head: Uint8Array = EMPTY;
  private hash: Xxh64 | undefined;
  private produced = 0;

  constructor(private readonly write: ByteSink) {}

  push(bytes: Uint8Array, start: number, end: number): void {
    const { frames } = this;
    let pos = start;
    while (pos < end || frames.event !== ZSTD_MORE) {
      pos = frames.next(bytes, pos, end);
      if (frames.event === ZSTD_HEADER) this.startFrame();
      else if (frames.event === ZSTD_BLOCK) this.feedBlock();
      else if (frames.event === ZSTD_END) this.endFrame();
    }
  }

  finish(): void {
    this.frames.finish();
  }

  private startFrame(): void {
    const { frames } = this;
    this.produced = 0;
    this.hash = frames.hasHash ? new Xxh64() : undefined;
    this.decompress = new Decompress((data) => this.accept(data));
    // fzstd holds a window of the size that the header names; less will do for less content.
    const wanted = Math.min(frames.windowBytes, frames.contentBytes ?? frames.windowBytes);
    this.head = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor(wanted));
  }

  private feedBlock(): void {
    const { frames } = this;
    checkTree(frames.piece, frames.size, frames.offset);
    let block: Uint8Array = frames.piece.subarray(0, frames.size);
    if (this.head.length > 0) {
      block = concat(this.head, block);
      this.head = block.length < FZSTD_MIN_BYTES && !frames.isLast ? block : EMPTY;
      if (this.head.length > 0) return;
    }
    try {
      this.decompress!.push(block, frames.isLast);
    } catch (error) {
      // fzstd throws errors of its own, and RangeError or TypeError where damaged numbers lead it astray.
      const why = error instanceof Error ? error.message : String(error);
      throw new FormatError('BAD_COMPRESSION', `a zstd block does not decompress: ${why}`, frames.offset, {
        cause: error,
      });
    }
  }

  private accept(data: Uint8Array): void {
    this.produced += data.length;
    this.hash?.push(data, 0, data.length);
    if (data.length > 0) this.write(data, 0, data.length);
  }

  private endFrame(): void {
    const { frames, produced } = this;
    this.decompress = undefined;
    if (frames.contentBytes !== undefined && frames.contentBytes !== produced) {
      const message = `the zstd frame holds ${produced} bytes and not the ${frames.contentBytes} that it names`;
      throw new FormatError('BAD_COMPRESSION', message, frames.offset);
    }
    if (this.hash === undefined) return;
    const expected = new DataView(frames.piece.buffer).getUint32(0, true);
    if (Number(this.hash.digest() & 0xffffffffn) === expected) return;
    throw new FormatError(
      'BAD_COMPRESSION',
      'the content hash of the zstd frame differs from its bytes',
      frames.offset,
    );
  }
}

const EMPTY = new Uint8Array(0);
/** fzstd reads a frame header only from this many bytes on. */
const FZSTD_MIN_BYTES = 18;

/** The smallest window that can be written down and holds `bytes`. */
function windowDescriptor(bytes: number): number {
  let exponent = 0;
  while (exponent < 31 && 2 ** (11 + exponent) <= bytes) exponent++;
  const base = 2 ** (10 + exponent);
  const eighths = Math.max(0, Math.ceil((bytes - base) / (base / 8)));
  return eighths > 7 ? (exponent + 1) << 3 : (exponent << 3) | eighths;
}

/**
 * fzstd never returns from the description of a Huffman tree whose weights all have one value of probability 1: decoding
 * such weights takes no bits, so that it waits in vain for their end. Nobody writes that; such a block is damaged.
 */
function checkTree(block: Uint8Array, size: number, offset: number): void {
  const isCompressed = ((block[0]! >> 1) & 3) === 2;
  const literals = block[ZSTD_BLOCK_HEADER_BYTES]!;
  if (!isCompressed || size <= ZSTD_BLOCK_HEADER_BYTES || (literals & 3) !== 2) return;
  const at = ZSTD_BLOCK_HEADER_BYTES + LITERALS_HEADER_BYTES[(literals >> 2) & 3]!;
  if (block[at]! >= 128) return;
  // The first value of a distribution over 2^log takes log + 1 bits, all ones for the full probability; what stands for
  // probability 0 takes log bits and is followed by two-bit counts of further zeros, up to one below 3.
  const log = (block[at + 1]! & 15) + 5;
  let bit = (at + 1) * 8 + 4;
  const limit = size * 8;
  while (bit < limit) {
    const value = bitsAt(block, bit, log + 1);
    if (value === 2 ** (log + 1) - 1) {
      throw new FormatError('BAD_COMPRESSION', 'a Huffman tree of zstd whose weights have no end', offset);
    }
    if ((value & (2 ** log - 1)) !== 1) return;
    bit += log;
    while (bit < limit && bitsAt(block, bit, 2) === 3) bit += 2;
    bit += 2;
  }
}

const LITERALS_HEADER_BYTES = [3, 3, 4, 5] as const;

function bitsAt(bytes: Uint8Array, bit: number, count: number): number {
  const at = bit >> 3;
  const word =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return (word >>> (bit & 7)) & (2 ** count - 1);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

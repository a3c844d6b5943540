/**
 * The LZ4 frame: blocks with a header, as the `lz4` command and a VKCS envelope hold it.
 *
 *     04 22 4D 18                   magic, u32 LE 184D2204
 *     FLG                           01 version, I independent blocks, B block checksums, S content size,
 *                                   C content checksum, 0 reserved, D dictionary id
 *     BD                            0 sss 0000: blocks of at most 64 KiB (4), 256 KiB, 1 MiB, 4 MiB (7)
 *     [u64 LE] if S, [u32 LE] if D  content size, dictionary id
 *     HC                            second byte of the xxHash32 of FLG … HC
 *     blocks                        u32 LE size, high bit = stored as it is; data; [xxHash32 of the data] if B
 *     00 00 00 00                   end mark
 *     [u32 LE] if C                 xxHash32 of the content
 *
 * A dependent block may refer to the 64 KiB of content before it. Before the frame may stand skippable frames: magic
 * 184D2A50–184D2A5F, u32 LE size, as many bytes.
 *
 * Worked example: `04224D18 60 40 82 | 03000080 616263 | 00000000` is the content `abc`: version 1, independent blocks
 * of at most 64 KiB, one block of three bytes stored as it is.
 */
import { FormatError, TruncatedError, UnsupportedError } from '../bytes/errors.js';
import { readUint32Le } from '../bytes/int64.js';
import { decodeLz4Block, encodeLz4Block } from './lz4-block.js';
import { XxHash32, xxHash32 } from './xxhash32.js';

export const LZ4_FRAME_MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;

const FLAG_VERSION = 0x40;
const FLAG_INDEPENDENT = 0x20;
const FLAG_BLOCK_CHECKSUM = 0x10;
const FLAG_CONTENT_SIZE = 0x08;
const FLAG_CONTENT_CHECKSUM = 0x04;
const FLAG_RESERVED = 0x02;
const FLAG_DICTIONARY = 0x01;
const STORED = 0x80000000;
const HISTORY = 64 * 1024;
const SMALLEST_BLOCK = 64 * 1024;

/** Receives decompressed bytes; the range is valid during the call only. */
export type Lz4Write = (bytes: Uint8Array, start: number, end: number) => void;

/** What the decoder waits for. */
type Stage = 'magic' | 'skip-size' | 'skip' | 'flags' | 'header' | 'block-size' | 'block' | 'content-checksum' | 'done';

/**
 * Decompresses one frame, pushed in pieces of any size. Holds one block and 64 KiB of history, at most about 8 MiB.
 *
 * Throws BAD_LZ4 (malformed, a checksum that differs, bytes behind the frame), UnsupportedError (a dictionary, another
 * version of the format). `offset` of an error counts from the first byte pushed. After an error it is of no more use.
 */
export class Lz4FrameDecoder {
  private stage: Stage = 'magic';
  /** The unit in hand: how many bytes it takes, and where it begins. */
  private needed = 4;
  private offset = 0;
  /** The first bytes of a unit that came in pieces. */
  private partial = new Uint8Array(32);
  private partialSize = 0;
  private flags = 0;
  private blockSize = 0;
  private stored = false;
  private announced = -1;
  private produced = 0;
  private out = new Uint8Array(0);
  private history = 0;
  private readonly hash = new XxHash32();

  constructor(private readonly write: Lz4Write) {}

  /** Takes `bytes[start, end)`; calls `write` for every block that becomes complete. */
  push(bytes: Uint8Array, start: number, end: number): void {
    let pos = start;
    while (pos < end) {
      const part = Math.min(this.needed - this.partialSize, end - pos);
      if (this.stage === 'skip') this.skip(part);
      else if (part === this.needed) this.takeUnit(bytes, pos);
      else this.keep(bytes, pos, part);
      pos += part;
    }
  }

  /** The input has ended. Throws TruncatedError unless the frame has, too. */
  finish(): void {
    if (this.stage === 'done') return;
    throw new TruncatedError('the input ends inside an LZ4 frame', this.offset + this.partialSize);
  }

  private skip(part: number): void {
    this.offset += part;
    this.needed -= part;
    if (this.needed === 0) this.expect('magic', 4);
  }

  private keep(bytes: Uint8Array, pos: number, part: number): void {
    if (this.partialSize === 0 && this.partial.length < this.needed) this.partial = new Uint8Array(this.needed);
    this.partial.set(bytes.subarray(pos, pos + part), this.partialSize);
    this.partialSize += part;
    if (this.partialSize < this.needed) return;
    this.partialSize = 0;
    this.takeUnit(this.partial, 0);
  }

  private expect(stage: Stage, needed: number): void {
    this.stage = stage;
    this.needed = needed;
  }

  /** One whole unit stands at `pos`. */
  private takeUnit(bytes: Uint8Array, pos: number): void {
    const size = this.needed;
    switch (this.stage) {
      case 'magic':
        this.takeMagic(readUint32Le(bytes, pos));
        break;
      case 'skip-size':
        this.takeSkipSize(readUint32Le(bytes, pos));
        break;
      case 'flags':
        this.takeFlags(bytes, pos);
        break;
      case 'header':
        this.takeHeader(bytes, pos);
        break;
      case 'block-size':
        this.takeBlockSize(readUint32Le(bytes, pos));
        break;
      case 'block':
        this.takeBlock(bytes, pos);
        break;
      case 'content-checksum':
        if (readUint32Le(bytes, pos) !== this.hash.digest()) throw this.bad('the checksum of its content differs');
        this.expect('done', 1);
        break;
      default:
        throw this.bad('bytes follow its end');
    }
    this.offset += size;
  }

  private takeMagic(magic: number): void {
    if (magic === LZ4_FRAME_MAGIC) this.expect('flags', 2);
    else if ((magic & ~0xf) === SKIPPABLE_MAGIC) this.expect('skip-size', 4);
    else throw this.bad('its magic is missing');
  }

  private takeSkipSize(size: number): void {
    if (size === 0) this.expect('magic', 4);
    else this.expect('skip', size);
  }

  private takeFlags(bytes: Uint8Array, pos: number): void {
    const flags = bytes[pos]!;
    const sizeCode = bytes[pos + 1]! >> 4;
    if ((flags & 0xc0) !== FLAG_VERSION) {
      throw new UnsupportedError('UNSUPPORTED_VERSION', `version ${flags >> 6} of the LZ4 frame`, this.offset);
    }
    if ((flags & FLAG_RESERVED) !== 0 || (bytes[pos + 1]! & 0x0f) !== 0) throw this.bad('reserved bits are set');
    if (sizeCode < 4 || sizeCode > 7) throw this.bad(`${sizeCode} is no block size`);
    this.flags = flags;
    this.blockSize = 1 << (8 + 2 * sizeCode);
    this.hash.reset();
    this.hash.update(bytes, pos, pos + 2);
    const optional = (flags & FLAG_CONTENT_SIZE ? 8 : 0) + (flags & FLAG_DICTIONARY ? 4 : 0);
    this.expect('header', optional + 1);
  }

  private takeHeader(bytes: Uint8Array, pos: number): void {
    const last = pos + this.needed - 1;
    this.hash.update(bytes, pos, last);
    if (((this.hash.digest() >>> 8) & 0xff) !== bytes[last]) throw this.bad('the checksum of its header differs');
    this.hash.reset();
    if ((this.flags & FLAG_DICTIONARY) !== 0) {
      throw new UnsupportedError('UNSUPPORTED_INPUT', 'an LZ4 frame that needs a dictionary', this.offset);
    }
    if ((this.flags & FLAG_CONTENT_SIZE) !== 0) {
      this.announced = readUint32Le(bytes, pos) + readUint32Le(bytes, pos + 4) * 0x100000000;
    }
    this.expect('block-size', 4);
  }

  private takeBlockSize(word: number): void {
    const checksum = (this.flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4;
    if (word === 0) {
      if (this.announced >= 0 && this.produced !== this.announced) {
        throw this.bad(`it holds ${this.produced} bytes where ${this.announced} were announced`);
      }
      if ((this.flags & FLAG_CONTENT_CHECKSUM) === 0) this.expect('done', 1);
      else this.expect('content-checksum', 4);
      return;
    }
    const size = word % STORED;
    this.stored = word >= STORED;
    if (size > this.blockSize) throw this.bad(`a block of ${size} bytes is larger than its header allows`);
    // A stored block of no bytes is legal and takes no further unit.
    if (size + checksum > 0) this.expect('block', size + checksum);
  }

  private takeBlock(bytes: Uint8Array, pos: number): void {
    const checksum = (this.flags & FLAG_BLOCK_CHECKSUM) === 0 ? 0 : 4;
    const end = pos + this.needed - checksum;
    if (checksum > 0 && readUint32Le(bytes, end) !== xxHash32(bytes, pos, end)) {
      throw this.bad('the checksum of a block differs');
    }
    const independent = (this.flags & FLAG_INDEPENDENT) !== 0;
    this.expect('block-size', 4);
    if (this.stored && independent) {
      this.emit(bytes, pos, end);
      return;
    }
    const { history } = this;
    const stop = this.decodeBlock(bytes, pos, end, history + this.blockSize);
    this.emit(this.out, history, stop);
    if (independent) return;
    const kept = Math.min(stop, HISTORY);
    this.out.copyWithin(0, stop - kept, stop);
    this.history = kept;
  }

  /** Puts the block's content behind the history in `out`, and returns where it ends. */
  private decodeBlock(bytes: Uint8Array, pos: number, end: number, limit: number): number {
    const independent = (this.flags & FLAG_INDEPENDENT) !== 0;
    if (this.out.length === 0) this.out = new Uint8Array(this.blockSize + (independent ? 0 : HISTORY));
    if (this.stored) {
      this.out.set(bytes.subarray(pos, end), this.history);
      return this.history + end - pos;
    }
    try {
      return decodeLz4Block(bytes, pos, end, this.out, 0, this.history, limit);
    } catch (error) {
      throw error instanceof FormatError ? error.shift(this.offset - pos) : error;
    }
  }

  private emit(bytes: Uint8Array, start: number, end: number): void {
    this.produced += end - start;
    if (this.announced >= 0 && this.produced > this.announced) throw this.bad('it holds more bytes than announced');
    if ((this.flags & FLAG_CONTENT_CHECKSUM) !== 0) this.hash.update(bytes, start, end);
    if (end > start) this.write(bytes, start, end);
  }

  private bad(what: string): FormatError {
    return new FormatError('BAD_LZ4', `the LZ4 frame: ${what}`, this.offset);
  }
}

/** The optional parts of a frame. */
export interface Lz4FrameOptions {
  readonly blockChecksums?: boolean;
  readonly contentChecksum?: boolean;
  readonly contentSize?: boolean;
}

/** One frame of independent 64 KiB blocks, each stored as it is where compression would not make it smaller. */
export function encodeLz4Frame(content: Uint8Array, options: Lz4FrameOptions = {}): Uint8Array {
  const blocks = Math.ceil(content.length / SMALLEST_BLOCK);
  // Header with size, end mark, content checksum; and eight bytes around each block.
  const out = new Uint8Array(15 + 8 + content.length + 8 * blocks);
  const view = new DataView(out.buffer);
  let at = encodeHeader(content.length, options, out, view);
  for (let start = 0; start < content.length; start += SMALLEST_BLOCK) {
    const end = Math.min(content.length, start + SMALLEST_BLOCK);
    const data = at + 4;
    at = encodeLz4Block(content, start, end, out, data, data + end - start - 1);
    if (at === 0) {
      out.set(content.subarray(start, end), data);
      at = data + end - start;
      view.setUint32(data - 4, STORED + end - start, true);
    } else view.setUint32(data - 4, at - data, true);
    if (options.blockChecksums) {
      view.setUint32(at, xxHash32(out, data, at), true);
      at += 4;
    }
  }
  view.setUint32(at, 0, true);
  at += 4;
  if (options.contentChecksum) {
    view.setUint32(at, xxHash32(content, 0, content.length), true);
    at += 4;
  }
  return out.slice(0, at);
}

function encodeHeader(contentSize: number, options: Lz4FrameOptions, out: Uint8Array, view: DataView): number {
  view.setUint32(0, LZ4_FRAME_MAGIC, true);
  out[4] =
    FLAG_VERSION |
    FLAG_INDEPENDENT |
    (options.blockChecksums ? FLAG_BLOCK_CHECKSUM : 0) |
    (options.contentSize ? FLAG_CONTENT_SIZE : 0) |
    (options.contentChecksum ? FLAG_CONTENT_CHECKSUM : 0);
  out[5] = 0x40;
  let at = 6;
  if (options.contentSize) {
    view.setBigUint64(at, BigInt(contentSize), true);
    at += 8;
  }
  out[at] = xxHash32(out, 4, at) >>> 8;
  return at + 1;
}

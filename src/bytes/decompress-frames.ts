/**
 * The outer structure of zstd (RFC 8878, 3.1): where frames and blocks begin and end, without decompressing anything.
 *
 * ```
 * frame      28 B5 2F FD | descriptor 1 | window 0-1 | dictionary id 0,1,2,4 | content size 0,1,2,4,8 | block … | hash 0,4
 * block      3 bytes LE: bit 0 last, bits 1-2 type (0 raw, 1 one byte repeated, 2 compressed), bits 3-23 size | content
 * skippable  5x 2A 4D 18 | size 4 LE | that many bytes
 * ```
 *
 * Example, `Hi` raw in a frame of known size: `28 B5 2F FD  20  02  11 00 00  48 69`: single segment (20), content size 2,
 * one last raw block of 2 bytes.
 *
 * It is done here since neither decompressor below does all of it: Node's stops behind the first frame, and fzstd takes
 * window sizes on trust and checks neither content sizes nor hashes.
 */
import { FormatError, TruncatedError, UnsupportedError } from './errors.js';

/** What {@link ZstdFrames.next} has come upon. */
export const ZSTD_MORE = 0;
export const ZSTD_HEADER = 1;
export const ZSTD_BLOCK = 2;
export const ZSTD_END = 3;

/** The largest window taken, 128 MiB: what the zstd command allows without `--long`. */
export const MAX_ZSTD_WINDOW_BYTES = 128 * 1024 * 1024;
/** Block_Maximum_Size: no block holds or makes more. */
export const MAX_ZSTD_BLOCK_BYTES = 128 * 1024;
export const ZSTD_BLOCK_HEADER_BYTES = 3;

const AT_MAGIC = 0;
const AT_SKIP_SIZE = 1;
const AT_SKIPPED = 2;
const AT_DESCRIPTOR = 3;
const AT_HEADER = 4;
const AT_BLOCK_HEADER = 5;
const AT_BLOCK = 6;
const AT_HASH = 7;

const TYPE_REPEATED = 1;
const TYPE_COMPRESSED = 2;
const TYPE_RESERVED = 3;

/** Cuts a zstd stream, pushed in slices of any size, into headers, whole blocks and ends of frames. */
export class ZstdFrames {
  /** `piece[0, size)`: the frame header with its magic, the block with its header, or the hash (4 or 0 bytes). */
  readonly piece = new Uint8Array(ZSTD_BLOCK_HEADER_BYTES + MAX_ZSTD_BLOCK_BYTES);
  size = 0;
  /** What the last call of {@link next} ended with. */
  event: number = ZSTD_MORE;
  /** Of the running frame, from its header on. A single segment has its content size as window. */
  windowBytes = 0;
  contentBytes: number | undefined = undefined;
  hasHash = false;
  /** The running block is the frame's last one. */
  isLast = false;
  /** Where the piece begins in the stream. */
  offset = 0;
  private consumed = 0;
  private state = AT_MAGIC;
  private wanted = 4;
  private blockLimit = 0;

  /** Consumes from `bytes[pos, end)` up to the next event, which is ZSTD_MORE where all is consumed without one. */
  next(bytes: Uint8Array, pos: number, end: number): number {
    if (this.event !== ZSTD_MORE) {
      this.size = 0;
      this.event = ZSTD_MORE;
    }
    let at = pos;
    for (;;) {
      if (this.size === 0 && this.state !== AT_SKIPPED) this.offset = this.consumed;
      const count = Math.min(this.wanted, end - at);
      if (this.state !== AT_SKIPPED) {
        this.piece.set(bytes.subarray(at, at + count), this.size);
        this.size += count;
      }
      this.wanted -= count;
      this.consumed += count;
      at += count;
      if (this.wanted > 0) return at;
      this.advance();
      if (this.event !== ZSTD_MORE) return at;
    }
  }

  /** The stream has ended: it may, between frames. */
  finish(): void {
    if (this.state === AT_MAGIC && this.size === 0) return;
    throw new TruncatedError(`the zstd stream ends inside ${PLACES[this.state]}`, this.consumed);
  }

  private advance(): void {
    if (this.state === AT_BLOCK_HEADER) this.atBlockHeader();
    else if (this.state === AT_BLOCK) this.atBlockEnd();
    else if (this.state === AT_MAGIC) this.atMagic();
    else if (this.state === AT_DESCRIPTOR) this.want(AT_HEADER, this.headerRest());
    else if (this.state === AT_HEADER) this.atHeaderEnd();
    else if (this.state === AT_SKIP_SIZE) this.want(AT_SKIPPED, le(this.piece, 4, 4));
    else this.atFrameEnd();
  }

  private want(state: number, count: number): void {
    this.state = state;
    this.wanted = count;
  }

  private atMagic(): void {
    const magic = le(this.piece, 0, 4);
    if (magic === 0xfd2fb528) this.want(AT_DESCRIPTOR, 1);
    else if (magic >>> 4 === 0x0184d2a5) this.want(AT_SKIP_SIZE, 4);
    else throw this.bad('no zstd frame begins here');
  }

  private atHeaderEnd(): void {
    this.readHeader();
    this.event = ZSTD_HEADER;
    this.want(AT_BLOCK_HEADER, ZSTD_BLOCK_HEADER_BYTES);
  }

  private atBlockEnd(): void {
    this.event = ZSTD_BLOCK;
    if (this.isLast) this.want(AT_HASH, this.hasHash ? 4 : 0);
    else this.want(AT_BLOCK_HEADER, ZSTD_BLOCK_HEADER_BYTES);
  }

  private atFrameEnd(): void {
    if (this.state === AT_HASH) this.event = ZSTD_END;
    else this.size = 0;
    this.want(AT_MAGIC, 4);
  }

  /** How many bytes of header follow the descriptor. */
  private headerRest(): number {
    const descriptor = this.piece[4]!;
    if ((descriptor & 0x08) !== 0) throw this.bad('a reserved bit of the zstd frame header is set');
    const single = (descriptor & 0x20) !== 0;
    return (single ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! + contentSizeBytes(descriptor >> 6, single);
  }

  private readHeader(): void {
    const { piece } = this;
    const descriptor = piece[4]!;
    const single = (descriptor & 0x20) !== 0;
    const dictionaryAt = single ? 5 : 6;
    const dictionaryBytes = DICTIONARY_BYTES[descriptor & 3]!;
    if (le(piece, dictionaryAt, dictionaryBytes) !== 0) throw this.unsupported('needs a dictionary');
    const count = contentSizeBytes(descriptor >> 6, single);
    const stored = le(piece, dictionaryAt + dictionaryBytes, count);
    this.contentBytes = count === 0 ? undefined : stored + (count === 2 ? 256 : 0);
    this.hasHash = (descriptor & 0x04) !== 0;
    this.windowBytes = single ? this.contentBytes! : windowSize(piece[5]!);
    if (this.windowBytes > MAX_ZSTD_WINDOW_BYTES) {
      throw this.unsupported(`needs a window of ${this.windowBytes} bytes; at most ${MAX_ZSTD_WINDOW_BYTES} are taken`);
    }
    this.blockLimit = Math.min(this.windowBytes, MAX_ZSTD_BLOCK_BYTES);
  }

  private atBlockHeader(): void {
    const header = le(this.piece, 0, 3);
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (type === TYPE_RESERVED) throw this.bad('a zstd block of the reserved type');
    if (type === TYPE_COMPRESSED && size < 2) throw this.bad('a compressed zstd block without content');
    if (size > this.blockLimit) throw this.bad(`a zstd block of ${size} bytes where ${this.blockLimit} are the most`);
    this.isLast = (header & 1) !== 0;
    this.want(AT_BLOCK, type === TYPE_REPEATED ? 1 : size);
  }

  private bad(message: string): FormatError {
    return new FormatError('BAD_COMPRESSION', message, this.offset);
  }

  private unsupported(what: string): UnsupportedError {
    return new UnsupportedError('UNSUPPORTED_INPUT', `the zstd frame ${what}`, this.offset);
  }
}

const DICTIONARY_BYTES = [0, 1, 2, 4] as const;

const PLACES = [
  'a frame magic',
  'a skippable frame',
  'a skippable frame',
  'a frame header',
  'a frame header',
  'a block header',
  'a block',
  'a content hash',
] as const;

function contentSizeBytes(flag: number, single: boolean): number {
  if (flag === 0) return single ? 1 : 0;
  return 1 << flag;
}

/** Window_Descriptor: five bits of exponent, three of eighths. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** A little-endian number; from 2^53 on it is not exact, and far beyond anything that we take. */
function le(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

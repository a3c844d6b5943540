/**
 * The VKCS envelope of Valkey 9.2 (`rdbcompression lz4`): eight bytes, then a whole RDB as one LZ4 frame.
 *
 *     56 4B 43 53                   "VKCS"
 *     01                            version of the envelope
 *     01                            codec: LZ4
 *     flags                         bit 0: the frame's blocks carry checksums; all other bits 0
 *     00                            kind of stream: RDB
 *
 * Worked example: `56 4B 43 53 01 01 01 00` announces an LZ4 frame with block checksums (rdb-format.md §2.2).
 */
import { FormatError, TruncatedError, UnsupportedError } from '../bytes/errors.js';
import { encodeLz4Frame } from './lz4-frame.js';

/** `VKCS` in ASCII. */
export const VKCS_MAGIC: readonly number[] = [0x56, 0x4b, 0x43, 0x53];
/** Bytes before the frame. */
export const VKCS_HEADER_SIZE = 8;

const VERSION = 1;
const CODEC_LZ4 = 1;
const FLAG_BLOCK_CHECKSUMS = 1;
const KIND_RDB = 0;

/** What the envelope says about the frame behind it. */
export interface VkcsHeader {
  readonly blockChecksums: boolean;
}

/** True where `bytes[pos, end)` begin with the magic; four bytes are enough to tell. */
export function isVkcs(bytes: Uint8Array, pos: number, end: number): boolean {
  return end - pos >= 4 && VKCS_MAGIC.every((byte, index) => bytes[pos + index] === byte);
}

/**
 * The header at `pos`. Throws BAD_LZ4 without the magic or with unknown flags, TruncatedError where the bytes end
 * inside it, UnsupportedError for a version, codec or kind of stream that is not known.
 */
export function decodeVkcsHeader(bytes: Uint8Array, pos: number): VkcsHeader {
  if (!isVkcs(bytes, pos, bytes.length)) throw new FormatError('BAD_LZ4', 'no VKCS envelope', pos);
  if (bytes.length - pos < VKCS_HEADER_SIZE) throw new TruncatedError('the VKCS envelope is cut', bytes.length);
  const version = bytes[pos + 4]!;
  const codec = bytes[pos + 5]!;
  const flags = bytes[pos + 6]!;
  const kind = bytes[pos + 7]!;
  if (version !== VERSION) {
    throw new UnsupportedError('UNSUPPORTED_VERSION', `version ${version} of the VKCS envelope`, pos + 4);
  }
  if (codec !== CODEC_LZ4) throw new UnsupportedError('UNSUPPORTED_INPUT', `codec ${codec} of VKCS`, pos + 5);
  if ((flags & ~FLAG_BLOCK_CHECKSUMS) !== 0) throw new FormatError('BAD_LZ4', 'unknown flags in VKCS', pos + 6);
  if (kind !== KIND_RDB) throw new UnsupportedError('UNSUPPORTED_INPUT', `stream kind ${kind} of VKCS`, pos + 7);
  return { blockChecksums: (flags & FLAG_BLOCK_CHECKSUMS) !== 0 };
}

/** Wraps a complete RDB, its footer included, as the server does: independent 64 KiB blocks, no content checksum. */
export function encodeVkcs(rdb: Uint8Array, options: VkcsHeader): Uint8Array {
  const frame = encodeLz4Frame(rdb, options);
  const out = new Uint8Array(VKCS_HEADER_SIZE + frame.length);
  out.set(VKCS_MAGIC);
  out.set([VERSION, CODEC_LZ4, options.blockChecksums ? FLAG_BLOCK_CHECKSUMS : 0, KIND_RDB], VKCS_MAGIC.length);
  out.set(frame, VKCS_HEADER_SIZE);
  return out;
}

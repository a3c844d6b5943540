/** Opening what may be a dump: the byte sources, with the VKCS envelope among the wrappings that are taken off. */
import { FormatError } from '../bytes/errors.js';
import {
  type ByteSink,
  type ByteSource,
  openSourceWith,
  type RdbInput,
  type SourceOptions,
  type Unwrapper,
  type UnwrapStream,
} from '../bytes/source.js';
import { Lz4FrameDecoder } from '../codecs/lz4-frame.js';
import { decodeVkcsHeader, isVkcs, VKCS_HEADER_SIZE, VKCS_MAGIC } from '../codecs/vkcs.js';

/**
 * Opens an input and takes gzip, zstd and VKCS off, nested as they may be. An opened source, such as that of standard
 * input, may be given as well.
 *
 * Throws as openSource does, and BAD_LZ4, UNSUPPORTED_VERSION or UNSUPPORTED_INPUT for a VKCS envelope that is damaged
 * or of a kind that is not known; offsets then count in the bytes that hold the envelope.
 */
export function openRdbSource(input: RdbInput | ByteSource, options: SourceOptions = {}): Promise<ByteSource> {
  return openSourceWith(input, { ...options, unwrappers: [VKCS_UNWRAPPER] });
}

/** VKCS, the envelope of Valkey 9.2 around an LZ4 frame. */
export const VKCS_UNWRAPPER: Unwrapper = {
  name: 'vkcs',
  magicBytes: VKCS_MAGIC.length,
  matches: (bytes, end) => isVkcs(bytes, 0, end),
  create: (write) => new VkcsStream(write),
};

/** Eight bytes of envelope, then the frame. One push of 64 KiB puts out at most 255 times as much. */
class VkcsStream implements UnwrapStream {
  private readonly head = new Uint8Array(VKCS_HEADER_SIZE);
  private headSize = 0;
  private readonly frame: Lz4FrameDecoder;

  constructor(write: ByteSink) {
    this.frame = new Lz4FrameDecoder(write);
  }

  push(bytes: Uint8Array, start: number, end: number): void {
    let pos = start;
    if (this.headSize < VKCS_HEADER_SIZE) {
      const count = Math.min(VKCS_HEADER_SIZE - this.headSize, end - start);
      this.head.set(bytes.subarray(start, start + count), this.headSize);
      this.headSize += count;
      pos += count;
      if (this.headSize < VKCS_HEADER_SIZE) return;
      decodeVkcsHeader(this.head, 0);
    }
    shifted(() => this.frame.push(bytes, pos, end));
  }

  finish(): void {
    // Too short a head is what the decoder complains about.
    if (this.headSize < VKCS_HEADER_SIZE) decodeVkcsHeader(this.head.subarray(0, this.headSize), 0);
    shifted(() => this.frame.finish());
  }
}

/** Errors of the frame count from its own beginning. */
function shifted(step: () => void): void {
  try {
    step();
  } catch (error) {
    throw error instanceof FormatError ? error.shift(VKCS_HEADER_SIZE) : error;
  }
}

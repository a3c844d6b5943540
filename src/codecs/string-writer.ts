/**
 * Writes RDB strings as servers do (rdb-format.md §4): canonical integers of up to 11 bytes that fit 32 bits as C0, C1 or
 * C2; else more than 20 bytes as LZF, where that saves at least four; else plain. The reading side is string.ts.
 */
import { Int64 } from '../bytes/int64.js';
import type { ByteWriter } from '../bytes/writer.js';
import { encodeLength, LEN_64, MAX_LENGTH_SIZE } from './length.js';
import { parseDecimal64 } from './listpack.js';
import { compressLzf } from './lzf.js';
import { STR_INT8, STR_INT16, STR_INT32, STR_LZF } from './string.js';

/** `-2147483648` */
const MAX_INTEGER_TEXT = 11;
const MIN_LZF_LENGTH = 21;
/** Servers want at least this much for their trouble. */
const LZF_GAIN = 4;

export class StringWriter {
  private readonly integer = new Int64();
  private scratch = new Uint8Array(4096);

  constructor(
    private readonly out: ByteWriter,
    private readonly compress: boolean,
  ) {}

  length(value: number): void {
    const { out } = this;
    out.reserve(MAX_LENGTH_SIZE);
    out.pos = encodeLength(value, out.bytes, out.pos);
  }

  length64(value: bigint): void {
    if (value <= 0xffffffffn) {
      this.length(Number(value));
      return;
    }
    this.out.byte(LEN_64);
    this.out.bigInt64Be(value);
  }

  string(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (size <= MAX_INTEGER_TEXT && this.writeInteger(bytes, start, end)) return;
    if (this.compress && size >= MIN_LZF_LENGTH && this.writeLzf(bytes, start, end)) return;
    this.length(size);
    this.out.copy(bytes, start, end);
  }

  private writeInteger(bytes: Uint8Array, start: number, end: number): boolean {
    const { integer, out } = this;
    if (!parseDecimal64(bytes, start, end, integer) || integer.hi !== integer.lo >> 31) return false;
    const value = integer.lo;
    out.reserve(5);
    const { bytes: to, pos } = out;
    const size = value >= -0x80 && value < 0x80 ? 1 : value >= -0x8000 && value < 0x8000 ? 2 : 4;
    to[pos] = size === 1 ? STR_INT8 : size === 2 ? STR_INT16 : STR_INT32;
    for (let at = 0; at < size; at++) to[pos + 1 + at] = value >> (8 * at);
    out.pos = pos + 1 + size;
    return true;
  }

  private writeLzf(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    if (this.scratch.length < size) this.scratch = new Uint8Array(size);
    const compressed = compressLzf(bytes, start, end, this.scratch, size - LZF_GAIN);
    if (compressed === 0) return false;
    this.out.byte(STR_LZF);
    this.length(compressed);
    this.length(size);
    this.out.copy(this.scratch, 0, compressed);
    return true;
  }
}

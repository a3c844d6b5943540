/** What lines say of strings, remembered by the shape of the string: short ones come in a few thousand shapes. */
import { LEN_32 } from '../../codecs/length.js';
import { STR_INT8, STR_LZF } from '../../codecs/string.js';

/** Shapes of strings: with names of less than 64 bytes and values of less than 256 in the file, … */
const SHAPES = 4 * 64 * 256;
/** … those that are numbers, and those that expire. */
const IS_NUMBER = 64 * 256;
export const EXPIRES = 2 * IS_NUMBER;
/** What is longer is no whole number, whatever it begins with. */
const MAX_INTEGER_BYTES = 21;
const END_BYTES = 64;

/** From here on a length takes two bytes. */
const LEN_14 = 0x40;
const MINUS = 0x2d;
const NINE = 0x39;

/**
 * What a line says of a string depends on this alone: the length of its name, that of its value, and whether that is a
 * number. −1: of a string for which that is not known at a glance.
 */
export function shapeOf(nameLength: number, bytes: Uint8Array, pos: number, end: number): number {
  const size = end - pos;
  if (nameLength === 0 || nameLength >= LEN_14 || size > 0xff) return -1;
  const lead = bytes[pos]!;
  const shape = (nameLength << 8) | size;
  if (lead >= STR_INT8) return lead === STR_LZF ? -1 : shape | IS_NUMBER;
  // One byte for the length, or two, and then for one that needs them.
  if (lead >= LEN_14) return lead < LEN_32 && size > LEN_14 + 1 ? shape : -1;
  const first = bytes[pos + 1]!;
  return size > MAX_INTEGER_BYTES || size === 1 || first > NINE || first < MINUS ? shape : -1;
}

/** Ends of lines by the shape of the string, up to the expiry. */
export class LineEnds {
  private readonly bytes = new Uint8Array(SHAPES * END_BYTES);
  private readonly words = new Int32Array(this.bytes.buffer);
  private readonly sizes = new Uint8Array(SHAPES);

  has(shape: number): boolean {
    return this.sizes[shape] !== 0;
  }

  /** Returns the position behind it; up to three bytes there are touched. */
  copy(shape: number, view: DataView, to: number): number {
    const { words } = this;
    const size = this.sizes[shape]!;
    const first = shape * (END_BYTES / 4);
    for (let at = 0; at < size; at += 4) view.setInt32(to + at, words[first + (at >> 2)]!, true);
    return to + size;
  }

  /** `lines[from, to)`. */
  keep(shape: number, lines: Uint8Array, from: number, to: number): void {
    if (to - from > END_BYTES) return;
    this.bytes.set(lines.subarray(from, to), shape * END_BYTES);
    this.sizes[shape] = to - from;
  }
}

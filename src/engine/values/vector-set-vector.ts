/**
 * A vector on its way into a set, in the float32 arithmetic of the module `vectorset`, whose bytes go into digests: made
 * shorter by the set's projection, divided by its norm, and kept as floats, bytes or bits. Observed on Redis 8.0.2 and 8.6.3.
 *
 * A zero vector has norm 1 and stays as it is. What is no number keeps its bits in a float, and is 0 in a byte or a bit.
 */
import { type ByteString, toByteString } from '../../bytes/byte-string.js';
import { type VectorProjection, type VectorQuantization, vectorBytes } from '../../rdb/vectorset-layout.js';

export interface PackedVector {
  /** Components as the set keeps them: little endian floats, signed bytes, or bits in words of 64. */
  readonly vector: ByteString;
  /** The largest absolute value of a component, which is 127 in an int8 vector; 0 in others. */
  readonly range: number;
  /** What the components were divided by. */
  readonly norm: number;
}

const { fround } = Math;
/** The NaN that x86 makes of what has no value. */
const NO_VALUE_BITS = 0xffc00000;
const QUIET_BIT = 0x400000;
const INT8_MAX = 127;

/** The matrix that the server makes for two sizes: always the same, a Hadamard matrix in the order of its rows. */
export function projectionOf(inputDim: number, dim: number): VectorProjection {
  const view = new DataView(new ArrayBuffer(inputDim * dim * 4));
  const scale = 1 / Math.sqrt(inputDim);
  for (let row = 0, pos = 0; row < dim; row++)
    for (let column = 0; column < inputDim; column++, pos += 4)
      view.setFloat32(pos, hasOddBits(row & column) ? -scale : scale, true);
  return { inputDim, matrix: new Uint8Array(view.buffer) };
}

/** The product of a set's projection and a vector with `inputDim` components: `dim` of them. */
export function project({ matrix, inputDim }: VectorProjection, components: Float32Array): Float32Array {
  const view = new DataView(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  const out = new Float32Array(matrix.length / 4 / inputDim);
  for (let row = 0, pos = 0; row < out.length; row++) {
    let sum = 0;
    for (let column = 0; column < inputDim; column++, pos += 4)
      sum = fround(sum + fround(components[column]! * view.getFloat32(pos, true)));
    out[row] = sum;
  }
  return out;
}

/** Changes `components`. */
export function packVector(components: Float32Array, quantization: VectorQuantization): PackedVector {
  const length = normOf(components);
  const norm = length === 0 ? 1 : length;
  divide(components, norm);
  const bytes = new Uint8Array(vectorBytes(components.length, quantization));
  let range = 0;
  if (quantization === 'int8') range = packBytes(components, bytes);
  else if (quantization === 'bin') packBits(components, bytes);
  else packFloats(components, bytes);
  return { vector: toByteString(bytes), range, norm };
}

/** Squares are added up by four, which shows in the last bit. */
function normOf(components: Float32Array): number {
  const { length } = components;
  let sum = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let four = square(components[at]!);
    for (let index = 1; index < 4; index++) four = fround(four + square(components[at + index]!));
    sum = fround(sum + four);
  }
  for (; at < length; at++) sum = fround(sum + square(components[at]!));
  return fround(Math.sqrt(sum));
}

function square(value: number): number {
  return fround(value * value);
}

function divide(components: Float32Array, norm: number): void {
  if (Number.isFinite(norm)) {
    for (let at = 0; at < components.length; at++) components[at] = components[at]! / norm;
    return;
  }
  // JavaScript does not say which NaN a NaN is, so the bits are written.
  const bits = new Uint32Array(components.buffer, components.byteOffset, components.length);
  const first = bits.find((_, at) => Number.isNaN(components[at]!));
  for (let at = 0; at < components.length; at++) {
    const value = components[at]!;
    if (Number.isNaN(value)) bits[at] = (bits[at]! | QUIET_BIT) >>> 0;
    else if (first !== undefined) bits[at] = (first | QUIET_BIT) >>> 0;
    else if (Number.isFinite(value)) components[at] = value / norm;
    else bits[at] = NO_VALUE_BITS;
  }
}

function packFloats(components: Float32Array, bytes: Uint8Array): void {
  const bits = new Uint32Array(components.buffer, components.byteOffset, components.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bits.length; at++) view.setUint32(at * 4, bits[at]!, true);
}

/** Returns the range. */
function packBytes(components: Float32Array, bytes: Uint8Array): number {
  let range = 0;
  for (let at = 0; at < components.length; at++) {
    const size = Math.abs(components[at]!);
    if (size > range) range = size;
  }
  const scale = fround(INT8_MAX / range);
  for (let at = 0; at < components.length; at++) {
    const scaled = fround(components[at]! * scale);
    // Halves go away from zero; what is not finite becomes 0.
    const size = Number.isFinite(scaled) ? Math.floor(Math.abs(scaled) + 0.5) : 0;
    bytes[at] = scaled < 0 ? -size : size;
  }
  return range;
}

function packBits(components: Float32Array, bytes: Uint8Array): void {
  for (let at = 0; at < components.length; at++) if (components[at]! > 0) bytes[at >> 3]! |= 1 << (at & 7);
}

function hasOddBits(word: number): boolean {
  let bits = word ^ (word >>> 16);
  bits ^= bits >>> 8;
  bits ^= bits >>> 4;
  return ((0x6996 >> (bits & 15)) & 1) === 1;
}

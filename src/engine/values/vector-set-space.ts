/**
 * How far the vectors of a set lie from one another, as the module `vectorset` measures (worst links of dumps of Redis 8.6):
 * 1 − cosine for components that are numbers, twice the share of bits that differ for bits. Vectors stand one behind the
 * other in one array: a graph asks for millions of distances.
 */
import { type ByteString, writeByteString } from '../../bytes/byte-string.js';
import { decodeFloatLe } from '../../codecs/double.js';
import { type VectorQuantization, vectorBytes } from '../../rdb/vectorset-layout.js';

/** 512 MiB of them. */
const MAX_DOUBLES = 2 ** 26;

export interface VectorSpace {
  readonly size: number;
  distance(one: number, other: number): number;
}

/** A vector as it is kept, and what 127 stands for in it. */
export interface KeptVector {
  readonly vector: ByteString;
  readonly range: number;
}

export function vectorSpace(
  dim: number,
  quantization: VectorQuantization,
  vectors: readonly KeptVector[],
): VectorSpace {
  const bytesEach = vectorBytes(dim, quantization);
  const bytes = new Uint8Array(bytesEach * vectors.length);
  for (const [at, { vector }] of vectors.entries()) writeByteString(vector, bytes, at * bytesEach);
  if (quantization === 'f32') return new FloatSpace(dim, bytes);
  if (quantization === 'int8') return new Int8Space(dim, bytes, vectors);
  return new BitSpace(dim, bytes, bytesEach / 4);
}

class FloatSpace implements VectorSpace {
  readonly size: number;
  /** As doubles, which need not be converted each time, where that does not take too much. */
  private readonly components: Float64Array | Float32Array;

  constructor(
    private readonly dim: number,
    bytes: Uint8Array,
  ) {
    const count = bytes.length / 4;
    this.size = count / dim;
    this.components = count <= MAX_DOUBLES ? new Float64Array(count) : new Float32Array(count);
    for (let at = 0; at < count; at++) this.components[at] = decodeFloatLe(bytes, at * 4);
  }

  distance(one: number, other: number): number {
    const { dim, components } = this;
    let left = one * dim;
    let right = other * dim;
    const end = left + dim;
    // Four sums do not wait for one another.
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (const last = end - 3; left < last; left += 4, right += 4) {
      first += components[left]! * components[right]!;
      second += components[left + 1]! * components[right + 1]!;
      third += components[left + 2]! * components[right + 2]!;
      fourth += components[left + 3]! * components[right + 3]!;
    }
    for (; left < end; left++, right++) first += components[left]! * components[right]!;
    return numberOr1(1 - (first + second + third + fourth));
  }
}

class Int8Space implements VectorSpace {
  readonly size: number;
  private readonly components: Int8Array;
  private readonly scales: Float64Array;

  constructor(
    private readonly dim: number,
    bytes: Uint8Array,
    vectors: readonly KeptVector[],
  ) {
    this.size = vectors.length;
    this.components = new Int8Array(bytes.buffer);
    this.scales = Float64Array.from(vectors, ({ range }) => range / 127);
  }

  distance(one: number, other: number): number {
    const { dim, components, scales } = this;
    let left = one * dim;
    let right = other * dim;
    const end = left + dim;
    // In 32 bits, which 2^17 products fit in: a server takes half as many components.
    let first = 0;
    let second = 0;
    for (const last = end - 3; left < last; left += 4, right += 4) {
      first +=
        Math.imul(components[left]!, components[right]!) + Math.imul(components[left + 1]!, components[right + 1]!);
      second +=
        Math.imul(components[left + 2]!, components[right + 2]!) +
        Math.imul(components[left + 3]!, components[right + 3]!);
      first |= 0;
      second |= 0;
    }
    for (; left < end; left++, right++) first = (first + Math.imul(components[left]!, components[right]!)) | 0;
    return numberOr1(1 - (first + second) * scales[one]! * scales[other]!);
  }
}

class BitSpace implements VectorSpace {
  readonly size: number;
  private readonly words: Int32Array;

  constructor(
    private readonly dim: number,
    bytes: Uint8Array,
    private readonly wordsEach: number,
  ) {
    this.words = new Int32Array(bytes.buffer);
    this.size = this.words.length / wordsEach;
  }

  distance(one: number, other: number): number {
    const { words, wordsEach } = this;
    let left = one * wordsEach;
    let right = other * wordsEach;
    const end = left + wordsEach;
    let different = 0;
    for (; left < end; left++, right++) different += bitCount(words[left]! ^ words[right]!);
    return (2 * different) / this.dim;
  }
}

/** Vectors with components that are no numbers are as far from all others as those that have nothing in common. */
function numberOr1(distance: number): number {
  return distance - distance === 0 ? distance : 1;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

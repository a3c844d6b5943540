/**
 * The module `vectorset` (Redis 8.0+) behind its typed items (rdb-format.md §8.9):
 *
 *     UINT dim, UINT nodeCount, UINT config, UINT saveFlags, [UINT inputDim, STRING projection when flags bit 0]
 *     nodeCount × { STRING element, [STRING attribute when flags bit 1], STRING vector, UINT n, n × UINT param }
 *
 * config: bits 0–7 quantization (0 float32, 1 int8, 2 one bit per dimension), bits 8–23 HNSW M, 0 meaning 16.
 */
import { decodeFloatLe } from '../codecs/double.js';
import type { ModuleItem, VectorSet, VectorSetElement } from './model.js';

export const VECTORSET_MODULE = 'vectorset';

const QUANTIZATIONS = ['f32', 'int8', 'bin'] as const;
const HAS_PROJECTION = 1;
const HAS_ATTRIBUTES = 2;
const DEFAULT_M = 16;

/** Undefined where the items do not have this layout: they still stand for themselves. */
export function decodeVectorSet(items: readonly ModuleItem[]): VectorSet | undefined {
  const reader = new ItemReader(items);
  const dim = reader.uint();
  const count = reader.uint();
  const config = reader.uint();
  const flags = reader.uint();
  const quantization = QUANTIZATIONS[config & 0xff];
  if (reader.failed || quantization === undefined || dim === 0) return undefined;
  let projectionInputDim: number | undefined;
  if (flags & HAS_PROJECTION) {
    projectionInputDim = reader.uint();
    reader.string();
  }
  const elements: VectorSetElement[] = [];
  for (let left = count; left > 0 && !reader.failed; left--)
    elements.push(decodeElement(reader, dim, quantization, flags));
  if (reader.failed || !reader.atEnd) return undefined;
  const m = (config >>> 8) & 0xffff || DEFAULT_M;
  return { dim, quantization, m, ...(projectionInputDim !== undefined && { projectionInputDim }), elements };
}

function decodeElement(
  reader: ItemReader,
  dim: number,
  quantization: VectorSet['quantization'],
  flags: number,
): VectorSetElement {
  const element = reader.string();
  const attribute = flags & HAS_ATTRIBUTES ? reader.string() : undefined;
  const vector = reader.string();
  const paramCount = reader.uint();
  const params: bigint[] = [];
  for (let left = paramCount; left > 0 && !reader.failed; left--) params.push(reader.uint64());
  const sizes = { f32: dim * 4, int8: dim, bin: Math.ceil(dim / 64) * 8 };
  if (vector.length !== sizes[quantization] || params.length < 3) reader.fail();
  if (reader.failed) return { element, vector: [], level: 0 };
  // The last parameter carries the quantization range (upper half) and the norm that was divided out (lower half).
  const last = params[params.length - 1]!;
  const range = floatOfBits(Number(last >> 32n));
  const norm = floatOfBits(Number(last & 0xffffffffn));
  return {
    element,
    ...(attribute !== undefined && attribute.length > 0 && { attribute }),
    vector: dequantize(vector, dim, quantization, range, norm),
    level: Number(params[1]! & 0xffn),
  };
}

/** The components as VEMB gives them: one bit is ±1, the others are scaled by their range and by the norm of the vector. */
function dequantize(
  bytes: Uint8Array,
  dim: number,
  quantization: VectorSet['quantization'],
  range: number,
  norm: number,
): number[] {
  const vector: number[] = [];
  for (let at = 0; at < dim; at++) {
    if (quantization === 'bin') vector.push((bytes[at >> 3]! >> (at & 7)) & 1 ? 1 : -1);
    else if (quantization === 'f32') vector.push(decodeFloatLe(bytes, at * 4) * norm);
    else vector.push((((bytes[at]! << 24) >> 24) * range * norm) / 127);
  }
  return vector;
}

const floatScratch = new DataView(new ArrayBuffer(4));

function floatOfBits(bits: number): number {
  floatScratch.setUint32(0, bits);
  return floatScratch.getFloat32(0);
}

const NO_BYTES = new Uint8Array(0);

class ItemReader {
  failed = false;
  private at = 0;

  constructor(private readonly items: readonly ModuleItem[]) {}

  get atEnd(): boolean {
    return this.at === this.items.length;
  }

  fail(): void {
    this.failed = true;
  }

  uint64(): bigint {
    const item = this.items[this.at++];
    if (item?.kind === 'uint') return item.value;
    this.failed = true;
    return 0n;
  }

  uint(): number {
    const value = Number(this.uint64());
    if (!Number.isSafeInteger(value)) this.failed = true;
    return value;
  }

  string(): Uint8Array {
    const item = this.items[this.at++];
    if (item?.kind === 'string') return item.value;
    this.failed = true;
    return NO_BYTES;
  }
}

/**
 * How the module `vectorset` (Redis 8.0+) saves a value (rdb-format.md §8.9), as typed items:
 *
 *     UINT dim, UINT nodeCount, UINT config, UINT saveFlags, [UINT inputDim, STRING projection when flags bit 0]
 *     nodeCount × { STRING element, [STRING attribute when flags bit 1], STRING vector, UINT n, n × UINT param }
 *
 * config: bits 0–7 quantization (0 float32, 1 int8, 2 one bit per dimension), bits 8–23 HNSW M, 0 meaning 16.
 * Parameters of a node, the newest of which comes first:
 *
 *     id, level | version << 24, per layer 0 … level { links, most links, links × id, [worst link in version 1] },
 *     float32 bits of the range << 32 | float32 bits of the norm
 *
 * The word about the worst link is the float32 bits of its distance << 32 | its index in the layer's links; 0 without links.
 * A layer takes 2 M links at the bottom and M above it, and links go both ways.
 */
import type { ModuleItem } from './model.js';

/** How the components of a vector are kept; the index is the number in `config`. */
export const QUANTIZATIONS = ['f32', 'int8', 'bin'] as const;
export type VectorQuantization = (typeof QUANTIZATIONS)[number];

export interface VectorSetLayout {
  readonly dim: number;
  readonly quantization: VectorQuantization;
  readonly m: number;
  /** Of vectors that are made shorter before they are kept. */
  readonly projection: VectorProjection | undefined;
  readonly nodes: readonly VectorNode[];
}

export interface VectorProjection {
  /** Components before. */
  readonly inputDim: number;
  /** float32 LE, `dim` rows of `inputDim`. */
  readonly matrix: Uint8Array;
}

/** A node without its links. */
export interface VectorNode {
  readonly id: bigint;
  readonly element: Uint8Array;
  /** Undefined or empty: none. */
  readonly attribute: Uint8Array | undefined;
  /** {@link vectorBytes}, of a vector that has been divided by its norm. */
  readonly vector: Uint8Array;
  readonly level: number;
  /** What 127 stands for in an int8 vector. */
  readonly range: number;
  readonly norm: number;
}

/** The links of nodes that are to be written, by their places in {@link VectorSetLayout.nodes}. */
export interface VectorLinks {
  count(layer: number, node: number): number;
  /** The node at the other end of a link. */
  link(layer: number, node: number, index: number): number;
  /** How far that one is. */
  distance(layer: number, node: number, index: number): number;
}

/** 1 is read by Redis 8.6 and later. */
export type VectorNodeVersion = 0 | 1;

const HAS_PROJECTION = 1;
const HAS_ATTRIBUTES = 2;
const DEFAULT_M = 16;
const M_SHIFT = 8;
const VERSION_SHIFT = 24;
/** id, level, range and norm */
const FIXED_PARAMS = 3;

/** Bytes of a vector as it is kept. */
export function vectorBytes(dim: number, quantization: VectorQuantization): number {
  if (quantization === 'f32') return dim * 4;
  return quantization === 'int8' ? dim : Math.ceil(dim / 64) * 8;
}

/** Undefined where the items do not have this layout. Links are not looked at. */
export function decodeVectorSetLayout(items: readonly ModuleItem[]): VectorSetLayout | undefined {
  const reader = new ItemReader(items);
  const dim = reader.uint();
  const count = reader.uint();
  const config = reader.uint();
  const flags = reader.uint();
  const quantization = QUANTIZATIONS[config & 0xff];
  if (reader.failed || quantization === undefined || dim === 0) return undefined;
  const projection = flags & HAS_PROJECTION ? { inputDim: reader.uint(), matrix: reader.string() } : undefined;
  const size = vectorBytes(dim, quantization);
  const nodes: VectorNode[] = [];
  for (let left = count; left > 0 && !reader.failed; left--) nodes.push(decodeNode(reader, size, flags));
  if (reader.failed || !reader.atEnd) return undefined;
  return { dim, quantization, m: (config >>> M_SHIFT) & 0xffff || DEFAULT_M, projection, nodes };
}

/** The items of a whole value; its nodes in the order given. */
export function encodeVectorSetLayout(
  set: VectorSetLayout,
  links: VectorLinks,
  version: VectorNodeVersion,
): ModuleItem[] {
  const { dim, quantization, m, projection, nodes } = set;
  const hasAttributes = nodes.some(({ attribute }) => attribute !== undefined && attribute.length > 0);
  const flags = (projection === undefined ? 0 : HAS_PROJECTION) | (hasAttributes ? HAS_ATTRIBUTES : 0);
  const config = QUANTIZATIONS.indexOf(quantization) | (m << M_SHIFT);
  const items = [dim, nodes.length, config, flags].map(uint);
  if (projection !== undefined) items.push(uint(projection.inputDim), string(projection.matrix));
  // Each is named by many others: one item for all of them.
  const ids = nodes.map(({ id }): ModuleItem => ({ kind: 'uint', value: id }));
  for (const [at, node] of nodes.entries()) {
    items.push(string(node.element));
    if (hasAttributes) items.push(string(node.attribute ?? NO_BYTES));
    items.push(string(node.vector), uint(paramCount(node, at, links, version)), ids[at]!);
    items.push(uint(node.level + version * 2 ** VERSION_SHIFT));
    for (let layer = 0; layer <= node.level; layer++) {
      const count = links.count(layer, at);
      items.push(uint(count), uint(layer === 0 ? 2 * m : m));
      for (let index = 0; index < count; index++) items.push(ids[links.link(layer, at, index)]!);
      if (version === 1) items.push({ kind: 'uint', value: worstLink(links, layer, at) });
    }
    items.push({ kind: 'uint', value: pairOfFloats(node.range, node.norm) });
  }
  return items;
}

function decodeNode(reader: ItemReader, vectorSize: number, flags: number): VectorNode {
  const element = reader.string();
  const attribute = flags & HAS_ATTRIBUTES ? reader.string() : undefined;
  const vector = reader.string();
  const params = reader.uint();
  if (params < FIXED_PARAMS || vector.length !== vectorSize) reader.fail();
  const id = reader.uint64();
  const level = Number(reader.uint64() & 0xffn);
  reader.skip(params - FIXED_PARAMS);
  const last = reader.uint64();
  const range = floatOfBits(Number(last >> 32n));
  const norm = floatOfBits(Number(last & 0xffffffffn));
  return { id, element, attribute, vector, level, range, norm };
}

function paramCount({ level }: VectorNode, at: number, links: VectorLinks, version: VectorNodeVersion): number {
  let count = FIXED_PARAMS;
  for (let layer = 0; layer <= level; layer++) count += 2 + links.count(layer, at) + version;
  return count;
}

function worstLink(links: VectorLinks, layer: number, node: number): bigint {
  const count = links.count(layer, node);
  if (count === 0) return 0n;
  let worst = 0;
  for (let index = 1; index < count; index++)
    if (links.distance(layer, node, index) > links.distance(layer, node, worst)) worst = index;
  return (BigInt(bitsOfFloat(links.distance(layer, node, worst))) << 32n) | BigInt(worst);
}

const floatScratch = new DataView(new ArrayBuffer(4));

function floatOfBits(bits: number): number {
  floatScratch.setUint32(0, bits);
  return floatScratch.getFloat32(0);
}

function bitsOfFloat(value: number): number {
  floatScratch.setFloat32(0, value);
  return floatScratch.getUint32(0);
}

function pairOfFloats(upper: number, lower: number): bigint {
  return (BigInt(bitsOfFloat(upper)) << 32n) | BigInt(bitsOfFloat(lower));
}

/** Counts and flags come again and again. */
const SMALL_UINTS = Array.from({ length: 256 }, (_, value): ModuleItem => ({ kind: 'uint', value: BigInt(value) }));

function uint(value: number): ModuleItem {
  return SMALL_UINTS[value] ?? { kind: 'uint', value: BigInt(value) };
}

function string(value: Uint8Array): ModuleItem {
  return { kind: 'string', value };
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

  /** Passes over unsigned integers. */
  skip(count: number): void {
    for (let left = count; left > 0 && !this.failed; left--) this.uint64();
  }

  string(): Uint8Array {
    const item = this.items[this.at++];
    if (item?.kind === 'string') return item.value;
    this.failed = true;
    return NO_BYTES;
  }
}

/**
 * A vector set (module `vectorset`, Redis 8.0) as commands change it: its elements with their vectors as the server keeps
 * them. The graph of their neighbours is made when a dump asks for it; a set of which nothing has been changed gives the dump
 * that it came from.
 */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import type { ModuleValue } from '../../rdb/model.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import {
  decodeVectorSetLayout,
  encodeVectorSetLayout,
  type VectorLinks,
  type VectorNode,
  type VectorNodeVersion,
  type VectorProjection,
  type VectorQuantization,
  type VectorSetLayout,
} from '../../rdb/vectorset-layout.js';
import type { EngineSettings } from '../settings.js';
import { OpaqueObject } from './opaque-object.js';
import { levelOf, VectorGraph } from './vector-set-graph.js';
import { vectorSpace } from './vector-set-space.js';
import type { PackedVector } from './vector-set-vector.js';

export interface VectorShape {
  readonly dim: number;
  readonly quantization: VectorQuantization;
  readonly m: number;
  /** What makes vectors of `inputDim` components into those of `dim`; undefined where they are kept as long as they are. */
  readonly projection: VectorProjection | undefined;
}

export interface VectorElement extends PackedVector {
  readonly name: ByteString;
  /** Of its node: ascending in the order in which vectors came. */
  readonly id: number;
  /** `''`: none. */
  attribute: ByteString;
}

const NO_ITEMS: ModuleValue = { type: 'module', encoding: 'module', module: VECTORSET_MODULE, version: 0, items: [] };
/** The first RDB version whose servers read nodes of version 1: Redis 8.6. */
const VERSION_1_SINCE = 13;

export class VectorSetObject extends OpaqueObject {
  private readonly elements = new Map<ByteString, VectorElement>();
  private lastId = 0;
  /** What a dump has, while it is still right. */
  private written: { readonly value: ModuleValue; readonly version: VectorNodeVersion | undefined } | undefined;

  constructor(readonly shape: VectorShape) {
    super(NO_ITEMS);
  }

  /** What a dump has, to be changed; undefined where its layout is not known. */
  static fromModule(value: ModuleValue): VectorSetObject | undefined {
    const layout = decodeVectorSetLayout(value.items);
    if (layout === undefined || !hasWholeProjection(layout)) return undefined;
    const { dim, quantization, m, projection, nodes } = layout;
    const set = new VectorSetObject({ dim, quantization, m, projection });
    // Ids beyond the safe numbers are of no server's making.
    const hasIds = nodes.every(({ id }) => id <= BigInt(Number.MAX_SAFE_INTEGER));
    for (const { element, attribute, vector, range, norm, id } of nodes) {
      const packed = { vector: toByteString(vector), range, norm };
      set.insert(
        toByteString(element),
        packed,
        attribute === undefined ? '' : toByteString(attribute),
        hasIds ? Number(id) : set.lastId + 1,
      );
    }
    set.written = { value, version: undefined };
    return set;
  }

  get size(): number {
    return this.elements.size;
  }

  get(name: ByteString): Readonly<VectorElement> | undefined {
    return this.elements.get(name);
  }

  /** In the order in which their vectors came. */
  values(): Iterable<Readonly<VectorElement>> {
    return this.elements.values();
  }

  /** Adds an element, or gives one that is there another vector. */
  set(name: ByteString, packed: PackedVector, attribute: ByteString): void {
    this.elements.delete(name);
    this.insert(name, packed, attribute, this.lastId + 1);
    this.written = undefined;
  }

  /** False where there is no such element. */
  delete(name: ByteString): boolean {
    if (!this.elements.delete(name)) return false;
    this.written = undefined;
    return true;
  }

  /** False where there is no such element. */
  setAttribute(name: ByteString, attribute: ByteString): boolean {
    const element = this.elements.get(name);
    if (element === undefined) return false;
    element.attribute = attribute;
    this.written = undefined;
    return true;
  }

  /** Nodes of version 0, which all servers read, where nothing is said of the one that is to. */
  override toRdb(settings?: EngineSettings): ModuleValue {
    const version = settings !== undefined && settings.target.version >= VERSION_1_SINCE ? 1 : 0;
    const { written } = this;
    if (written !== undefined && (written.version ?? version) === version) return written.value;
    const value = { ...NO_ITEMS, items: this.encode(version) };
    this.written = { value, version };
    return value;
  }

  override copy(): VectorSetObject {
    const copy = new VectorSetObject(this.shape);
    for (const element of this.elements.values()) copy.elements.set(element.name, { ...element });
    copy.lastId = this.lastId;
    copy.written = this.written;
    return copy;
  }

  private insert(name: ByteString, packed: PackedVector, attribute: ByteString, id: number): void {
    const { vector, range, norm } = packed;
    this.elements.set(name, { name, id, vector, range, norm, attribute });
    if (id > this.lastId) this.lastId = id;
  }

  private encode(version: VectorNodeVersion): ReturnType<typeof encodeVectorSetLayout> {
    const { dim, quantization, m, projection } = this.shape;
    // A dump has the newest first, a graph those of the highest level.
    const elements = [...this.elements.values()].reverse();
    const levels = elements.map(({ name }) => levelOf(name));
    const order = [...elements.keys()].sort((one, other) => levels[other]! - levels[one]! || one - other);
    const ranks = new Int32Array(order.length);
    for (const [rank, at] of order.entries()) ranks[at] = rank;
    const ranked = order.map((at) => elements[at]!);
    const rankedLevels = Uint8Array.from(order, (at) => levels[at]!);
    const graph = new VectorGraph(vectorSpace(dim, quantization, ranked), rankedLevels, m);
    const nodes = elements.map((element, at) => nodeOf(element, levels[at]!));
    const links: VectorLinks = {
      count: (layer, node) => graph.count(layer, ranks[node]!),
      link: (layer, node, index) => order[graph.link(layer, ranks[node]!, index)]!,
      distance: (layer, node, index) => graph.distance(layer, ranks[node]!, index),
    };
    return encodeVectorSetLayout({ dim, quantization, m, projection, nodes }, links, version);
  }
}

function nodeOf({ name, id, vector, range, norm, attribute }: VectorElement, level: number): VectorNode {
  return {
    id: BigInt(id),
    element: fromByteString(name),
    attribute: attribute === '' ? undefined : fromByteString(attribute),
    vector: fromByteString(vector),
    level,
    range,
    norm,
  };
}

function hasWholeProjection({ dim, projection }: VectorSetLayout): boolean {
  return projection === undefined || projection.matrix.length === projection.inputDim * dim * 4;
}

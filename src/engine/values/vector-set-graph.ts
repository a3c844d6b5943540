/**
 * A hierarchical navigable small world over the vectors of a set, as the server searches it: every node is in layer 0, a
 * quarter of those in a layer also in the one above. A search goes down from the top, in each layer to the nodes nearest to
 * what it looks for. Which links a graph has is chance even on the server; what is held to here is what a server checks when
 * it loads one, and that a search finds what there is:
 *
 * - a node has at most 2 M links in layer 0 and M in those above, and every link goes both ways;
 * - from any node of a layer all others can be reached.
 *
 * Nodes are numbered by level, the highest first, so that each layer has the first few of them, and node 0 is where every
 * search begins. Making the graph takes time in the order of n log n.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { VectorLinks } from '../../rdb/vectorset-layout.js';
import { Beam } from './vector-set-beam.js';
import { connectLayer } from './vector-set-islands.js';
import { LinkLayer } from './vector-set-links.js';
import type { VectorSpace } from './vector-set-space.js';

/** The server's HNSW_MAX_LEVEL is 16. */
const MAX_LEVEL = 15;
/** Of the nodes nearest to a new one, so many are looked at before links are chosen; the server's default is 200. */
const BUILD_WIDTH = 200;
/** A node may have M up to 4,096, but nothing is found better for more than a few dozen links. */
const MAX_USED_M = 64;
/** So many links at least are given to a node, where there are others at all. */
const LEAST_LINKS = 2;
/** Distances that may be asked for when a link is to go. */
const EVICTION_EFFORT = 48;

/** Of an element, by its name: the same set gives the same graph. */
export function levelOf(element: ByteString): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < element.length; at++) hash = Math.imul(hash ^ element.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return Math.min(MAX_LEVEL, Math.clz32(hash ^ (hash >>> 16)) >> 1);
}

export class VectorGraph implements VectorLinks {
  private readonly layers: LinkLayer[] = [];
  private readonly beam: Beam;
  private readonly usedM: number;
  /** Of the node that is being put in: chosen, and passed over for others in the same direction. */
  private readonly chosen: number[] = [];
  private readonly passed: number[] = [];

  /** `levels` descend: node 0 has the highest. */
  constructor(
    private readonly space: VectorSpace,
    levels: Uint8Array,
    m: number,
  ) {
    this.usedM = Math.min(m, MAX_USED_M);
    this.beam = new Beam(space, Math.max(BUILD_WIDTH, this.usedM));
    const top = levels[0] ?? -1;
    let size = levels.length;
    for (let layer = 0; layer <= top; layer++) {
      while (levels[size - 1]! < layer) size--;
      this.layers.push(new LinkLayer(size, Math.min(layer === 0 ? 2 * this.usedM : this.usedM, Math.max(1, size - 1))));
    }
    for (let node = 1; node < levels.length; node++) this.put(node, levels[node]!);
    for (const layer of this.layers) connectLayer(layer, this.beam, space);
  }

  count(layer: number, node: number): number {
    return this.layers[layer]!.count(node);
  }

  link(layer: number, node: number, index: number): number {
    return this.layers[layer]!.end(node, index);
  }

  distance(layer: number, node: number, index: number): number {
    return this.layers[layer]!.length(node, index);
  }

  private put(node: number, level: number): void {
    const { beam, layers } = this;
    beam.start(node, 0);
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      beam.widen(layers[layer]!, node, layer > level ? 1 : beam.width);
      if (layer <= level) this.join(layers[layer]!, node);
    }
  }

  /** Links a node that has none to some of those in the beam. */
  private join(layer: LinkLayer, node: number): void {
    this.choose(Math.min(this.usedM, layer.most));
    for (const at of this.chosen) this.offer(layer, node, at);
    const least = Math.min(LEAST_LINKS, layer.most);
    for (let at = 0; at < this.beam.size && layer.count(node) < least; at++) {
      const other = this.beam.nodes[at]!;
      if (layer.isFull(other)) this.divide(layer, node, at);
      else if (!layer.has(node, other)) layer.join(node, other, this.beam.distances[at]!);
    }
  }

  /**
   * The nearest of the beam, but not those that lie nearer to one already chosen than to the node itself: they are found
   * through that one. Where that leaves too few they are taken all the same, nearest first.
   */
  private choose(most: number): void {
    const { beam, space, chosen, passed } = this;
    const { nodes, distances, size } = beam;
    chosen.length = 0;
    passed.length = 0;
    for (let at = 0; at < size && chosen.length < most; at++) {
      let isHidden = false;
      for (let index = 0; index < chosen.length && !isHidden; index++)
        isHidden = space.distance(nodes[at]!, nodes[chosen[index]!]!) <= distances[at]!;
      if (isHidden) passed.push(at);
      else chosen.push(at);
    }
    for (let index = 0; index < passed.length && chosen.length < most; index++) chosen.push(passed[index]!);
  }

  /** Links the node to one of the beam, which may let go of another for it, or refuse. */
  private offer(layer: LinkLayer, node: number, at: number): void {
    const other = this.beam.nodes[at]!;
    const distance = this.beam.distances[at]!;
    if (layer.isFull(other)) {
      const index = this.toLetGo(layer, other, distance);
      if (index < 0) return;
      layer.part(other, layer.end(other, index));
    }
    layer.join(node, other, distance);
  }

  /**
   * Index of the link of a full node that it needs least, −1 where a new one of length `distance` is worth less: the longest
   * that leads where a nearer neighbour also leads, else the longest of all. Who would be left with few links keeps them.
   */
  private toLetGo(layer: LinkLayer, node: number, distance: number): number {
    let effort = EVICTION_EFFORT;
    let longest = -1;
    let below = Number.POSITIVE_INFINITY;
    while (effort > 0) {
      const index = this.longestBelow(layer, node, below);
      if (index < 0) break;
      below = layer.length(node, index);
      const end = layer.end(node, index);
      if (layer.count(end) <= this.usedM >> 1) continue;
      if (longest < 0) longest = index;
      for (let by = 0, count = layer.count(node); by < count && effort > 0; by++) {
        if (by === index || layer.length(node, by) > below) continue;
        effort--;
        const between = this.space.distance(end, layer.end(node, by));
        if (between < below || (between <= below && layer.length(node, by) >= below)) return index;
      }
    }
    return longest >= 0 && layer.length(node, longest) > distance ? longest : -1;
  }

  private longestBelow(layer: LinkLayer, node: number, below: number): number {
    let longest = -1;
    for (let index = 0, count = layer.count(node); index < count; index++) {
      const length = layer.length(node, index);
      if (length < below && (longest < 0 || length > layer.length(node, longest))) longest = index;
    }
    return longest;
  }

  /**
   * Puts the node into a link of a full node of the beam: both ends keep as many links as they had, and nothing that could
   * be reached no longer can.
   */
  private divide(layer: LinkLayer, node: number, at: number): void {
    const other = this.beam.nodes[at]!;
    const index = layer.longest(other);
    const end = layer.end(other, index);
    if (end === node || layer.has(node, other) || layer.has(node, end)) return;
    layer.part(other, end);
    layer.join(node, other, this.beam.distances[at]!);
    if (!layer.isFull(node)) layer.join(node, end, this.space.distance(node, end));
  }
}

/**
 * The nodes nearest to another that have been found so far, nearest first, and which of them have been gone on from: both
 * the result of a search in a layer and what it has still to do.
 */
import type { LinkLayer } from './vector-set-links.js';
import type { VectorSpace } from './vector-set-space.js';

export class Beam {
  size = 0;
  readonly nodes: Int32Array;
  readonly distances: Float64Array;
  private readonly isDone: Uint8Array;
  /** The search in which a node was last seen. */
  private readonly seen: Int32Array;
  private search = 0;

  constructor(
    private readonly space: VectorSpace,
    /** How many it holds at most. */
    readonly width: number,
  ) {
    this.nodes = new Int32Array(width);
    this.distances = new Float64Array(width);
    this.isDone = new Uint8Array(width);
    this.seen = new Int32Array(space.size);
  }

  /** A search from one node. */
  start(node: number, from: number): void {
    this.size = 1;
    this.nodes[0] = from;
    this.distances[0] = this.space.distance(node, from);
  }

  /**
   * Goes on, in `layer`, from what the beam holds, to the `width` nodes nearest to `node` that it finds: a search in a
   * layer below begins with what was found above.
   */
  widen(layer: LinkLayer, node: number, width: number): void {
    const { seen, nodes, isDone, space } = this;
    const search = ++this.search;
    this.size = Math.min(this.size, width);
    for (let at = 0; at < this.size; at++) {
      seen[nodes[at]!] = search;
      isDone[at] = 0;
    }
    seen[node] = search;
    for (let at = 0; at < this.size; ) {
      if (isDone[at] === 1) {
        at++;
        continue;
      }
      isDone[at] = 1;
      const from = nodes[at]!;
      // What is found nearer than `from` is gone on from first.
      for (let index = 0, count = layer.count(from); index < count; index++) {
        const to = layer.end(from, index);
        if (seen[to] === search) continue;
        seen[to] = search;
        at = Math.min(at, this.insert(to, space.distance(node, to), width));
      }
    }
  }

  /** Where it went; the beam's size where it is too far. */
  private insert(node: number, distance: number, width: number): number {
    const { nodes, distances, isDone } = this;
    if (this.size === width) {
      if (distance >= distances[width - 1]!) return width;
      this.size--;
    }
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (distances[middle]! <= distance) low = middle + 1;
      else high = middle;
    }
    nodes.copyWithin(low + 1, low, this.size);
    distances.copyWithin(low + 1, low, this.size);
    isDone.copyWithin(low + 1, low, this.size);
    nodes[low] = node;
    distances[low] = distance;
    isDone[low] = 0;
    this.size++;
    return low;
  }
}

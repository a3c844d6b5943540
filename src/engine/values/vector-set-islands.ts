/**
 * Layers of a graph in one piece: when a node lets go of a link, that may have been the only way to where it led. Whatever
 * cannot be reached from node 0 is linked to the nearest that can.
 */
import type { Beam } from './vector-set-beam.js';
import type { LinkLayer } from './vector-set-links.js';
import type { VectorSpace } from './vector-set-space.js';

const NOBODY = -1;
const ROOT = -2;

/** Nodes have at least one link to take (`layer.most`), two where there are more than two nodes. */
export function connectLayer(layer: LinkLayer, beam: Beam, space: VectorSpace): void {
  if (layer.size < 2) return;
  const tree = new SpanningTree(layer);
  tree.grow(0, ROOT);
  for (let node = 1; node < layer.size; node++) {
    if (tree.has(node)) continue;
    const island = tree.grow(node, ROOT);
    const from = island.find((one) => !layer.isFull(one)) ?? island.at(-1)!;
    const to = nearestWithRoom(layer, beam, tree, from) ?? tree.lastJoined;
    tree.makeRoom(from);
    tree.makeRoom(to);
    layer.join(from, to, space.distance(from, to));
    tree.join(island, from, to);
  }
}

/** Among those that can be reached, where `from` cannot. */
function nearestWithRoom(layer: LinkLayer, beam: Beam, tree: SpanningTree, from: number): number | undefined {
  beam.start(from, 0);
  beam.widen(layer, from, beam.width);
  for (let at = 0; at < beam.size; at++) if (tree.canMakeRoom(beam.nodes[at]!)) return beam.nodes[at]!;
  return undefined;
}

/** Links enough to reach every node that has been reached; the others can go. */
class SpanningTree {
  /** A node of the tree that has room for one link, or can make it. */
  lastJoined = 0;
  private readonly parents: Int32Array;

  constructor(private readonly layer: LinkLayer) {
    this.parents = new Int32Array(layer.size).fill(NOBODY);
  }

  has(node: number): boolean {
    return this.parents[node] !== NOBODY;
  }

  /** Everything that can be reached from `node` and was not there yet, nearest first; the last is a leaf. */
  grow(node: number, parent: number): number[] {
    const { layer, parents } = this;
    const found = [node];
    parents[node] = parent;
    for (let at = 0; at < found.length; at++) {
      const from = found[at]!;
      for (let index = 0; index < layer.count(from); index++) {
        const to = layer.end(from, index);
        if (parents[to] !== NOBODY) continue;
        parents[to] = from;
        found.push(to);
      }
    }
    if (this.parents[0] === ROOT && node === 0) this.lastJoined = found.at(-1)!;
    return found;
  }

  canMakeRoom(node: number): boolean {
    return !this.layer.isFull(node) || this.spare(node) >= 0;
  }

  makeRoom(node: number): void {
    const { layer } = this;
    if (layer.isFull(node)) layer.part(node, layer.end(node, this.spare(node)));
  }

  /** An island has been linked to the tree: `from`, in it, to `to`. */
  join(island: readonly number[], from: number, to: number): void {
    for (const node of island) this.parents[node] = NOBODY;
    // The new link is not gone back over: its other end is in the tree.
    this.lastJoined = this.grow(from, to).at(-1)!;
  }

  /** Index of the longest link of a node that is not of the tree; −1 where all are. */
  private spare(node: number): number {
    const { layer, parents } = this;
    let spare = -1;
    for (let index = 0; index < layer.count(node); index++) {
      const end = layer.end(node, index);
      if (parents[node] === end || parents[end] === node) continue;
      if (spare < 0 || layer.length(node, index) > layer.length(node, spare)) spare = index;
    }
    return spare;
  }
}

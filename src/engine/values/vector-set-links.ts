/**
 * One layer of a {@link VectorGraph}: for each of its nodes the links to others, with their lengths. Links go both ways,
 * which loading servers insist on: they are made and cut at both ends at once.
 */
export class LinkLayer {
  private readonly ends: Int32Array;
  private readonly lengths: Float32Array;
  private readonly counts: Int32Array;

  constructor(
    readonly size: number,
    /** The most links that a node has. */
    readonly most: number,
  ) {
    this.ends = new Int32Array(size * most);
    this.lengths = new Float32Array(size * most);
    this.counts = new Int32Array(size);
  }

  count(node: number): number {
    return this.counts[node]!;
  }

  isFull(node: number): boolean {
    return this.counts[node] === this.most;
  }

  /** The node at the other end of a link. */
  end(node: number, index: number): number {
    return this.ends[node * this.most + index]!;
  }

  length(node: number, index: number): number {
    return this.lengths[node * this.most + index]!;
  }

  has(node: number, other: number): boolean {
    return this.indexOf(node, other) >= 0;
  }

  /** Index of the longest link of a node that has one. */
  longest(node: number): number {
    let longest = 0;
    for (let index = 1; index < this.counts[node]!; index++)
      if (this.length(node, index) > this.length(node, longest)) longest = index;
    return longest;
  }

  /** Both have room, and no link to each other. */
  join(one: number, other: number, length: number): void {
    this.add(one, other, length);
    this.add(other, one, length);
  }

  part(one: number, other: number): void {
    this.remove(one, this.indexOf(one, other));
    this.remove(other, this.indexOf(other, one));
  }

  private add(node: number, other: number, length: number): void {
    const at = node * this.most + this.counts[node]!;
    this.ends[at] = other;
    this.lengths[at] = length;
    this.counts[node] = this.counts[node]! + 1;
  }

  /** The last link takes the place of the one that goes. */
  private remove(node: number, index: number): void {
    const start = node * this.most;
    const last = this.counts[node]! - 1;
    this.ends[start + index] = this.ends[start + last]!;
    this.lengths[start + index] = this.lengths[start + last]!;
    this.counts[node] = last;
  }

  private indexOf(node: number, other: number): number {
    const start = node * this.most;
    for (let index = this.counts[node]! - 1; index >= 0; index--) if (this.ends[start + index] === other) return index;
    return -1;
  }
}

/**
 * The members of a collection in the order of their hashes, for those who go through it in steps (SSCAN, HSCAN, ZSCAN): a
 * place in that order means the same whatever has come and gone, so that nobody who goes on to the end misses what was there
 * all the time.
 */
import type { ByteString } from '../../bytes/byte-string.js';

const RADIX_BITS = 16;
const RADIX = 1 << RADIX_BITS;

export class ScanIndex {
  private constructor(
    private readonly members: readonly ByteString[],
    /** Ascending, with the members they are of beside them. */
    private readonly hashes: Uint32Array,
    private readonly order: Uint32Array,
  ) {}

  static of(names: Iterable<ByteString>): ScanIndex {
    const members = [...names];
    const hashes = Uint32Array.from(members, hashOf);
    const order = sortedOrder(hashes);
    return new ScanIndex(
      members,
      Uint32Array.from(order, (at) => hashes[at]!),
      order,
    );
  }

  /**
   * Visits the members from a cursor on, `count` at least and all of one hash together. Returns the cursor to go on with, 0
   * at the end. What has gone since is visited, too.
   */
  visit(cursor: number, count: number, take: (member: ByteString) => void): number {
    const { members, hashes, order } = this;
    let at = firstFrom(hashes, cursor);
    for (let left = count; at < order.length; at++) {
      if (left <= 0 && hashes[at] !== hashes[at - 1]) return hashes[at]!;
      take(members[order[at]!]!);
      left--;
    }
    return 0;
  }
}

/** From 1 on: a cursor of 0 is the beginning. */
function hashOf(text: ByteString): number {
  let hash = text.length;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return (hash >>> 0) % 0xffffffff || 1;
}

/** Indexes in the order of their hashes. */
function sortedOrder(hashes: Uint32Array): Uint32Array {
  let order = Uint32Array.from(hashes, (_, at) => at);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    const starts = new Uint32Array(RADIX + 1);
    for (const at of order) starts[((hashes[at]! >>> shift) & (RADIX - 1)) + 1]!++;
    for (let digit = 0; digit < RADIX; digit++) starts[digit + 1]! += starts[digit]!;
    const sorted = new Uint32Array(order.length);
    for (const at of order) sorted[starts[(hashes[at]! >>> shift) & (RADIX - 1)]!++] = at;
    order = sorted;
  }
  return order;
}

function firstFrom(hashes: Uint32Array, cursor: number): number {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hashes[middle]! < cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}

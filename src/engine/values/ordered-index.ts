/**
 * The order of a sorted set: pairs by score, then by the bytes of the member, as the server's skiplist and its packed form
 * have them.
 *
 * Pairs stand in chunks of up to {@link CHUNK_MOST}; a place is found by binary search over the chunks, then in one, and a
 * change moves one chunk's tail. Ranks count whole chunks, which are few.
 */
import type { ByteString } from '../../bytes/byte-string.js';

/** Pairs in a chunk before it is halved. */
const CHUNK_MOST = 128;

interface Chunk {
  readonly members: ByteString[];
  readonly scores: number[];
}

/** Members with their scores, at equal places. */
export interface RankedPairs {
  readonly members: readonly ByteString[];
  readonly scores: readonly number[];
}

export class OrderedIndex {
  size = 0;
  private chunks: Chunk[] = [];
  /** Where the last search ended: a chunk, and a place in it. */
  private chunkAt = 0;
  private slotAt = 0;

  /** Of pairs in any order, no member twice. */
  static of(pairs: ReadonlyMap<ByteString, number>): OrderedIndex {
    const index = new OrderedIndex();
    const { members, scores } = sortedPairs(pairs);
    index.size = members.length;
    const step = CHUNK_MOST / 2;
    for (let at = 0; at < members.length; at += step)
      index.chunks.push({ members: members.slice(at, at + step), scores: scores.slice(at, at + step) });
    return index;
  }

  /** A member that is not there yet. */
  insert(member: ByteString, score: number): void {
    this.size++;
    if (this.chunks.length === 0) {
      this.chunks.push({ members: [member], scores: [score] });
      return;
    }
    this.seek(member, score);
    if (this.chunkAt === this.chunks.length) {
      this.chunkAt--;
      this.slotAt = this.chunks[this.chunkAt]!.members.length;
    }
    const { members, scores } = this.chunks[this.chunkAt]!;
    members.splice(this.slotAt, 0, member);
    scores.splice(this.slotAt, 0, score);
    if (members.length > CHUNK_MOST) this.halve(this.chunkAt);
  }

  /** A member that is there, with the score that it has. */
  delete(member: ByteString, score: number): void {
    this.seek(member, score);
    this.size--;
    this.removeFromChunk(this.chunkAt, this.slotAt, 1);
  }

  /** Of a member that is there, counted from the lowest, which is 0. */
  rankOf(member: ByteString, score: number): number {
    this.seek(member, score);
    return this.rankHere();
  }

  /** How many scores are lower, or as high as well where `isInclusive`: the rank of the first that is not. */
  countBelowScore(score: number, isInclusive: boolean): number {
    return this.countWhile((_member, other) => other < score || (isInclusive && other === score));
  }

  /** As {@link countBelowScore}, by members, where all scores are the same. */
  countBelowMember(member: ByteString, isInclusive: boolean): number {
    return this.countWhile((other) => other < member || (isInclusive && other === member));
  }

  /** The pairs of ranks `[start, end)`, ascending. */
  slice(start: number, end: number): RankedPairs {
    const members: ByteString[] = [];
    const scores: number[] = [];
    let before = 0;
    for (const chunk of this.chunks) {
      const size = chunk.members.length;
      if (before >= end) break;
      const from = Math.max(0, start - before);
      const to = Math.min(size, end - before);
      for (let slot = from; slot < to; slot++) {
        members.push(chunk.members[slot]!);
        scores.push(chunk.scores[slot]!);
      }
      before += size;
    }
    return { members, scores };
  }

  /** The member of this rank, which is there. */
  memberAt(rank: number): ByteString {
    let rest = rank;
    for (const { members } of this.chunks) {
      if (rest < members.length) return members[rest]!;
      rest -= members.length;
    }
    throw new RangeError(`no rank ${rank} in ${this.size}`);
  }

  /** Removes the pairs of ranks `[start, end)`. */
  deleteRange(start: number, end: number): void {
    let rest = end - start;
    this.size -= rest;
    let at = 0;
    let skip = start;
    while (rest > 0) {
      const size = this.chunks[at]!.members.length;
      if (skip >= size) {
        skip -= size;
        at++;
        continue;
      }
      const count = Math.min(rest, size - skip);
      const isWhole = count === size;
      this.removeFromChunk(at, skip, count);
      rest -= count;
      skip = 0;
      if (!isWhole) at++;
    }
  }

  /** Moves to the first pair that is not below this one. */
  private seek(member: ByteString, score: number): void {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { members, scores } = chunks[middle]!;
      const last = members.length - 1;
      if (scores[last]! < score || (scores[last]! === score && members[last]! < member)) low = middle + 1;
      else high = middle;
    }
    this.chunkAt = low;
    this.slotAt = low === chunks.length ? 0 : slotOf(chunks[low]!, member, score);
  }

  /** How many pairs from the lowest on fulfil what all pairs below a place do. */
  private countWhile(isBelow: (member: ByteString, score: number) => boolean): number {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { members, scores } = chunks[middle]!;
      const last = members.length - 1;
      if (isBelow(members[last]!, scores[last]!)) low = middle + 1;
      else high = middle;
    }
    this.chunkAt = low;
    this.slotAt = 0;
    if (low === chunks.length) return this.size;
    const { members, scores } = chunks[low]!;
    let slotHigh = members.length;
    while (this.slotAt < slotHigh) {
      const middle = (this.slotAt + slotHigh) >>> 1;
      if (isBelow(members[middle]!, scores[middle]!)) this.slotAt = middle + 1;
      else slotHigh = middle;
    }
    return this.rankHere();
  }

  private rankHere(): number {
    let rank = this.slotAt;
    for (let at = 0; at < this.chunkAt; at++) rank += this.chunks[at]!.members.length;
    return rank;
  }

  private halve(at: number): void {
    const { members, scores } = this.chunks[at]!;
    const half = members.length >>> 1;
    this.chunks.splice(at + 1, 0, { members: members.splice(half), scores: scores.splice(half) });
  }

  private removeFromChunk(at: number, slot: number, count: number): void {
    const { members, scores } = this.chunks[at]!;
    members.splice(slot, count);
    scores.splice(slot, count);
    if (members.length === 0) this.chunks.splice(at, 1);
  }
}

/** In the order of an index, without making one. */
export function sortedPairs(pairs: ReadonlyMap<ByteString, number>): { members: ByteString[]; scores: number[] } {
  const members = [...pairs.keys()];
  const scores = [...pairs.values()];
  if (isOrdered(members, scores)) return { members, scores };
  const sorted = members.map((member, at) => ({ member, score: scores[at]! })).sort(compareScored);
  return { members: sorted.map(({ member }) => member), scores: sorted.map(({ score }) => score) };
}

interface Scored {
  readonly member: ByteString;
  readonly score: number;
}

function compareScored(one: Scored, other: Scored): number {
  if (one.score < other.score) return -1;
  if (one.score > other.score) return 1;
  return one.member < other.member ? -1 : 1;
}

function isOrdered(members: readonly ByteString[], scores: readonly number[]): boolean {
  for (let at = 1; at < members.length; at++) {
    const rises = scores[at - 1]! < scores[at]!;
    if (!rises && !(scores[at - 1] === scores[at] && members[at - 1]! < members[at]!)) return false;
  }
  return true;
}

/** The first place in a chunk whose pair is not below this one; the last pair is not. */
function slotOf({ members, scores }: Chunk, member: ByteString, score: number): number {
  let low = 0;
  let high = members.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = scores[middle]!;
    if (other < score || (other === score && members[middle]! < member)) low = middle + 1;
    else high = middle;
  }
  return low;
}

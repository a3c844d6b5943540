/**
 * A sorted set: scores by member, and their order once something has asked for it.
 *
 * Replayed logs add far more than they ask: the order is an index of its own that is built when it is first needed, and kept
 * up to date from then on.
 */
import { type ByteString, fromByteStrings, toByteString } from '../../bytes/byte-string.js';
import type { ZsetValue } from '../../rdb/model.js';
import type { EncodingSettings, Target } from '../../rdb/versions.js';
import type { EngineSettings } from '../settings.js';
import { OrderedIndex, type RankedPairs, sortedPairs } from './ordered-index.js';
import type { StoredObject } from './stored-object.js';

export class ZsetObject implements StoredObject {
  readonly type = 'zset';
  private index: OrderedIndex | undefined;

  private constructor(
    private readonly scores: Map<ByteString, number>,
    private packed: boolean,
  ) {}

  /** Without a member. Packed where the server would begin so for `count` members, the first `firstSize` bytes long. */
  static begin(settings: EngineSettings, count: number, firstSize: number): ZsetObject {
    const { zsetMaxPackedEntries, zsetMaxPackedValue } = settings.encoding;
    return new ZsetObject(
      new Map(),
      hasPacked(settings.target) && count <= zsetMaxPackedEntries && firstSize <= zsetMaxPackedValue,
    );
  }

  /** The result of a command that makes whole sets: packed if it is small. The map becomes the set's own. */
  static ofResult(scores: Map<ByteString, number>, settings: EngineSettings): ZsetObject {
    const object = new ZsetObject(scores, fitsPacked(scores, settings));
    if (object.packed) object.dropZeroSigns(settings);
    return object;
  }

  static fromRdb({ members, encoding }: ZsetValue, settings: EngineSettings): ZsetObject {
    const scores = new Map<ByteString, number>();
    for (const { member, score } of members) scores.set(toByteString(member), score);
    if (encoding === 'skiplist') return ZsetObject.ofResult(scores, settings);
    // What came packed stays so whatever the size of its members, and keeps the sign of a zero.
    return new ZsetObject(scores, hasPacked(settings.target) && scores.size <= settings.encoding.zsetMaxPackedEntries);
  }

  get size(): number {
    return this.scores.size;
  }

  get isPacked(): boolean {
    return this.packed;
  }

  encoding({ target }: EngineSettings): string {
    if (!this.packed) return 'skiplist';
    return keepsZeroSign(target) ? 'ziplist' : 'listpack';
  }

  /** Ascending in the packed form, descending otherwise. */
  toRdb(settings: EngineSettings): ZsetValue {
    const { members, scores } = this.index === undefined ? sortedPairs(this.scores) : this.index.slice(0, this.size);
    const pairs = fromByteStrings(members).map((member, at) => ({ member, score: scores[at]! }));
    return {
      type: 'zset',
      encoding: this.packed ? (keepsZeroSign(settings.target) ? 'ziplist' : 'listpack') : 'skiplist',
      members: this.packed ? pairs : pairs.reverse(),
    };
  }

  copy(): ZsetObject {
    return new ZsetObject(new Map(this.scores), this.packed);
  }

  score(member: ByteString): number | undefined {
    return this.scores.get(member);
  }

  /** In no order that means anything. */
  entries(): IterableIterator<[ByteString, number]> {
    return this.scores.entries();
  }

  /** Gives a member a score, adding the member if need be. `before` is its score now, as {@link score} says. */
  put(member: ByteString, score: number, before: number | undefined, settings: EngineSettings): void {
    const { scores, index } = this;
    if (before === undefined && this.packed) this.makeRoom(member.length, settings.encoding);
    // The packed form of 7.0 and later has integers, which know no negative zero.
    const kept = score === 0 && this.packed && !keepsZeroSign(settings.target) ? 0 : score;
    scores.set(member, kept);
    if (index === undefined) return;
    if (before !== undefined) index.delete(member, before);
    index.insert(member, kept);
  }

  /** False where it was not there. */
  remove(member: ByteString): boolean {
    const { scores, index } = this;
    if (index === undefined) return scores.delete(member);
    const score = scores.get(member);
    if (score === undefined) return false;
    scores.delete(member);
    index.delete(member, score);
    return true;
  }

  /** Counted from the lowest, which is 0; undefined where it is not there. */
  rank(member: ByteString): number | undefined {
    const score = this.scores.get(member);
    return score === undefined ? undefined : this.order().rankOf(member, score);
  }

  /** The pairs of ranks `[start, end)`, ascending. */
  slice(start: number, end: number): RankedPairs {
    return this.order().slice(start, end);
  }

  removeRange(start: number, end: number): void {
    const order = this.order();
    for (const member of order.slice(start, end).members) this.scores.delete(member);
    order.deleteRange(start, end);
  }

  /** As {@link OrderedIndex}. The index is the set's own: it is to be asked and not to be changed. */
  order(): OrderedIndex {
    this.index ??= OrderedIndex.of(this.scores);
    return this.index;
  }

  /** Expands where the server does that for members that it is told of, before it looks whether they are there. */
  expect(count: number, longest: number, { encoding }: EngineSettings): void {
    if (count > encoding.zsetMaxPackedEntries || longest > encoding.zsetMaxPackedValue) this.packed = false;
  }

  private makeRoom(memberSize: number, { zsetMaxPackedEntries, zsetMaxPackedValue }: EncodingSettings): void {
    if (this.scores.size + 1 > zsetMaxPackedEntries || memberSize > zsetMaxPackedValue) this.packed = false;
  }

  private dropZeroSigns({ target }: EngineSettings): void {
    if (keepsZeroSign(target)) return;
    for (const [member, score] of this.scores) if (Object.is(score, -0)) this.scores.set(member, 0);
  }
}

/** Redis 2.2 had no packed form. */
function hasPacked({ writes }: Target): boolean {
  return writes.zsetPacked !== undefined;
}

/** Ziplists held every score as text; listpacks, from 7.0 on, hold integers (rdb-format.md §7.4). */
function keepsZeroSign({ version }: Target): boolean {
  return version < 10;
}

function fitsPacked(scores: ReadonlyMap<ByteString, number>, { target, encoding }: EngineSettings): boolean {
  if (!hasPacked(target) || scores.size > encoding.zsetMaxPackedEntries) return false;
  for (const member of scores.keys()) if (member.length > encoding.zsetMaxPackedValue) return false;
  return true;
}

/** The ranges of sorted sets, as the server reads them from arguments. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Target } from '../../rdb/versions.js';
import { parseInt64 } from '../arguments.js';
import { cString, parseAnyDouble } from '../double.js';
import { CommandError } from '../reply.js';
import { isSince } from '../settings.js';
import type { ZsetObject } from '../values/zset-object.js';

/** An integer from `least` up. Throws `message` for everything else. */
export function countArgument(text: ByteString | undefined, least: number, message: string): number {
  const value = text === undefined ? undefined : parseInt64(text);
  if (value === undefined || value < least) throw new CommandError(message);
  return typeof value === 'number' ? value : Number.MAX_SAFE_INTEGER;
}

/** Ranks `[start, end)`. */
export interface RankRange {
  readonly start: number;
  readonly end: number;
}

export const NO_RANKS: RankRange = { start: 0, end: 0 };

/** What `LIMIT skip limit` leaves of a range, from its end where that comes first. */
export function limitedRanks({ start, end }: RankRange, isReverse: boolean, skip: number, limit: number): RankRange {
  if (skip < 0 || skip >= end - start) return NO_RANKS;
  if (isReverse) return { start: Math.max(start, end - skip - limit), end: end - skip };
  return { start: start + skip, end: Math.min(end, start + skip + limit) };
}

/** The ranks of a range between two scores, each with `(` before it where it is left out itself. */
export class ScoreRange {
  private readonly min: number;
  private readonly max: number;
  private readonly minOpen: boolean;
  private readonly maxOpen: boolean;

  /** Throws "min or max is not a float". */
  constructor(min: ByteString, max: ByteString, target: Target) {
    this.minOpen = min.startsWith('(');
    this.maxOpen = max.startsWith('(');
    this.min = parseBound(this.minOpen ? min.slice(1) : min, target);
    this.max = parseBound(this.maxOpen ? max.slice(1) : max, target);
    if (Number.isNaN(this.min) || Number.isNaN(this.max)) throw new CommandError('ERR min or max is not a float');
  }

  ranks(zset: ZsetObject): RankRange {
    const order = zset.order();
    const start = order.countBelowScore(this.min, this.minOpen);
    return { start, end: Math.max(start, order.countBelowScore(this.max, !this.maxOpen)) };
  }
}

/** A range between two members: `[a`, `(a`, `-` and `+`. */
export class LexRange {
  private readonly min: LexBound;
  private readonly max: LexBound;

  /** Throws "min or max not valid string range item". */
  constructor(min: ByteString, max: ByteString) {
    this.min = parseLexBound(min);
    this.max = parseLexBound(max);
  }

  /**
   * Ranks after `skip` members of the range, at most `limit` of them. Where scores differ the server leaves undefined what
   * this is; a packed set it walks from one end, up to the first member outside the range, and so does this.
   */
  ranks(zset: ZsetObject, isReverse = false, skip = 0, limit = Infinity): RankRange {
    if (!zset.isPacked) {
      const start = this.min.countBelow(zset);
      return limitedRanks({ start, end: Math.max(start, this.max.countWithin(zset)) }, isReverse, skip, limit);
    }
    const { members } = zset.slice(0, zset.size);
    const isInside = this.isAboveMin(members.at(-1)!) && this.isBelowMax(members[0]!);
    if (!isInside || skip < 0) return NO_RANKS;
    return isReverse ? this.walkDown(members, skip, limit) : this.walkUp(members, skip, limit);
  }

  private walkUp(members: readonly ByteString[], skip: number, limit: number): RankRange {
    const first = members.findIndex((member) => this.isAboveMin(member));
    if (!this.isBelowMax(members[first]!)) return NO_RANKS;
    const start = Math.min(first + skip, members.length);
    let end = start;
    while (end < members.length && end - start < limit && this.isBelowMax(members[end]!)) end++;
    return { start, end };
  }

  private walkDown(members: readonly ByteString[], skip: number, limit: number): RankRange {
    const last = members.findLastIndex((member) => this.isBelowMax(member));
    if (!this.isAboveMin(members[last]!)) return NO_RANKS;
    const end = Math.max(0, last + 1 - skip);
    let start = end;
    while (start > 0 && end - start < limit && this.isAboveMin(members[start - 1]!)) start--;
    return { start, end };
  }

  private isAboveMin(member: ByteString): boolean {
    const order = this.min.compare(member);
    return this.min.isOpen ? order > 0 : order >= 0;
  }

  private isBelowMax(member: ByteString): boolean {
    const order = this.max.compare(member);
    return this.max.isOpen ? order < 0 : order <= 0;
  }
}

class LexBound {
  constructor(
    /** −1 and 1 lie before and behind every member. */
    private readonly edge: -1 | 0 | 1,
    private readonly member: ByteString,
    readonly isOpen: boolean,
  ) {}

  /** Below, at or above the bound. */
  compare(member: ByteString): number {
    if (this.edge !== 0) return -this.edge;
    return member < this.member ? -1 : member > this.member ? 1 : 0;
  }

  /** Members before a range that begins here. */
  countBelow(zset: ZsetObject): number {
    if (this.edge !== 0) return this.edge < 0 ? 0 : zset.size;
    return zset.order().countBelowMember(this.member, this.isOpen);
  }

  /** Members up to the end of a range that ends here. */
  countWithin(zset: ZsetObject): number {
    if (this.edge !== 0) return this.edge < 0 ? 0 : zset.size;
    return zset.order().countBelowMember(this.member, !this.isOpen);
  }
}

/** Texts are C strings to the server where only their first character counts. */
function parseLexBound(text: ByteString): LexBound {
  const isAlone = text.length === 1 || text.charCodeAt(1) === 0;
  if (text.startsWith('-') && isAlone) return new LexBound(-1, '', true);
  if (text.startsWith('+') && isAlone) return new LexBound(1, '', true);
  if (text.startsWith('(') || text.startsWith('[')) return new LexBound(0, text.slice(1), text.startsWith('('));
  throw new CommandError('ERR min or max not valid string range item');
}

/** The bound of a score range: a C string, in which blanks may stand in front, and nothing at all is 0. */
function parseBound(text: ByteString, target: Target): number {
  // fast_float has neither blanks nor hexadecimal numbers.
  const isStrict = isSince(target, { redis: '8.0', valkey: '9.0' });
  return cString(text, true) === '' ? 0 : parseAnyDouble(cString(text, isStrict), !isStrict);
}

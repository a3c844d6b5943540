/** Indexes and ranges of them, as LRANGE counts: from 0, negative ones from the end, both ends included. */
import type { Slice } from '../../bytes/slice.js';

export interface IndexRange {
  readonly first: number;
  readonly last: number;
  /** It was written as one index. */
  readonly isIndex: boolean;
}

/** `3`, `-1`, `0..9`, `0~9`, `5..`, `..5`; undefined for anything else. */
export function parseIndexRange(text: string): IndexRange | undefined {
  const match = /^(-?\d{1,15})?(?:(\.\.|~)(-?\d{1,15})?)?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, from, range, to] = match;
  if (range === undefined)
    return from === undefined ? undefined : { first: Number(from), last: Number(from), isIndex: true };
  return { first: Number(from ?? 0), last: Number(to ?? -1), isIndex: false };
}

/** The half-open range of a sequence of `size` parts; empty where the range lies beside it. */
export function resolveRange({ first, last }: IndexRange, size: number): { start: number; end: number } {
  const start = Math.max(0, first < 0 ? size + first : first);
  const end = Math.min(size, (last < 0 ? size + last : last) + 1);
  return { start, end: Math.max(start, end) };
}

/** Picks a range out of a sequence whose size is known only at its end, and keeps no more than it must. */
export class RangePicker {
  private count = 0;
  private kept: Uint8Array[] = [];

  constructor(private readonly range: IndexRange) {}

  add(part: Slice): void {
    const { first, last } = this.range;
    const index = this.count++;
    if (index < first || (last >= 0 && first >= 0 && index > last)) return;
    this.kept.push(part.copy());
    // Counted from the end, only so many can be wanted; halving now and then is cheaper than dropping one each time.
    if (first < 0 && this.kept.length >= 2 * -first) this.kept = this.kept.slice(first);
  }

  /** The parts that were picked. */
  finish(): Uint8Array[] {
    const { start, end } = resolveRange(this.range, this.count);
    // What is kept ends with the last part, unless the range says where it ends.
    const { first, last } = this.range;
    const keptFrom = first < 0 ? this.count - this.kept.length : first;
    if (first >= 0 && last >= 0) return this.kept;
    return this.kept.slice(start - keptFrom, end - keptFrom);
  }
}

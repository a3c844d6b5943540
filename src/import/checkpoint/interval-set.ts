/** Whole numbers as intervals `[from, to)`: few, since they grow at their ends. */
export type Interval = readonly [from: number, to: number];

export class IntervalSet {
  private intervals: Interval[];

  constructor(intervals: readonly Interval[] = []) {
    this.intervals = [];
    for (const [from, to] of intervals) this.add(from, to);
  }

  get all(): readonly Interval[] {
    return this.intervals;
  }

  get isEmpty(): boolean {
    return this.intervals.length === 0;
  }

  has(value: number): boolean {
    const { intervals } = this;
    let low = 0;
    for (let high = intervals.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (intervals[middle]![1] <= value) low = middle + 1;
      else high = middle;
    }
    return low < intervals.length && intervals[low]![0] <= value;
  }

  add(from: number, to: number): void {
    if (from >= to) return;
    const { intervals } = this;
    const first = intervals.findIndex((one) => one[1] >= from);
    if (first < 0) {
      intervals.push([from, to]);
      return;
    }
    let end = first;
    let [low, high] = [from, to];
    for (; end < intervals.length && intervals[end]![0] <= to; end++) {
      low = Math.min(low, intervals[end]![0]);
      high = Math.max(high, intervals[end]![1]);
    }
    intervals.splice(first, end - first, [low, high]);
  }

  remove(from: number, to: number): void {
    if (from >= to) return;
    this.intervals = this.intervals.flatMap(([low, high]): Interval[] => {
      const parts: Interval[] = [
        [low, Math.min(high, from)],
        [Math.max(low, to), high],
      ];
      return parts.filter(([start, end]) => start < end);
    });
  }
}

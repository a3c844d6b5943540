/**
 * A histogram of whole numbers with bins that grow with what they count: 128 bins of one number each, then 64 bins for every
 * doubling. What it says of a quantile is the middle of a bin, at most 1/128 (0.8 %) away from the truth, and the truth
 * itself below 128. It takes 27 KB whatever is put into it.
 */

/** Bins of one doubling, and the bits that tell them apart. */
const BINS = 64;
const BIN_BITS = 6;
/** Doublings of a number below 2^53. */
const MAX_BITS = 53;
const BIN_COUNT = BINS * (MAX_BITS - BIN_BITS + 1);

/** The greatest distance between a quantile and what {@link LogHistogram.quantile} says, as a share of it. */
export const MAX_RELATIVE_ERROR = 1 / (2 * BINS);

export class LogHistogram {
  count = 0;
  sum = 0;
  min = Infinity;
  max = 0;
  private readonly bins = new Float64Array(BIN_COUNT);

  /** `value` is a whole number from 0 to 2^53. */
  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.bins[binOf(value)]! += 1;
  }

  addAll(other: LogHistogram): void {
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    for (let bin = 0; bin < BIN_COUNT; bin++) this.bins[bin]! += other.bins[bin]!;
  }

  /** The least number that at least this share of all numbers do not exceed; 0 without any. */
  quantile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bin = 0; bin < BIN_COUNT; bin++) {
      seen += this.bins[bin]!;
      if (seen >= wanted) return Math.min(this.max, Math.max(this.min, middleOf(bin)));
    }
    return this.max;
  }

  /** Bins that hold something, in ascending order. */
  filled(): HistogramBin[] {
    const filled: HistogramBin[] = [];
    for (let bin = 0; bin < BIN_COUNT; bin++) {
      const count = this.bins[bin]!;
      if (count > 0) filled.push({ from: firstOf(bin), to: firstOf(bin + 1), count });
    }
    return filled;
  }
}

/** Numbers from `from` up to but not with `to`. */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

function binOf(value: number): number {
  if (value < 0x80000000) {
    const shift = 31 - BIN_BITS - Math.clz32(value | BINS);
    return BINS * shift + (value >>> shift);
  }
  // The upper half of the number alone: what is below cannot matter.
  const high = Math.floor(value / 0x1000000);
  const shift = 31 - BIN_BITS - Math.clz32(high);
  return Math.min(BINS * (shift + 24) + (high >>> shift), BIN_COUNT - 1);
}

function firstOf(bin: number): number {
  const shift = Math.max(0, Math.floor(bin / BINS) - 1);
  return (bin - BINS * shift) * 2 ** shift;
}

function middleOf(bin: number): number {
  const first = firstOf(bin);
  return first + Math.floor((firstOf(bin + 1) - 1 - first) / 2);
}

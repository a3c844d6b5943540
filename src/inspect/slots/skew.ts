/** How unevenly something is spread. */

export interface Skew {
  readonly mean: number;
  readonly max: number;
  /** The largest part over the mean: 1 where all are equal; 0 where there is nothing. */
  readonly maxOverMean: number;
  /**
   * Gini coefficient: 0 where all parts are equal, near 1 where one has everything. A tag keeps keys together; chance alone
   * gives few keys in many slots a high one.
   */
  readonly gini: number;
}

export function skewOf(parts: ArrayLike<number>): Skew {
  const sorted = Float64Array.from(parts).sort();
  const count = sorted.length;
  let sum = 0;
  let ranked = 0;
  for (let index = 0; index < count; index++) {
    sum += sorted[index]!;
    ranked += (index + 1) * sorted[index]!;
  }
  if (sum === 0) return { mean: 0, max: 0, maxOverMean: 0, gini: 0 };
  const mean = sum / count;
  const max = sorted[count - 1]!;
  return { mean, max, maxOverMean: max / mean, gini: (2 * ranked) / (count * sum) - (count + 1) / count };
}

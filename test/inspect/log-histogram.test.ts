/** Quantiles from bins, against sorted numbers. */
import { describe, expect, it } from 'vitest';
import { LogHistogram, MAX_RELATIVE_ERROR } from '../../src/inspect/stats/log-histogram.js';
import { random } from '../support/random.js';

function histogramOf(numbers: readonly number[]): LogHistogram {
  const histogram = new LogHistogram();
  for (const number of numbers) histogram.add(number);
  return histogram;
}

const SHARES = [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1];

/** The least number that this share of all does not exceed. */
function exactQuantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
}

describe.each<[string, (uniform: number) => number]>([
  ['small numbers', (uniform) => Math.floor(uniform * 128)],
  ['numbers of all sizes', (uniform) => Math.floor(2 ** (uniform * 53))],
  ['around 2^31', (uniform) => 2 ** 31 - 1000 + Math.floor(uniform * 2000)],
  ['one number', () => 4096],
])('%s', (_what, numberOf) => {
  it('are at most so far off', () => {
    const next = random(11);
    const numbers = Array.from({ length: 5000 }, () => numberOf(next()));
    const histogram = histogramOf(numbers);
    const sorted = numbers.toSorted((a, b) => a - b);
    for (const share of SHARES) {
      const exact = exactQuantile(sorted, share);
      expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact * MAX_RELATIVE_ERROR);
    }
    expect(histogram).toMatchObject({ count: 5000, min: sorted[0], max: sorted.at(-1) });
    const bins = histogram.filled();
    for (const { from, to, count } of bins) {
      expect(numbers.filter((number) => number >= from && number < to)).toHaveLength(count);
    }
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
  });
});

it.each([0, 1, 63, 64, 127, 128, 129, 255, 256, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 52, 2 ** 53 - 1])(
  '%i is in the bin that says so',
  (number) => {
    const [bin] = histogramOf([number]).filled();
    expect(bin!.from).toBeLessThanOrEqual(number);
    expect(bin!.to).toBeGreaterThan(number);
    expect(bin!.to - bin!.from).toBeLessThanOrEqual(Math.max(1, 2 * number * MAX_RELATIVE_ERROR));
    expect(histogramOf([number]).quantile(0.5)).toBe(number);
  },
);

it('adds up', () => {
  const sum = histogramOf([1, 2, 3000]);
  sum.addAll(histogramOf([7, 100_000]));
  expect(sum).toEqual(histogramOf([1, 2, 3000, 7, 100_000]));
  sum.addAll(new LogHistogram());
  expect(sum).toEqual(histogramOf([1, 2, 3000, 7, 100_000]));
});

it('has nothing to say of nothing', () => {
  expect(new LogHistogram().quantile(0.5)).toBe(0);
  expect(new LogHistogram().filled()).toEqual([]);
});

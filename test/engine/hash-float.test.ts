import { describe, expect, it } from 'vitest';
import { addLongDoubles, formatLongDouble, isInfinite, parseLongDouble } from '../../src/engine/long-double.js';

describe('sums of long doubles', () => {
  // As redis-server 7.0.15 answers HINCRBYFLOAT.
  it.each([
    ['0', '0.1', '0.1'],
    ['0.1', '0.2', '0.3'],
    ['3', '1.000000000000000005', '4.00000000000000001'],
    ['10.5', '-10.5', '0'],
    ['0', '-0', '0'],
    ['1e17', '0.1', '100000000000000000.1015625'],
    ['0x1p-3', '.5', '0.625'],
    ['1e-17', '0', '0.00000000000000001'],
    ['1e-18', '0', '0'],
    ['-1e-18', '0', '0'],
    ['9007199254740993', '0', '9007199254740993'],
    ['18446744073709551615', '1', '18446744073709551616'],
    ['18446744073709551617', '0', '18446744073709551616'],
  ])('%s + %s = %s', (a, b, sum) => {
    expect(formatLongDouble(addLongDoubles(parseLongDouble(a)!, parseLongDouble(b)!))).toBe(sum);
  });

  it('overflow to infinity', () => {
    const most = parseLongDouble('1.18e4932')!;
    expect(isInfinite(addLongDoubles(most, most))).toBe(true);
  });
});

describe('texts', () => {
  it.each(['', '.', 'x', '1x', ' 1', '1 ', 'nan', '0x', '1e', '1e5000', '1e-5000', '--1', '1_0'])(
    '%j is none',
    (text) => {
      expect(parseLongDouble(text)).toBeUndefined();
    },
  );

  it.each(['inf', '-INF', '+Infinity'])('%s is infinite', (text) => {
    expect(isInfinite(parseLongDouble(text)!)).toBe(true);
  });

  it('need not be small numbers to be read exactly', () => {
    expect(formatLongDouble(parseLongDouble('0e99999')!)).toBe('0');
    expect(formatLongDouble(parseLongDouble(`1${'0'.repeat(30)}`)!)).toBe('1000000000000000000024696061952');
  });
});

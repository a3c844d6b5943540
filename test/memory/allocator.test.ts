/** Sizes that malloc_usable_size gives. */
import { describe, expect, it } from 'vitest';
import { nextPowerOfTwo, sizeClassOf } from '../../src/memory/allocator.js';

describe('jemalloc', () => {
  it.each([
    [1, 8],
    [8, 8],
    [9, 16],
    [17, 32],
    [128, 128],
    [129, 160],
    [192, 192],
    [193, 224],
    [257, 320],
    [1025, 1280],
    [16_385, 20_480],
    [300_000, 327_680],
  ])('%d bytes take %d', (bytes, expected) => expect(sizeClassOf('jemalloc')(bytes)).toBe(expected));

  it('rounds to pages from 5.3.1 on', () => {
    expect(sizeClassOf('jemalloc-5.3.1')(16_384)).toBe(16_384);
    expect(sizeClassOf('jemalloc-5.3.1')(300_000)).toBe(303_104);
  });
});

it.each([
  [1, 24],
  [24, 24],
  [25, 40],
  [1000, 1000],
  [1001, 1016],
])('glibc: %d bytes take %d', (bytes, expected) => expect(sizeClassOf('glibc')(bytes)).toBe(expected));

it.each([
  [0, 1],
  [1, 1],
  [3, 4],
  [4, 4],
  [5, 8],
  [2 ** 30, 2 ** 30],
  [2 ** 30 + 1, 2 ** 31],
])('the power of two for %d is %d', (value, expected) => expect(nextPowerOfTwo(value)).toBe(expected));

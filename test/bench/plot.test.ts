import { describe, expect, it } from 'vitest';
import type { Ratio } from '../../bench/compare.js';
import { plotRatios } from '../../bench/plot.js';

function ratio(value: number, more: Partial<Ratio> = {}): Ratio {
  return {
    set: 'strings',
    job: 'check',
    peer: 'redis-check-rdb',
    ratio: value,
    minRatio: value,
    maxRatio: value,
    ...more,
  };
}

interface Bar {
  left: number;
  right: number;
  target: number | undefined;
  spread: [number, number];
  kind: string;
}

function barsOf(svg: string): Bar[] {
  return [...svg.matchAll(/<g>.*?<\/g>/g)].map(([group]) => {
    const rect = /<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/.exec(group)!;
    const target = /<line class="target" x1="([\d.]+)"/.exec(group)?.[1];
    const spread = /<line class="spread" x1="([\d.]+)" x2="([\d.]+)"/.exec(group)!;
    return {
      kind: rect[1]!,
      left: Number(rect[2]),
      right: Number(rect[2]) + Number(rect[3]),
      target: target === undefined ? undefined : Number(target),
      spread: [Number(spread[1]), Number(spread[2])],
    };
  });
}

/** Where the line of a tick stands. */
function tickAt(svg: string, label: string): number {
  return Number(
    new RegExp(`<text class="soft" x="([\\d.]+)" y="[\\d.]+" text-anchor="middle">${label}x</text>`).exec(svg)?.[1],
  );
}

describe('bars', () => {
  const svg = plotRatios(
    [ratio(5), ratio(0.5), ratio(1), ratio(10, { target: 5, minRatio: 2, maxRatio: 20 })],
    'a run',
  );
  const bars = barsOf(svg);

  it('goes from 1 to the right when faster, to the left when slower', () => {
    const ends = [
      ['1', '5'],
      ['0.5', '1'],
      ['1', '1'],
      ['1', '10'],
    ] as const;
    // Positions are rounded to tenths, an end is the sum of two of them.
    for (const [b, [left, right]] of ends.entries()) {
      expect(bars[b]?.left).toBe(tickAt(svg, left));
      expect(Math.abs(bars[b]!.right - tickAt(svg, right))).toBeLessThan(0.2);
    }
  });

  it('marks the target and the spread where the axis has them', () => {
    expect(bars[3]).toMatchObject({ target: tickAt(svg, '5'), spread: [tickAt(svg, '2'), tickAt(svg, '20')] });
    expect(bars[0]?.target).toBeUndefined();
  });

  it('has the same length for the same factor either way', () => {
    expect(tickAt(svg, '1') - tickAt(svg, '0.5')).toBeCloseTo(tickAt(svg, '2') - tickAt(svg, '1'), 0);
  });
});

it('tells stand-ins and missed targets apart', () => {
  const svg = plotRatios(
    [ratio(2, { standIn: { by: 'x', speed: 0.1 } }), ratio(2, { target: 3, verdict: 'missed' })],
    '',
  );
  expect(barsOf(svg).map(({ kind }) => kind)).toEqual(['standin', 'bar']);
  expect(svg.match(/<text class="missed"[^>]*>2\.00x<\/text>/g)).toHaveLength(1);
  expect(svg).toContain('check on strings: 2.00x of redis-check-rdb, target missed.');
});

it('groups by data set, in the order of the rows', () => {
  const svg = plotRatios([ratio(2), ratio(3, { set: 'lzf' }), ratio(4)], '');
  expect([...svg.matchAll(/<text class="set"[^>]*>(\w+)</g)].map(([, name]) => name)).toEqual(['strings', 'lzf']);
  expect(barsOf(svg)).toHaveLength(3);
});

it('is one well-formed file with colours for dark and light, whatever the names hold', () => {
  const svg = plotRatios([ratio(2, { job: 'a & "b" <c>', peer: '<script>' })], '<caption> & more');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/<script|<caption|<c>|href|url\(/);
  const open: string[] = [];
  for (const [, slash, name, selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (selfClosing === '/') continue;
    if (slash === '/') expect(open.pop()).toBe(name);
    else open.push(name!);
  }
  expect(open).toEqual([]);
  expect(svg.replaceAll(/&(amp|lt|gt|quot);/g, '')).not.toContain('&');
});

it('has nothing to draw without ratios', () => {
  expect(() => plotRatios([], '')).toThrow('no ratios');
});

import { describe, expect, it } from 'vitest';
import { compare, rssVerdict, type SpeedRow } from '../../bench/compare.js';
import { SPEED_SETS } from '../../bench/dataset.js';
import { describePeaks, formatRatios, formatTimes } from '../../bench/speed.js';
import { formatStartUp, judgeStartUp } from '../../bench/startup.js';
import { COMPARISONS, PEAK_RSS, STAND_INS } from '../../bench/targets.js';
import { measured } from './measured.js';

function row(set: string, job: string, rounds: readonly number[], more: Partial<SpeedRow> = {}): SpeedRow {
  return { set, job, fileBytes: 205e6, isOurs: !job.startsWith('redis-'), ...measured(rounds), ...more };
}

describe('ratios', () => {
  it('divides medians, and the times of each round for the spread', () => {
    const rows = [row('strings', 'redis-check-rdb', [600, 500, 900]), row('strings', 'check', [150, 250, 200])];
    const [ratio] = compare(rows, [{ job: 'check', peer: 'redis-check-rdb', targets: { strings: 3 } }], {});
    expect(ratio).toEqual({
      set: 'strings',
      job: 'check',
      peer: 'redis-check-rdb',
      ratio: 3,
      minRatio: 2,
      maxRatio: 4.5,
      target: 3,
      verdict: 'met',
    });
  });

  it.each([
    [3, 'met'],
    [3.1, 'missed'],
  ])('judges against a target of %d: %s', (target, verdict) => {
    const rows = [row('lzf', 'redis-check-rdb', [300]), row('lzf', 'check', [100])];
    const [ratio] = compare(rows, [{ job: 'check', peer: 'redis-check-rdb', targets: { lzf: target } }], {});
    expect(ratio?.verdict).toBe(verdict);
  });

  it('asks nothing where no target is', () => {
    const rows = [row('lzf', 'redis-check-rdb', [300]), row('lzf', 'keys', [100])];
    const [ratio] = compare(rows, [{ job: 'keys', peer: 'redis-check-rdb', targets: { mixed: 2 } }], {});
    expect(ratio).not.toHaveProperty('verdict');
  });

  const standIns = { 'librdb json': { by: 'redis-check-rdb', speeds: { strings: 0.1 } } };
  const comparisons = [{ job: 'export ndjson', peer: 'librdb json', targets: { strings: 8, mixed: 8 } }];

  it('lets the checker of the same run stand in for a peer that is missing, and says so', () => {
    const rows = [row('strings', 'redis-check-rdb', [500, 400]), row('strings', 'export ndjson', [500, 1000])];
    const [ratio] = compare(rows, comparisons, standIns);
    expect(ratio).toMatchObject({ ratio: 6, minRatio: 4, maxRatio: 10, verdict: 'missed' });
    expect(ratio?.standIn).toEqual({ by: 'redis-check-rdb', speed: 0.1 });
  });

  it('prefers the peer itself', () => {
    const rows = [
      row('strings', 'redis-check-rdb', [500]),
      row('strings', 'librdb json', [4500]),
      row('strings', 'export ndjson', [500]),
    ];
    const [ratio] = compare(rows, comparisons, standIns);
    expect(ratio).toMatchObject({ ratio: 9, verdict: 'met' });
    expect(ratio).not.toHaveProperty('standIn');
  });

  it.each([
    ['the peer failed', { 'librdb json': 'exit 1' }],
    ['our job failed', { 'export ndjson': 'exit 1' }],
    ['the stand-in failed', { 'redis-check-rdb': 'exit 1' }],
  ])('says nothing when %s', (_what, failures: Readonly<Record<string, string>>) => {
    const names = ['redis-check-rdb', 'export ndjson', ...Object.keys(failures)];
    const rows = [...new Set(names)].map((job) => row('strings', job, [500], { failure: failures[job] }));
    expect(compare(rows, comparisons, standIns)).toEqual([]);
  });

  it('says nothing where no stand-in is known', () => {
    const rows = [row('mixed', 'redis-check-rdb', [500]), row('mixed', 'export ndjson', [500])];
    expect(compare(rows, comparisons, standIns)).toEqual([]);
  });
});

describe('targets', () => {
  it.each([
    ['check', 'redis-check-rdb', { strings: 3, mixed: 3, lzf: 2 }],
    ['check --deep', 'redis-check-rdb', { strings: 2, mixed: 2, lzf: 1 }],
    ['export ndjson', 'librdb json', { strings: 8, mixed: 8, lzf: 8 }],
    ['export ndjson', 'hdt3213 json', { strings: 3, mixed: 3, lzf: 3 }],
    ['memory csv', 'hdt3213 memory', { strings: 4, mixed: 4, lzf: 3 }],
    ['top', 'hdt3213 bigkey', { strings: 4, mixed: 4, lzf: 3 }],
    ['aof check', 'redis-check-aof', { aof: 10 }],
    ['export ndjson --jobs 2', 'export ndjson', { mixed: 1.3 }],
  ])('has those of %s against %s', (job, peer, targets) => {
    expect(COMPARISONS.find((comparison) => comparison.job === job && comparison.peer === peer)?.targets).toEqual(
      targets,
    );
  });

  it('is for data sets that there are, and every missing peer with a target has a stand-in on all of them', () => {
    for (const { peer, targets } of COMPARISONS) {
      const sets = Object.keys(targets ?? {});
      expect(sets.filter((set) => !SPEED_SETS.includes(set))).toEqual([]);
      const mayBeMissing = /^(librdb|hdt3213) /.test(peer);
      if (mayBeMissing) expect(sets.filter((set) => STAND_INS[peer]?.speeds[set] === undefined)).toEqual([]);
    }
  });
});

describe('memory', () => {
  it.each([
    ['check', 150e6, true, 'met'],
    ['check', 150e6 + 1, true, 'missed'],
    ['replay', 900e6, true, undefined],
    ['librdb json', 900e6, false, undefined],
    ['check', undefined, true, undefined],
  ])('judges a peak of %s at %s', (job, peakRssBytes, isOurs, verdict) => {
    expect(rssVerdict(row('mixed', job, [1], { peakRssBytes, isOurs }), PEAK_RSS)).toBe(verdict);
  });

  it('names the job that takes most', () => {
    const rows = [
      row('mixed', 'check', [1], { peakRssBytes: 60e6 }),
      row('lzf', 'top', [1], { peakRssBytes: 170e6 }),
      row('lzf', 'redis-check-rdb', [1], { peakRssBytes: 400e6 }),
    ];
    expect(describePeaks(rows)).toBe('Peak memory of our jobs, at most 150 MB asked for: 170 MB (top on lzf), missed.');
  });
});

describe('tables', () => {
  const rows = [
    row('strings', 'redis-check-rdb', [500, 510, 520], { cpuMs: 505, peakRssBytes: 11e6 }),
    row('strings', 'export ndjson', [600, 610, 2000], { cpuMs: 700, peakRssBytes: 151e6 }),
    row('strings', 'librdb json', [1], { failure: 'exit 1', isOurs: false }),
  ];

  it('shows times with their spread, failures, and a peak that is too high', () => {
    expect(formatTimes(rows, 'text')).toBe(
      [
        'data      MB  job              time s  min s  max s  user+sys s  peak MB',
        '-------  ---  ---------------  ------  -----  -----  ----------  -------  -----------------',
        'strings  205  redis-check-rdb   0.510  0.500  0.520       0.505       11',
        '              export ndjson     0.610  0.600   2.00       0.700      151  missed: <= 150 MB',
        '              librdb json           –      –      –           –        –  failed',
        '',
      ].join('\n'),
    );
  });

  it('shows ratios with targets, verdicts and stand-ins', () => {
    const ratios = compare(rows.slice(0, 2), COMPARISONS, STAND_INS);
    const lines = formatRatios(ratios, 'markdown').trimEnd().split('\n').slice(2);
    expect(
      lines.map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .filter(Boolean),
      ),
    ).toEqual([
      [
        'strings',
        'export ndjson',
        'librdb json',
        '8.36x',
        '2.60x',
        '8.36x',
        '>= 8x',
        'met',
        'stand-in: redis-check-rdb at 0.10 of its speed',
      ],
      [
        'export ndjson',
        'hdt3213 json',
        '6.43x',
        '2.00x',
        '6.43x',
        '>= 3x',
        'met',
        'stand-in: redis-check-rdb at 0.13 of its speed',
      ],
    ]);
  });

  it.each([
    [64, 'met'],
    [65, 'missed'],
  ])('judges a start of %d ms against 40 ms of Node: %s', (oursMs, verdict) => {
    const startUp = judgeStartUp(measured([40, 40, 90]), measured([oursMs]));
    expect(startUp.verdict).toBe(verdict);
    expect(formatStartUp(startUp, 'text')).toMatch(new RegExp(`<= 1.6x +${verdict}\n$`));
  });
});

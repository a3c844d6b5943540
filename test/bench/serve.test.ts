import { describe, expect, it } from 'vitest';
import { formatServe, type ServeRow } from '../../bench/serve.js';
import { type DumpRow, formatDump } from '../../bench/serve-dump.js';
import { parseBenchmark } from '../../bench/store-server.js';

/** The cells of every row below the headings. */
function cellsOf(table: string): string[][] {
  const lines = table.trimEnd().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

it('reads the line of a test, whatever stands before it', () => {
  const csv = [
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"',
    '"LPUSH (needed to benchmark LRANGE)","500000.00","0.4","0.1","0.4","0.6","0.7","0.9"',
    '"LRANGE_100 (first 100 elements)","40000.00","1.4","1.1","1.5","1.6","1.7","1.9"',
  ].join('\n');
  const found = { perSecond: 40_000, p50Ms: 1.5, p99Ms: 1.7, maxMs: 1.9 };
  expect(parseBenchmark(csv, 'LRANGE_100')).toEqual(found);
  expect(() => parseBenchmark(csv, 'LPUSH')).toThrow('redis-benchmark printed');
});

describe('the table of commands', () => {
  const job = { test: 'get', clients: 50, pipeline: 16, commands: 1000, isRead: true, target: 0.25 } as const;
  const samples = (...speeds: number[]) =>
    speeds.map((perSecond) => ({ perSecond, p50Ms: 1, p99Ms: perSecond / 1e5, maxMs: 9 }));
  const row = (more: Partial<ServeRow>): ServeRow => ({ ...job, ours: [], theirs: [], failure: undefined, ...more });

  it('has medians with their spread, and says whether the target is met', () => {
    const rows = [
      row({ ours: samples(300e3, 100e3, 200e3), theirs: samples(400e3, 600e3, 500e3) }),
      row({ test: 'set', ours: samples(100e3), theirs: samples(500e3) }),
      row({ pipeline: 1, target: undefined, ours: samples(1e5), theirs: samples(2e5) }),
    ];
    const [first, ...others] = cellsOf(formatServe(rows, 'markdown'));
    const ours = ['200', '100', '300', '1.00', '2.00'];
    const theirs = ['500', '400', '600', '1.00', '5.00'];
    expect(first).toEqual(['GET', '16', ...ours, ...theirs, '0.40x', '>= 0.25x', 'ok']);
    expect(others.map((cells) => cells.slice(-3))).toEqual([
      ['0.20x', '>= 0.25x', 'MISS'],
      ['0.50x', '', ''],
    ]);
  });

  it('says what failed', () => {
    const [cells] = cellsOf(formatServe([row({ failure: 'it has ended' })], 'markdown'));
    expect(cells).toEqual(['GET', '16', ...['–', '', '', '', ''], ...['–', '', '', '', ''], '', '>= 0.25x', 'failed']);
  });
});

it('has a table of first GETs, in which both targets are to be met', () => {
  const get = { firstMs: 1000, firstRssBytes: 150e6, nextMs: 0.0512, lastRssBytes: 160e6 };
  const row: DumpRow = { who: 'ours', isOurs: true, fileBytes: 400e6, rounds: [get], failure: undefined };
  const rows = [
    { ...row, rounds: [get, { ...get, firstMs: 1500 }, { ...get, firstMs: 3000 }] },
    { ...row, rounds: [{ ...get, firstRssBytes: 301e6 }] },
    { ...row, who: 'theirs', isOurs: false },
    { ...row, rounds: [], failure: 'it has ended' },
  ];
  const cells = cellsOf(formatDump(rows, 'markdown'));
  const [time, memory] = ['<= 2.00', '<= 300'];
  expect(cells[0]).toEqual(['ours', '400', '1.50', '1.00', '3.00', time, '150', memory, 'ok', '0.051', '160']);
  expect(cells[1]!.slice(6, 9)).toEqual(['301', memory, 'MISS']);
  expect(cells[2]).toEqual(['theirs', '400', '1.00', '1.00', '1.00', '', '150', '', '', '0.051', '160']);
  expect(cells[3]).toEqual(['ours', '400', '–', '–', '–', time, '–', memory, 'failed', '–', '–']);
});

import { describe, expect, it } from 'vitest';
import { compare, type SpeedRow } from '../../bench/compare.js';
import { formatImports, keysOf } from '../../bench/import-runs.js';
import { IMPORT_COMPARISONS, IMPORT_NAMES, IMPORT_PEAK_RSS } from '../../bench/targets.js';
import { measured } from './measured.js';

function row(job: string, rounds: readonly number[], more: Partial<SpeedRow> = {}): SpeedRow {
  const isOurs = job.startsWith('import');
  return { set: 'strings', fileBytes: 206e6, job, isOurs, ...measured(rounds), ...more };
}

/** The cells of every row below the headings. */
function cellsOf(rows: readonly SpeedRow[]): string[][] {
  const table = formatImports(rows, compare(rows, IMPORT_COMPARISONS, {}), 'markdown');
  const lines = table.trimEnd().split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const PIPE = row(IMPORT_NAMES.pipe, [900, 950, 1000]);
const LIBRDB = row(IMPORT_NAMES.librdb, [2000, 2000, 2000]);

describe('the table of imports', () => {
  it('has times, their spread, and ratios of ours with what was asked for', () => {
    const rows = [PIPE, row('import', [900, 1000, 1100]), row('import --mode commands', [2500, 2500, 2500]), LIBRDB];
    expect(cellsOf(rows)).toEqual([
      ['strings', '206', 'redis-cli --pipe', '0.950', '0.900', '1.00', '–', '–', '', '', ''],
      ['', '', 'import', '1.00', '0.900', '1.10', '–', '–', '0.95x ✓', '2.00x ✓', ''],
      ['', '', 'import --mode commands', '2.50', '2.50', '2.50', '–', '–', '0.38x ✗', '0.80x ✗', ''],
      ['', '', 'rdb-cli redis', '2.00', '2.00', '2.00', '–', '–', '', '', ''],
    ]);
  });

  it('has no ratio to a peer that is missing or failed, and none of a failure of ours', () => {
    const failed = row(IMPORT_NAMES.pipe, [1], { failure: '3 keys in the server, 4 in the dump' });
    expect(cellsOf([failed, row('import', [1000])]).map((cells) => cells.slice(3))).toEqual([
      ['–', '–', '–', '–', '–', '', '', 'failed'],
      ['1.00', '1.00', '1.00', '–', '–', '', '', ''],
    ]);
    const [, ours] = cellsOf([PIPE, row('import', [1], { failure: 'exit 5' })]);
    expect(ours?.slice(8)).toEqual(['', '', 'failed']);
  });

  it('has ratios without a mark for data that nothing was asked for', () => {
    const rows = [PIPE, row('import', [1900])].map((one) => ({ ...one, set: 'other.rdb' }));
    expect(cellsOf(rows)[1]?.[8]).toBe('0.50x');
  });

  it('marks a peak of ours above the limit', () => {
    const peaks = [
      row('import', [1], { peakRssBytes: IMPORT_PEAK_RSS }),
      row('import --mode commands', [1], { peakRssBytes: IMPORT_PEAK_RSS + 1 }),
      row(IMPORT_NAMES.librdb, [1], { peakRssBytes: 2 * IMPORT_PEAK_RSS }),
    ];
    expect(cellsOf(peaks).map((cells) => cells.at(-1))).toEqual(['', '✗ peak <= 250 MB', '']);
  });
});

it.each([
  ['# Keyspace\r\n', 0],
  ['# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=5\r\ndb10:keys=30,expires=0,avg_ttl=0\r\n', 42],
])('counts the keys of all databases in %j', (keyspace, keys) => {
  expect(keysOf(keyspace)).toBe(keys);
});

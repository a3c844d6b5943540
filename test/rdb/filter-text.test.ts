import { describe, expect, it } from 'vitest';
import {
  FilterTextError,
  parseCount,
  parseDbs,
  parseDurationMs,
  parseDurationSeconds,
  parseKeyRegex,
  parseRange,
  parseSample,
  parseSize,
  parseSlots,
  parseTtl,
  parseTypes,
} from '../../src/rdb/filter-text.js';

interface Case<T> {
  readonly parse: (text: string) => T;
  readonly good: readonly (readonly [string, T])[];
  readonly bad: readonly string[];
}

function cases<T>(parse: (text: string) => T, good: Case<T>['good'], bad: readonly string[]): Case<unknown> {
  return { parse, good, bad };
}

const KIB = 1024;
const HOUR_MS = 3_600_000;

const PARSERS: Readonly<Record<string, Case<unknown>>> = {
  parseSize: cases(
    parseSize,
    [
      ['0', 0],
      ['512', 512],
      ['512B', 512],
      [' 1KB ', KIB],
      ['1k', KIB],
      ['1 kib', KIB],
      ['1.5KB', 1536],
      ['.5k', 512],
      ['64M', 64 * KIB ** 2],
      ['2gb', 2 * KIB ** 3],
      ['1T', KIB ** 4],
      ['0.3KB', 307],
    ],
    ['', 'KB', '1KBB', '1 K B', '-1', '1e3', '0x10', '1,5KB', '1P', 'NaN', '1..2', '9007199254740992', '1~2'],
  ),
  parseDurationMs: cases(
    parseDurationMs,
    [
      ['0', 0],
      ['90', 90_000],
      ['250ms', 250],
      ['1.5h', 1.5 * HOUR_MS],
      ['30m', HOUR_MS / 2],
      ['1D', 24 * HOUR_MS],
      ['2w', 14 * 24 * HOUR_MS],
      ['10 s', 10_000],
    ],
    ['', 'h', '1y', '1mo', '-1h', '1h30m'],
  ),
  parseDurationSeconds: cases(
    parseDurationSeconds,
    [
      ['90', 90],
      ['2m', 120],
      ['1500ms', 2],
    ],
    ['x'],
  ),
  parseCount: cases(
    parseCount,
    [
      ['0', 0],
      [' 12 ', 12],
    ],
    ['', '-1', '1.5', '1k', '1e3', '99999999999999999999'],
  ),
  'parseRange of sizes': cases(
    (text) => parseRange(text, parseSize),
    [
      ['1KB~1MB', { min: KIB, max: KIB ** 2 }],
      ['1KB ~ 1MB', { min: KIB, max: KIB ** 2 }],
      ['1000~', { min: 1000 }],
      ['~5', { max: 5 }],
      ['7', { min: 7, max: 7 }],
      ['7~7', { min: 7, max: 7 }],
      ['<5', { max: 4 }],
      ['<=5', { max: 5 }],
      ['>5', { min: 6 }],
      ['>= 1KB', { min: KIB }],
    ],
    ['', '~', '1~2~3', '~~', '2~1', '1MB~1KB', '<', '>=', '<0', '<1~2', '1-2', '=5', 'a~b', '1~x'],
  ),
  parseTtl: cases(
    parseTtl,
    [
      ['none', 'none'],
      ['ANY', 'any'],
      [' expired ', 'expired'],
      ['<1h', { maxMs: HOUR_MS - 1 }],
      ['>1h', { minMs: HOUR_MS + 1 }],
      ['1h~7d', { minMs: HOUR_MS, maxMs: 168 * HOUR_MS }],
      ['~60', { maxMs: 60_000 }],
      ['1d~', { minMs: 24 * HOUR_MS }],
    ],
    ['', '1h', 'all', '~', '7d~1h', '<1x'],
  ),
  parseSlots: cases(
    parseSlots,
    [
      ['0-5460', [{ start: 0, end: 5460 }]],
      [
        '0-5460,6000',
        [
          { start: 0, end: 5460 },
          { start: 6000, end: 6000 },
        ],
      ],
      [
        '1, 3-3 16383',
        [
          { start: 1, end: 1 },
          { start: 3, end: 3 },
          { start: 16383, end: 16383 },
        ],
      ],
    ],
    ['', ',', 'x', '16384', '5-4', '0-16384', '-5', '5-', '0-1-2', '[0-5460]'],
  ),
  parseSample: cases(
    parseSample,
    [
      ['1%', { fraction: 0.01 }],
      ['0.01', { fraction: 0.01 }],
      ['.5', { fraction: 0.5 }],
      ['100%', { fraction: 1 }],
      ['0', { fraction: 0 }],
      ['12.5%:7', { fraction: 0.125, seed: 7n }],
      ['0.01:18446744073709551615', { fraction: 0.01, seed: 2n ** 64n - 1n }],
    ],
    ['', '%', '2', '101%', '-1%', '1%:', '1%:x', '1%:-1', '1%%', '1:2:3', '1e-3'],
  ),
  parseTypes: cases(
    parseTypes,
    [
      ['hash', ['hash']],
      ['String, ZSET', ['string', 'zset']],
    ],
    ['', 'hashes', 'hash,foo'],
  ),
  parseDbs: cases(
    parseDbs,
    [
      ['0', [0]],
      ['0,15 3', [0, 15, 3]],
    ],
    ['', 'x', '-1', '0-3'],
  ),
  parseKeyRegex: cases(parseKeyRegex, [['^user:\\d+$', /^user:\d+$/]], ['(', '[', '*']),
};

describe.each(Object.entries(PARSERS))('%s', (_name, { parse, good, bad }) => {
  it.each(good)('reads %j', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each(bad)('refuses %j', (text) => {
    expect(() => parse(text)).toThrow(FilterTextError);
  });
});

it.each<[() => unknown, string]>([
  [() => parseSize('1PB'), "'1PB' is no size: write bytes, or a number with B, KB, MB, GB or TB"],
  [() => parseRange('5~1', parseCount), "'5~1' is an empty range"],
  [() => parseTtl('1h'), "'1h' is no ttl: write none, any, expired, <1h, >1h or 1h~7d"],
])('says what it wants: %#', (parse, message) => {
  expect(parse).toThrow(new FilterTextError(message));
});

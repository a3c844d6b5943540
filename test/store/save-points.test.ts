import { describe, expect, it } from 'vitest';
import {
  DEFAULT_SAVE_POINTS,
  dueSavePoint,
  formatSavePoints,
  parseSavePoints,
  type SaveState,
} from '../../src/store/save-points.js';

describe('save points', () => {
  it.each<[text: string, points: [number, number][] | undefined]>([
    ['', []],
    ['60 1000', [[60, 1000]]],
    [
      ' 3600 1  300 0',
      [
        [3600, 1],
        [300, 0],
      ],
    ],
    ['60', undefined],
    ['0 1', undefined],
    ['60 -1', undefined],
    ['60 x', undefined],
    ['60 1 300', undefined],
  ])('from %j', (text, points) => {
    expect(parseSavePoints(text)?.map(({ seconds, changes }) => [seconds, changes])).toEqual(points);
  });

  it('are written as they are read', () => {
    expect(formatSavePoints(DEFAULT_SAVE_POINTS)).toBe('3600 1 300 100 60 10000');
    expect(parseSavePoints(formatSavePoints(DEFAULT_SAVE_POINTS))).toEqual(DEFAULT_SAVE_POINTS);
  });

  const state: SaveState = { changes: 0, lastSave: 1000, lastTry: 1000, hasFailed: false };

  it.each<[changes: number, afterSeconds: number, seconds: number | undefined]>([
    [1, 3600, undefined],
    [1, 3601, 3600],
    [0, 9999, undefined],
    [99, 301, undefined],
    [100, 301, 300],
    [10_000, 60, undefined],
    [10_000, 61, 60],
  ])('%i changes, %i s later: the one of %j s', (changes, afterSeconds, seconds) => {
    expect(dueSavePoint(DEFAULT_SAVE_POINTS, { ...state, changes }, 1000 + afterSeconds)?.seconds).toBe(seconds);
  });

  it('wait after a failure', () => {
    const failed = { ...state, changes: 10_000, lastTry: 2000, hasFailed: true };
    expect(dueSavePoint(DEFAULT_SAVE_POINTS, failed, 2005)).toBeUndefined();
    expect(dueSavePoint(DEFAULT_SAVE_POINTS, failed, 2006)).toBeDefined();
  });
});

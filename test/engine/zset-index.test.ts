/** The order of a sorted set beside an array that is sorted anew after every change. */
import { describe, expect, it } from 'vitest';
import { OrderedIndex, sortedPairs } from '../../src/engine/values/ordered-index.js';
import { random } from '../support/random.js';

const SEED = 50321;

describe('the ordered index', () => {
  it('answers as a sorted array does', () => {
    const next = random(SEED);
    const pairs = new Map<string, number>();
    const index = OrderedIndex.of(pairs);
    for (let step = 0; step < 6000; step++) {
      change(index, pairs, next);
      if (step % 97 === 0) compare(index, pairs, next);
    }
    expect(index.size, `seed ${SEED}`).toBeGreaterThan(500);
  });

  it('is made of pairs in any order', () => {
    const next = random(SEED + 1);
    const pairs = new Map<string, number>();
    for (let at = 0; at < 2000; at++) pairs.set(`m${at}`, scoreOf(next));
    compare(OrderedIndex.of(pairs), pairs, next);
  });

  it('loses ranges from end to end', () => {
    const next = random(SEED + 2);
    const pairs = new Map<string, number>();
    for (let at = 0; at < 1500; at++) pairs.set(`m${at}`, scoreOf(next));
    const index = OrderedIndex.of(pairs);
    while (pairs.size > 0) {
      const start = Math.floor(next() * pairs.size);
      const end = Math.min(pairs.size, start + 1 + Math.floor(next() * 400));
      for (const member of sortedPairs(pairs).members.slice(start, end)) pairs.delete(member);
      index.deleteRange(start, end);
      compare(index, pairs, next);
    }
  });
});

function change(index: OrderedIndex, pairs: Map<string, number>, next: () => number): void {
  const member = `m${Math.floor(next() * 1500)}`;
  const before = pairs.get(member);
  if (before !== undefined) index.delete(member, before);
  pairs.delete(member);
  if (next() < 0.3) return;
  const score = scoreOf(next);
  pairs.set(member, score);
  index.insert(member, score);
}

/** Few enough that many are the same, infinities among them. */
function scoreOf(next: () => number): number {
  const score = Math.floor(next() * 50) - 25;
  return score === 24 ? Infinity : score === -25 ? -Infinity : score;
}

function compare(index: OrderedIndex, pairs: ReadonlyMap<string, number>, next: () => number): void {
  const sorted = [...pairs].sort(([a, one], [b, other]) => (one === other ? (a < b ? -1 : 1) : one < other ? -1 : 1));
  expect(index.size).toBe(sorted.length);
  const { members, scores } = index.slice(0, index.size);
  expect(members).toEqual(sorted.map(([member]) => member));
  expect(scores).toEqual(sorted.map(([, score]) => score));
  expect(sortedPairs(pairs)).toEqual({ members, scores });
  for (let at = 0; at < sorted.length; at += 37) {
    const [member, score] = sorted[at]!;
    expect(index.rankOf(member, score)).toBe(at);
    expect(index.memberAt(at)).toBe(member);
    expect(index.slice(at, at + 3).members).toEqual(members.slice(at, at + 3));
  }
  const score = scoreOf(next);
  expect(index.countBelowScore(score, false)).toBe(sorted.filter(([, other]) => other < score).length);
  expect(index.countBelowScore(score, true)).toBe(sorted.filter(([, other]) => other <= score).length);
}

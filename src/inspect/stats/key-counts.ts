/** The numbers that are counted for all keys, for each kind of value and for each database. */
import type { KeyFacts } from '../facts/key-facts.js';

export interface KeyCounts {
  readonly keys: number;
  readonly keysWithTtl: number;
  /** Keys whose time had come when the file was made. */
  readonly expiredKeys: number;
  /** Keys whose time has come by now, those of {@link expiredKeys} among them as a rule. */
  readonly expiredNowKeys: number;
  /** Bytes of the keys' names. */
  readonly keyBytes: number;
  /** Bytes of the values in the file. */
  readonly valueBytes: number;
  /** 0 where they were not counted. */
  readonly elements: number;
  /** As MEMORY USAGE counts; 0 where it was not measured. */
  readonly memoryBytes: number;
}

export const COUNT_WIDTH = 8;

/** What {@link addKey} is told of the life of a key, as bits. */
export const WITH_TTL = 1;
export const EXPIRED = 2;
export const EXPIRED_NOW = 4;

export function addKey(counts: Float64Array, facts: KeyFacts, life: number): void {
  const { key } = facts;
  counts[0]! += 1;
  if (life !== 0) {
    counts[1]! += 1;
    if ((life & EXPIRED) !== 0) counts[2]! += 1;
    if ((life & EXPIRED_NOW) !== 0) counts[3]! += 1;
  }
  counts[4]! += key.end - key.start;
  counts[5]! += facts.valueBytes;
  counts[6]! += facts.elements;
  counts[7]! += facts.memoryBytes;
}

export function sumCounts(all: Iterable<Float64Array>): Float64Array {
  const sum = new Float64Array(COUNT_WIDTH);
  for (const counts of all) for (let at = 0; at < COUNT_WIDTH; at++) sum[at]! += counts[at]!;
  return sum;
}

export function keyCounts(counts: Float64Array): KeyCounts {
  return {
    keys: counts[0]!,
    keysWithTtl: counts[1]!,
    expiredKeys: counts[2]!,
    expiredNowKeys: counts[3]!,
    keyBytes: counts[4]!,
    valueBytes: counts[5]!,
    elements: counts[6]!,
    memoryBytes: counts[7]!,
  };
}

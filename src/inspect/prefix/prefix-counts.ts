/** What is counted of the keys under a prefix: five numbers in a row of an array. */
import type { KeyFacts } from '../facts/key-facts.js';

export const COUNTS = 5;
export const KEYS = 0;
export const BYTES = 1;
export const MEMORY = 2;
export const ELEMENTS = 3;
export const WITHOUT_TTL = 4;

/** The same as data. */
export interface PrefixCounts {
  readonly keys: number;
  /** Bytes of the values in the file. */
  readonly bytes: number;
  /** Bytes as MEMORY USAGE counts them; 0 where memory was not measured. */
  readonly memoryBytes: number;
  /** 0 where elements were not counted. */
  readonly elements: number;
  /** Keys that do not expire. */
  readonly keysWithoutTtl: number;
}

/** Adds one key to the five numbers at `at`. */
export function addFacts(to: Float64Array, at: number, facts: KeyFacts): void {
  to[at + KEYS]! += 1;
  to[at + BYTES]! += facts.valueBytes;
  to[at + MEMORY]! += facts.memoryBytes;
  to[at + ELEMENTS]! += facts.elements;
  const { expireAt } = facts;
  // A stored −1 is no expiry (rdb-format.md §6.1).
  if (expireAt === undefined || expireAt.isAllOnes()) to[at + WITHOUT_TTL]! += 1;
}

export function addCounts(to: Float64Array, at: number, from: Float64Array, fromAt: number): void {
  for (let index = 0; index < COUNTS; index++) to[at + index]! += from[fromAt + index]!;
}

export function countsAt(from: Float64Array, at: number): PrefixCounts {
  return {
    keys: from[at + KEYS]!,
    bytes: from[at + BYTES]!,
    memoryBytes: from[at + MEMORY]!,
    elements: from[at + ELEMENTS]!,
    keysWithoutTtl: from[at + WITHOUT_TTL]!,
  };
}

/**
 * When keys were last looked at, or how often: one word per key, as the server keeps either the time (LRU) or a counter
 * that grows ever more slowly and falls with time (LFU).
 */
import type { Engine } from './engine.js';

/** The counter of a new key, and the greatest (LFU_INIT_VAL). */
const FIRST_COUNT = 5;
const MAX_COUNT = 255;
/** `lfu-log-factor`, and `lfu-decay-time` in minutes. */
const LOG_FACTOR = 10;
const DECAY_MINUTES = 1;
const COUNT_BITS = 8;
const MINUTES_MASK = 0xffff;
const MS_PER_MINUTE = 60_000;

/** Whether `maxmemory-policy` counts accesses, instead of keeping their time. */
export function countsAccesses({ settings }: Engine): boolean {
  return settings.maxmemoryPolicy.endsWith('-lfu');
}

/** Whether dumps say when a key was last looked at. */
export function savesIdleTimes({ settings }: Engine): boolean {
  return settings.maxmemoryPolicy.endsWith('-lru');
}

/** Of a key that is looked at: `word` is what it had, undefined for a new one. */
export function accessed(engine: Engine, word: number | undefined): number {
  if (!countsAccesses(engine)) return secondsOf(engine);
  if (word === undefined) return countWord(engine, FIRST_COUNT);
  const count = countOf(engine, word);
  const odds = 1 / (Math.max(0, count - FIRST_COUNT) * LOG_FACTOR + 1);
  return countWord(engine, count < MAX_COUNT && engine.random() < odds ? count + 1 : count);
}

export function idleWord(engine: Engine, seconds: number): number {
  return Math.max(0, secondsOf(engine) - seconds);
}

export function countWord(engine: Engine, count: number): number {
  return ((minutesOf(engine) << COUNT_BITS) | count) >>> 0;
}

export function idleSeconds(engine: Engine, word: number): number {
  return Math.max(0, secondsOf(engine) - word);
}

/** A counter as it is now. */
export function countOf(engine: Engine, word: number): number {
  const minutes = (minutesOf(engine) - (word >>> COUNT_BITS)) & MINUTES_MASK;
  return Math.max(0, (word & MAX_COUNT) - Math.floor(minutes / DECAY_MINUTES));
}

function secondsOf({ nowMs }: Engine): number {
  return Math.floor(nowMs / 1000) >>> 0;
}

function minutesOf({ nowMs }: Engine): number {
  return Math.floor(nowMs / MS_PER_MINUTE) & MINUTES_MASK;
}

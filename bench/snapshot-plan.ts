import type { Store } from '../src/store/index.js';
import { Prng } from './generate/prng.js';
import { KeyNames } from './store-load.js';

export type SnapshotKind = 'save' | 'rewrite';

export interface SnapshotRun {
  kind: SnapshotKind;
  directory: string;
  /** Keys that are strings. */
  keys: number;
  /** Hashes, sorted sets, sets and lists of 1,000 elements each, so many of each. */
  collections: number;
  /** Fields of one more hash, which is one key, and so one slice. */
  largeHashFields: number;
  /** Clients of the phases with commands; 0: nobody sends any. */
  clients: readonly number[];
  /** Of a phase without a snapshot. */
  aloneMs: number;
}

/** A stretch of time in which a snapshot is written, or none. */
export interface SnapshotPhase {
  clients: number;
  isSnapshot: boolean;
  /** How long it took; undefined where there was none. */
  snapshotMs?: number | undefined;
  /** Commands; undefined where nobody sent any. */
  perSecond: number | undefined;
  /** From the replies of one turn to those of the next; undefined where nobody sent commands. */
  gapsMs: { p50: number; p99: number; max: number } | undefined;
  /** When it began, after a collection of garbage, and the most. */
  rssBytes: number;
  peakRssBytes: number;
  /** Keys that were written ahead of their turn, because a command was about to change them; where the engine counts them. */
  writtenAhead: number | undefined;
}

const ELEMENTS = 1000;

/** How many keys {@link fillStore} makes. */
export function keysOf({ keys, collections }: SnapshotRun): number {
  return keys + 4 * collections + 1;
}

/** What is written: strings with names as redis-benchmark makes them, and collections. */
export function fillStore(store: Store, { keys, collections, largeHashFields }: SnapshotRun): void {
  const client = store.client();
  const names = new KeyNames(new Prng(1), keys);
  for (let index = 0; index < keys; index++) {
    client.execute(['SET', names.name(index), `value:${names.name(index)}`]);
    if (index % ELEMENTS === 0) store.flush();
  }
  const elements = (count: number, each: (index: number) => string[]): string[] =>
    Array.from({ length: count }, (_, index) => each(index)).flat();
  for (let index = 0; index < collections; index++) {
    client.execute(['HSET', `hash:${index}`, ...elements(ELEMENTS, (i) => [`field:${i}`, `value of field ${i}`])]);
    client.execute(['ZADD', `zset:${index}`, ...elements(ELEMENTS, (i) => [String(i), `member:${i}`])]);
    client.execute(['SADD', `set:${index}`, ...elements(ELEMENTS, (i) => [`member:${i}`])]);
    client.execute(['RPUSH', `list:${index}`, ...elements(ELEMENTS, (i) => [`element ${i} of a list`])]);
    store.flush();
  }
  client.execute(['HSET', 'hash:large', ...elements(largeHashFields, (i) => [`field:${i}`, `value of field ${i}`])]);
  store.flush();
  client.close();
}

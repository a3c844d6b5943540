/** How far the memory model may be off, by type and encoding (memory-model.md §9). */
import { expect } from 'vitest';
import { byKind, errorsOf, type MemoryPair, type ServerKind } from './memory-errors.js';

export interface Bounds {
  readonly median: number;
  readonly p99: number;
  readonly sum: number;
}

/** What the model says to the byte. */
const EXACT: Bounds = { median: 0, p99: 0.02, sum: 0.005 };
/** Levels of skiplists are drawn for each node. */
const SKIPLIST: Bounds = { median: 0.02, p99: 0.05, sum: 0.02 };
/**
 * Where an entry of a table goes depends on a seed that the server draws at its start: buckets of Valkey overflow by chance,
 * and by chance a hash that Redis 8.6 loads still has its last table beside the new one. Single keys can be held no closer
 * than this. Of the index of many expiries of fields (Valkey 9) the model knows the size, not where it is split.
 */
const SEEDED_TABLE: Bounds = { median: 0.02, p99: 0.12, sum: 0.03 };

/** `others`: bounds by kind, such as `hash hashtable`, in place of those that hold for a file that the model has read itself. */
export function expectClose(
  pairs: readonly MemoryPair[],
  kind: ServerKind,
  others: Readonly<Record<string, Bounds>> = {},
): void {
  for (const [name, list] of byKind(pairs)) {
    const { median, p99, sum } = errorsOf(list);
    const bounds = others[name] ?? boundsOf(name, kind);
    const worst = list.toSorted(
      (a, b) => Math.abs(b.modelBytes / b.bytes - 1) - Math.abs(a.modelBytes / a.bytes - 1),
    )[0];
    const about = `${name}: ${JSON.stringify(worst)}`;
    expect(median, about).toBeLessThanOrEqual(bounds.median);
    // The greatest of a few dozen keys is no percentile.
    if (bounds !== SKIPLIST || list.length >= 200) expect(p99, about).toBeLessThanOrEqual(bounds.p99);
    expect(Math.abs(sum), about).toBeLessThanOrEqual(bounds.sum);
  }
}

function boundsOf(name: string, { target }: ServerKind): Bounds {
  if (name === 'zset skiplist') return SKIPLIST;
  if (name !== 'hash hashtable' && name !== 'set hashtable') return EXACT;
  return target.family === 'valkey' || target.version > 12 ? SEEDED_TABLE : EXACT;
}

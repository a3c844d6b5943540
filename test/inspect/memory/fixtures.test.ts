/**
 * The model with libc's allocator against what the servers of the fixtures said of every key (MEMORY USAGE … SAMPLES 0, libc
 * malloc). Bounds are those of the document: nothing where it is exact, 5 % for what depends on chance.
 */
import { beforeAll, expect, it } from 'vitest';
import { listFixtures } from '../../support/fixtures.js';
import { byKind } from '../../support/memory-errors.js';
import { EXCEPTIONS } from './fixture-exceptions.js';
import { type FixturePair, fixturePairs, SLOT_POINTERS } from './fixture-pairs.js';

const SERVERS = [
  'redis-4.0',
  'redis-5.0',
  'redis-6.2',
  'redis-7.0',
  'redis-7.0rc1',
  'redis-7.4',
  'redis-7.4rc1',
  'redis-8.6',
  'valkey-8.0',
  'valkey-9.1',
];
/** Levels of skiplists; overflow of Valkey's tables, and neighbours in the sets of its 8.0. */
const ESTIMATED = new Set(['zset skiplist']);
const VALKEY_TABLES = new Set(['hash hashtable', 'set hashtable']);

let pairs: FixturePair[] = [];
beforeAll(async () => {
  pairs = (await Promise.all(listFixtures().map(fixturePairs))).flat();
}, 60_000);

it('compares the keys of every server that can be asked', () => {
  expect([...new Set(pairs.map(({ server }) => server))].sort()).toEqual(SERVERS);
  expect(pairs.length).toBeGreaterThan(14_000);
});

it.each(SERVERS)('%s: every kind within its bounds', (server) => {
  const own = pairs.filter((pair) => pair.server === server);
  const kept = own.filter((pair) => !EXCEPTIONS.some(({ isFor, sizes }) => sizes === undefined && isFor(pair)));
  expect(kept.length / own.length).toBeGreaterThan(server === 'redis-7.0rc1' ? 0.85 : 0.92);
  for (const [kind, list] of byKind(kept)) {
    const errors = (list as FixturePair[]).map(leastError).sort((a, b) => a.error - b.error);
    const isEstimated = ESTIMATED.has(kind) || (server.startsWith('valkey') && VALKEY_TABLES.has(kind));
    const about = `${kind}: ${JSON.stringify(errors.at(-1))}`;
    const at = (share: number): number => errors[Math.min(errors.length - 1, Math.floor(share * errors.length))]!.error;
    expect(at(0.5), about).toBeLessThanOrEqual(isEstimated ? 0.02 : 0);
    expect(at(0.99), about).toBeLessThanOrEqual(isEstimated ? 0.05 : 0.02);
  }
});

it('7.0 in cluster mode has two more pointers for each key', () => {
  const cluster = pairs.filter(({ server, case: name }) => server === 'redis-7.0' && name === 'cluster');
  expect(cluster.length).toBeGreaterThan(300);
  expect(cluster.filter(({ bytes, modelBytes }) => bytes < modelBytes)).toEqual([]);
  // Without them no key would take what the model says.
  expect(cluster.filter(({ bytes, modelBytes }) => bytes === modelBytes - SLOT_POINTERS)).toEqual([]);
});

it.each(EXCEPTIONS)('needs the exception: $reason', (exception) => {
  const { isFor, sizes } = exception;
  const others = EXCEPTIONS.filter((other) => other !== exception);
  const needed = pairs.filter(isFor).filter((pair) => {
    if (others.some((other) => other.sizes === undefined && other.isFor(pair))) return false;
    const known = sizesOf(pair, others);
    return errorOf(pair, known) > 0.02 && (sizes === undefined || errorOf(pair, sizesOf(pair, EXCEPTIONS)) === 0);
  });
  expect(needed.length).toBeGreaterThan(0);
});

function leastError(pair: FixturePair): FixturePair & { readonly error: number } {
  return { ...pair, error: errorOf(pair, sizesOf(pair, EXCEPTIONS)) };
}

/** That of the model, and what exceptions make of it, one after the other. */
function sizesOf(pair: FixturePair, exceptions: typeof EXCEPTIONS): readonly number[] {
  let all: readonly number[] = [pair.modelBytes];
  for (const { isFor, sizes } of exceptions)
    if (sizes !== undefined && isFor(pair)) all = [...all, ...all.flatMap((size) => sizes(pair, size))];
  return all;
}

/** Part of 1; MEMORY USAGE cuts off the fraction of a byte. */
function errorOf({ bytes }: FixturePair, sizes: readonly number[]): number {
  const off = Math.min(...sizes.map((size) => Math.abs(size - bytes)));
  return off <= 1 ? 0 : off / bytes;
}

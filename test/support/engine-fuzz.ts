/**
 * Commands of every family, mixed: the engine beside the server in replies, counts of changes, log, events and keys; at the
 * end files go both ways.
 */
import { expect } from 'vitest';
import { isSince } from '../../src/engine/settings.js';
import type { RdbValue } from '../../src/rdb/model.js';
import type { Target } from '../../src/rdb/versions.js';
import { comparableStream } from './comparable-stream.js';
import { compareWithServer } from './engine-differential.js';
import { mixed } from './generators/mixed.js';
import { comparableSet } from './generators/sets.js';

/** Low, so that every conversion is crossed again and again. */
const CONFIG = {
  'hash-max-listpack-entries': 8,
  'hash-max-listpack-value': 24,
  'zset-max-listpack-entries': 8,
  'zset-max-listpack-value': 24,
  'set-max-intset-entries': 6,
  'set-max-listpack-entries': 8,
  'set-max-listpack-value': 24,
  'list-max-listpack-size': 6,
  'stream-node-max-entries': 5,
};
const COMMANDS = 20_000;

/** Since 7.2 what becomes of an operation on sets that are hashed depends on the order in which a table happens to have them. */
function comparable(value: RdbValue, target: Target): unknown {
  const isHashed = value.type === 'set' && isSince(target, { redis: '7.2', valkey: '7.2' });
  return isHashed ? comparableSet(value) : comparableStream(value);
}

/** One seed; every third in RESP3. */
export async function fuzzEngine(seed: number): Promise<void> {
  const { accepted, errors, encodings } = await compareWithServer({
    seed,
    commands: COMMANDS,
    generate: mixed(),
    config: CONFIG,
    flushEvery: 40,
    protocol: seed % 3 === 0 ? 3 : 2,
    exchange: true,
    comparable,
  });
  expect(accepted.size).toBeGreaterThanOrEqual(130);
  expect(errors.size).toBeGreaterThan(80);
  expect(encodings.size).toBeGreaterThanOrEqual(11);
}

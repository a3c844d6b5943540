/** What goes out too fast is held back; the clock and the waiting are those of the test. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImportRate } from '../../../src/import/model.js';
import { RateLimit } from '../../../src/import/send/rate-limit.js';

let nowMs = 0;
let waits: number[] = [];

beforeEach(() => {
  nowMs = 1000;
  waits = [];
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => void vi.restoreAllMocks());

vi.mock('../../../src/import/send/patience.js', () => ({
  pause: async (ms: number): Promise<void> => {
    waits.push(ms);
    nowMs += ms;
  },
}));

describe('a batch', () => {
  it.each<[ImportRate, number, number]>([
    [{}, 4096, 1e6],
    [{ keysPerSecond: 1000 }, 100, 1e6],
    [{ keysPerSecond: 1e9 }, 4096, 1e6],
    [{ keysPerSecond: 3 }, 1, 1e6],
    [{ bytesPerSecond: 5000 }, 4096, 500],
    [{ bytesPerSecond: 1 }, 4096, 1],
  ])('under %j has up to %i units and %i bytes', (rate, units, bytes) => {
    const limit = new RateLimit(rate);
    expect([limit.batchUnits(4096), limit.batchBytes(1e6)]).toEqual([units, bytes]);
  });
});

it('lets everything pass where there is no limit', async () => {
  const limit = new RateLimit({});
  for (let turn = 0; turn < 5; turn++) await limit.pass(1e9, 1e12, undefined);
  expect(waits).toEqual([]);
});

it('lets the first pass at once, and what is late as well', async () => {
  const limit = new RateLimit({ keysPerSecond: 10 });
  await limit.pass(5, 1e9, undefined);
  expect(waits).toEqual([]);
  await limit.pass(1, 1, undefined);
  expect(waits).toEqual([500]);
  nowMs += 5000;
  await limit.pass(1, 1, undefined);
  expect(waits).toEqual([500]);
  // Time in which nothing went out is no credit.
  await limit.pass(1, 1, undefined);
  expect(waits).toEqual([500, 100]);
});

it('heeds the limit that is reached first', async () => {
  const limit = new RateLimit({ keysPerSecond: 10, bytesPerSecond: 1000 });
  await limit.pass(1, 2000, undefined);
  await limit.pass(40, 10, undefined);
  await limit.pass(0, 0, undefined);
  await limit.pass(1, 1, undefined);
  expect(waits).toEqual([2000, 4000]);
});

it('is never faster than it may be, over any time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ keys: fc.integer({ min: 1, max: 100 }), bytes: fc.nat(5000), idleMs: fc.nat(300) }), {
        maxLength: 40,
      }),
      async (batches) => {
        nowMs = 1000;
        const limit = new RateLimit({ keysPerSecond: 100, bytesPerSecond: 10_000 });
        const out: { atMs: number; keys: number; bytes: number }[] = [];
        for (const { keys, bytes, idleMs } of batches) {
          nowMs += idleMs;
          await limit.pass(keys, bytes, undefined);
          out.push({ atMs: nowMs, keys, bytes });
        }
        for (let from = 0; from < out.length; from++) {
          let [keys, bytes] = [0, 0];
          // What goes out at the end of a span is paid for after it.
          for (let to = from; to < out.length; to++) {
            const spanMs = out[to]!.atMs - out[from]!.atMs + 1e-6;
            expect(keys / 100).toBeLessThanOrEqual(spanMs / 1000);
            expect(bytes / 10_000).toBeLessThanOrEqual(spanMs / 1000);
            keys += out[to]!.keys;
            bytes += out[to]!.bytes;
          }
        }
      },
    ),
  );
});

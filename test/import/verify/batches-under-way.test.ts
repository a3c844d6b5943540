import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BatchesUnderWay } from '../../../src/import/verify/batches-under-way.js';
import { Pager } from '../../../src/import/verify/pager.js';

it('runs as many side by side as may be', async () => {
  let running = 0;
  let most = 0;
  let mostBytes = 0;
  let bytes = 0;
  const underWay = new BatchesUnderWay(3, 100);
  for (const size of [10, 10, 10, 10, 90, 500, 10]) {
    await underWay.start(size, async () => {
      bytes += size;
      most = Math.max(most, ++running);
      if (running > 1) mostBytes = Math.max(mostBytes, bytes);
      await sleep(5);
      running--;
      bytes -= size;
    });
  }
  await underWay.settled();
  expect([most, running]).toEqual([3, 0]);
  expect(mostBytes).toBeLessThanOrEqual(100);
});

it('tells what one of them has failed with', async () => {
  const underWay = new BatchesUnderWay(2, 100);
  const error = new Error('from the first');
  await underWay.start(1, () => Promise.reject(error));
  await underWay.settled();
  await expect(underWay.start(1, async () => undefined)).rejects.toBe(error);
  expect(() => underWay.throwFailure()).toThrow(error);
});

it('asks for more of small elements, and for less of large ones', () => {
  const pager = new Pager();
  const counts: number[] = [];
  for (const size of [10, 10, 600_000, 3_000_000, 3_000_000]) {
    pager.got([new Uint8Array(size), [new Uint8Array(1), 7]]);
    counts.push(pager.count);
  }
  expect(counts).toEqual([32, 64, 64, 32, 16]);
});

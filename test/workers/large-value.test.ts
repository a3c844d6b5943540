/** A large value is taken by the main thread, and what is written of it does not wait for its end. */
import { expect, it } from 'vitest';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { JsonTask } from '../../src/convert/json/json-task.js';
import { ParallelReader } from '../../src/workers/parallel-reader.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';

const ITEMS = 200_000;

it('hands over its pieces as they come', async () => {
  const item = str(
    'some text of a hundred bytes, more or less, which makes twenty megabytes of text with all the others of it',
  );
  const value = bytesOf(len(ITEMS), Buffer.alloc(ITEMS * item.length, Uint8Array.from(item)));
  const file = rdbFile(
    'REDIS0011',
    keyRecord(0, 'before', str('v')),
    keyRecord(1, 'list', value),
    keyRecord(0, 'behind', str('v')),
  );
  const options = { filter: undefined, nowMs: 0 };
  const sizes: number[] = [];
  const pauses: number[] = [];
  const reader = new ParallelReader({
    source: new BytesSource(file),
    jobs: 2,
    file: 'worker',
    spec: { name: 'json', options },
    task: new JsonTask(options),
    collector: {
      result: (pieces) => sizes.push(pieces.reduce((sum, { length }) => sum + length, 0)),
      warning: () => undefined,
    },
    driver: { limits: { largeValueBytes: 1_000_000 } },
    onPause: async () => void pauses.push(sizes.length),
  });
  await reader.run();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(20_000_000);
  expect(Math.max(...sizes)).toBeLessThan(8_000_000);
  expect(pauses.length).toBeGreaterThan(3);
});

/** The option `jobs` of the library: the same output, and threads that end when nobody wants more. `npm test` builds the workers. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { exportJson, type JsonExportOptions } from '../../src/convert/json/export.js';
import { exportCommands } from '../../src/convert/rdb-to-commands/export.js';
import { checkRdb } from '../../src/inspect/check.js';
import { WorkerPool } from '../../src/workers/pool.js';
import { workerFile } from '../../src/workers/worker-file.js';
import { rdbFile } from '../support/file-builder.js';
import { readFixture } from '../support/fixtures.js';
import { errorFacts } from './json-threads.js';
import { manyKeys } from './many-keys.js';

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<{ text: string; error: unknown }> {
  const kept: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const piece of pieces) kept.push(piece);
  } catch (thrown) {
    error = errorFacts(thrown);
  }
  return { text: Buffer.concat(kept).toString('latin1'), error };
}

const large = manyKeys('redis-7.4/types', 9_000_000);

describe('exportJson', () => {
  const same = async (file: Uint8Array, options: JsonExportOptions = {}): Promise<string> => {
    const expected = await collect(exportJson(file, options));
    expect(await collect(exportJson(file, { ...options, jobs: 2 }))).toEqual(expected);
    return expected.text;
  };

  it.each([{}, { format: 'json' }, { format: 'json', all: true }, { encoding: 'hex' }] as const)(
    'with %o',
    async (options) => {
      expect(await same(readFixture('valkey-9.1/types'), options)).not.toBe('');
    },
  );

  it('of many ranges', async () => {
    expect(await same(large)).not.toBe('');
    expect(await same(large, { format: 'json', filter: { types: ['list'] } })).not.toBe('');
  });

  it('of nothing', async () => {
    expect(await same(rdbFile('REDIS0011'), { format: 'json' })).toBe('[]\n');
    expect(await same(rdbFile('REDIS0011'))).toBe('');
  });

  it('of a file that ends early', async () => {
    expect(await same(large.subarray(0, 5_000_000), { format: 'json' })).not.toBe('');
  });

  it('keeps to a limit', async () => {
    expect((await same(large, { filter: { limit: 3 } })).split('\n')).toHaveLength(4);
  });

  it('ends its threads when it is left', async () => {
    for await (const piece of exportJson(large, { jobs: 2 })) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    // Threads that went on would keep this process from ending.
    const workers = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort');
    expect(workers.length).toBeLessThanOrEqual(baseline);
  });

  it('ends with the reason of a signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const reading = (async () => {
      for await (const piece of exportJson(large, { jobs: 2, signal: controller.signal }))
        if (piece.length > 0) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
  });
});

it('starts its threads where it was loaded by require, too', async () => {
  const { exportJson: required } = createRequire(import.meta.url)('../../dist/convert/index.cjs') as {
    exportJson: typeof exportJson;
  };
  const file = readFixture('redis-7.0/types');
  expect(await collect(required(file, { jobs: 2 }))).toEqual(await collect(exportJson(file)));
});

const baseline = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

describe('exportCommands', () => {
  it.each(['resp', 'restore'] as const)('as %s', async (format) => {
    const expected = await collect(exportCommands(large, { format, nowMs: 0 }));
    expect(expected.text).not.toBe('');
    expect(await collect(exportCommands(large, { format, nowMs: 0, jobs: 2 }))).toEqual(expected);
  });
});

describe('checkRdb', () => {
  it('reports the same, limits that are too small included', async () => {
    const damaged = large.slice();
    damaged.fill(0xee, 4_000_000, 4_000_020);
    for (const file of [large, damaged, large.subarray(0, 3_000_000)]) {
      for (const limits of [{}, { maxBlobBytes: 400 }]) {
        const expected = await checkRdb(file, { deep: true, limits });
        const found = await checkRdb(file, { deep: true, limits, jobs: 2 });
        expect({ ...found, errors: found.errors.map(errorFacts) }).toEqual({
          ...expected,
          errors: expected.errors.map(errorFacts),
        });
      }
    }
  });
});

describe('a worker thread that fails', () => {
  const message = {
    ticket: 0,
    header: { kind: 'header', magic: 'REDIS', version: 11 },
    db: 0,
    offset: 9,
    size: 0,
  } as const;

  it('is told with what happened', async () => {
    const spec = { name: 'no such task', options: {} };
    const pool = new WorkerPool(workerFile('worker'), 1, { spec, limits: {}, deep: false, kernels: undefined });
    const answer = pool.run({ ...message, bytes: pool.lend(16) }, []);
    await expect(answer.next()).rejects.toMatchObject({
      name: 'WorkerError',
      message: 'a worker thread has failed: there is no task no such task',
    });
    // Nor does anybody wait for one that has ended.
    await expect(pool.run({ ...message, ticket: 1, bytes: pool.lend(16) }, []).next()).rejects.toThrow('has failed');
    await pool.close();
  });
});

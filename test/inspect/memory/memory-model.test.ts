/** The model over files: streamed values as whole ones, other servers, totals. */
import { describe, expect, it } from 'vitest';
import { Window } from '../../../src/bytes/window.js';
import { CollectorGroup, collectFacts } from '../../../src/inspect/facts/collect.js';
import { FactHandler } from '../../../src/inspect/facts/fact-handler.js';
import type { KeyFacts } from '../../../src/inspect/facts/key-facts.js';
import type { ValueMeasure } from '../../../src/inspect/facts/value-measure.js';
import { DatasetMemory } from '../../../src/inspect/memory/dataset-memory.js';
import { MemoryModel } from '../../../src/inspect/memory/memory-model.js';
import { WhatIfMeasure } from '../../../src/inspect/memory/what-if-measure.js';
import { drive } from '../../../src/rdb/drive.js';
import { RdbDriver } from '../../../src/rdb/driver.js';
import { openRdbSource } from '../../../src/rdb/open.js';
import { findTarget, TARGETS } from '../../../src/rdb/versions.js';
import { keyRecord, len, rdbFile, str } from '../../support/file-builder.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';

type Measured = readonly [key: string, bytes: number, encoding: string, elements: number, whatIf: number];

class Measurements {
  readonly list: Measured[] = [];

  record(): void {}

  key({ key, memoryBytes, memoryEncoding, elements, whatIfBytes }: KeyFacts): void {
    this.list.push([Buffer.from(key.copy()).toString('latin1'), memoryBytes, memoryEncoding, elements, whatIfBytes]);
  }
}

async function measured(dump: Uint8Array, measure: ValueMeasure): Promise<readonly Measured[]> {
  const list = new Measurements();
  await collectFacts(dump, list, { measure });
  return list.list;
}

/** The same where every value of more than a few bytes is streamed. */
async function streamed(dump: Uint8Array, measure: ValueMeasure): Promise<readonly Measured[]> {
  const list = new Measurements();
  const handler = new FactHandler(undefined, measure, list, () => undefined);
  const driver = new RdbDriver(new Window(), handler, { limits: { largeValueBytes: 8 } });
  handler.driver = driver;
  await drive(await openRdbSource(dump), driver);
  return list.list;
}

const names = listFixtures().map(({ name }) => name);

it.each(names)('%s: a value in pieces takes what it takes as a whole', async (name) => {
  const dump = readFixture(name);
  const whole = await measured(dump, new MemoryModel());
  expect(whole.length).toBeGreaterThan(0);
  expect(await streamed(dump, new MemoryModel())).toEqual(whole);
  expect((await measured(dump, new MemoryModel({ largestElement: true }))).map(([key, bytes]) => [key, bytes])).toEqual(
    whole.map(([key, bytes]) => [key, bytes]),
  );
});

it.each(TARGETS.map(({ name }) => name))('%s: every key has a size', async (name) => {
  for (const fixture of ['redis-8.6/types', 'redis-2.4/types', 'valkey-9.1/types']) {
    for (const [key, bytes] of await measured(readFixture(fixture), new MemoryModel({ server: findTarget(name)! })))
      expect(bytes, key).toBeGreaterThanOrEqual(16);
  }
});

describe('worked by hand', () => {
  const file = (...records: Uint8Array[]): Uint8Array => rdbFile('REDIS0010', ...records);
  const byKey = async (server: string, ...records: Uint8Array[]): Promise<Record<string, number>> => {
    const list = await measured(file(...records), new MemoryModel({ server: findTarget(server)! }));
    return Object.fromEntries(list.map(([key, bytes]) => [key, bytes]));
  };
  const records = [
    keyRecord(0, 'int', str('12345')),
    keyRecord(0, 'short', str('hello')),
    keyRecord(0, 'long', str('x'.repeat(100))),
  ];

  it('strings of 7.0', async () => {
    // 24 for the entry; names of 3, 5 and 4 bytes in 8; an object of 16.
    expect(await byKey('redis:7.0', ...records)).toEqual({
      int: 24 + 8 + 16,
      short: 24 + 8 + 32,
      long: 24 + 8 + 16 + 112,
    });
  });

  it('strings of 8.6', async () => {
    expect(await byKey('redis:8.6', ...records)).toEqual({ int: 32, short: 48, long: 32 + 112 });
  });

  it('strings of Valkey 8.1 and 9.1', async () => {
    expect(await byKey('valkey:8.1', ...records)).toEqual({ int: 16, short: 48, long: 16 + 112 });
    expect(await byKey('valkey:9.1', ...records)).toEqual({ int: 32, short: 32, long: 128 });
  });
});

describe('what if', () => {
  const small = keyRecord(4, 'h', [len(600), ...Array.from({ length: 600 }, (_, at) => [str(`f${at}`), str('v')])]);

  it('tells what other limits would take, and another server', async () => {
    const dump = rdbFile('REDIS0010', small);
    const base = { server: findTarget('redis:7.0')! };
    const [one] = await measured(
      dump,
      new WhatIfMeasure(new MemoryModel(base), new MemoryModel({ ...base, settings: { hashMaxPackedEntries: 1024 } })),
    );
    const [packed] = await measured(dump, new MemoryModel({ ...base, settings: { hashMaxPackedEntries: 1024 } }));
    const [table] = await measured(dump, new MemoryModel(base));
    expect([one![1], one![2], one![4]]).toEqual([table![1], 'hashtable', packed![1]]);
    expect(packed![1]).toBeLessThan(table![1] / 5);
  });

  it('is the same for values in pieces', async () => {
    const measure = (): WhatIfMeasure =>
      new WhatIfMeasure(
        new MemoryModel({ server: findTarget('redis:7.0')! }),
        new MemoryModel({ server: findTarget('valkey:8.1')! }),
      );
    const dump = readFixture('redis-7.0/types');
    expect(await streamed(dump, measure())).toEqual(await measured(dump, measure()));
  });
});

it('adds up a dataset', async () => {
  const model = new MemoryModel();
  const dataset = new DatasetMemory(model);
  const list = new Measurements();
  await collectFacts(readFixture('redis-7.0/types'), new CollectorGroup([list, dataset]), { measure: model });
  const totals = dataset.totals();
  expect(totals.keys).toBe(list.list.length);
  expect(totals.usageBytes).toBe(list.list.reduce((sum, [, bytes]) => sum + bytes, 0));
  expect(totals.datasetBytes).toBe(totals.usageBytes + totals.correctionBytes + totals.tableBytes);
  expect(totals.tableBytes).toBeGreaterThan(8 * 128);
  expect(totals.usedMemoryBytes).toBeGreaterThan(totals.datasetBytes);
});

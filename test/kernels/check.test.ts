/** The deep check by the kernel against the one in TypeScript: the same report for sound and for damaged files. */
import { describe, expect, it, vi } from 'vitest';
import { type CheckReport, checkRdb } from '../../src/inspect/check.js';
import { CheckHandler } from '../../src/inspect/check-handler.js';
import * as workspace from '../../src/kernels/workspace.js';
import { keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { random } from '../support/random.js';

const SEED = 20261126;

/** One byte array per call: the source must not be one piece, which is read where it lies. */
async function* chunks(file: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let pos = 0; pos < file.length; pos += 100_000) yield file.subarray(pos, pos + 100_000);
}

async function report(file: Uint8Array, deep: boolean): Promise<unknown> {
  const found: CheckReport = await checkRdb(chunks(file), { deep, checksum: false });
  return {
    ...found,
    errors: found.errors.map(({ code, message, offset, trail }) => ({ code, message, offset, trail })),
  };
}

async function expectSame(file: Uint8Array): Promise<void> {
  for (const deep of [false, true]) {
    const compiled = await report(file, deep);
    const refused = vi.spyOn(workspace, 'openWorkspace').mockReturnValue(undefined);
    expect(compiled).toEqual(await report(file, deep));
    expect(refused).toHaveBeenCalled();
    refused.mockRestore();
  }
}

/** Keys that the deep check left to TypeScript. */
async function leftOver(file: Uint8Array): Promise<number> {
  const key = vi.spyOn(CheckHandler.prototype, 'key');
  await report(file, true);
  const count = key.mock.calls.length;
  key.mockRestore();
  return count;
}

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);

  it('has the same report', async () => {
    await expectSame(file);
  });

  it('has the same report when it is damaged', async () => {
    const next = random(SEED);
    for (let round = 0; round < 12; round++) {
      const damaged = file.slice();
      for (let hits = 1 + Math.floor(next() * 3); hits > 0; hits--) {
        damaged[9 + Math.floor(next() * (file.length - 9))] = Math.floor(next() * 256);
      }
      await expectSame(damaged);
    }
  });
});

it('finds what occurs twice', async () => {
  const record = (key: string, type: number, ...items: string[]): Uint8Array =>
    keyRecord(type, key, [len(type === 4 ? items.length / 2 : items.length), items.map((item) => str(item))]);
  const files = [
    [record('set', 2, 'a', 'b', 'a')],
    [record('hash', 4, 'a', '1', 'a', '2')],
    [record('list', 1, 'a', 'a')],
    [record('set', 2), record('hash', 4), record('list', 1)],
    [record('same', 1, 'a'), record('other', 1, 'a'), record('same', 2, 'a')],
    [keyRecord(2, 'set', [len(2), str('7'), 0xc0, 7])],
  ];
  for (const records of files) await expectSame(rdbFile('REDIS0009', ...records));
});

it('leaves few keys to TypeScript', async () => {
  expect(await leftOver(readFixture('redis-7.0/types'))).toBeLessThan(20);
  expect(await leftOver(readFixture('redis-7.0/streams'))).toBeLessThan(20);
});

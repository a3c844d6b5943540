/** Lines of strings that are put together from the shape of the string, against those from the facts of each key. */
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { MemoryCsvRows } from '../../src/cli/render/memory-csv.js';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { MemoryModel } from '../../src/inspect/memory/memory-model.js';
import { bytesOf, int64Le, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { random } from '../support/random.js';

const SEED = 20261126;

class ByFacts extends MemoryCsvRows {
  override strings(_driver: unknown, from: number): number {
    return from;
  }
}

async function linesOf(files: readonly Uint8Array[], Rows: typeof MemoryCsvRows): Promise<string> {
  const pieces: Buffer[] = [];
  const sink = {
    isBehind: false,
    write: (bytes: Uint8Array, start: number, end: number) => void pieces.push(Buffer.from(bytes.slice(start, end))),
  };
  const output = new Output(sink as unknown as ConstructorParameters<typeof Output>[0], false);
  const rows = new Rows(output);
  const measure = new MemoryModel();
  for (const file of files) await collectFacts(file, rows, { measure });
  rows.finish();
  output.flush();
  return Buffer.concat(pieces).toString('latin1');
}

async function expectSame(...files: readonly Uint8Array[]): Promise<string> {
  const lines = await linesOf(files, MemoryCsvRows);
  expect(lines).toBe(await linesOf(files, ByFacts));
  return lines;
}

describe.each(listFixtures())('$name', ({ name }) => {
  it('has the same lines', async () => {
    expect((await expectSame(readFixture(name))).length).toBeGreaterThan(50);
  });
});

it('has the same lines for strings of every length, numbers among them, with and without expiry', async () => {
  const next = random(SEED);
  const below = (count: number): number => Math.floor(next() * count);
  const letters = 'ab0123456789-+. ~\x7f,"';
  const text = (length: number): string => Array.from({ length }, () => letters[below(letters.length)]).join('');
  const values = [
    () => str(text(below(300))),
    () => str(String(below(2 ** 31) * (below(3) - 1))),
    () => str(`-${'9'.repeat(below(22))}`),
    () => [0xc0, below(256)],
    () => [0xc1, below(256), below(256)],
    () => [0xc2, below(256), below(256), below(256), below(256)],
    // A length in two bytes that would fit one, and one in five.
    () => [0x40, 5, ...Buffer.from('short')],
    () => [0x80, 0, 0, 0, 5, ...Buffer.from('short')],
    // LZF: ten times the letter.
    () => [0xc3, 6, 10, 0x00, 0x61, 0xe0, 0x00, 0x00, 0x00],
  ];
  const expiries = [
    () => [],
    () => bytesOf(0xfc, int64Le(BigInt(below(2 ** 47)))),
    () => bytesOf(0xfc, int64Le(-BigInt(below(2 ** 40)))),
    () => bytesOf(0xfc, int64Le(2n ** 60n)),
    () => bytesOf(0xfd, 1, 2, 3, 4),
    () => bytesOf(0xf9, 7),
  ];
  const records = Array.from({ length: 5000 }, (_, at) => {
    const value = values[below(below(2) === 0 ? 1 : values.length)]!();
    return keyRecord(0, `${at}${text(below(80))}`, value, expiries[below(expiries.length)]!());
  });
  const lines = await expectSame(rdbFile('REDIS0011', [0xfa, str('redis-ver'), str('7.2.0')], records));
  expect(lines.split('\n').length).toBeGreaterThan(5000);
});

it('models each file of several on its own', async () => {
  const records = ['a', 'b'].map((name) => keyRecord(0, name, str('some text')));
  const lines = await expectSame(rdbFile('REDIS0009', records), rdbFile('REDIS0013', records));
  const memory = lines.split('\n').map((line) => line.split(',')[5]);
  expect(memory[2]).toBe(memory[1]);
  expect(memory[4]).toBe(memory[3]);
  expect(memory[3]).not.toBe(memory[1]);
});

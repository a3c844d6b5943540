/** exportCommands: the same commands, for those who do not drive the reading themselves. */
import { describe, expect, it } from 'vitest';
import { EncodeError, TruncatedError } from '../../src/bytes/errors.js';
import { type CommandExportOptions, exportCommands } from '../../src/convert/rdb-to-commands/export.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { commandRun, commandsOf } from '../support/command-run.js';
import { dumpOf, listOf } from '../support/command-values.js';
import { readFixture } from '../support/fixtures.js';
import { ascii } from '../support/packed.js';

async function collect(
  input: Uint8Array,
  options: CommandExportOptions,
  pieces: Uint8Array[] = [],
): Promise<Uint8Array> {
  for await (const piece of exportCommands(input, options)) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

const FILE = readFixture('redis-7.0/types');

it.each(['resp', 'restore'] as const)('gives the commands of -f %s', async (format) => {
  const expected = commandRun(FILE, { format }).bytes;
  expect(Buffer.compare(await collect(FILE, { format }), expected)).toBe(0);
});

it('gives what is large in pieces', async () => {
  const items = Array.from({ length: 200_000 }, (_, index) => ascii(`item ${index} of a long list`));
  const value: RdbValue = { type: 'list', encoding: 'quicklist', items };
  const file = dumpOf('redis:7.0', { value });
  const pieces: Uint8Array[] = [];
  await collect(file, { limits: { largeValueBytes: 65536 } }, pieces);
  expect(pieces.length).toBeGreaterThan(10);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(600_000);
});

describe('a filter', () => {
  it('chooses keys, and ends the reading where it wants no more', async () => {
    const bytes = await collect(FILE.subarray(0, FILE.length - 20), { filter: { limit: 3 } });
    expect(commandsOf(bytes).filter(([name]) => name === 'SELECT')).toHaveLength(1);
  });
});

it('gives whole commands before an error', async () => {
  const pieces: Uint8Array[] = [];
  await expect(collect(FILE.subarray(0, 50_000), {}, pieces)).rejects.toThrow(TruncatedError);
  expect(commandsOf(new Uint8Array(Buffer.concat(pieces))).length).toBeGreaterThan(50);
});

it('throws what cannot be said, or tells it', async () => {
  const value: RdbValue = {
    type: 'module',
    encoding: 'module',
    module: 'example01',
    version: 1,
    items: [{ kind: 'uint', value: 1n }],
  };
  const file = dumpOf('redis:7.0', { value, key: ascii('m') }, { value: listOf('a') });
  await expect(collect(file, {})).rejects.toThrow(EncodeError);
  const losses: unknown[] = [];
  const bytes = await collect(file, { onUnsupported: 'drop', onLoss: (loss) => losses.push(loss.what) });
  expect([commandsOf(bytes).length, losses]).toEqual([2, ['module']]);
});

it('ends with the reason of its signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(collect(FILE, { signal })).rejects.toThrow('enough');
});

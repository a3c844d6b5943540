/** Large values: they come in pieces, or not at all where an argument is larger than the target takes. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UNIT } from '../../../src/import/units/unit-batch.js';
import type { KeyEntry, RdbValue } from '../../../src/rdb/model.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { commandLines, commandsOf } from '../../support/command-run.js';
import { dumpOf, type Entry } from '../../support/command-values.js';
import { held, logOf, type ReadUnitsOptions, readUnits, type SeenUnits, unitsOf } from '../../support/import-units.js';
import { ascii, latin1 } from '../../support/packed.js';
import { hash, list, set, string, zset } from '../../support/values.js';

const SEVEN = findTarget('redis:7.0')!;
const NOW_MS = Date.UTC(2026, 0);

const key = (name: string, value: RdbValue, more: Partial<KeyEntry> = {}): Entry => ({
  key: ascii(name),
  value,
  ...more,
});
const namesOf = (run: SeenUnits): string[] => unitsOf(run).map(({ key }) => latin1(key));

/** In pieces, so that there is something to wait for in the middle of a value. */
function* inPieces(file: Uint8Array, size = 10_000): Generator<Uint8Array> {
  for (let pos = 0; pos < file.length; pos += size) yield file.slice(pos, pos + size);
}

const sha = (text: string): string => latin1(createHash('sha1').update(text).digest());
describe('a large value', () => {
  const texts = Array.from({ length: 25_000 }, (_, index) => `element:${index}:${'x'.repeat(10)}`);
  const big = {
    list: list(...texts),
    set: set(...texts),
    zset: zset(...texts.map((text, index) => [text, index] as const)),
    hash: hash(...texts.map((text) => [text, text] as const)),
    string: string(texts.map((text) => sha(text)).join('')),
  };
  const file = dumpOf(
    SEVEN,
    key('before', string('1')),
    ...Object.entries(big).map(([name, value]) => key(name, value, { expireAtMs: Date.UTC(2099, 0) })),
    key('after', string('2')),
  );
  const tiny: ReadUnitsOptions = { keys: { limits: { largeValueBytes: 1024 } }, maxBatchBytes: 4096 };

  it.each(['commands', 'auto'] as const)('comes in batches of its own, cut behind whole commands: %s', async (mode) => {
    const run = await readUnits(inPieces(file), { ...tiny, mode });
    let open: number | undefined;
    let next = 0;
    for (const { from, to, units, continues, isOpen, size } of run.batches) {
      expect([from, continues]).toEqual([next, open !== undefined]);
      next = to;
      if (open !== undefined) expect(units[0]!.ordinal).toBe(open);
      if (isOpen || continues) expect(units.length).toBe(1);
      if (isOpen) expect([to, units[0]!.isMoved]).toEqual([from, false]);
      open = isOpen ? units[0]!.ordinal : undefined;
      expect(units.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(size);
      for (const { bytes, requests } of units) expect(commandsOf(bytes).length).toBe(requests);
    }
    expect([next, open, run.units]).toEqual([7, undefined, 7]);
    const pieces = new Map<string, number>();
    for (const name of namesOf(run)) pieces.set(name, (pieces.get(name) ?? 0) + 1);
    for (const name of ['list', 'set', 'zset', 'hash']) expect(pieces.get(name)).toBeGreaterThan(1);
    expect([pieces.get('before'), pieces.get('after')]).toEqual([1, 1]);
    expect(run.batches.filter(({ isOpen }) => isOpen).length).toBeGreaterThan(8);
  });

  it.each(['commands', 'auto'] as const)('is all there in the end: %s', async (mode) => {
    const found = await held(logOf(await readUnits(inPieces(file), { ...tiny, mode })), SEVEN, NOW_MS);
    expect(found).toEqual(await held(file, SEVEN, NOW_MS));
    expect(found.refused).toBe(0);
  });

  it('is built once all of it is said, under a name that is cleared first', async () => {
    const run = await readUnits(inPieces(file), { ...tiny, mode: 'commands' });
    const moved = unitsOf(run).filter(({ isMoved }) => isMoved);
    expect(moved.map(({ key }) => latin1(key))).toEqual(['list', 'set', 'zset', 'hash', 'string']);
    for (const { key } of moved) {
      const units = unitsOf(run).filter((unit) => latin1(unit.key) === latin1(key));
      const lines = units.flatMap(({ bytes }) => commandLines(bytes));
      const temporary = `rdb-inspect:import:id:${units[0]!.ordinal}`;
      expect(lines[0]).toBe(`DEL ${temporary}`);
      expect(lines.at(-1)).toBe(`PEXPIREAT ${temporary} ${Date.UTC(2099, 0)}`);
      for (const line of lines) expect(line.split(' ')[1]).toBe(temporary);
    }
  });

  it('that may have been sent before is known as that in each of its pieces', async () => {
    const run = await readUnits(inPieces(file), { ...tiny, mode: 'commands', wants: () => 'owned' });
    expect(run.batches.filter(({ continues }) => continues).length).toBeGreaterThan(5);
    expect(unitsOf(run).every(({ isOwned }) => isOwned)).toBe(true);
    const pieces = unitsOf(run).filter(({ key }) => latin1(key) === 'list');
    const temporary = 'rdb-inspect:import:id:1';
    expect(commandLines(pieces[0]!.bytes).slice(0, 2)).toEqual(['DEL list', `DEL ${temporary}`]);
    expect(commandLines(pieces[1]!.bytes).some((line) => line.startsWith('DEL'))).toBe(false);
  });

  it('is one payload with RESTORE alone', async () => {
    const run = await readUnits(inPieces(file), { ...tiny, mode: 'restore' });
    expect(run.batches.some(({ isOpen, continues }) => isOpen || continues)).toBe(false);
    expect(await held(logOf(run), SEVEN, NOW_MS)).toEqual(await held(file, SEVEN, NOW_MS));
  });

  it('is not sent to its end when nobody wants it any more', async () => {
    for (const isLost of [true, false]) {
      const run = await readUnits(inPieces(file), {
        ...tiny,
        mode: 'commands',
        onBatch: (batch, reader) => {
          if (batch.isOpen && latin1(batch.keyOf(0)) === 'set') reader.abandon(batch.ordinals[0]!, isLost);
        },
      });
      expect(unitsOf(run).filter(({ key }) => latin1(key) === 'set').length).toBe(1);
      expect(namesOf(run).filter((name) => name === 'zset').length).toBeGreaterThan(1);
      const last = run.batches.find(({ units }) => latin1(units[0]!.key) === 'zset')!;
      // Nobody says that it is done where it is to be sent once more.
      expect(last.from).toBe(isLost ? 3 : 2);
      expect(run.batches.at(-1)!.to).toBe(7);
    }
  });

  it('that is not wanted is not read as commands', async () => {
    const run = await readUnits(inPieces(file), {
      ...tiny,
      mode: 'commands',
      wants: (unit) => (unit === 2 ? 'no' : 'fresh'),
    });
    expect(new Set(namesOf(run))).toEqual(new Set(['before', 'list', 'zset', 'hash', 'string', 'after']));
    expect(await held(logOf(run), SEVEN, NOW_MS)).toEqual(await held(dumpWithout('set'), SEVEN, NOW_MS));
  });

  function dumpWithout(left: string): Uint8Array {
    const rest = Object.entries(big).filter(([name]) => name !== left);
    return dumpOf(
      SEVEN,
      key('before', string('1')),
      ...rest.map(([name, value]) => key(name, value, { expireAtMs: Date.UTC(2099, 0) })),
      key('after', string('2')),
    );
  }
});

describe('an argument that is too large', () => {
  const long = 'x'.repeat(3000);
  const kinds = (run: SeenUnits): [string, number, number][] =>
    unitsOf(run).map(({ key, kind, requests }) => [latin1(key), kind, requests]);

  it('makes its unit one that is not sent', async () => {
    const file = dumpOf(SEVEN, key('a', string('1')), key('b', list('1', long, '2')), key('c', string('2')));
    const run = await readUnits(file, { mode: 'commands', maxBulkBytes: 2000 });
    expect(kinds(run).map(([name, kind]) => [name, kind])).toEqual([
      ['a', UNIT.KEY],
      ['b', UNIT.TOO_LARGE],
      ['c', UNIT.KEY],
    ]);
    const fits = await readUnits(file, { mode: 'commands', maxBulkBytes: 3000 });
    expect(kinds(fits).map(([, kind]) => kind)).toEqual([UNIT.KEY, UNIT.KEY, UNIT.KEY]);
  });

  it('takes away what has been sent of a value that is streamed', async () => {
    const texts = Array.from({ length: 30_000 }, (_, index) => `element:${index}`);
    const file = dumpOf(SEVEN, key('a', string('1')), key('b', list(...texts, long, ...texts)), key('c', string('2')));
    const options: ReadUnitsOptions = { mode: 'commands', maxBulkBytes: 2000, maxBatchBytes: 4096 };
    const run = await readUnits(inPieces(file), options);
    const pieces = run.batches.filter(({ units }) => latin1(units[0]!.key) === 'b');
    expect(pieces.length).toBeGreaterThan(2);
    const last = pieces.at(-1)!;
    expect([last.isOpen, last.units[0]!.kind, commandLines(last.units[0]!.bytes)]).toEqual([
      false,
      UNIT.TOO_LARGE,
      ['DEL rdb-inspect:import:id:1'],
    ]);
    expect(pieces.some(({ units: [unit] }) => unit!.isMoved)).toBe(false);
    expect((await held(logOf(run), SEVEN, 0)).lines.length).toBe(
      (await held(dumpOf(SEVEN, key('a', string('1')), key('c', string('2'))), SEVEN, 0)).lines.length,
    );
    expect(run.batches.at(-1)!.to).toBe(3);
  });

  it('is said as commands instead, where the payload alone is too large', async () => {
    const texts = Array.from({ length: 300 }, (_, index) => `element:${index}`);
    const file = dumpOf(SEVEN, key('a', list('1')), key('b', list(...texts)), key('c', list('2')));
    const run = await readUnits(file, { mode: 'auto', maxBulkBytes: 1500 });
    expect(run.asCommands).toBe(1);
    const verbs = unitsOf(run).map(({ bytes }) => new Set(commandsOf(bytes).map(([name]) => name)));
    expect(verbs[0]).toEqual(new Set(['RESTORE']));
    expect(verbs.at(-1)).toEqual(new Set(['RESTORE']));
    expect(await held(logOf(run), SEVEN, 0)).toEqual(await held(file, SEVEN, 0));
    const restored = await readUnits(file, { mode: 'restore', maxBulkBytes: 1500 });
    expect(namesOf(restored)).toEqual(['a', 'c']);
    expect(restored.losses.map(({ detail }) => detail)).toEqual([expect.stringContaining('more than servers take')]);
  });
});

/** Batches: their limits, what is left out, and what was sent before. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EncodeError } from '../../../src/bytes/errors.js';
import { newImportId, TemporaryNames } from '../../../src/import/units/temporary-name.js';
import { UNIT } from '../../../src/import/units/unit-batch.js';
import type { RdbValue } from '../../../src/rdb/model.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { commandLines, commandsOf } from '../../support/command-run.js';
import { dumpOf, type Entry } from '../../support/command-values.js';
import { held, logOf, type ReadUnitsOptions, readUnits, type SeenUnits, unitsOf } from '../../support/import-units.js';
import { manyKeys } from '../../support/many-keys.js';
import { ascii, latin1 } from '../../support/packed.js';
import { list, string } from '../../support/values.js';

const SEVEN = findTarget('redis:7.0')!;
const NOW_MS = Date.UTC(2026, 0);

afterEach(() => void vi.useRealTimers());

const key = (name: string, value: RdbValue, more: Partial<Entry> = {}): Entry =>
  ({ key: ascii(name), value, ...more }) as Entry;
const linesOf = (run: SeenUnits): string[] => unitsOf(run).flatMap(({ bytes }) => commandLines(bytes));
const namesOf = (run: SeenUnits): string[] => unitsOf(run).map(({ key }) => latin1(key));
const rangesOf = ({ batches }: SeenUnits): number[][] => batches.map(({ from, to }) => [from, to]);

describe('a batch', () => {
  it('has no more units than it may have, and ends with the first that makes it large enough', async () => {
    const file = await manyKeys(500);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 2000 }),
        fc.constantFrom('restore', 'commands', 'auto'),
        async (maxBatchUnits, maxBatchBytes, mode) => {
          const run = await readUnits(file, { mode, maxBatchUnits, maxBatchBytes });
          let next = 0;
          for (const { from, to, size, units } of run.batches) {
            expect([from, units.length <= maxBatchUnits]).toEqual([next, true]);
            next = to;
            expect(size - units.at(-1)!.bytes.length).toBeLessThan(maxBatchBytes);
            if (next < 500) expect(units.length === maxBatchUnits || size >= maxBatchBytes).toBe(true);
            expect(units.map(({ ordinal }) => ordinal)).toEqual(units.map((_, index) => from + index));
          }
          expect([next, run.units]).toEqual([500, 500]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is of one database', async () => {
    const file = dumpOf(
      SEVEN,
      key('a', string('1')),
      key('b', string('2')),
      key('c', list('3'), { db: 4 }),
      key('d', string('5'), { db: 2 }),
    );
    const run = await readUnits(file, { mode: 'commands' });
    expect(run.batches.map(({ db, units }) => [db, units.length])).toEqual([
      [0, 2],
      [4, 1],
      [2, 1],
    ]);
    expect(rangesOf(run)).toEqual([
      [0, 2],
      [2, 3],
      [3, 4],
    ]);
    const all = await readUnits(file, { keys: { filter: { dbs: [4] } }, db: 9 });
    expect(all.batches.map(({ db, units }) => [db, units.length])).toEqual([[9, 1]]);
  });

  it('is a function library, and goes first to nobody in particular', async () => {
    const code = ascii("#!lua name=mylib\nredis.register_function('f', function() end)");
    const file = dumpOf(SEVEN, { kind: 'function', code } as Entry, key('a', string('1')));
    const run = await readUnits(file, { isCluster: true, names: new TemporaryNames('id', false, true) });
    expect(run.batches.map(({ units }) => units.map(({ kind, slot }) => [kind, slot]))).toEqual([
      [[UNIT.FUNCTION, -1]],
      [[UNIT.KEY, 15495]],
    ]);
    expect(namesOf(run)[0]).toBe('mylib');
    expect(commandsOf(unitsOf(run)[0]!.bytes)).toEqual([['FUNCTION', 'LOAD', latin1(code)]]);
    const replacing = await readUnits(file, { replaces: true });
    expect(commandsOf(unitsOf(replacing)[0]!.bytes)[0]!.slice(0, 3)).toEqual(['FUNCTION', 'LOAD', 'REPLACE']);
    const filtered = await readUnits(file, { keys: { filter: { match: '*' } } });
    expect(unitsOf(filtered).map(({ kind, ordinal }) => [kind, ordinal])).toEqual([[UNIT.KEY, 0]]);
    const old = await readUnits(file, { target: 'redis:6.2' });
    expect(old.batches.map(({ unsupported, unsupportedFunctions }) => [unsupported, unsupportedFunctions])).toEqual([
      [1, 1],
    ]);
  });
});

it('refuses databases that the target does not have', async () => {
  const file = dumpOf(SEVEN, key('a', string('1')), key('b', string('1'), { db: 16 }));
  await expect(readUnits(file, { databases: 16 })).rejects.toThrow(EncodeError);
  await expect(readUnits(file, { databases: 1 })).rejects.toThrow('database 0, 16, and the target has database 0 only');
  await expect(readUnits(file, { db: 3 })).rejects.toThrow('all are to go to database 3');
  expect(namesOf(await readUnits(file, { databases: 17 }))).toEqual(['a', 'b']);
});

describe('what is left out', () => {
  it('are keys that have expired by the clock, each counted in the batch behind it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
    const file = dumpOf(
      SEVEN,
      key('a', string('1')),
      key('gone', list('1'), { expireAtMs: NOW_MS }),
      key('b', string('1'), { expireAtMs: NOW_MS + 1 }),
    );
    for (const mode of ['restore', 'commands'] as const) {
      const run = await readUnits(file, { mode });
      expect(namesOf(run)).toEqual(['a', 'b']);
      expect(run.batches.reduce((sum, { expired }) => sum + expired, 0)).toBe(1);
      expect(unitsOf(run).map(({ ordinal }) => ordinal)).toEqual([0, 2]);
      expect([run.batches[0]!.from, run.batches.at(-1)!.to]).toEqual([0, 3]);
    }
  });

  it('is counted by itself where no batch comes behind it', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS });
    const element = { index: 1n, value: ascii('v') };
    const file = dumpOf(
      'redis:8.8',
      key('a', string('1')),
      key('gone', list('1'), { expireAtMs: NOW_MS - 1 }),
      key('x', { type: 'array', encoding: 'array', elements: [element] }),
    );
    const run = await readUnits(file, { mode: 'commands', maxBatchUnits: 1 });
    expect([namesOf(run), rangesOf(run), run.units]).toEqual([['a'], [[0, 1]], 3]);
    expect(run.batches.map(({ expired, unsupported }) => [expired, unsupported])).toEqual([[0, 0]]);
    expect(run.rest).toMatchObject({ expired: 1, failed: 1 });
  });

  it('are units that are not wanted, and a batch is from its first one on', async () => {
    const file = await manyKeys(300);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(299), { maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (some, most) => {
          const wanted = new Set(some);
          const run = await readUnits(file, {
            mode: 'commands',
            maxBatchUnits: most,
            wants: (unit) => (wanted.has(unit) ? 'fresh' : 'no'),
          });
          expect(unitsOf(run).map(({ ordinal }) => ordinal)).toEqual([...wanted].sort((one, other) => one - other));
          expect(run.units).toBe(300);
          let last = 0;
          for (const { from, to, units } of run.batches) {
            expect(from).toBeGreaterThanOrEqual(last);
            expect(units[0]!.ordinal).toBe(from);
            expect(units.at(-1)!.ordinal).toBe(to - 1);
            last = to;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('are types for which the target has nothing', async () => {
    const file = dumpOf(
      'redis:8.8',
      key('a', string('1')),
      key('x', {
        type: 'array',
        encoding: 'array',
        insertIndex: undefined,
        elements: [{ index: 1n, value: ascii('v') }],
      }),
    );
    const run = await readUnits(file, { mode: 'commands' }).catch((error: unknown) => error as Error);
    if (run instanceof Error) throw run;
    expect(namesOf(run)).toEqual(['a']);
    expect(run.losses.map(({ what, policy }) => [what, policy])).toEqual([['array', 'drop']]);
    expect(run.batches.reduce((sum, { unsupported }) => sum + unsupported, 0)).toBe(1);
  });
});

describe('keys that may have been sent before', () => {
  const file = dumpOf(SEVEN, key('s', string('1')), key('l', list('a', 'b')), key('t', string('2')));
  const options: ReadUnitsOptions = { wants: (unit) => (unit === 2 ? 'fresh' : 'owned') };
  const [string0, temporary] = ['rdb-inspect:import:id:0', 'rdb-inspect:import:id:1'];

  it.each<[ReadUnitsOptions['mode'] & string, boolean, string[]]>([
    [
      'commands',
      false,
      ['DEL s', `DEL ${string0}`, 'SET s 1 NX', 'DEL l', `DEL ${temporary}`, `RPUSH ${temporary} a b`, 'SET t 2 NX'],
    ],
    ['commands', true, [`DEL ${string0}`, 'SET s 1', `DEL ${temporary}`, `RPUSH ${temporary} a b`, 'SET t 2']],
  ])('as %s, replacing: %s', async (mode, replaces, expected) => {
    const run = await readUnits(file, { ...options, mode, replaces });
    expect(linesOf(run)).toEqual(expected);
    expect(unitsOf(run).map(({ isOwned }) => isOwned)).toEqual([true, true, false]);
  });

  it('as payloads', async () => {
    const verbs = async (replaces: boolean): Promise<string[][]> => {
      const run = await readUnits(file, { ...options, mode: 'restore', replaces });
      return unitsOf(run).map(({ bytes }) => commandsOf(bytes).map(([name, key]) => `${name} ${key}`));
    };
    expect(await verbs(false)).toEqual([['DEL s', 'RESTORE s'], ['DEL l', 'RESTORE l'], ['RESTORE t']]);
    expect(await verbs(true)).toEqual([['RESTORE s'], ['RESTORE l'], ['RESTORE t']]);
  });

  it('give the same data a second time, whatever the first time left', async () => {
    for (const mode of ['restore', 'commands'] as const) {
      const names = new TemporaryNames(newImportId(), false, false);
      const first = logOf(await readUnits(file, { mode, names, replaces: false }), names);
      const again = logOf(await readUnits(file, { mode, names, wants: () => 'owned' }), names);
      const wanted = await held(file, SEVEN, 0);
      for (let part = 0; part <= 4; part++) {
        const half = cutAtCommand(first, (first.length * part) / 4);
        const found = await held(new Uint8Array(Buffer.concat([half, again])), SEVEN, 0);
        expect(found.lines).toEqual(wanted.lines);
      }
    }
  });
});

function cutAtCommand(log: Uint8Array, size: number): Uint8Array {
  let end = 0;
  for (const args of commandsOf(log)) {
    const next =
      end + args.reduce((sum, arg) => sum + arg.length + String(arg.length).length + 5, 3 + String(args.length).length);
    if (next > size) break;
    end = next;
  }
  return log.subarray(0, end);
}

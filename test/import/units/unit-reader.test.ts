/** Batches: their limits, what is left out, and large values that come in pieces. */
import { createHash } from 'node:crypto';
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
import { hash, list, set, string, zset } from '../../support/values.js';

const SEVEN = findTarget('redis:7.0')!;
const NOW_MS = Date.UTC(2026, 0);

afterEach(() => void vi.useRealTimers());

const key = (name: string, value: RdbValue, more: Partial<Entry> = {}): Entry =>
  ({ key: ascii(name), value, ...more }) as Entry;
const linesOf = (run: SeenUnits): string[] => unitsOf(run).flatMap(({ bytes }) => commandLines(bytes));
/** In pieces, so that there is something to wait for in the middle of a value. */
function* inPieces(file: Uint8Array, size = 10_000): Generator<Uint8Array> {
  for (let pos = 0; pos < file.length; pos += size) yield file.slice(pos, pos + size);
}

const sha = (text: string): string => latin1(createHash('sha1').update(text).digest());
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
    ...Object.entries(big).map(([name, value]) =>
      key(name, value, { expireAtMs: Date.UTC(2099, 0) } as Partial<Entry>),
    ),
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
      ...rest.map(([name, value]) => key(name, value, { expireAtMs: Date.UTC(2099, 0) } as Partial<Entry>)),
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

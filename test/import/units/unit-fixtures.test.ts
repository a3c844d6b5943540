/** The dumps of real servers as units: what a server is told is what the exporter says, and what it holds is the dump. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeCommand } from '../../../src/codecs/resp.js';
import { TemporaryNames } from '../../../src/import/units/temporary-name.js';
import { UNIT } from '../../../src/import/units/unit-batch.js';
import { keySlot } from '../../../src/rdb/key-slot.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { commandRun, commandsOf } from '../../support/command-run.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';
import { logOf, readUnits, type SeenUnits, unitsOf } from '../../support/import-units.js';
import { ascii, latin1 } from '../../support/packed.js';

const TARGETS = ['redis:2.4', 'redis:2.8', 'redis:7.0', 'redis:8.8', 'valkey:9.1'];
/** One of each generation of types, and what is special beside them; the others hold the same kinds of values once more. */
const FIXTURES = listFixtures().filter(({ name }) =>
  /^redis-(2\.4|3\.2|5\.0|7\.0|8\.6)\/types|^valkey-9\.1\/types|\/(hfe|streams|vset|module)$|^redis-8\.6\/(expired|aof-preamble)/.test(
    name,
  ),
);
/** Small enough for many batches in every dump. */
const SMALL = { maxBatchBytes: 3000, maxBatchUnits: 10 };
/** Before everything that the fixtures tell of: nothing has expired. */
const NOW_MS = 1_000_000;

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS }));
afterAll(() => void vi.useRealTimers());

/** Rows of the matrix that are no errors by design. */
const hasForms = (mode: string, target: string): boolean => mode === 'commands' || findTarget(target)!.version >= 6;

describe.each(FIXTURES)('$name', ({ name }) => {
  const file = readFixture(name);

  it.each(TARGETS)('as commands for %s says what the exporter says', async (target) => {
    const run = await readUnits(file, { mode: 'commands', target, ...SMALL });
    const wanted = commandRun(file, { target: findTarget(target)!, onUnsupported: 'convert', nowMs: NOW_MS });
    expectSame(
      placed(run, target),
      commandsOf(wanted.bytes).filter(([name]) => name !== 'SELECT'),
    );
    expect(run.losses).toEqual(wanted.losses);
    check(run);
  });

  it.each(TARGETS.filter((target) => hasForms('restore', target)))(
    'as payloads for %s, byte by byte',
    async (target) => {
      const run = await readUnits(file, { mode: 'restore', target, ...SMALL });
      const options = {
        target: findTarget(target)!,
        onUnsupported: 'convert',
        format: 'restore',
        nowMs: NOW_MS,
      } as const;
      const wanted = commandRun(file, options);
      expect(Buffer.compare(logOf(run), withFunctionsInPlace(wanted.bytes))).toBe(0);
      expect(run.losses).toEqual(wanted.losses);
      expect(unitsOf(run).some(({ isMoved }) => isMoved)).toBe(false);
      check(run);
    },
  );

  it('is the same in batches of any size', async () => {
    for (const mode of ['restore', 'commands'] as const) {
      const [one, many] = [await readUnits(file, { mode }), await readUnits(file, { mode, ...SMALL })];
      expect(many.batches.length).toBeGreaterThanOrEqual(one.batches.length);
      expectSame(plain(many), plain(one));
    }
  });
});

/** As text: values of many elements take a while as they are, and differ at one place or nowhere. */
function expectSame(found: readonly unknown[], wanted: readonly unknown[]): void {
  const [some, others] = [found.map((one) => JSON.stringify(one)), wanted.map((one) => JSON.stringify(one))];
  expect(some.length).toBe(others.length);
  const at = some.findIndex((one, index) => one !== others[index]);
  if (at >= 0) expect(found[at]).toEqual(wanted[at]);
}

function plain(run: SeenUnits): unknown[] {
  return unitsOf(run).map(({ key, bytes, ...unit }) => ({ ...unit, key: latin1(key), bytes: latin1(bytes) }));
}

/** What holds for all units of a source. */
function check({ batches, units, losses }: SeenUnits): void {
  let next = 0;
  for (const batch of batches) {
    expect(batch.from).toBe(next);
    expect(batch.to).toBeGreaterThanOrEqual(batch.from);
    next = batch.to;
    expect(batch.units.length).toBeGreaterThan(0);
    expect(batch.units.length).toBeLessThanOrEqual(SMALL.maxBatchUnits);
    expect(batch.units.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(batch.size);
    // What ends a batch is the first unit with which it holds enough.
    const last = batch.units.at(-1)!;
    expect(batch.size - last.bytes.length).toBeLessThan(SMALL.maxBatchBytes);
    if (batch.units.some(({ kind }) => kind === UNIT.FUNCTION)) expect(batch.units.length).toBe(1);
    for (const { bytes, requests, ordinal } of batch.units) {
      const isRight = commandsOf(bytes).length === requests && requests > 0;
      if (!isRight || ordinal < batch.from || ordinal >= batch.to) throw new Error(`unit ${ordinal} is not right`);
    }
  }
  const ordinals = unitsOf({ batches }).map(({ ordinal }) => ordinal);
  expect(ordinals).toEqual([...new Set(ordinals)].sort((one, other) => one - other));
  // Units at the end of which there are no commands are in no batch.
  expect(next).toBeLessThanOrEqual(units);
  const lost = losses.filter(
    ({ key, what, policy }) => (key !== undefined && policy === 'drop') || what === 'function',
  );
  expect(batches.reduce((sum, { unsupported }) => sum + unsupported, 0)).toBeLessThanOrEqual(lost.length);
}

/** The commands of units as if each key were written where it belongs. */
function placed(run: SeenUnits, target: string): string[][] {
  const names = new TemporaryNames('id', false, false);
  const hasPxat = commandsHavePxat(target);
  return unitsOf(run).flatMap(({ bytes, key, ordinal, isMoved }) => {
    const temporary = latin1(names.of(key, ordinal));
    const name = latin1(key);
    const commands = commandsOf(bytes);
    if (commands.some((args) => args.includes(temporary)) !== isMoved)
      throw new Error(`${name} is not where it is to be`);
    return commands.flatMap((args): string[][] => {
      const plain = args.map((arg) => (arg === temporary ? name : arg));
      if (isMoved || plain[0] !== 'SET') return [plain];
      const [set, at, value, ...options] = plain as [string, string, string, ...string[]];
      if (options[0] === 'NX') options.shift();
      else throw new Error(`a SET that replaces: ${plain.join(' ')}`);
      if (options.length === 0) return [[set, at, value]];
      expect([options.length, options[0], hasPxat]).toEqual([2, 'PXAT', true]);
      return [
        [set, at, value],
        ['PEXPIREAT', at, options[1]!],
      ];
    });
  });
}

function commandsHavePxat(target: string): boolean {
  const [family, version] = target.split(':') as [string, string];
  return family === 'valkey' || Number(version) >= 6.2;
}

/** Function libraries are in batches of database 0, whatever was selected before: the exporter selects nothing for them. */
function withFunctionsInPlace(bytes: Uint8Array): Uint8Array {
  const commands = commandsOf(bytes);
  const first = commands[0];
  const isFunction = first?.[0] === 'FUNCTION';
  const head = isFunction ? encodeCommand(['SELECT', 0]) : new Uint8Array(0);
  let selected = isFunction ? '0' : '';
  const pieces = [head];
  for (const args of commands) {
    if (args[0] === 'SELECT') {
      if (args[1] === selected) continue;
      selected = args[1]!;
    }
    pieces.push(encodeCommand(args.map(ascii)));
  }
  return new Uint8Array(Buffer.concat(pieces));
}

it('covers keys of all kinds', () => {
  const kinds = new Set<string>();
  for (const { name } of FIXTURES)
    for (const entry of readRdbSync(readFixture(name))) if (entry.kind === 'key') kinds.add(entry.value.type);
  for (const kind of ['string', 'list', 'set', 'zset', 'hash', 'stream', 'module']) expect(kinds).toContain(kind);
});

it('has the slot of each key in a cluster, and names in it', async () => {
  const names = new TemporaryNames('id', false, true);
  for (const name of ['redis-7.0/cluster', 'redis-7.0/types']) {
    const options = { mode: 'commands', isCluster: true, names, db: 0, keys: { filter: { dbs: [0] } } } as const;
    const run = await readUnits(readFixture(name), options);
    let moved = 0;
    for (const { key, slot, isMoved, bytes, ordinal } of unitsOf(run)) {
      expect(slot).toBe(keySlot(key, 0, key.length));
      if (!isMoved) continue;
      moved++;
      const temporary = latin1(names.of(key, ordinal));
      for (const args of commandsOf(bytes)) expect(args[args[0] === 'XGROUP' ? 2 : 1]).toBe(temporary);
    }
    expect(moved).toBeGreaterThan(0);
  }
});

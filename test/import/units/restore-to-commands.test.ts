/** A RESTORE that was refused, as commands: a server that replays these holds what the payload held. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { concat } from '../../../src/bytes/concat.js';
import { formatQuoted } from '../../../src/bytes/quote.js';
import { encodeCommand } from '../../../src/codecs/resp.js';
import { restoreToCommands } from '../../../src/import/units/restore-to-commands.js';
import { TemporaryNames } from '../../../src/import/units/temporary-name.js';
import { UNIT } from '../../../src/import/units/unit-batch.js';
import { encodeDump } from '../../../src/rdb/dump.js';
import { keySlot } from '../../../src/rdb/key-slot.js';
import type { KeyEntry } from '../../../src/rdb/model.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { findTarget, type Target } from '../../../src/rdb/versions.js';
import { commandLines, commandsOf } from '../../support/command-run.js';
import { listFixtures, readFixture } from '../../support/fixtures.js';
import { held, logOf, readUnits, type SeenBatch, type SeenUnit } from '../../support/import-units.js';
import { ascii, latin1 } from '../../support/packed.js';
import { sayable } from '../../support/sayable.js';
import { list, string } from '../../support/values.js';

/** Those with ABSTTL. */
const TARGETS = ['redis:5.0', 'redis:7.0', 'redis:8.8', 'valkey:9.1'];
/** One of each generation of types, and what is special beside them. */
const FIXTURES = listFixtures().filter(({ name }) =>
  /^redis-(2\.4|3\.2|7\.0|8\.6)\/types|^valkey-9\.1\/types|\/(hfe|streams|vset)$|^redis-(7\.4|8\.6)\/expired/.test(
    name,
  ),
);
/** Before everything that the fixtures tell of. */
const READ_AT_MS = 1_000_000;
/** After all that: deliveries in the future are not. */
const LOADED_AT_MS = Date.UTC(2030, 0);
const names = new TemporaryNames('id', false, false);
const SEVEN = findTarget('redis:7.0')!;

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: READ_AT_MS }));
afterAll(() => void vi.useRealTimers());

/** What no command says, see the tests of replays. */
const UNSAID = [/ pending [59]-0 /, / consumer "(alice|idle-consumer)"/];

let compared = 0;
let left = 0;

describe.each(FIXTURES)('$name', ({ name }) => {
  const file = readFixture(name);

  it.each(TARGETS)('as payloads for %s', async (server) => {
    const target = findTarget(server)!;
    const run = await readUnits(file, { mode: 'restore', target });
    const payloads: SeenBatch[] = [];
    const commands: SeenBatch[] = [];
    for (const batch of run.batches) {
      const pairs = batch.units
        .filter(({ kind }) => kind === UNIT.KEY)
        .map((unit): [SeenUnit, SeenUnit | undefined] => [unit, asCommands(unit, target)]);
      left += pairs.filter(([, said]) => said === undefined).length;
      payloads.push({ ...batch, units: pairs.flatMap(([unit, said]) => (said === undefined ? [] : [unit])) });
      commands.push({ ...batch, units: pairs.flatMap(([, said]) => (said === undefined ? [] : [said])) });
    }
    const [wanted, found] = [await lines(payloads, target), await lines(commands, target)];
    const zeros = keysWithNegativeZero(file);
    const differing = difference(found, wanted).filter(
      (line) => !UNSAID.some((rule) => rule.test(line)) && !zeros.some((key) => line.includes(` ${key} `)),
    );
    expect(differing).toEqual([]);
    compared += wanted.length;
  });
});

afterAll(() => {
  expect(compared).toBeGreaterThan(4000);
  // Vector sets, arrays for servers without them, and what is left of modules.
  expect(left).toBeGreaterThan(0);
});

function asCommands(unit: SeenUnit, target: Target): SeenUnit | undefined {
  const said = restoreToCommands(unit.bytes, unit.ordinal, target, names);
  if (said === undefined) return undefined;
  const verbs = commandsOf(said.bytes).map(([verb]) => verb);
  if (verbs.includes('RESTORE') || verbs.includes('SELECT') || verbs.length === 0) throw new Error(verbs.join(' '));
  return { ...unit, ...said, requests: verbs.length };
}

async function lines(batches: readonly SeenBatch[], target: Target): Promise<string[]> {
  const { lines, refused } = await held(logOf({ batches }, names), target, LOADED_AT_MS);
  expect(refused).toBe(0);
  return sayable(lines, target);
}

function difference(found: readonly string[], wanted: readonly string[]): string[] {
  const [has, should] = [new Set(found), new Set(wanted)];
  return [...found.filter((line) => !should.has(line)), ...wanted.filter((line) => !has.has(line))];
}

/** As their lines begin. */
function keysWithNegativeZero(file: Uint8Array): string[] {
  return [...readRdbSync(file)].flatMap((entry) => {
    if (entry.kind !== 'key' || entry.value.type !== 'zset') return [];
    const isOne = entry.value.members.some(({ score }) => Object.is(score, -0));
    return isOne ? [formatQuoted(entry.key, 0, entry.key.length)] : [];
  });
}

describe('a unit', () => {
  const payload = encodeDump(list('a', 'b'), { target: SEVEN });
  const restore = (...more: (string | number)[]): Uint8Array => encodeCommand(['RESTORE', 'k', 0, payload, ...more]);
  const said = (unit: Uint8Array): string[] => {
    const { bytes, isMoved } = restoreToCommands(unit, 5, SEVEN, names)!;
    expect(isMoved).toBe(true);
    return commandLines(bytes);
  };

  it('is found behind what clears its place', () => {
    const unit = concat([encodeCommand(['DEL', 'k']), restore('REPLACE')]);
    expect(said(unit)).toEqual(['RPUSH rdb-inspect:import:id:5 a b']);
  });

  it('keeps its expiry', () => {
    const unit = encodeCommand(['RESTORE', 'k', 1_999_999_999_999, payload, 'ABSTTL']);
    expect(said(unit)).toEqual([
      'RPUSH rdb-inspect:import:id:5 a b',
      'PEXPIREAT rdb-inspect:import:id:5 1999999999999',
    ]);
  });

  it('of a string is one command, which replaces nothing unless it is to', () => {
    const unit = encodeCommand(['RESTORE', 'k', 7, encodeDump(string('v'), { target: SEVEN }), 'ABSTTL', 'FREQ', 3]);
    const lines = (replaces: boolean): unknown => {
      const result = restoreToCommands(unit, 5, SEVEN, new TemporaryNames('id', replaces, false))!;
      return [result.isMoved, ...commandLines(result.bytes)];
    };
    expect(lines(false)).toEqual([false, 'SET k v NX PXAT 7']);
    expect(lines(true)).toEqual([false, 'SET k v PXAT 7']);
  });

  it('goes on in the slot of its key', () => {
    const inCluster = new TemporaryNames('id', false, true);
    for (const key of ['', '{}', '{a}b', '\xff\0{', 'RESTORE']) {
      const unit = encodeCommand(['RESTORE', ascii(key), 0, payload]);
      const [[, name]] = commandsOf(restoreToCommands(unit, 0, SEVEN, inCluster)!.bytes) as [[string, string]];
      expect(name).toBe(latin1(inCluster.of(ascii(key), 0)));
      expect(keySlot(ascii(name), 0, name.length)).toBe(keySlot(ascii(key), 0, key.length));
    }
  });

  it('that is no RESTORE, or of a type without commands, has none', () => {
    expect(restoreToCommands(encodeCommand(['SET', 'k', 'v']), 0, SEVEN, names)).toBeUndefined();
    const vectors = [...readRdbSync(readFixture('redis-8.6/vset'))].find(
      (one) => one.kind === 'key' && one.value.type === 'module',
    )!;
    const target = findTarget('redis:8.6')!;
    const unit = encodeCommand(['RESTORE', 'k', 0, encodeDump((vectors as KeyEntry).value, { target })]);
    expect(restoreToCommands(unit, 0, target, names)).toBeUndefined();
  });
});

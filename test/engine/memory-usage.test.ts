/** MEMORY USAGE: what the engine says of a key is what the model says of the dump that the engine would write of it. */
import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { loadKey } from '../../src/engine/load.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import type { KeyFacts } from '../../src/inspect/facts/key-facts.js';
import { MemoryModel } from '../../src/inspect/memory/memory-model.js';
import { RdbEncoder } from '../../src/rdb/encoder.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { type EncodingSettings, findTarget, TARGETS, type Target } from '../../src/rdb/versions.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { type Fixture, listFixtures, readFixture } from '../support/fixtures.js';

/** What else a server may be told, with values of every kind on both sides of the limits. */
const SETTINGS: readonly (readonly [name: string, settings: Partial<EncodingSettings>])[] = [
  ['default limits', {}],
  [
    'packing off',
    { hashMaxPackedEntries: 0, zsetMaxPackedEntries: 0, setMaxIntsetEntries: 0, setMaxListpackEntries: 0 },
  ],
  ['small nodes', { listMaxNodeSize: 3, streamNodeMaxEntries: 2, listMaxPackedEntries: 2 }],
  ['large limits', { hashMaxPackedEntries: 5000, hashMaxPackedValue: 5000, listMaxNodeSize: -5 }],
];

type Sizes = readonly (readonly [key: string, bytes: unknown])[];

/** An engine that has loaded a fixture. */
function loaded(fixture: string, target: Target, encoding: Partial<EncodingSettings>): TestEngine {
  const test = testEngine({ target, encoding });
  test.engine.isLoading = true;
  for (const entry of readRdbSync(readFixture(fixture))) if (entry.kind === 'key') loadKey(test.engine, entry);
  return test;
}

/** As MEMORY USAGE answers for every key. */
function asked({ engine, runner, run }: TestEngine): Sizes {
  const sizes: [string, unknown][] = [];
  for (const db of [...engine.inUse()]) {
    runner.select(db.index);
    for (const [key] of db.keys.entries()) sizes.push([`${db.index} ${key}`, run('MEMORY', 'USAGE', key)]);
  }
  return sizes;
}

/** As the model says of the dump. */
async function modelled({ engine }: TestEngine): Promise<Sizes> {
  const { target, encoding } = engine.settings;
  const parts: Uint8Array[] = [];
  const write = (bytes: Uint8Array, start: number, end: number): void => void parts.push(bytes.slice(start, end));
  const encoder = new RdbEncoder(write, { target, settings: encoding, keepTypes: true });
  for (const entry of snapshot(engine)) {
    if (entry.kind === 'key') encoder.key(entry);
    else encoder.record(entry);
  }
  encoder.end();
  const sizes: [string, number][] = [];
  const key = (facts: KeyFacts): void =>
    void sizes.push([`${facts.db} ${toByteString(facts.key.copy())}`, facts.memoryBytes]);
  const measure = new MemoryModel({ server: target, settings: encoding });
  await collectFacts(new Uint8Array(Buffer.concat(parts)), { record: () => undefined, key }, { measure });
  return sizes;
}

function targetOf({ server }: Fixture): Target | undefined {
  return findTarget(server.replace('-', ':').replace('rc1', ''));
}

/** Every fixture as its own server has it; those whose server goes by another name as Redis 7.0. */
const FIXTURES = listFixtures().map((fixture) => ({
  name: fixture.name,
  target: targetOf(fixture) ?? findTarget('redis:7.0')!,
}));

describe.each(SETTINGS)('with %s', (_, settings) => {
  it.each(FIXTURES)('$name: every key is as in the dump', async ({ name, target }) => {
    const test = loaded(name, target, settings);
    const sizes = await modelled(test);
    expect(sizes.length).toBeGreaterThan(0);
    expect(asked(test)).toEqual(sizes);
  });
});

it.each(TARGETS.map(({ name }) => name))('%s: every kind of value has a size', (name) => {
  for (const fixture of ['redis-8.6/types', 'redis-2.4/types', 'valkey-9.1/types'])
    for (const [key, bytes] of asked(loaded(fixture, findTarget(name)!, {})))
      expect(bytes, key).toBeGreaterThanOrEqual(16);
});

describe('the command', () => {
  const { run } = testEngine();
  run('SET', 'k', 'hello');
  run('SET', 'gone', 'v', 'PXAT', 999_999);
  const SYNTAX = '-ERR syntax error';
  const NO_INTEGER = '-ERR value is not an integer or out of range';

  it.each([
    // 24 for the entry, a name of 1 byte in 8, an object of 16 with 9 bytes of string in 32.
    ['USAGE k', 64],
    ['usage k SAMPLES 0', 64],
    ['USAGE k samples 5', 64],
    ['USAGE k SAMPLES 5 SAMPLES 9223372036854775807', 64],
    ['USAGE none', null],
    ['USAGE gone', null],
    ['USAGE', "-ERR wrong number of arguments for 'memory|usage' command"],
    ['USAGE k other', SYNTAX],
    ['USAGE k other 1', SYNTAX],
    ['USAGE k SAMPLES', SYNTAX],
    ['USAGE none SAMPLES', SYNTAX],
    ['USAGE k SAMPLES -1', SYNTAX],
    ['USAGE k SAMPLES x', NO_INTEGER],
    ['USAGE k SAMPLES -0', NO_INTEGER],
    ['USAGE k SAMPLES 99999999999999999999', NO_INTEGER],
    ['USAGE none SAMPLES x', NO_INTEGER],
  ])('MEMORY %s', (words, reply) => {
    expect(run('MEMORY', ...words.split(' '))).toEqual(reply);
  });

  it('counts a string as the server has it after a load, whatever has been done to it', () => {
    run('SET', 'grown', '12');
    run('APPEND', 'grown', '34');
    run('SET', 'number', '1234');
    expect(run('OBJECT', 'ENCODING', 'grown')).toBe('raw');
    expect(run('MEMORY', 'USAGE', 'grown')).toBe(run('MEMORY', 'USAGE', 'number'));
  });

  it('counts a long bitmap without making text of it', () => {
    run('SETBIT', 'bits', 8 * 100_000, 1);
    expect(run('MEMORY', 'USAGE', 'bits')).toBe(24 + 8 + 16 + 114_688);
  });

  it('knows the limits that are in force', () => {
    const test = testEngine({ encoding: { hashMaxPackedEntries: 1 } });
    test.run('HSET', 'h', 'a', '1', 'b', '2');
    const table = test.run('MEMORY', 'USAGE', 'h');
    Object.assign(test.engine.settings.encoding, { hashMaxPackedEntries: 512 });
    test.run('HSET', 'packed', 'a', '1', 'b', '2');
    expect(test.run('MEMORY', 'USAGE', 'packed')).toBeLessThan(Number(table) / 2);
  });
});

describe('a vector set that commands have made', () => {
  it.each(['NOQUANT', 'Q8', 'BIN'])('%s: is as in the dump', async (quantization) => {
    const test = testEngine({ target: 'redis:8.0' });
    for (let at = 0; at < 60; at++) {
      const vector = Array.from({ length: 70 }, (_, index) => Math.sin(at * 70 + index).toFixed(3));
      test.run('VADD', 'v', 'VALUES', 70, ...vector, `element ${'x'.repeat(at)}`, quantization);
      test.run('VADD', 'small', 'REDUCE', 10, 'VALUES', 70, ...vector, `e${at}`, 'M', 8);
      if (at % 3 === 0) test.run('VSETATTR', 'v', `element ${'x'.repeat(at)}`, `{"n":"${'y'.repeat(at)}"}`);
    }
    const before = asked(test);
    expect(before.every(([, bytes]) => Number(bytes) > 60 * (360 + 19 * 8))).toBe(true);
    expect(await modelled(test)).toEqual(before);
  });
});

/** Times of expiry beyond 2^53 ms: exact wherever they go. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { SnapshotSource } from '../../src/engine/snapshot-source.js';
import type { KeyEntry, RdbEntry, RdbWarning } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { writeRdb } from '../../src/rdb/write.js';
import { logged } from '../support/aof-files.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { FIXTURES, listFixtures } from '../support/fixtures.js';
import { memoryLog } from '../support/memory-log.js';

const FAR = 2n ** 53n + 1n;
const LAST = 2n ** 63n - 1n;
const NOW = 1_000_000n;
const INVALID = (name: string): string => `-ERR invalid expire time in '${name}' command`;

/** `k` expires at 2^53 + 1. What is left: its expiry, none, or no key. */
const COMMANDS: readonly [command: string, reply: unknown, left: number | bigint | undefined | null][] = [
  ['PEXPIRETIME k', FAR, FAR],
  ['PTTL k', Number(FAR - NOW), FAR],
  ['TTL k', Number((FAR - NOW + 500n) / 1000n), FAR],
  ['EXPIRETIME k', Number((FAR + 500n) / 1000n), FAR],
  [`PEXPIREAT k ${FAR} GT`, 0, FAR],
  [`PEXPIREAT k ${FAR} LT`, 0, FAR],
  [`PEXPIREAT k ${FAR + 1n} GT`, 1, FAR + 1n],
  [`PEXPIREAT k ${FAR - 1n} GT`, 0, FAR],
  [`PEXPIREAT k ${FAR - 1n} LT`, 1, FAR - 1n],
  [`PEXPIREAT k ${FAR + 1n} LT`, 0, FAR],
  [`PEXPIREAT k ${FAR} NX`, 0, FAR],
  [`PEXPIREAT k ${FAR + 2n} XX`, 1, FAR + 2n],
  ['PEXPIREAT k 9007199254740991', 1, Number.MAX_SAFE_INTEGER],
  [`PEXPIREAT k ${LAST}`, 1, LAST],
  [`PEXPIREAT k ${LAST + 1n}`, '-ERR value is not an integer or out of range', FAR],
  ['EXPIREAT k 9223372036854775', 1, 9223372036854775000n],
  ['EXPIREAT k 9223372036854776', INVALID('expireat'), FAR],
  ['EXPIREAT k -9223372036854775', 1, null],
  ['EXPIREAT k -9223372036854776', INVALID('expireat'), FAR],
  ['EXPIRE k 9223372036853775', 1, 9223372036853775000n + NOW],
  ['EXPIRE k 9223372036853776', INVALID('expire'), FAR],
  [`PEXPIRE k ${LAST - NOW}`, 1, LAST],
  [`PEXPIRE k ${LAST - NOW + 1n}`, INVALID('pexpire'), FAR],
  ['PEXPIRE k -9223372036854775808', 1, null],
  ['PERSIST k', 1, undefined],
  ['APPEND k x', 2, FAR],
  ['SET k w', '+OK', undefined],
  ['SET k w KEEPTTL', '+OK', FAR],
  [`SET k w PXAT ${LAST}`, '+OK', LAST],
  ['SET k w EXAT 9223372036854776', INVALID('set'), FAR],
  [`SET k w PX ${LAST}`, INVALID('set'), FAR],
  [`PSETEX k ${LAST} w`, INVALID('psetex'), FAR],
  [`GETEX k PXAT ${FAR + 2n}`, 'v', FAR + 2n],
  ['GETEX k EX 9223372036854775', INVALID('getex'), FAR],
];

describe('the expiry of a key', () => {
  it.each(COMMANDS)('%s', (command, reply, left) => {
    const test = prepared();
    expect(test.run(...command.split(' '))).toEqual(reply);
    expect(expiryOf(test, 'k')).toBe(left);
  });

  it.each(['COPY k t', 'RENAME k t', 'RENAMENX k t', 'COPY k t REPLACE'])('goes along: %s', (command) => {
    const test = prepared();
    test.run(...command.split(' '));
    expect(expiryOf(test, 't')).toBe(FAR);
  });

  it('goes to another database', () => {
    const { run } = prepared();
    expect([run('MOVE', 'k', 1), run('SELECT', 1), run('PEXPIRETIME', 'k')]).toEqual([1, '+OK', FAR]);
    expect([run('SWAPDB', 0, 1), run('SELECT', 0), run('PEXPIRETIME', 'k')]).toEqual(['+OK', '+OK', FAR]);
  });

  it('comes with RESTORE', () => {
    const test = prepared();
    const payload = test.run('DUMP', 'k') as string;
    const restore = (ttl: bigint, ...more: string[]): unknown => [
      test.run('RESTORE', 'r', String(ttl), payload, 'REPLACE', ...more),
      expiryOf(test, 'r'),
    ];
    expect(restore(FAR, 'ABSTTL')).toEqual(['+OK', FAR]);
    expect(restore(LAST, 'ABSTTL')).toEqual(['+OK', LAST]);
    expect(restore(FAR)).toEqual(['+OK', FAR + NOW]);
    // Around the end of 64 bits into the past.
    expect(restore(LAST)).toEqual(['+OK', null]);
  });

  it('is none at −1, which only a log can say', () => {
    const test = prepared();
    test.engine.isLoading = true;
    expect([test.run('PEXPIREAT', 'k', -1), expiryOf(test, 'k')]).toEqual([1, undefined]);
    expect([test.run('PEXPIREAT', 'k', '-9223372036854775808'), test.run('PTTL', 'k')]).toEqual([1, 0]);
    test.engine.isLoading = false;
    expect(test.run('EXISTS', 'k')).toBe(0);
  });
});

describe('the expiry of a field', () => {
  /** On Valkey; Redis has 46 bits. `f` expires at 2^53 + 1. */
  it.each<[command: string, reply: unknown, left: number | bigint | undefined]>([
    [`HPEXPIREAT h ${FAR} GT FIELDS 1 f`, [0], FAR],
    [`HPEXPIREAT h ${FAR + 1n} GT FIELDS 1 f`, [1], FAR + 1n],
    [`HPEXPIREAT h ${FAR - 1n} LT FIELDS 1 f`, [1], FAR - 1n],
    [`HPEXPIREAT h ${LAST} FIELDS 1 f`, [1], LAST],
    ['HEXPIREAT h 9223372036854775 FIELDS 1 f', [1], 9223372036854775000n],
    ['HEXPIREAT h 9223372036854776 FIELDS 1 f', INVALID('hexpireat'), FAR],
    [`HPEXPIRE h ${LAST} FIELDS 1 f`, INVALID('hpexpire'), FAR],
    [`HPEXPIRE h ${LAST - NOW} FIELDS 1 f`, [1], LAST],
    [`HSETEX h PXAT ${FAR + 2n} FIELDS 1 f w`, 1, FAR + 2n],
    [`HGETEX h PXAT ${LAST} FIELDS 1 f`, ['v'], LAST],
    ['HPERSIST h FIELDS 1 f', [1], undefined],
  ])('%s', (command, reply, left) => {
    const { engine, run } = testEngine({ target: 'valkey:9.1' });
    run('HSET', 'h', 'f', 'v', 'g', 'w');
    run('HPEXPIREAT', 'h', String(FAR), 'FIELDS', 1, 'f');
    expect(run(...command.split(' '))).toEqual(reply);
    expect(engine.database(0).getObject('h', 'hash')!.expiryOf('f')).toBe(left);
    expect(engine.database(0).getObject('h', 'hash')!.copy().expiryOf('f')).toBe(left);
  });
});

describe('a dump', () => {
  it('has it, and so has whoever reads it', async () => {
    const { engine, run } = testEngine({ target: 'valkey:9.1' });
    const times = [FAR, LAST, BigInt(Number.MAX_SAFE_INTEGER), 5n];
    engine.isLoading = true;
    for (const at of times) {
      run('SET', `k${at}`, 'v', 'PXAT', String(at));
      run('HSETEX', 'h', 'PXAT', String(at), 'FIELDS', 1, `f${at}`, 'v');
    }
    const lines = await canonicalLines(snapshot(engine));
    for (const at of times) {
      expect(lines.join('\n')).toContain(`"k${at}" string expires=${at} `);
      expect(lines.join('\n')).toContain(`field "f${at}" expires=${at}`);
    }
    const file = written(new SnapshotSource(engine));
    expect(await canonicalLines(readRdbSync(file))).toEqual(lines);
    const { engine: loaded } = await replayLog(memoryLog([file]));
    expect(await canonicalLines(snapshot(loaded))).toEqual(lines);
    // What was read is written again as it was.
    expect(await rewritten(file)).toEqual(lines);
  });

  it('gives the nearest number, and beside it the exact time only where there is need', () => {
    const record = (at: bigint): Uint8Array => keyRecord(0, 'k', str('v'), [0xfc, int64Le(at)]);
    const [far, near] = keysOf(readRdbSync(rdbFile('REDIS0012', record(FAR), record(5n))));
    expect([far!.expireAtMs, far!.expireAt?.signed()]).toEqual([Number.MAX_SAFE_INTEGER, FAR]);
    expect([near!.expireAtMs, near!.expireAt]).toEqual([5, undefined]);
  });

  it('warns of nothing where it is loaded', async () => {
    const hash = [len(1), str('f'), str('v'), int64Le(LAST)];
    const attributes = [0xfc, int64Le(-(2n ** 53n) - 1n)];
    const base = rdbFile(
      'VALKEY080',
      keyRecord(22, 'h', hash, [0xfc, int64Le(FAR)]),
      keyRecord(0, 'k', str('v'), attributes),
    );
    const warnings: RdbWarning[] = [];
    const { engine, generation } = await replayLog(memoryLog([base, logged('COPY', 'h', 'c')]), {
      onWarning: (warning) => warnings.push(warning),
    });
    expect(warnings).toEqual([]);
    expect(generation.name).toBe('valkey:9.0');
    const shown = (await canonicalLines(snapshot(engine))).map((line) => line.replace(/ digest=\w+/, ''));
    expect(shown).toEqual([
      `0 "c" hash expires=${FAR}`,
      `0 "c" field "f" expires=${LAST}`,
      `0 "h" hash expires=${FAR}`,
      `0 "h" field "f" expires=${LAST}`,
      `0 "k" string expires=${-(2n ** 53n) - 1n}`,
    ]);
  });
});

describe.each(listFixtures().filter((fixture) => fixture.case.startsWith('aof-')))('the log of $name', ({ name }) => {
  it('keeps the farthest expiry', async () => {
    const directory = path.join(FIXTURES, name, 'appendonlydir');
    const place = fs.existsSync(directory) ? directory : path.join(FIXTURES, name, 'appendonly.aof');
    const { engine } = await replayLog(openAofLog(place, nodeFiles), { onUnknown: 'skip' });
    // 2.4 had seconds.
    const expected = name.startsWith('redis-2.4') ? undefined : FAR;
    expect(engine.database(0).expiryOf('exp:far:2^53ms')).toBe(expected);
  });
});

function prepared(): TestEngine {
  const test = testEngine({ target: findTarget('redis:7.0')! });
  test.run('SET', 'k', 'v', 'PXAT', String(FAR));
  return test;
}

/** Null without the key. */
function expiryOf({ engine, run }: TestEngine, key: string): number | bigint | undefined | null {
  return run('EXISTS', key) === 0 ? null : engine.database(0).expiryOf(key);
}

function keysOf(entries: Iterable<RdbEntry>): KeyEntry[] {
  return [...entries].filter((entry) => entry.kind === 'key');
}

function written(source: SnapshotSource): Uint8Array {
  const bytes = new Uint8Array(1 << 16);
  return bytes.slice(0, source.read(bytes, 0, bytes.length));
}

/** The lines of a file once its entries have been written again. */
async function rewritten(file: Uint8Array): Promise<string[]> {
  const parts: Uint8Array[] = [];
  const write = (bytes: Uint8Array): void => void parts.push(bytes.slice());
  await writeRdb(readRdbSync(file), new WritableStream({ write }));
  return await canonicalLines(readRdbSync(new Uint8Array(Buffer.concat(parts))));
}

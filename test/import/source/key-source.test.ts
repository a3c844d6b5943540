/** Whatever keys come from: opened as often as it takes, the same each time, and changed on the way as it was asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AofLog } from '../../../src/aof/model.js';
import { encodeCommand } from '../../../src/codecs/resp.js';
import { replayLog } from '../../../src/engine/replay-log.js';
import type { KeyOptions } from '../../../src/import/source/key-options.js';
import { type ImportInput, keySourceOf, leavesFunctionsOut, openKeys } from '../../../src/import/source/key-source.js';
import { parseRename } from '../../../src/import/source/rename.js';
import type { KeyEntry, RdbValue } from '../../../src/rdb/model.js';
import { readRdbSync } from '../../../src/rdb/read.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { commandLines } from '../../support/command-run.js';
import { dumpOf, type Entry } from '../../support/command-values.js';
import { readFixture } from '../../support/fixtures.js';
import { held, logOf, readUnits, type SeenUnits, unitsOf } from '../../support/import-units.js';
import { memoryLog } from '../../support/memory-log.js';
import { ascii, latin1 } from '../../support/packed.js';
import { hash, list, set, string, zset } from '../../support/values.js';

const NOW_MS = Date.UTC(2026, 0);
const SEVEN = findTarget('redis:7.0')!;
let folder = '';

// By the clock, nothing has expired.
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW_MS - 10_000 }));
afterAll(() => void vi.useRealTimers());

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rdb-inspect-source-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = (name: string, value: RdbValue, more: Partial<KeyEntry> = {}): Entry => ({
  key: ascii(name),
  value,
  ...more,
});
const dump = dumpOf(
  SEVEN,
  key('a', string('1')),
  key('b:1', list('x', 'y'), { expireAtMs: NOW_MS + 60_000 }),
  key('gone', string('2'), { expireAtMs: NOW_MS - 1 }),
  key('c', string('3'), { db: 3 }),
);

const log = (): Uint8Array =>
  Buffer.concat([
    encodeCommand(['SET', 'a', '1']),
    encodeCommand(['SELECT', '3']),
    encodeCommand(['RPUSH', 'l', 'x', 'y']),
  ]);

describe('a source', () => {
  const inputs: [string, () => ImportInput | Promise<ImportInput>, object][] = [
    ['bytes', () => dump, { name: 'source', isRepeatable: true, isRemote: false }],
    ['an array buffer', () => dump.slice().buffer, { name: 'source', isRepeatable: true }],
    ['a path', () => write('d.rdb', dump), { isRepeatable: true, isRemote: false }],
    ['a compressed file', () => write('d.rdb.gz', gzipSync(dump)), { isRepeatable: true }],
    ['the URL of a file', () => new URL(`file://${write('d.rdb', dump)}`), { isRepeatable: true, isRemote: false }],
    ['a log', () => memoryLog([log()]), { name: 'memory', isRepeatable: true }],
    ['a replay', () => replayLog(memoryLog([log()])), { name: 'replay', isRepeatable: true }],
    ['a source', () => keySourceOf(dump), { name: 'source', isRepeatable: true }],
  ];

  it.each(inputs)('that is %s can be read again', async (_, input, expected) => {
    const source = keySourceOf(await input());
    expect(source).toMatchObject(expected);
    const runs = [await readUnits(source), await readUnits(source)];
    expect(runs[0]!.batches.length).toBeGreaterThan(0);
    expect(logOf(runs[1]!)).toEqual(logOf(runs[0]!));
    const fingerprint = await source.fingerprint();
    expect(fingerprint.length).toBeLessThanOrEqual(200);
    expect([await source.fingerprint(), await keySourceOf(await input()).fingerprint()]).toEqual([
      fingerprint,
      fingerprint,
    ]);
  });

  it('that is a stream can be read once', async () => {
    const source = keySourceOf(new Response(dump.slice()).body!);
    expect(source).toMatchObject({ isRepeatable: false, isRemote: false });
    expect(await source.fingerprint()).toBe('stream');
    expect(unitsOf(await readUnits(source)).length).toBe(4);
    await expect(readUnits(source)).rejects.toMatchObject({ code: 'EMPTY_INPUT' });
  });

  it.each(['http://127.0.0.1:1/d.rdb', 'HTTPS://127.0.0.1:1/d.rdb', new URL('http://127.0.0.1:1/d.rdb')])(
    'at %s comes over the network',
    (input) => {
      expect(keySourceOf(input)).toMatchObject({ isRepeatable: true, isRemote: true });
    },
  );

  it('is another one with other bytes', async () => {
    const other = dumpOf(SEVEN, key('a', string('2')));
    const fingerprints = [
      dump,
      other,
      memoryLog([log()]),
      memoryLog([log(), log()]),
      await replayLog(memoryLog([log()])),
    ];
    const texts = await Promise.all(fingerprints.map((input) => keySourceOf(input).fingerprint()));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('that is a log is replayed once, and has what the log has', async () => {
    const plain = memoryLog([log()]);
    const open = vi.fn(plain.files[0]!.open);
    const counted: AofLog = { ...plain, files: [{ ...plain.files[0]!, open }] };
    const source = keySourceOf(counted);
    expect(open).toHaveBeenCalledTimes(0);
    const run = await readUnits(source, { mode: 'commands' });
    await readUnits(source);
    expect(open).toHaveBeenCalledTimes(1);
    expect(run.batches.map(({ db }) => db)).toEqual([0, 3]);
    expect(unitsOf(run).flatMap(({ bytes }) => commandLines(bytes))).toEqual([
      'SET a 1 NX',
      'RPUSH rdb-inspect:import:id:1 x y',
    ]);
  });

  it('that is no dump is an error when it is read', async () => {
    await expect(readUnits(ascii('no dump at all'))).rejects.toMatchObject({ code: 'NOT_RDB' });
    await expect(readUnits(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('keys', () => {
  /** `db key` of all units, once the server holds them: with what is left of their lives in seconds. */
  async function keysOf(
    file: ImportInput,
    keys: KeyOptions,
    more: Parameters<typeof readUnits>[1] = {},
  ): Promise<string[]> {
    const run = await readUnits(file, { mode: 'commands', ...more, keys: { nowMs: NOW_MS, ...keys } });
    return describeRun(run);
  }

  function describeRun(run: SeenUnits): string[] {
    return run.batches.flatMap(({ db, units }) =>
      units.map(({ key, bytes }) => {
        const expiry = /PXAT (\d+)$|PEXPIREAT \S+ (\d+)$/m.exec(commandLines(bytes).join('\n'));
        const life = expiry === null ? '' : ` ${(Number(expiry[1] ?? expiry[2]) - NOW_MS) / 1000}`;
        return `${db} ${latin1(key)}${life}`;
      }),
    );
  }

  it.each<[string, KeyOptions, string[]]>([
    ['as they are', {}, ['0 a', '0 b:1 60', '0 gone -0.001', '3 c']],
    ['by pattern', { filter: { match: 'b:*' } }, ['0 b:1 60']],
    ['by database', { filter: { dbs: [3] } }, ['3 c']],
    ['by expiry', { filter: { ttl: 'expired' } }, ['0 gone -0.001']],
    ['so many', { filter: { limit: 2 } }, ['0 a', '0 b:1 60']],
    ['with another database', { dbMap: new Map([[3, 5]]) }, ['0 a', '0 b:1 60', '0 gone -0.001', '5 c']],
    ['filtered by the database of the source', { filter: { dbs: [3] }, dbMap: new Map([[3, 5]]) }, ['5 c']],
    ['without expiries', { setTtl: { action: 'strip' } }, ['0 a', '0 b:1', '0 gone', '3 c']],
    ['that live longer', { setTtl: { action: 'shift', byMs: 5000 } }, ['0 a', '0 b:1 65', '0 gone 4.999', '3 c']],
    ['as they are, by word', { setTtl: { action: 'keep' } }, ['0 a', '0 b:1 60', '0 gone -0.001', '3 c']],
    ['without those that have expired', { skipExpiredBeforeMs: NOW_MS }, ['0 a', '0 b:1 60', '3 c']],
    ['under other names', { rename: [parseRename('(.*):(.*)=$2:$1')] }, ['0 a', '0 1:b 60', '0 gone -0.001', '3 c']],
    [
      'filtered by their names in the source',
      { filter: { match: 'b:*' }, rename: [parseRename('b:(.*)=n:$1')] },
      ['0 n:1 60'],
    ],
    [
      'all of that',
      {
        filter: { notMatch: 'a' },
        dbMap: new Map([[0, 1]]),
        rename: [parseRename('(.*)=x$1')],
        setTtl: { action: 'shift', byMs: -1000 },
        skipExpiredBeforeMs: NOW_MS,
      },
      ['1 xb:1 59', '3 xc'],
    ],
  ])('%s', async (_, keys, expected) => {
    expect(await keysOf(dump, keys)).toEqual(expected);
    expect(await keysOf(dump, keys, { mode: 'restore' }).then((all) => all.length)).toBe(expected.length);
  });

  it('that have expired are counted', async () => {
    const opened = await readUnits(dump, { keys: { skipExpiredBeforeMs: NOW_MS } });
    expect([opened.expired, opened.units]).toEqual([1, 3]);
    expect((await readUnits(dump)).expired).toBe(0);
  });

  it('that are filtered have no function libraries beside them', () => {
    expect([
      leavesFunctionsOut({}),
      leavesFunctionsOut({ filter: {} }),
      leavesFunctionsOut({ dropModules: true }),
    ]).toEqual([false, true, false]);
  });

  it('of modules are left out where that is wanted', async () => {
    const file = readFixture('redis-8.6/vset');
    const modules = [...readRdbSync(file)].filter((one) => one.kind === 'key' && one.value.type === 'module').length;
    expect(modules).toBeGreaterThan(0);
    const target = 'redis:8.6';
    const all = await readUnits(file, { mode: 'restore', target });
    const rest = await readUnits(file, { mode: 'restore', target, keys: { dropModules: true } });
    expect(unitsOf(all).length - unitsOf(rest).length).toBe(modules);
  });

  it('are read in a way that leaves the source as it was', async () => {
    const bytes = dump.slice();
    await keysOf(bytes, { dbMap: new Map([[0, 1]]), setTtl: { action: 'strip' }, rename: [parseRename('(.*)=x$1')] });
    expect(bytes).toEqual(dump);
  });
});

describe('a transformation', () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `element:${index}`);
  const values: Record<string, RdbValue> = {
    list: list(...texts),
    set: set(...texts),
    hash: hash(...texts.map((text) => [text, text] as const)),
    zset: zset(...texts.map((text, index) => [text, index] as const)),
  };
  const large = dumpOf(
    SEVEN,
    key('a', string('1')),
    ...Object.entries(values).map(([name, value]) => key(name, value)),
  );

  it('leaves out, renames and changes, before everything but the filter', async () => {
    const seen: string[] = [];
    const keys: KeyOptions = {
      filter: { notMatch: 'c' },
      rename: [parseRename('A(.*)=Z$1')],
      dbMap: new Map([[7, 8]]),
      transform: async (entry) => {
        seen.push(latin1(entry.key));
        if (entry.value.type === 'list') return undefined;
        const value: RdbValue = entry.value.type === 'string' ? { ...entry.value, value: ascii('new') } : entry.value;
        return { ...entry, db: 7, key: ascii(latin1(entry.key).toUpperCase()), value };
      },
    };
    const run = await readUnits(dump, { mode: 'commands', keys });
    expect(seen).toEqual(['a', 'b:1', 'gone']);
    expect(run.batches.map(({ db }) => db)).toEqual([8]);
    expect(unitsOf(run).flatMap(({ bytes }) => commandLines(bytes))).toEqual([
      'SET Z new NX',
      `SET GONE new NX PXAT ${NOW_MS - 1}`,
    ]);
  });

  it('keeps everything where it changes nothing, values in parts included', async () => {
    let inParts = 0;
    const keys: KeyOptions = {
      limits: { largeValueBytes: 10_000 },
      transform: (entry) => {
        if (entry.parts !== undefined) inParts++;
        return entry;
      },
    };
    for (const mode of ['commands', 'restore', 'auto'] as const) {
      inParts = 0;
      const run = await readUnits(large, { mode, keys });
      expect(inParts).toBe(4);
      expect(await held(logOf(run), SEVEN, NOW_MS)).toEqual(await held(large, SEVEN, NOW_MS));
    }
  });

  it('may change the parts of a value, or leave it out', async () => {
    async function* shout(parts: AsyncIterable<RdbValue>): AsyncGenerator<RdbValue> {
      for await (const part of parts)
        yield part.type === 'list'
          ? { ...part, items: part.items.map((item) => ascii(latin1(item).toUpperCase())) }
          : part;
    }
    const run = await readUnits(large, {
      keys: {
        limits: { largeValueBytes: 10_000 },
        transform: (entry) => {
          if (entry.value.type === 'zset') return undefined;
          return entry.parts === undefined || entry.value.type !== 'list'
            ? entry
            : { ...entry, parts: shout(entry.parts) };
        },
      },
    });
    const { zset: _, ...rest } = values;
    const changed = { ...rest, list: list(...texts.map((text) => text.toUpperCase())) };
    const wanted = dumpOf(
      SEVEN,
      key('a', string('1')),
      ...Object.entries(changed).map(([name, value]) => key(name, value)),
    );
    expect(await held(logOf(run), SEVEN, NOW_MS)).toEqual(await held(wanted, SEVEN, NOW_MS));
  });

  it('keeps the records of real dumps', async () => {
    for (const name of ['redis-7.0/types', 'redis-7.4/hfe', 'redis-7.0/cluster', 'valkey-9.1/types']) {
      const file = readFixture(name);
      const target = name.startsWith('valkey') ? 'valkey:9.1' : 'redis:8.8';
      const changed = await readUnits(file, { mode: 'commands', target, keys: { transform: (entry) => entry } });
      const plain = await readUnits(file, { mode: 'commands', target });
      const texts = (run: SeenUnits): string[] => unitsOf(run).map(({ kind, key }) => `${kind} ${latin1(key)}`);
      expect(texts(changed)).toEqual(texts(plain));
    }
  });

  it('that fails ends the reading with its error', async () => {
    const transform = (entry: KeyEntry): KeyEntry => {
      if (latin1(entry.key) === 'gone') throw new Error('not this one');
      return entry;
    };
    await expect(readUnits(dump, { keys: { transform } })).rejects.toThrow('not this one');
  });

  it('hears of damage in the source', async () => {
    const keys: KeyOptions = { transform: (entry) => entry };
    await expect(readUnits(dump.subarray(0, -12), { keys })).rejects.toMatchObject({ code: 'TRUNCATED' });
    const broken = dump.slice();
    broken[broken.length - 1]! ^= 1;
    await expect(readUnits(broken, { keys })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    await expect(readUnits(broken)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(unitsOf(await readUnits(broken, { keys: { ...keys, checksum: false } })).length).toBe(4);
  });

  it('may be given up in the middle', async () => {
    const opened = await openKeys(keySourceOf(large), { transform: (entry) => entry });
    await opened.source.read(new Uint8Array(100), 0, 100);
    await opened.close();
  });
});

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/**
 * What a running server says of its data, against what we read in the files it writes: dumps with and without compression
 * and checksum, the base of an AOF, idle times and access frequencies, DUMP payloads.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRdb as check } from '../../src/inspect/check.js';
import { RdbDecoder } from '../../src/rdb/decoder.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { readRdb, readRdbSync } from '../../src/rdb/read.js';
import { IGNORE_VALUE } from '../../src/rdb/visitor.js';
import { checkRdb, type LiveServer, startServer } from '../support/live-server.js';
import { DATABASES, DB, fillServer } from '../support/workload.js';
import { expectSameContent, expectSameDumps, functionsOf, keysOf } from './compare.js';
import { readContent, type ServerContent } from './server-content.js';

const SEED = 20261126;
const ARGS = ['--databases', String(DATABASES)];

/** Type bytes that servers write, and in which version of the format they came. */
const WRITTEN_TYPES = { redis: [0, 2, 4, 5, 11, 16, 17, 18], since11: [20], since12: [24, 25] };

async function save(server: LiveServer): Promise<string> {
  await server.send('SAVE');
  return join(server.dir, 'dump.rdb');
}

function read(path: string): RdbEntry[] {
  return [...readRdbSync(path, { deep: true })];
}

async function expectBothToAccept(path: string): Promise<void> {
  const report = await check(path, { deep: true });
  expect(report.errors).toEqual([]);
  expect(report).toMatchObject({ ok: true, bytes: statSync(path).size, keys: keysOf(read(path)).size });
  expect(await checkRdb(path)).toMatchObject({ ok: true });
}

describe(`a dataset of every type (seed ${SEED})`, () => {
  let server: LiveServer;
  let content: ServerContent;
  let dump: string;
  let entries: RdbEntry[];

  beforeAll(async () => {
    server = await startServer({ args: ARGS });
    await fillServer(server.send, SEED);
    content = await readContent(server.send);
    dump = await save(server);
    entries = read(dump);
  });
  afterAll(() => server?.stop());

  it('is the same in the file', () => {
    expect(content.keys.size).toBeGreaterThan(500);
    expectSameContent(entries, content);
  });

  it('is in the file in every type that the server writes', () => {
    const keys = [...keysOf(entries).values()];
    const written = new Set(keys.map(({ rdbType }) => rdbType));
    const [header] = entries;
    const version = header?.kind === 'header' ? header.version : 0;
    const valkey = header?.kind === 'header' && header.magic === 'VALKEY';
    expect([...WRITTEN_TYPES.redis].filter((type) => !written.has(type))).toEqual([]);
    if (version >= 11) expect(WRITTEN_TYPES.since11.filter((type) => !written.has(type))).toEqual([]);
    if (version >= 12 && !valkey) expect(WRITTEN_TYPES.since12.filter((type) => !written.has(type))).toEqual([]);
    if (valkey) expect(written).toContain(22);
    const strings = keys.filter(({ value }) => value.type === 'string');
    expect(new Set(strings.map(({ value }) => value.encoding))).toEqual(new Set(['raw', 'int', 'lzf']));
    expect(firstContainer(readFileSync(dump), 'list:plain')).toBe(1);
  });

  it('is the same in DUMP payloads', () => expectSameDumps(entries, content));

  it('does not share memory with the payloads', () => {
    for (const [name, { dump, type }] of content.keys) {
      if (type !== 'string' && type !== 'stream') continue;
      const payload = Buffer.from(dump);
      const { value } = decodeDump(payload, { checksum: 'never' });
      const before = structuredClone(value);
      payload.fill(0x55);
      expect(isDeepStrictEqual(value, before), name).toBe(true);
    }
  });

  it('has its functions', () => {
    expect(content.functions.length).toBe(2);
    expect(functionsOf(entries)).toEqual(content.functions);
  });

  it('is sound, as the server and we say', () => expectBothToAccept(dump));

  it('reads the same as a stream of entries', async () => {
    const streamed: RdbEntry[] = [];
    for await (const entry of readRdb(dump, { deep: true })) streamed.push(entry);
    // `toEqual` takes its time over millions of bytes.
    expect(isDeepStrictEqual(streamed, entries)).toBe(true);
  });

  it('names its server', async () => {
    const info = String(await server.send('INFO', 'server'));
    const version = /^(?:valkey|redis)_version:(\S+)/gm;
    const versions = [...info.matchAll(version)].map(([, text]) => text!);
    const named = entries.flatMap((entry) =>
      entry.kind === 'aux' && /^(redis|valkey)-ver$/.test(text(entry.name)) ? [text(entry.value)] : [],
    );
    expect(versions).toContain(named[0]);
  });

  it('is the same without compression', async () => {
    await server.send('CONFIG', 'SET', 'rdbcompression', 'no');
    const plain = read(await save(server));
    await server.send('CONFIG', 'SET', 'rdbcompression', 'yes');
    expectSameContent(plain, content);
    expect([...keysOf(plain).values()].filter(({ value }) => value.encoding === 'lzf')).toEqual([]);
  });

  it('is the same in the base of an AOF', async () => {
    await server.send('CONFIG', 'SET', 'appendonly', 'yes');
    await rewritten(server);
    await server.send('BGREWRITEAOF');
    await rewritten(server);
    const folder = join(server.dir, 'appendonlydir');
    const names = readdirSync(folder).filter((name) => name.endsWith('.base.rdb'));
    expect(names.length).toBe(1);
    const base = join(folder, names[0]!);
    const entriesOfBase = read(base);
    expectSameContent(entriesOfBase, content);
    expect(auxOf(entriesOfBase, 'aof-base')).toBe('1');
    await expectBothToAccept(base);
  });

  it('is the same without a checksum, after a load', async () => {
    const other = await startServer({ args: [...ARGS, '--rdbchecksum', 'no'], rdb: dump });
    try {
      const loaded = await readContent(other.send);
      const path = await save(other);
      const unchecked = read(path);
      expectSameContent(unchecked, loaded);
      expect(unchecked.at(-1)).toMatchObject({ kind: 'end', checksum: 'disabled' });
      await expectBothToAccept(path);
    } finally {
      await other.stop();
    }
  });

  it('keeps idle times and access frequencies', async () => {
    const other = await startServer({ args: [...ARGS, '--lfu-decay-time', '0'] });
    try {
      await expectSameUse(other, content, 'allkeys-lru');
      await expectSameUse(other, content, 'volatile-lfu');
    } finally {
      await other.stop();
    }
  });
});

/** Restores keys with a use of their own, saves, and compares. Reading a value would count as a use: it is not read. */
async function expectSameUse(server: LiveServer, content: ServerContent, policy: string): Promise<void> {
  const lfu = policy.endsWith('lfu');
  await server.send('FLUSHALL');
  await server.send('CONFIG', 'SET', 'maxmemory-policy', policy);
  const chosen = [...content.keys].filter(([, { db, dump }]) => db === DB.plain && dump.length < 10_000);
  await server.send('SELECT', DB.plain);
  await Promise.all(
    chosen.map(([, { key, dump }], index) =>
      server.send('RESTORE', key, 0, dump, lfu ? 'FREQ' : 'IDLETIME', lfu ? index % 256 : (index * 7919) % 1_000_000),
    ),
  );
  const used = () => Promise.all(chosen.map(([, { key }]) => server.send('OBJECT', lfu ? 'FREQ' : 'IDLETIME', key)));
  const before = (await used()) as number[];
  const keys = keysOf(read(await save(server)));
  const after = (await used()) as number[];
  expect(chosen.length).toBeGreaterThan(100);
  chosen.forEach(([name], index) => {
    const entry = keys.get(name)!;
    if (lfu) expect(entry.freq, name).toBe(before[index]);
    else {
      // The server's clock for idle times ticks once a second.
      expect(entry.idleSeconds, name).toBeGreaterThanOrEqual(before[index]! - 1);
      expect(entry.idleSeconds, name).toBeLessThanOrEqual(after[index]! + 1);
    }
  });
}

async function rewritten(server: LiveServer): Promise<void> {
  for (;;) {
    const info = String(await server.send('INFO', 'persistence'));
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)) {
      expect(info).toMatch(/aof_last_bgrewrite_status:ok/);
      return;
    }
    await sleep(50);
  }
}

/** How the first node of a list of type 18 is stored: 1 as a single element, 2 as a listpack. */
function firstContainer(file: Uint8Array, name: string): number | undefined {
  let container: number | undefined;
  let wanted = false;
  const decoder = new RdbDecoder({
    ...IGNORE_VALUE,
    record: () => undefined,
    key: ({ key }) => {
      wanted = text(key.copy()) === name;
      return wanted ? 'raw' : 'skip';
    },
    raw: (chunk) => {
      if (wanted) container ??= chunk.bytes[chunk.start + 1];
    },
    blob: () => undefined,
    keyEnd: () => undefined,
    warning: () => undefined,
  });
  decoder.write(file);
  decoder.end();
  return container;
}

function auxOf(entries: readonly RdbEntry[], name: string): string | undefined {
  for (const entry of entries) if (entry.kind === 'aux' && text(entry.name) === name) return text(entry.value);
  return undefined;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

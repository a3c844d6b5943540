/** MEMORY USAGE of a real server after it has loaded a dump, key by key against the model. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertRdb } from '../../src/convert/convert.js';
import { CollectorGroup, collectFacts } from '../../src/inspect/facts/collect.js';
import type { KeyFacts } from '../../src/inspect/facts/key-facts.js';
import { DatasetMemory } from '../../src/inspect/memory/dataset-memory.js';
import { MemoryModel } from '../../src/inspect/memory/memory-model.js';
import type { AllocatorName } from '../../src/memory/allocator.js';
import { type EncodingSettings, findTarget, type Target } from '../../src/rdb/versions.js';
import { listFixtures, readFixture } from './fixtures.js';
import { type LiveServer, startServer } from './live-server.js';
import { DATABASES, fillServer } from './workload.js';

export interface ServerKind {
  readonly target: Target;
  readonly allocator: AllocatorName;
  /** `used_memory` of an empty one. */
  readonly emptyBytes: number;
}

/** A key as the server and as the model has it. */
export interface MemoryPair {
  readonly key: string;
  readonly type: string;
  /** As OBJECT ENCODING says. */
  readonly encoding: string;
  readonly modelEncoding: string;
  readonly bytes: number;
  readonly modelBytes: number;
}

export interface MemoryRun {
  readonly pairs: readonly MemoryPair[];
  /** What the keys added to `used_memory`, and what the model says they do. */
  readonly usedBytes: number;
  readonly datasetBytes: number;
}

/** Configurations under which a dump is loaded. */
export const CONFIGURATIONS: readonly { name: string; args: readonly string[]; settings: Partial<EncodingSettings> }[] =
  [
    { name: 'default', args: [], settings: {} },
    {
      name: 'large packed limits',
      args: [
        'hash-max-listpack-entries',
        '2000',
        'hash-max-listpack-value',
        '1000',
        'zset-max-listpack-entries',
        '2000',
      ],
      settings: { hashMaxPackedEntries: 2000, hashMaxPackedValue: 1000, zsetMaxPackedEntries: 2000 },
    },
    {
      name: 'packing off',
      args: ['hash-max-listpack-entries', '0', 'zset-max-listpack-entries', '0', 'set-max-intset-entries', '0'],
      settings: { hashMaxPackedEntries: 0, zsetMaxPackedEntries: 0, setMaxIntsetEntries: 0 },
    },
  ];

/** Any server must have so many for the fixtures. */
const FIXTURE_DATABASES = 20_000;
/** The server leaves out what has expired, which the file still has. */
const EXPIRED_SINCE = new Set(['gone:hfe', 's:idmp', 's:idmpcfg']);

export async function kindOfServer(): Promise<ServerKind> {
  const server = await startServer({ args: ['--databases', String(FIXTURE_DATABASES)] });
  const info = String(await server.send('INFO'));
  await server.stop();
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  const allocator = /^mem_allocator:(\S+)/m.exec(info)![1]!;
  return {
    target: findTarget(valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`)!,
    allocator: !allocator.startsWith('jemalloc')
      ? 'glibc'
      : allocator >= 'jemalloc-5.3.1'
        ? 'jemalloc-5.3.1'
        : 'jemalloc',
    emptyBytes: Number(/^used_memory:(\d+)/m.exec(info)![1]),
  };
}

/** A dump that a server of this kind loads: converted where another kind wrote it. Undefined for one with modules that it lacks. */
export async function fixtureFor(name: string, { target }: ServerKind): Promise<Uint8Array | undefined> {
  if (name.endsWith('/module')) return undefined;
  const parts: Uint8Array[] = [];
  await convertRdb(readFixture(name), (bytes) => void parts.push(bytes.slice()), {
    target,
    onUnsupported: 'drop',
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** Names of those that hold a dump. */
export function fixturesWithDumps(): string[] {
  return listFixtures().map(({ name }) => name);
}

/** A dump of every type and size, filled by a server itself. */
export async function filledDump(seed: number): Promise<Uint8Array> {
  const server = await startServer({ args: ['--databases', String(DATABASES)] });
  await fillServer(server.send, seed);
  await server.send('SAVE');
  const dump = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
  await server.stop();
  return dump;
}

/** Loads the dump and asks for the memory of every key. */
export async function compareMemory(
  dump: Uint8Array,
  { target, allocator, emptyBytes }: ServerKind,
  { args, settings }: Pick<(typeof CONFIGURATIONS)[number], 'args' | 'settings'>,
): Promise<MemoryRun> {
  const options = args.map((arg, index) => (index % 2 === 0 ? `--${arg}` : arg));
  const server = await startServer({ rdb: dump, args: ['--databases', String(FIXTURE_DATABASES), ...options] });
  await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
  const usedBytes = Number(/^used_memory:(\d+)/m.exec(String(await server.send('INFO', 'memory')))![1]) - emptyBytes;
  const model = new MemoryModel({ server: target, allocator, settings });
  const keys = new KeyList();
  const dataset = new DatasetMemory(model);
  await collectFacts(dump, new CollectorGroup([keys, dataset]), { measure: model });
  const pairs = await ask(server, keys.list);
  await server.stop();
  return { pairs, usedBytes, datasetBytes: dataset.totals().datasetBytes };
}

class KeyList {
  readonly list: { db: number; key: Uint8Array; type: string; modelEncoding: string; modelBytes: number }[] = [];

  record(): void {}

  key({ db, key, type, memoryEncoding, memoryBytes }: KeyFacts): void {
    this.list.push({ db, key: key.copy(), type, modelEncoding: memoryEncoding, modelBytes: memoryBytes });
  }
}

async function ask(server: LiveServer, keys: KeyList['list']): Promise<MemoryPair[]> {
  const pairs: MemoryPair[] = [];
  let selected = -1;
  for (const { db, key, type, modelEncoding, modelBytes } of keys) {
    if (db !== selected) await server.send('SELECT', db);
    selected = db;
    const name = Buffer.from(key).toString('latin1');
    const bytes = await server.send('MEMORY', 'USAGE', key, 'SAMPLES', 0);
    // Expired keys are not loaded.
    if (bytes === null || EXPIRED_SINCE.has(name)) continue;
    const encoding = String(await server.send('OBJECT', 'ENCODING', key));
    pairs.push({ key: name, type, encoding, modelEncoding, bytes: Number(bytes), modelBytes });
  }
  return pairs;
}

export interface MemoryErrors {
  readonly count: number;
  /** Parts of 1, of absolute values. */
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  /** Of all keys together. */
  readonly sum: number;
}

export function errorsOf(pairs: readonly MemoryPair[]): MemoryErrors {
  // MEMORY USAGE cuts off the fraction of a byte.
  const errors = pairs.map(({ bytes, modelBytes }) =>
    Math.abs(modelBytes - bytes) <= 1 ? 0 : Math.abs(modelBytes - bytes) / bytes,
  );
  errors.sort((a, b) => a - b);
  const at = (share: number): number => errors[Math.min(errors.length - 1, Math.floor(share * errors.length))] ?? 0;
  const total = pairs.reduce((sum, { bytes }) => sum + bytes, 0);
  const modelled = pairs.reduce((sum, { modelBytes }) => sum + modelBytes, 0);
  return { count: pairs.length, median: at(0.5), p99: at(0.99), max: at(1), sum: modelled / total - 1 };
}

/** Pairs by type and encoding. */
export function byKind(pairs: readonly MemoryPair[]): Map<string, MemoryPair[]> {
  const kinds = new Map<string, MemoryPair[]>();
  for (const pair of pairs) {
    const kind = `${pair.type} ${pair.encoding}`;
    const list = kinds.get(kind);
    if (list === undefined) kinds.set(kind, [pair]);
    else list.push(pair);
  }
  return new Map([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
}

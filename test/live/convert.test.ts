/**
 * Every dump of a real server, converted for the server at hand: its checker accepts the file, it loads it while it looks
 * into every packed structure, and it then says the same as the server that wrote the dump.
 *
 * The file stands in for the base of an append-only file, because such a base keeps the keys that have expired.
 */
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossEntry } from '../../src/convert/loss.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { boundaryFile } from '../support/boundary-file.js';
import { type Converted, convert, keyName, keysOf, plainText } from '../support/converting.js';
import { expectedDigest, repeatsDigest } from '../support/digests.js';
import { fromBase64, listFixtures, readFixture, readTruth, type Truth, type TruthKey } from '../support/fixtures.js';
import { checkRdb, checksItself, type LiveServer, startServer } from '../support/live-server.js';
import { comparable, fieldExpiries, liveValue, streamFacts } from '../support/live-value.js';

let server: LiveServer;
let target: Target;
let digests = 0;
let keyDigests = 0;

beforeAll(async () => {
  const args = ['--databases', '256', '--appendonly', 'yes', '--sanitize-dump-payload', 'yes'];
  server = await startServer({ args: [...args, '--aof-load-truncated', 'no', '--appendfsync', 'no'] });
  await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
  target = await targetOfServer();
});

afterAll(async () => await server?.stop());

describe.each(listFixtures())('$name', (fixture) => {
  it('loads, and is the same', async () => {
    const truth = readTruth(fixture);
    const options = { target, onUnsupported: 'convert', dropModules: fixture.case === 'module' } as const;
    const converted = await convert(readFixture(fixture.name), { ...options, nowMs: Date.now() });
    await load(converted.bytes);
    expect(await databaseSizes()).toBe(converted.keys.length);
    const { digest } = truth;
    const isComplete = converted.losses.length === 0 && hasAllKeys(truth, converted) && !hasExpiredFields(converted);
    if (isComplete && digest && repeatsDigest(truth, target, converted.keys)) await compareDigest(digest);
    await compareKeys(truth, keysOf([...readRdbSync(readFixture(fixture.name))]), converted);
    await compareDumps(converted);
    if (target.records.functions)
      expect(await server.send('FUNCTION', 'LIST')).toHaveLength(truth.functions?.length ?? 0);
  });
});

it('compares enough digests', () => {
  expect(digests).toBeGreaterThan(20);
  expect(keyDigests).toBeGreaterThan(2000);
});

it('asks the checker of this server', async () => expect(await checksItself(server)).toBe(true));

async function compareDigest(digest: string): Promise<void> {
  expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
  digests++;
}

it('loads what the other side packs in a way that this one refuses', async () => {
  const from = target.boundaryBacklen === 'long' ? 'valkey:9.1' : 'redis:7.2';
  const { bytes, keys } = await convert(boundaryFile(from, 16378), { target, onUnsupported: 'convert' });
  await load(bytes);
  expect(keys).toHaveLength(5);
  await server.send('SELECT', 0);
  expect(await server.send('HSTRLEN', 'hash', 'f')).toBe(16378);
  expect(await server.send('ZCARD', 'zset')).toBe(1);
  expect(await server.send('SCARD', 'set')).toBe(2);
  expect(await server.send('LLEN', 'list')).toBe(3);
  expect(await server.send('XLEN', 'stream')).toBe(1);
});

/** Puts the file in place of the base that the server has, and lets it load its append-only files anew. */
async function load(file: Uint8Array): Promise<void> {
  // Without fsync the command is in its file before the reply is here, and goes away with the rest of that file.
  await server.send('FUNCTION', 'FLUSH');
  const folder = join(server.dir, 'appendonlydir');
  const files = readdirSync(folder);
  const base = join(folder, files.find((name) => name.endsWith('.base.rdb'))!);
  writeFileSync(base, file);
  for (const name of files) if (name.endsWith('.incr.aof')) truncateSync(join(folder, name), 0);
  const { ok, output } = await checkRdb(base);
  expect(ok, output).toBe(true);
  await server.send('DEBUG', 'LOADAOF');
}

async function databaseSizes(): Promise<number> {
  const keyspace = String(await server.send('INFO', 'keyspace'));
  return [...keyspace.matchAll(/keys=(\d+)/g)].reduce((sum, [, keys]) => sum + Number(keys), 0);
}

/** Keys that nothing was taken from, against what their server said: the digest, also of those that have expired. */
async function compareKeys(truth: Truth, keys: readonly KeyEntry[], { losses }: Converted): Promise<void> {
  const touched = new Set(losses.flatMap(nameOfLoss));
  const entries = new Map(keys.map((entry) => [keyName(entry), entry]));
  for (const expected of [...truth.keys, ...(truth.expired ?? [])]) {
    const key = fromBase64(expected.key);
    const name = keyName({ db: expected.db, key });
    if (touched.has(name) || expected.type.startsWith('testrdb')) continue;
    await server.send('SELECT', expected.db);
    const entry = entries.get(name);
    const digest = entry && expectedDigest(truth, expected, entry, target);
    if (digest !== undefined) {
      expect(await server.send('DEBUG', 'DIGEST-VALUE', key), name).toEqual([digest]);
      keyDigests++;
    }
    if (!truth.expired?.includes(expected)) await compareKey(expected, key);
  }
}

/** What the server dumps of a key is what our file has of it. Keys that have expired are no more to DUMP. */
async function compareDumps({ keys }: Converted): Promise<void> {
  for (const { db, key, value, expireAtMs } of keys) {
    if (expireAtMs !== undefined && expireAtMs < Date.now()) continue;
    await server.send('SELECT', db);
    const payload = new Uint8Array((await server.send('DUMP', key)) as Buffer);
    const dumped = decodeDump(payload, { deep: true, checksum: 'always' });
    expect(plainText(inOrder(dumped.value)), keyName({ db, key })).toBe(plainText(inOrder(value)));
  }
}

/** A server turns the elements of a vector set around when it loads it. */
function inOrder(value: RdbValue): RdbValue {
  if (value.type !== 'module' || value.decoded === undefined) return value;
  const elements = value.decoded.elements.toSorted((a, b) => Buffer.compare(a.element, b.element));
  return { ...value, decoded: { ...value.decoded, elements } };
}

async function compareKey(expected: TruthKey, key: Uint8Array): Promise<void> {
  const { type, value, digest, pexpiretime, hash_ttl, stream } = expected;
  const name = `db ${expected.db} ${Buffer.from(key).toString('latin1')}`;
  if (pexpiretime !== undefined && pexpiretime > 0 && pexpiretime < Date.now()) return;
  expect(await server.send('TYPE', key), name).toBe(type);
  if (type === 'vectorset') expect(await server.send('DEBUG', 'DIGEST-VALUE', key), name).toEqual([digest]);
  else expect(await liveValue(server, type, key), name).toEqual(comparable(type, value));
  if (pexpiretime !== undefined) expect(Number(await server.send('PEXPIRETIME', key)), name).toBe(pexpiretime);
  if (hash_ttl !== undefined && target.writes.hashExpiry !== undefined)
    expect(await fieldExpiries(server, key, hash_ttl), name).toEqual(hash_ttl);
  if (stream?.full === undefined) return;
  const full = await server.send('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0);
  const [found, wanted] = [streamFacts(full, true), streamFacts(stream.full, true)];
  // Versions that do not record the counters say nothing of them.
  if (wanted.entriesAdded !== undefined) expect(found, name).toEqual(wanted);
}

function nameOfLoss({ db, key }: LossEntry): string[] {
  return db === undefined || key === undefined ? [] : [keyName({ db, key })];
}

/** Servers up to 3.2 leave expired keys out of their files, though their digest has them. */
function hasAllKeys({ keys, expired = [] }: Truth, converted: Converted): boolean {
  return converted.keys.length === keys.length + expired.length;
}

/** Some servers digest such fields, some do not. */
function hasExpiredFields({ keys, summary }: Converted): boolean {
  if (summary.omitted['expired fields'] !== undefined) return true;
  return keys.some(
    ({ value }) => value.type === 'hash' && value.fields.some(({ expireAtMs }) => expireAtMs! < Date.now()),
  );
}

async function targetOfServer(): Promise<Target> {
  const info = String(await server.send('INFO', 'server'));
  const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
  return findTarget(valkey === undefined ? `redis:${/redis_version:(\S+)/.exec(info)?.[1]}` : `valkey:${valkey}`)!;
}

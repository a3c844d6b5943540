/**
 * Files that we write, loaded by a real server with every rule of the format checked: dumps of other servers, encoded
 * anew for this one, give the digest and the values that those servers reported. The server starts as a replica of
 * nobody, since a replica loads keys past their expiry and leaves them alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DumpEncoder, decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, RdbEntry, StreamId } from '../../src/rdb/model.js';
import { functionSource } from '../../src/rdb/record-writer.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { keyName } from '../support/converting.js';
import { expectedDigest, repeatsDigest } from '../support/digests.js';
import { contentTexts, decodeDeep, encodeEntries, textOf, valueText } from '../support/encode.js';
import { type Fixture, fromBase64, listFixtures, readFixture, readTruth, type Truth } from '../support/fixtures.js';
import { checkRdb, type LiveServer, startServer } from '../support/live-server.js';
import type { Reply } from '../support/resp-client.js';
import { idText } from '../support/truth.js';

const fixtures = listFixtures().filter(({ case: name }) => name !== 'module');
const ARGS = ['--databases', '200', '--replicaof', '127.0.0.1 1', '--sanitize-dump-payload', 'yes'];

let target: Target;
let digests = 0;

beforeAll(async () => {
  const server = await startServer();
  target = await targetOf(server);
  await server.stop();
});

describe.each(fixtures)('$name', (fixture) => {
  const source = decodeDeep(readFixture(fixture.name));

  it.each([
    ['as the server would write it', false],
    ['with the types that it had', true],
  ])('%s', { timeout: 60_000 }, async (_how, keepTypes) => {
    const held = source.filter(isHeld);
    const file = encodeEntries(held, { target, keepTypes });
    const server = await startServer({ args: ARGS, rdb: file });
    try {
      expect(await checkRdb(join(server.dir, 'dump.rdb'))).toMatchObject({ ok: true });
      await expectSameData(server, fixture, held, isComplete(fixture, source, held));
    } finally {
      await server.stop();
    }
  });
});

describe.each(fixtures)('payloads of $name', (fixture) => {
  it('are restored, and dumped again with the same value', { timeout: 60_000 }, async () => {
    const server = await startServer({ args: ['--sanitize-dump-payload', 'yes'] });
    try {
      const encoder = new DumpEncoder({ target });
      const keys = keysOf(decodeDeep(readFixture(fixture.name)).filter(isHeld));
      for (const { key, value } of keys) {
        const payload = encoder.encode(value);
        await server.send('RESTORE', Buffer.from(key), '0', Buffer.from(payload), 'REPLACE');
        const dumped = await server.send('DUMP', Buffer.from(key));
        expect(payloadText(dumped), Buffer.from(key).toString('latin1')).toBe(payloadText(payload));
      }
    } finally {
      await server.stop();
    }
  });
});

it('compares enough digests', () => expect(digests).toBeGreaterThan(20));

it('writes idempotent producers that a server goes by', async () => {
  if ((target.writes.stream ?? 0) < 4) return;
  const nowMs = BigInt(Date.now());
  const young = (entry: RdbEntry): RdbEntry => withProducers(entry, (at) => ({ ms: nowMs, seq: BigInt(at) }));
  const source = decodeDeep(readFixture('redis-8.6/streams')).map(young);
  const server = await startServer({ args: ARGS, rdb: encodeEntries(source, { target }) });
  try {
    await server.send('SAVE');
    const saved = decodeDeep(new Uint8Array(readFileSync(join(server.dir, 'dump.rdb'))));
    expect(dataOf(saved)).toEqual(dataOf(source));
    await server.send('REPLICAOF', 'NO', 'ONE');
    let repeated = 0;
    for (const { key, value } of keysOf(source)) {
      if (value.type !== 'stream') continue;
      for (const { id: producer, entries } of value.state?.idmp?.producers ?? [])
        for (const { iid, id } of entries) {
          const sent = [key, 'IDMP', producer, iid, '*', 'sent', 'again'].map((part) => Buffer.from(part));
          expect(String(await server.send('XADD', ...sent))).toBe(idText(id));
          repeated++;
        }
    }
    expect(repeated).toBeGreaterThan(3);
  } finally {
    await server.stop();
  }
});

async function targetOf(server: LiveServer): Promise<Target> {
  const info = String(await server.send('INFO', 'server'));
  const [, name, version] = /(valkey)_version:(\S+)/.exec(info) ?? /(redis)_version:(\S+)/.exec(info) ?? [];
  return findTarget(`${name}:${version}`)!;
}

async function expectSameData(
  server: LiveServer,
  fixture: Fixture,
  source: readonly RdbEntry[],
  isWhole: boolean,
): Promise<void> {
  const truth = readTruth(fixture);
  const keys = keysOf(source);
  for (const db of new Set(keys.map((key) => key.db))) {
    await server.send('SELECT', db);
    expect(await server.send('DBSIZE'), `db ${db}`).toBe(keys.filter((key) => key.db === db).length);
  }
  if (isWhole && truth.digest && repeatsDigest(truth, target, keys)) {
    expect(String(await server.send('DEBUG', 'DIGEST'))).toBe(truth.digest);
    digests++;
  }
  await expectSameDigests(server, truth, keys);
  // The server saves what it has loaded: its file says more than its replies do.
  await server.send('SAVE');
  const saved = decodeDeep(new Uint8Array(readFileSync(join(server.dir, 'dump.rdb'))));
  const expected = dataOf(decodeDeep(encodeEntries(source.map(aged), { target })));
  const found = new Set(dataOf(saved));
  expect(expected.filter((text) => !found.has(text)).map((text) => text.slice(0, 500))).toEqual([]);
  expect(found.size).toBe(expected.length);
}

/** Key by key: where the digest of the whole dataset says nothing, or does not say where. */
async function expectSameDigests(server: LiveServer, truth: Truth, keys: readonly KeyEntry[]): Promise<void> {
  const held = new Map(keys.map((key) => [keyName(key), key]));
  for (const key of [...truth.keys, ...(truth.expired ?? [])]) {
    const name = fromBase64(key.key);
    const entry = held.get(keyName({ db: key.db, key: name }));
    const digest = entry && expectedDigest(truth, key, entry, target);
    if (digest === undefined) continue;
    await server.send('SELECT', key.db);
    expect(await server.send('DEBUG', 'DIGEST-VALUE', name), `${key.db} ${key.key}`).toEqual([digest]);
  }
}

/** As a server has it that loads it now: what producers sent longer ago than their stream remembers is forgotten. */
function aged(entry: RdbEntry): RdbEntry {
  if (entry.kind !== 'key' || entry.value.type !== 'stream') return entry;
  const { state } = entry.value;
  if (state?.idmp === undefined) return entry;
  const since = BigInt(Date.now() - state.idmp.durationSeconds * 1000);
  const producers = state.idmp.producers
    .map((producer) => ({ ...producer, entries: producer.entries.filter(({ id }) => id.ms > since) }))
    .filter(({ entries }) => entries.length > 0);
  return { ...entry, value: { ...entry.value, state: { ...state, idmp: { ...state.idmp, producers } } } };
}

/** With other ids for what producers sent; `idOf` gets the place of an entry among those of its stream. */
function withProducers(entry: RdbEntry, idOf: (at: number) => StreamId): RdbEntry {
  if (entry.kind !== 'key' || entry.value.type !== 'stream') return entry;
  const { state } = entry.value;
  if (state?.idmp === undefined) return entry;
  let at = 0;
  const producers = state.idmp.producers.map((producer) => ({
    ...producer,
    entries: producer.entries.map(({ iid }) => ({ iid, id: idOf(at++) })),
  }));
  return { ...entry, value: { ...entry.value, state: { ...state, idmp: { ...state.idmp, producers } } } };
}

function payloadText(payload: Reply | Uint8Array): string {
  return valueText(decodeDump(new Uint8Array(payload as Uint8Array), { deep: true, checksum: 'always' }).value);
}

/** Whether the file has all keys of the digest: servers up to 3.2 leave out those that have expired. */
function isComplete(fixture: Fixture, source: readonly RdbEntry[], held: readonly RdbEntry[]): boolean {
  const { keys, expired = [] } = readTruth(fixture);
  return held.length === source.length && keysOf(source).length === keys.length + expired.length;
}

function keysOf(entries: readonly RdbEntry[]): KeyEntry[] {
  return entries.filter((entry) => entry.kind === 'key');
}

/** Whether the target has a place for this; the others are what `convert` is about. */
function isHeld(entry: RdbEntry): boolean {
  if (entry.kind === 'module-aux') return false;
  if (entry.kind !== 'key') return true;
  const { value } = entry;
  if (value.type === 'module') return false;
  const expiring = value.type === 'hash' && value.fields.some((field) => field.expireAtMs !== undefined);
  return !expiring || target.writes.hashExpiry !== undefined;
}

/** Keys with value and expiry, and libraries: what a server neither adds nor forgets. */
function dataOf(entries: readonly RdbEntry[]): string[] {
  const keys = keysOf(entries).map((key) => ({ ...key, idleSeconds: undefined, freq: undefined }));
  const libraries = entries.filter((entry) => entry.kind === 'function').map((entry) => textOf(functionSource(entry)));
  // A server that loads an empty stream of version 1 gives it the greatest id as its first one.
  const texts = contentTexts(keys as RdbEntry[]).map((text) => text.replace(GREATEST_FIRST_ID, NO_FIRST_ID));
  return [...libraries, ...texts].sort();
}

const GREATEST_FIRST_ID = '"firstId":{"ms":"18446744073709551615n","seq":"18446744073709551615n"}';
const NO_FIRST_ID = '"firstId":{"ms":"0n","seq":"0n"}';

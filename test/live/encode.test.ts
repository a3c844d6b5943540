/**
 * Files that we write, loaded by a real server with every rule of the format checked: dumps of other servers, encoded
 * anew for this one, give the digest and the values that those servers reported. The server starts as a replica of
 * nobody, since a replica loads keys past their expiry and leaves them alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { DumpEncoder, decodeDump } from '../../src/rdb/dump.js';
import type { KeyEntry, RdbEntry } from '../../src/rdb/model.js';
import { functionSource } from '../../src/rdb/record-writer.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { contentTexts, decodeDeep, encodeEntries, textOf, valueText } from '../support/encode.js';
import { type Fixture, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { checkRdb, type LiveServer, startServer } from '../support/live-server.js';

const NAMES = [
  'redis-2.4/types',
  'redis-2.6/types',
  'redis-3.2/types',
  'redis-3.2/lists',
  'redis-4.0/types',
  'redis-5.0/streams',
  'redis-6.2/types',
  'redis-6.2/lists',
  'redis-6.2/lru',
  'redis-7.0rc1/types',
  'redis-7.0/types',
  'redis-7.0/compact',
  'redis-7.0/expired',
  'redis-7.0/streams',
  'redis-7.0/nocomp-nocrc',
  'redis-7.4/types',
  'redis-8.6/streams',
  'valkey-8.0/types',
  'valkey-9.1/types',
];

/** Servers of this version and later print scores otherwise: only alike digests can be compared. */
const SHORT_SCORES_SINCE = 11;

const fixtures = listFixtures().filter(({ name }) => NAMES.includes(name));
const ARGS = ['--databases', '200', '--replicaof', '127.0.0.1 1', '--sanitize-dump-payload', 'yes'];

let target: Target;

beforeAll(async () => {
  const server = await startServer();
  target = await targetOf(server);
  await server.stop();
});

it('finds its fixtures', () => {
  expect(fixtures.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
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
      await expectSameData(server, fixture, held, held.length === source.length);
    } finally {
      await server.stop();
    }
  });
});

describe.each(['redis-6.2/types', 'redis-7.0/types', 'redis-7.0/streams'])('payloads of %s', (name) => {
  it('are restored, and dumped again with the same value', { timeout: 60_000 }, async () => {
    const server = await startServer();
    try {
      if (target.dialect === 'redis') await server.send('CONFIG', 'SET', 'sanitize-dump-payload', 'yes');
      const encoder = new DumpEncoder({ target });
      for (const { key, value } of keysOf(decodeDeep(readFixture(name)))) {
        const payload = encoder.encode(value);
        await server.send('RESTORE', Buffer.from(key), '0', Buffer.from(payload), 'REPLACE');
        const dumped = new Uint8Array((await server.send('DUMP', Buffer.from(key))) as Buffer);
        const again = decodeDump(dumped, { deep: true, checksum: 'always' });
        const expected = decodeDump(payload, { deep: true, checksum: 'always' });
        expect(valueText(again.value), Buffer.from(key).toString('latin1')).toBe(valueText(expected.value));
      }
    } finally {
      await server.stop();
    }
  });
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
  const { digest } = readTruth(fixture) as unknown as { digest: string | null };
  const keys = keysOf(source);
  for (const db of new Set(keys.map((key) => key.db))) {
    await server.send('SELECT', db);
    expect(await server.send('DBSIZE'), `db ${db}`).toBe(keys.filter((key) => key.db === db).length);
  }
  if (isWhole && digest && shortScores(fixture) === target.version >= SHORT_SCORES_SINCE)
    expect(String(await server.send('DEBUG', 'DIGEST'))).toBe(digest);
  // The server saves what it has loaded: its file says more than its replies do.
  await server.send('SAVE');
  const saved = decodeDeep(new Uint8Array(readFileSync(join(server.dir, 'dump.rdb'))));
  const expected = dataOf(decodeDeep(encodeEntries(source, { target })));
  const found = new Set(dataOf(saved));
  expect(expected.filter((text) => !found.has(text)).map((text) => text.slice(0, 500))).toEqual([]);
  expect(found.size).toBe(expected.length);
}

/** Whether the server that wrote it prints scores as 7.2 and later do. */
function shortScores({ server }: Fixture): boolean {
  return !/^redis-(?:[2-6]|7\.0)/.test(server);
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

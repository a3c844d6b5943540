/** Every fixture into a real server, in every mode: what the server then holds is what the dump held. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { Window } from '../../src/bytes/window.js';
import { convertRdb } from '../../src/convert/convert.js';
import { digestRdb } from '../../src/engine/digest.js';
import { DigestHandler } from '../../src/engine/digest-handler.js';
import { importKeys } from '../../src/import/import-keys.js';
import type { ImportResult, KeyFailure } from '../../src/import/model.js';
import { targetOfVersion } from '../../src/import/target/server-facts.js';
import { driveSync } from '../../src/rdb/drive.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { readRdbSync } from '../../src/rdb/read.js';
import type { Target } from '../../src/rdb/versions.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { type LiveServer, startServer, valkeyMajor } from '../support/live-server.js';

let server: LiveServer;
let url: string;
let target: Target;

beforeAll(async () => {
  server = await startServer({ args: ['--databases', '256'] });
  url = `redis://127.0.0.1:${server.port}`;
  target = targetOfVersion((await valkeyMajor(server)) > 0 ? 'valkey' : 'redis', await versionOf(server));
});
afterAll(async () => await server?.stop());
beforeEach(async () => {
  await server.send('FLUSHALL');
  await server.send('FUNCTION', 'FLUSH');
});

async function versionOf(live: LiveServer): Promise<string> {
  const info = String(await live.send('INFO', 'server'));
  return (/^valkey_version:(\S+)/m.exec(info) ?? /^redis_version:(\S+)/m.exec(info))![1]!;
}

/** The dump as the server could have it. */
async function converted(file: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await convertRdb(file, (bytes) => void pieces.push(bytes), { target, onUnsupported: 'convert' });
  return Buffer.concat(pieces);
}

/** DEBUG DIGEST-VALUE of each key of a dump that has not expired, by database and name. */
function digestsOf(file: Uint8Array): Map<string, { key: Uint8Array; db: number; digest: string }> {
  const digests = new Map<string, { key: Uint8Array; db: number; digest: string }>();
  const handler = new DigestHandler({
    target,
    atMs: Date.now(),
    onKey: ({ db, key }, digest) =>
      digests.set(`${db} ${Buffer.from(key.copy()).toString('hex')}`, { db, key: key.copy(), digest: digest.hex() }),
  });
  const source = new BytesSource(file);
  const driver = new RdbDriver(Window.for(file.length), handler);
  handler.driver = driver;
  while (driveSync(source, driver) === 'pause');
  return digests;
}

/** Sorted sets with −0: a packed one keeps it in the file, and is told 0 by ZADD. */
function negativeZeros(file: Uint8Array): Set<string> {
  const found = new Set<string>();
  for (const entry of readRdbSync(file)) {
    if (entry.kind !== 'key' || entry.value.type !== 'zset') continue;
    if (entry.value.members.some(({ score }) => Object.is(score, -0)))
      found.add(`${entry.db} ${Buffer.from(entry.key).toString('hex')}`);
  }
  return found;
}

/** Hashes of which fields have expired. */
function fieldsExpired(file: Uint8Array): Set<string> {
  const found = new Set<string>();
  for (const entry of readRdbSync(file)) {
    if (entry.kind !== 'key' || entry.value.type !== 'hash') continue;
    if (entry.value.fields.some(({ expireAtMs = Infinity }) => expireAtMs < Date.now()))
      found.add(`${entry.db} ${Buffer.from(entry.key).toString('hex')}`);
  }
  return found;
}

function totalOf({ counts }: ImportResult): number {
  return counts.sent + counts.skipped + counts.failed + counts.expired;
}

/** Test modules are not there. */
const FIXTURES = listFixtures().filter((fixture) => fixture.case !== 'module');

describe.each(['auto', 'restore', 'commands'] as const)('%s', (mode) => {
  it.each(FIXTURES)('$name', async ({ name }) => {
    const file = readFixture(name);
    const failures: KeyFailure[] = [];
    const result = await importKeys(file, url, { mode, onFailure: (failure) => failures.push(failure) });
    expect(failures.filter(({ code }) => code !== 'UNSUPPORTED')).toEqual([]);
    const keys = [...readRdbSync(file)].filter(({ kind }) => kind === 'key').length;
    expect(totalOf(result) - failures.filter(({ kind }) => kind === 'function').length).toBe(keys);
    const whole = await converted(file);
    if (mode !== 'commands') {
      const { digest } = await digestRdb(whole, { target, atMs: Date.now() });
      expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
    }
    const failed = new Set(failures.map(({ db, key }) => `${db} ${Buffer.from(key).toString('hex')}`));
    const expired = fieldsExpired(file);
    const zeros = negativeZeros(file);
    for (const [place, { db, key, digest }] of digestsOf(whole)) {
      await server.send('SELECT', db);
      // A field that has expired stays in a payload until somebody looks; as a command it goes at once.
      if (failed.has(place) || (mode === 'commands' && expired.has(place))) continue;
      if (zeros.has(place)) expect(await server.send('TYPE', key)).toBe('zset');
      else expect([place, await server.send('DEBUG', 'DIGEST-VALUE', key)]).toEqual([place, [digest]]);
    }
  });
});

/** DEBUG DIGEST and DIGEST-VALUE of a real server, against what we say of the dump that it saves, and of one that it loads. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestRdb, digestValue } from '../../src/engine/digest.js';
import { digestRules } from '../../src/engine/digest-rules.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { DATABASES, fillServer } from '../support/workload.js';

const SEEDS = [1, 2, 3];
/** Every server at hand loads these. */
const WITH_EXPIRED = ['redis-5.0/expired', 'redis-6.2/expired', 'redis-7.0/expired'];

describe.each(SEEDS)('a server filled from seed %i', (seed) => {
  let server: LiveServer;
  let dump: Uint8Array;

  beforeAll(async () => {
    server = await startServer({ args: ['--databases', String(DATABASES)] });
    await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
    await fillServer(server.send, seed);
    await server.send('SAVE');
    dump = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
  }, 120_000);

  afterAll(async () => await server?.stop());

  it('says of the dataset what we say of its dump', async () => {
    const { digest, unknown, keys } = await digestRdb(dump);
    expect(unknown).toEqual([]);
    expect(keys).toBeGreaterThan(500);
    expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
  });

  it('says of every key what we say of it', async () => {
    const { target } = await digestRdb(dump);
    let db = -1;
    for (const entry of readRdbSync(dump)) {
      if (entry.kind !== 'key') continue;
      if (entry.db !== db) await server.send('SELECT', entry.db);
      db = entry.db;
      const { value, expireAtMs, key } = entry;
      const digest = digestValue(value, expireAtMs !== undefined, digestRules(target)).hex();
      expect(await server.send('DEBUG', 'DIGEST-VALUE', key), Buffer.from(key).toString()).toEqual([digest]);
    }
  });

  it('says after it has loaded the dump what we say of a server that has', async () => {
    const { target } = await digestRdb(dump);
    await server.send('DEBUG', 'RELOAD', 'NOSAVE');
    expect(await server.send('DEBUG', 'DIGEST')).toBe((await digestRdb(dump, { target })).digest);
  });
});

it('follows −0 through a server, which keeps it until it packs it', async () => {
  const server = await startServer();
  try {
    await server.send('CONFIG', 'SET', 'zset-max-listpack-entries', 0);
    await server.send('ZADD', 'z', '-0', 'm', '0', 'n');
    await server.send('CONFIG', 'SET', 'zset-max-listpack-entries', 128);
    await server.send('ZADD', 'packed', '-0', 'm');
    const before = await server.send('DEBUG', 'DIGEST');
    await server.send('SAVE');
    const dump = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
    const { digest, target } = await digestRdb(dump);
    expect(digest).toBe(before);
    await server.send('DEBUG', 'RELOAD', 'NOSAVE');
    const after = await server.send('DEBUG', 'DIGEST');
    expect(after).not.toBe(before);
    expect((await digestRdb(dump, { target })).digest).toBe(after);
  } finally {
    await server.stop();
  }
});

describe.each(WITH_EXPIRED)('%s', (name) => {
  it('is, without what has expired, what a server says that has loaded it', async () => {
    const server = await startServer({ rdb: fixturePath(name) });
    try {
      const target = await targetOf(server);
      const { digest, expired } = await digestRdb(readFixture(name), { target, atMs: Date.now() });
      expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
      expect(expired).toBeGreaterThan(0);
    } finally {
      await server.stop();
    }
  });

  it('is, with what has expired, what a server says that keeps it', async () => {
    const server = await startServer({ args: ['--appendonly', 'yes'] });
    try {
      await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', 0);
      await loadAsBase(server, readFixture(name));
      const { digest } = await digestRdb(readFixture(name), { target: await targetOf(server) });
      expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
    } finally {
      await server.stop();
    }
  });
});

/** The base of an append-only file keeps what has expired. */
async function loadAsBase(server: LiveServer, file: Uint8Array): Promise<void> {
  const folder = join(server.dir, 'appendonlydir');
  const files = readdirSync(folder);
  writeFileSync(join(folder, files.find((name) => name.endsWith('.base.rdb'))!), file);
  for (const name of files) if (name.endsWith('.incr.aof')) truncateSync(join(folder, name), 0);
  await server.send('DEBUG', 'LOADAOF');
}

async function targetOf(server: LiveServer): Promise<Target> {
  const info = String(await server.send('INFO', 'server'));
  const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
  return findTarget(valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`)!;
}

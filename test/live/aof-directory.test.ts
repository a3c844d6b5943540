/** Directories of logs: a real server starts on ours and says the same as the dump's writer. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { EncodeError } from '../../src/bytes/errors.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { convertToAofDirectory } from '../../src/convert/rdb-to-aof.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { type Fixture, fromBase64, listFixtures, readTruth, type Truth, type TruthKey } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { digestsAlike } from '../support/truth.js';

const ARGS = ['--appendonly', 'yes', '--databases', '256', '--aof-load-truncated', 'no', '--save', ''];

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-aofdir-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

describe.each(['rdb', 'aof'] as const)('a directory with a base of form %s', (base) => {
  let target: Target | undefined;
  let digests = 0;

  it.each(listFixtures())('starts a server: $name', async (fixture) => {
    target ??= await targetOfServer();
    const truth = readTruth(fixture);
    const place = path.join(dir, 'appendonlydir');
    const written = await write(fixture, place, base, target);
    if (written === undefined) return expect(fs.existsSync(place)).toBe(false);
    const server = await startServer({ dir, args: ARGS });
    try {
      const isComplete = [written, await databaseSizes(server)].every((count) => count === truth.keys.length);
      const { digest, expired = [] } = truth;
      const isComparable = isComplete && expired.length === 0 && digestsAlike(truth, target.version);
      if (isComparable && base === 'aof' && truth.keys.some(isPackedMinusZero)) {
        await compareValues(server, truth);
      } else if (isComparable && digest) {
        expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
        digests++;
      }
      if (target.records.functions)
        expect(await server.send('FUNCTION', 'LIST')).toHaveLength(truth.functions?.length ?? 0);
      const { facts, files } = openAofLog(place, nodeFiles);
      expect(facts).toMatchObject({ situation: 'multi-part', missing: [], unlisted: [], leftovers: [] });
      expect(files.map(({ role }) => role)).toEqual(['base', 'incr']);
    } finally {
      await server.stop();
    }
  });

  it('compares enough digests', () => expect(digests).toBeGreaterThan(base === 'rdb' ? 25 : 15));
});

/** A command makes 0 of it, which a dump of an old server has as it was. */
function isPackedMinusZero({ type, encoding, value }: TruthKey): boolean {
  return (
    type === 'zset' && encoding !== 'skiplist' && (value as [string, string][]).some(([, score]) => score === '-0')
  );
}

async function compareValues(server: LiveServer, { keys }: Truth): Promise<void> {
  for (const key of keys) {
    if (!key.digest || isPackedMinusZero(key)) continue;
    await server.send('SELECT', key.db);
    expect(await server.send('DEBUG', 'DIGEST-VALUE', fromBase64(key.key)), key.key).toEqual([key.digest]);
  }
}

/** How many keys were written; undefined where the server cannot hold the dump, or commands cannot say it. */
async function write(fixture: Fixture, to: string, base: 'rdb' | 'aof', target: Target): Promise<number | undefined> {
  const dropModules = fixture.case === 'module';
  try {
    return (await convertToAofDirectory(fixture.path, to, nodeFiles, { base, target, dropModules })).keysWritten;
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
}

async function databaseSizes(server: LiveServer): Promise<number> {
  const keyspace = String(await server.send('INFO', 'keyspace'));
  return [...keyspace.matchAll(/keys=(\d+)/g)].reduce((sum, [, keys]) => sum + Number(keys), 0);
}

async function targetOfServer(): Promise<Target> {
  const server = await startServer();
  try {
    const info = String(await server.send('INFO', 'server'));
    const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
    return findTarget(valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`)!;
  } finally {
    await server.stop();
  }
}

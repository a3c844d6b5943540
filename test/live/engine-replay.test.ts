/** A log that a real server wrote under a seeded load of many commands, replayed: the server's digest, and its own dump. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { convertLogToDirectory, convertLogToRdb } from '../../src/convert/commands-to-rdb.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import { type Replay, replayLog } from '../../src/engine/replay-log.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { logLoad } from '../support/log-load.js';

const SEED = 20261125;

let server: LiveServer;
let target: Target;
/** How often each command was sent and accepted, by its name. */
let sent: ReadonlyMap<string, number>;
let replay: Replay;

beforeAll(async () => {
  server = await startServer({ args: ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'] });
  const info = String(await server.send('INFO', 'server'));
  const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
  target = findTarget(valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`)!;
  sent = await logLoad((...args) => server.send(...args), SEED);
  await server.send('CONFIG', 'SET', 'appendfsync', 'always');
  await server.send('SET', 'last', '1');
  replay = await replayLog(openAofLog(server.dir, nodeFiles), { target });
});

afterAll(async () => await server?.stop());

it('holds the effects of many commands', () => {
  expect(sent.size).toBeGreaterThanOrEqual(60);
  expect(replay.counts.commands).toBeGreaterThan(3000);
  // A server logs what had an effect.
  expect(replay.counts.refused).toBe(0);
});

it('has the digest of the server', async () => {
  expect(digestEngine(replay.engine).digest).toBe(String(await server.send('DEBUG', 'DIGEST')));
});

it('has the dataset of the server’s dump, once it has loaded its log', async () => {
  await server.send('DEBUG', 'LOADAOF');
  await expectDumpOf(replay);
});

it('is loaded by a server as our dump, and as our compacted logs', async () => {
  const digest = await server.send('DEBUG', 'DIGEST');
  const log = openAofLog(server.dir, nodeFiles);
  const parts: Uint8Array[] = [];
  await convertLogToRdb(log, (bytes) => void parts.push(bytes));
  const other = await startServer({ rdb: Buffer.concat(parts) });
  expect(await other.send('DEBUG', 'DIGEST')).toEqual(digest);
  await other.stop();
  for (const base of ['rdb', 'aof'] as const) {
    const dir = mkdtempSync(join(tmpdir(), 'rdb-inspect-compacted-'));
    await convertLogToDirectory(log, join(dir, 'appendonlydir'), nodeFiles, { base });
    const loaded = await startServer({ dir, args: ['--appendonly', 'yes'] });
    expect(await loaded.send('DEBUG', 'DIGEST')).toEqual(digest);
    await loaded.stop();
    rmSync(dir, { recursive: true });
  }
});

it('is the same after a rewrite and more commands', async () => {
  await server.send('BGREWRITEAOF');
  while (/aof_rewrite_(in_progress|scheduled):1/.test(String(await server.send('INFO', 'persistence'))))
    await new Promise((resolve) => setTimeout(resolve, 50));
  await logLoad((...args) => server.send(...args), SEED + 1);
  await server.send('SET', 'last', '2');
  // Some commands depend on the encoding, which a server forgets with a rewrite: it is asked once it has loaded its log.
  await server.send('DEBUG', 'LOADAOF');
  const again = await replayLog(openAofLog(server.dir, nodeFiles));
  expect(again.engine.settings.target.name).toBe(target.name);
  expect(again.loadedKeys).toBeGreaterThan(50);
  await expectDumpOf(again);
  expect(digestEngine(again.engine).digest).toBe(String(await server.send('DEBUG', 'DIGEST')));
});

async function expectDumpOf({ engine }: Replay): Promise<void> {
  await server.send('SAVE');
  const dump = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
  const wanted = await canonicalLines(readRdbSync(dump), { target });
  expect(stable(await canonicalLines(snapshot(engine), { target }))).toEqual(stable(wanted));
}

/** When a consumer was last seen is not logged. */
function stable(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/ seen=\d+ active=\S+$/, ''));
}

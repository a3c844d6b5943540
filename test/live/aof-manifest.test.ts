/** Manifests that a real server takes are those that we take, and it finds the same files in them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadOrder } from '../../src/aof/directory/directory.js';
import { parseManifest } from '../../src/aof/directory/manifest.js';
import type { Manifest } from '../../src/aof/model.js';
import { FormatError } from '../../src/bytes/errors.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { joinPath } from '../../src/bytes/path.js';
import { formatQuoted } from '../../src/bytes/quote.js';
import { logged } from '../support/aof-files.js';
import { startServer, valkeyMajor } from '../support/live-server.js';
import { oddManifest } from '../support/odd-manifests.js';
import { latin1 } from '../support/packed.js';
import { random } from '../support/random.js';

const SEED = Number(process.env.RDB_INSPECT_SEED ?? 4);
const COUNT = Number(process.env.RDB_INSPECT_MANIFESTS ?? 60);
const AT_ONCE = 2;
/** The server takes the manifest, and ends when it opens that file. */
const EMPTY_NAME = 'refused: an empty file name';

it(`accepts what the server accepts (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const next = random(SEED);
  const manifests = Array.from({ length: COUNT }, () => oddManifest(next));
  const wrong: string[] = [];
  let accepted = 0;
  const isStrict = await refusesOddBlanks();
  const work = async (): Promise<void> => {
    for (let bytes = manifests.pop(); bytes !== undefined; bytes = manifests.pop()) {
      const ours = parse(bytes);
      const theirs = await loads(bytes, typeof ours === 'string' ? undefined : ours);
      const mine = typeof ours === 'string' ? `refused: ${ours}` : 'accepted';
      if (mine === 'accepted') accepted++;
      const isKnown = (mine === EMPTY_NAME && theirs.startsWith('failed')) || (isStrict && hasOddBlank(bytes));
      const isSame = mine.slice(0, 8) === theirs.slice(0, 8) || isKnown;
      if (!isSame) wrong.push(`${formatQuoted(bytes)}\n  we: ${mine}\n  server: ${theirs}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(wrong).toEqual([]);
  expect(accepted).toBeGreaterThan(COUNT / 6);
  expect(accepted).toBeLessThan(COUNT);
});

/** Valkey 9 takes a vertical tab or a form feed behind a closing quote for a part of the word; all others for a blank. */
async function refusesOddBlanks(): Promise<boolean> {
  const server = await startServer();
  try {
    return (await valkeyMajor(server)) >= 9;
  } finally {
    await server.stop();
  }
}

function hasOddBlank(bytes: Uint8Array): boolean {
  return /["'][\v\f]/.test(latin1(bytes));
}

function parse(bytes: Uint8Array): Manifest | string {
  try {
    return parseManifest(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).code).toBe('BAD_MANIFEST');
    return (error as FormatError).message;
  }
}

/** Starts a server on the manifest, with the files that we see in it: `accepted` where all of them are loaded. */
async function loads(bytes: Uint8Array, manifest: Manifest | undefined): Promise<string> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-manifest-'));
  try {
    const within = path.join(dir, 'appendonlydir');
    fs.mkdirSync(within);
    fs.writeFileSync(path.join(within, 'appendonly.aof.manifest'), bytes);
    const names = new Set(manifest === undefined ? [] : loadOrder(manifest).map(({ name }) => name));
    const isLoadable = [...names].filter((name) => !put(within, name)).length === 0;
    const log = path.join(dir, 'server.log');
    try {
      const server = await startServer({ dir, args: ['--appendonly', 'yes', '--aof-disable-auto-gc', 'yes'] });
      const loaded = Number(await server.send('LLEN', 'list'));
      await server.stop();
      const wanted = manifest === undefined ? -1 : loadOrder(manifest).length;
      return manifest === undefined || loaded === wanted ? 'accepted' : `loaded ${loaded} files, not ${wanted}`;
    } catch {
      const text = fs.readFileSync(log, 'latin1');
      const isManifest = text.includes('FATAL AOF MANIFEST FILE ERROR');
      if (!isManifest && !isLoadable) return 'accepted';
      return isManifest
        ? `refused: ${text.slice(text.indexOf('Reading the manifest'))}`
        : `failed: ${text.slice(-600)}`;
    }
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** Puts a file there; false where its name is none. */
function put(directory: string, name: string): boolean {
  const content = logged('RPUSH', 'list', name);
  try {
    const file = nodeFiles.create(joinPath(directory, name));
    file.write(content, 0, content.length);
    file.close();
    return true;
  } catch (error) {
    expect(['EEXIST', 'EISDIR', 'ENAMETOOLONG']).toContain((error as NodeJS.ErrnoException).code);
    return false;
  }
}

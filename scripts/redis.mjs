/**
 * Finds a redis-server for the live tests, or fetches Debian's packages into the user's cache: no root, no service.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fetchPackages } from './debian-packages.mjs';
import { run } from './setup.mjs';

const PACKAGES = {
  names: ['redis-server', 'redis-tools'],
  needed: /^(lib|lua)/,
  programs: ['redis-server', 'redis-cli', 'redis-check-rdb', 'redis-check-aof', 'redis-benchmark'].map(
    (name) => `usr/bin/${name}`,
  ),
};

/**
 * The first that works of: REDIS_SERVER, PATH, the cache, a download by apt-get.
 * @returns {Promise<{ server: string, version: string } | { why: string }>} `server` is a path; its tools lie beside it
 */
export async function obtainRedis() {
  const named = process.env.REDIS_SERVER;
  if (named) {
    const version = await versionOf(named);
    return version ? { server: named, version } : { why: `REDIS_SERVER=${named} does not run` };
  }
  const kept = path.join(cacheFolder(), 'redis', 'bin', 'redis-server');
  for (const server of [...inPath('redis-server'), kept]) {
    const version = await versionOf(server);
    if (version) return { server, version };
  }
  try {
    await fetchPackages(PACKAGES, path.dirname(path.dirname(kept)));
  } catch (error) {
    return { why: `no redis-server was found, and ${/** @type {Error} */ (error).message}` };
  }
  const version = await versionOf(kept);
  return version ? { server: kept, version } : { why: `the fetched redis-server does not run (${kept})` };
}

/**
 * @param {string} server
 * @returns {Promise<string | undefined>}
 */
async function versionOf(server) {
  if (!fs.existsSync(server)) return undefined;
  const { status, stdout } = await run(server, ['--version']);
  return status === 0 ? / v=(\S+)/.exec(stdout)?.[1] : undefined;
}

/** @param {string} program */
export function inPath(program) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, program)).filter((file) => fs.existsSync(file));
}

/** A folder of our own that outlives the run; where there is no home, a private one among the temporary files. */
export function cacheFolder() {
  const home = os.homedir();
  const base =
    process.env.XDG_CACHE_HOME || path.join(home, process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  try {
    const folder = path.join(base, 'rdb-inspect');
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
    return folder;
  } catch {
    const { uid } = os.userInfo();
    const folder = path.join(os.tmpdir(), `rdb-inspect-${uid}`);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Programs are run from here: it must be ours, not one that somebody else put in its place.
    const stat = fs.lstatSync(folder);
    if (stat.uid !== uid || !stat.isDirectory()) throw new Error(`${folder} belongs to somebody else`);
    return folder;
  }
}

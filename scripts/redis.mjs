/**
 * Finds a redis-server for the live tests, or fetches Debian's packages into the user's cache: no root, no service.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './setup.mjs';

const PROGRAMS = ['redis-server', 'redis-cli', 'redis-check-rdb', 'redis-check-aof', 'redis-benchmark'];
const PACKAGES = ['redis-server', 'redis-tools'];

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
    await fetchPackages(path.dirname(path.dirname(kept)));
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
function inPath(program) {
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

/**
 * Downloads and unpacks the packages and the libraries they miss, and moves the result into place in one step.
 * @param {string} target
 */
async function fetchPackages(target) {
  const work = `${target}.${process.pid}`;
  fs.rmSync(work, { recursive: true, force: true });
  try {
    for (const folder of ['deb', 'root', 'bin', 'apt/lists/partial', 'apt/cache/archives/partial']) {
      fs.mkdirSync(path.join(work, folder), { recursive: true });
    }
    await download(work);
    for (const name of fs.readdirSync(path.join(work, 'deb'))) {
      if (name.endsWith('.deb')) await must('dpkg', ['-x', path.join(work, 'deb', name), path.join(work, 'root')]);
    }
    writeWrappers(work, target);
    for (const folder of ['deb', 'apt']) fs.rmSync(path.join(work, folder), { recursive: true });
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(work, target);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The machine's package lists may be missing or too old; then lists of our own are fetched, which needs no root.
 * @param {string} work
 */
async function download(work) {
  try {
    await downloadWith([], work);
  } catch {
    const own = [`Dir::State::Lists=${work}/apt/lists`, `Dir::Cache=${work}/apt/cache`].flatMap((it) => ['-o', it]);
    await must('apt-get', [...own, 'update']);
    await downloadWith(own, work);
  }
}

/**
 * @param {readonly string[]} options of apt-get
 * @param {string} work
 */
async function downloadWith(options, work) {
  const plan = await must('apt-get', [...options, '--simulate', '--no-install-recommends', 'install', ...PACKAGES]);
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  const libraries = missing.filter((name) => name.startsWith('lib') || name.startsWith('lua'));
  await must('apt-get', [...options, 'download', ...PACKAGES, ...libraries], path.join(work, 'deb'));
}

/**
 * One small script per program, so that whoever starts it need not know about its libraries.
 * @param {string} work
 * @param {string} target where `work` will be moved to
 */
function writeWrappers(work, target) {
  const root = path.join(work, 'root');
  const folders = new Set();
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (/\.so(\.\d+)*$/.test(name)) folders.add(path.join(target, 'root', path.dirname(name)));
  }
  const libraries = quoted([...folders].join(':'));
  for (const program of PROGRAMS) {
    const lines = ['#!/bin/sh', `exec ${quoted(path.join(target, 'root', 'usr', 'bin', program))} "$@"`, ''];
    if (folders.size > 0) {
      lines.splice(
        1,
        0,
        `LD_LIBRARY_PATH=${libraries}"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`,
        'export LD_LIBRARY_PATH',
      );
    }
    fs.writeFileSync(path.join(work, 'bin', program), lines.join('\n'), { mode: 0o755 });
  }
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [cwd]
 * @returns {Promise<string>} its stdout
 */
async function must(program, args, cwd) {
  const { status, stdout, output } = await run(program, args, { ...(cwd ? { cwd } : {}), env: { LC_ALL: 'C' } });
  if (status === 0) return stdout;
  const reason = output.trim().split('\n').at(-1) ?? '';
  throw new Error(`${program} could not provide one (${reason})`);
}

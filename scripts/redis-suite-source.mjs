/**
 * Redis's own test suite as Debian's source package has it, and the Tcl that runs it: the machine's, or fetched into the
 * user's cache. The suite is that of the authors: what Debian's patches add to it are tests of their security fixes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fetchPackages, fetchSource } from './debian-packages.mjs';
import { cacheFolder, inPath, obtainRedis } from './redis.mjs';
import { run } from './setup.mjs';

/** The version whose tests and baseline these are. */
export const SUITE_VERSION = '7.0.15';

const SOURCE = { name: 'redis', suite: 'bookworm', archive: `redis_${SUITE_VERSION}.orig.tar.gz` };

const TCL = {
  names: ['tcl8.6'],
  needed: /^lib(tcl|tommath)/,
  programs: ['usr/bin/tclsh8.6'],
  // Else it would look for its scripts where the package would have been installed.
  settings: { TCL_LIBRARY: 'usr/share/tcltk/tcl8.6' },
};

/**
 * @typedef {object} Suite
 * @property {string} tests the folder of the tests, which is not to be written to
 * @property {string} tclsh
 * @property {string} tools the folder of redis-cli and the other programs that tests call
 */

/** @returns {Promise<Suite | { why: string }>} */
export async function obtainSuite() {
  const redis = await obtainRedis();
  if ('why' in redis) return redis;
  try {
    return { tests: await obtainTests(), tclsh: await obtainTcl(), tools: path.dirname(redis.server) };
  } catch (error) {
    return { why: /** @type {Error} */ (error).message };
  }
}

async function obtainTests() {
  const kept = path.join(cacheFolder(), `redis-suite-${SUITE_VERSION}`);
  if (!fs.existsSync(kept)) {
    await explained("Redis's test suite is not in the cache", () => fetchSource(SOURCE, unpackTests, kept));
  }
  return path.join(kept, 'tests');
}

/**
 * @param {string} archive
 * @param {string} work
 */
async function unpackTests(archive, work) {
  const folder = `redis-${SUITE_VERSION}/tests`;
  const { status, output } = await run('tar', ['-xf', archive, '-C', work, '--strip-components=1', folder]);
  if (status !== 0) throw new Error(`tar could not unpack ${path.basename(archive)} (${output.trim()})`);
}

async function obtainTcl() {
  const program = 'tclsh8.6';
  const folder = path.join(cacheFolder(), 'tcl');
  const kept = path.join(folder, 'bin', program);
  const found = [...inPath(program), kept].find((file) => fs.existsSync(file));
  if (found === undefined) await explained(`no ${program} was found`, () => fetchPackages(TCL, folder));
  return found ?? kept;
}

/**
 * @param {string} lack
 * @param {() => Promise<void>} remedy
 */
async function explained(lack, remedy) {
  try {
    await remedy();
  } catch (error) {
    throw new Error(`${lack}, and ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Finds a Chromium for the tests of the HTML report, or fetches Debian's packages into the user's cache: no root, no service.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fetchPackages } from './debian-packages.mjs';
import { cacheFolder, inPath } from './redis.mjs';
import { run } from './setup.mjs';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PACKAGES = {
  names: ['chromium', 'fonts-dejavu-core'],
  needed: /^(lib|chromium|fontconfig)/,
  // The script around it is for desktops, and looks for the program where a package manager would have put it.
  programs: ['usr/lib/chromium/chromium'],
};

/**
 * The first that works of: CHROMIUM, PATH, the cache, a download by apt-get.
 * @returns {Promise<{ chromium: string, version: string } | { why: string }>} `chromium` is a path
 */
export async function obtainChromium() {
  const named = process.env.CHROMIUM;
  if (named) {
    const version = await versionOf(named);
    return version ? { chromium: named, version } : { why: `CHROMIUM=${named} does not run` };
  }
  const kept = path.join(cacheFolder(), 'chromium', 'bin', 'chromium');
  for (const chromium of [...PROGRAMS.flatMap(inPath), kept]) {
    const version = await versionOf(chromium);
    if (version) return { chromium, version };
  }
  try {
    await fetchPackages(PACKAGES, path.dirname(path.dirname(kept)));
  } catch (error) {
    return { why: `no chromium was found, and ${/** @type {Error} */ (error).message}` };
  }
  const version = await versionOf(kept);
  return version ? { chromium: kept, version } : { why: `the fetched chromium does not run (${kept})` };
}

/**
 * @param {string} chromium
 * @returns {Promise<string | undefined>}
 */
async function versionOf(chromium) {
  if (!fs.existsSync(chromium)) return undefined;
  const { status, stdout } = await run(chromium, ['--version']);
  return status === 0 ? / (\d+(?:\.\d+)+)/.exec(stdout)?.[1] : undefined;
}

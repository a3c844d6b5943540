/** Debian's packages, unpacked into a folder of ours: no root, no service. And where a machine gets Debian itself from. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './setup.mjs';

/**
 * @typedef {object} Packages
 * @property {readonly string[]} names what is wanted
 * @property {RegExp} needed which of the packages that they depend on are fetched too, where the machine does not have them
 * @property {readonly string[]} programs paths in the packages of what is to be run
 * @property {Readonly<Record<string, string>>} [settings] environment variables of the programs, and the path in the
 *   packages that each names
 */

/** Fields of Release files that are out of date on a mirror that stands still. */
export const UNDATED = ['Check-Valid-Until', 'Check-Date'].flatMap((name) => ['-o', `Acquire::${name}=false`]);

const FONT_SETTINGS = 'fonts.conf';

/**
 * Downloads and unpacks packages and what they miss, and moves the result into place in one step: `bin` has the programs.
 * @param {Packages} packages
 * @param {string} target
 */
export async function fetchPackages(packages, target) {
  await fillInOneStep(target, async (work) => {
    for (const folder of ['deb', 'root', 'bin']) fs.mkdirSync(path.join(work, folder));
    await download(packages, work);
    for (const name of fs.readdirSync(path.join(work, 'deb'))) {
      if (name.endsWith('.deb')) await must('dpkg', ['-x', path.join(work, 'deb', name), path.join(work, 'root')]);
    }
    writeFontSettings(work, target);
    writeWrappers(packages, work, target);
    for (const folder of ['deb', 'apt']) fs.rmSync(path.join(work, folder), { recursive: true, force: true });
  });
}

/**
 * Fetches the source of a package as its authors published it, from a suite that this machine need not be of.
 * @param {{ name: string, suite: string, archive: string }} source `archive`: its file name in the suite
 * @param {(archive: string, work: string) => Promise<void>} unpack
 * @param {string} target what `unpack` leaves in `work` is moved here in one step
 */
export async function fetchSource({ name, suite, archive }, unpack, target) {
  await fillInOneStep(target, async (work) => {
    const apt = `${work}.apt`;
    try {
      const options = [...ownLists(apt), '-o', `Dir::Etc::SourceList=${apt}/sources.list`];
      options.push('-o', 'Dir::Etc::SourceParts=/dev/null', ...UNDATED);
      fs.writeFileSync(path.join(apt, 'sources.list'), `deb-src ${await debianMirror()} ${suite} main\n`);
      await must('apt-get', [...options, 'update', '--error-on=any']);
      await must('apt-get', [...options, 'source', '--only-source', '--download-only', name], apt);
      if (!fs.existsSync(path.join(apt, archive))) throw new Error(`${suite} has no ${archive} any more`);
      await unpack(path.join(apt, archive), work);
    } finally {
      fs.rmSync(apt, { recursive: true, force: true });
    }
  });
}

/** Where this machine gets Debian itself from, as its own sources say. */
export async function debianMirror() {
  const format = '$(LABEL) $(REPO_URI)';
  const stdout = await must('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const mirror = /^Debian (\S+)$/m.exec(stdout)?.[1];
  if (mirror === undefined) throw new Error('the package sources of this machine name no Debian mirror');
  return mirror;
}

/**
 * A folder that was filled halfway is never taken for a whole one.
 * @param {string} target
 * @param {(work: string) => Promise<void>} fill gets an empty folder
 */
async function fillInOneStep(target, fill) {
  const work = `${target}.${process.pid}`;
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  try {
    await fill(work);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(work, target);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The machine's package lists may be missing or too old; then lists of our own are fetched, which needs no root.
 * @param {Packages} packages
 * @param {string} work
 */
async function download(packages, work) {
  try {
    await downloadWith([], packages, work);
  } catch {
    const own = ownLists(path.join(work, 'apt'));
    await must('apt-get', [...own, 'update']);
    await downloadWith(own, packages, work);
  }
}

/**
 * The options of apt-get for package lists in a folder of ours.
 * @param {string} folder
 */
function ownLists(folder) {
  for (const name of ['lists/partial', 'cache/archives/partial']) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
  }
  return [`Dir::State::Lists=${folder}/lists`, `Dir::Cache=${folder}/cache`].flatMap((it) => ['-o', it]);
}

/**
 * @param {readonly string[]} options of apt-get
 * @param {Packages} packages
 * @param {string} work
 */
async function downloadWith(options, { names, needed }, work) {
  const plan = await must('apt-get', [...options, '--simulate', '--no-install-recommends', 'install', ...names]);
  const missing = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  const others = missing.filter((name) => needed.test(name) && !names.includes(name));
  await must('apt-get', [...options, 'download', ...names, ...others], path.join(work, 'deb'));
}

/**
 * One small script per program, so that whoever starts it need not know about its libraries.
 * @param {Packages} packages
 * @param {string} work
 * @param {string} target where `work` will be moved to
 */
function writeWrappers({ programs, settings: named = {} }, work, target) {
  const root = path.join(work, 'root');
  const folders = new Set();
  for (const name of fs.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (/\.so(\.\d+)*$/.test(name)) folders.add(path.join(target, 'root', path.dirname(name)));
  }
  const settings = [];
  if (folders.size > 0) {
    const libraries = quoted([...folders].join(':'));
    settings.push(`export LD_LIBRARY_PATH=${libraries}"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`);
  }
  if (fs.existsSync(path.join(work, FONT_SETTINGS)))
    settings.push(`export FONTCONFIG_FILE=${quoted(path.join(target, FONT_SETTINGS))}`);
  for (const [name, place] of Object.entries(named)) {
    settings.push(`export ${name}=${quoted(path.join(target, 'root', place))}`);
  }
  for (const program of programs) {
    const start = `exec ${quoted(path.join(target, 'root', program))} "$@"`;
    const text = ['#!/bin/sh', ...settings, start, ''].join('\n');
    fs.writeFileSync(path.join(work, 'bin', path.basename(program)), text, { mode: 0o755 });
  }
}

/**
 * Where fonts are among the packages, they are found like those of the machine.
 * @param {string} work
 * @param {string} target where `work` will be moved to
 */
function writeFontSettings(work, target) {
  if (!fs.existsSync(path.join(work, 'root', 'usr', 'share', 'fonts'))) return;
  const folders = [path.join(target, 'root', 'usr', 'share', 'fonts'), '/usr/share/fonts'];
  const lines = ['<?xml version="1.0"?>', '<fontconfig>', ...folders.map((folder) => `<dir>${folder}</dir>`)];
  lines.push(`<cachedir>${path.join(target, 'fonts')}</cachedir>`, '</fontconfig>', '');
  fs.writeFileSync(path.join(work, FONT_SETTINGS), lines.join('\n'));
}

/**
 * As one word of a shell.
 * @param {string} text
 */
export function quoted(text) {
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

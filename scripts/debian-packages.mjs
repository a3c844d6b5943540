/** Debian's packages, unpacked into a folder of ours: no root, no service. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './setup.mjs';

/**
 * @typedef {object} Packages
 * @property {readonly string[]} names what is wanted
 * @property {RegExp} needed which of the packages that they depend on are fetched too, where the machine does not have them
 * @property {readonly string[]} programs paths in the packages of what is to be run
 */

const FONT_SETTINGS = 'fonts.conf';

/**
 * Downloads and unpacks packages and what they miss, and moves the result into place in one step: `bin` has the programs.
 * @param {Packages} packages
 * @param {string} target
 */
export async function fetchPackages(packages, target) {
  const work = `${target}.${process.pid}`;
  fs.rmSync(work, { recursive: true, force: true });
  try {
    for (const folder of ['deb', 'root', 'bin', 'apt/lists/partial', 'apt/cache/archives/partial']) {
      fs.mkdirSync(path.join(work, folder), { recursive: true });
    }
    await download(packages, work);
    for (const name of fs.readdirSync(path.join(work, 'deb'))) {
      if (name.endsWith('.deb')) await must('dpkg', ['-x', path.join(work, 'deb', name), path.join(work, 'root')]);
    }
    writeFontSettings(work, target);
    writeWrappers(packages, work, target);
    for (const folder of ['deb', 'apt']) fs.rmSync(path.join(work, folder), { recursive: true });
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
    const own = [`Dir::State::Lists=${work}/apt/lists`, `Dir::Cache=${work}/apt/cache`].flatMap((it) => ['-o', it]);
    await must('apt-get', [...own, 'update']);
    await downloadWith(own, packages, work);
  }
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
function writeWrappers({ programs }, work, target) {
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

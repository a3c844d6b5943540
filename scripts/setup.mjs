/**
 * Installs and builds where that is missing or stale. Node built-ins only: it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const dist = path.join(root, 'dist');
const installed = path.join(root, 'node_modules', '.package-lock.json');
// Not inside dist, which is published; and not kept when node_modules are replaced.
const built = path.join(root, 'node_modules', '.cache', 'rdb-inspect', 'built');
const sources = ['src', 'bin', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'];

/** A step failed; `output` is what it printed. */
export class StepError extends Error {
  /**
   * @param {string} message
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/**
 * Makes the command runnable: installs and builds what is missing or stale, and does nothing else.
 * @param {(doing: string) => void} say called before each step that takes time
 */
export async function ensureReady(say) {
  if (!installIsStale() && !buildIsStale()) return;
  await locked(async () => {
    if (installIsStale()) {
      say('installing packages');
      await install();
    }
    if (buildIsStale()) {
      say('building');
      await build();
    }
  });
}

/**
 * Makes the development tools runnable.
 * @param {(doing: string) => void} say called before each step that takes time
 */
export async function ensureInstalled(say) {
  if (!installIsStale()) return;
  await locked(async () => {
    if (!installIsStale()) return;
    say('installing packages');
    await install();
  });
}

/** Replaces dist by a new build. */
export async function build() {
  fs.rmSync(built, { force: true });
  fs.rmSync(dist, { recursive: true, force: true });
  const startedAt = new Date();
  const { status, output } = await run(process.execPath, [packageBin('tsup', 'tsup')]);
  if (status !== 0) throw new StepError('the build failed', output);
  fs.mkdirSync(path.dirname(built), { recursive: true });
  fs.writeFileSync(built, '');
  // A file saved while the build ran counts as newer than it.
  fs.utimesSync(built, startedAt, startedAt);
}

/**
 * Runs one build or setup step at a time, whichever process of this folder asks first.
 * @template T
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function locked(step) {
  const lock = path.join(root, '.setup.lock');
  while (!takeLock(lock)) await sleep(200);
  const release = () => fs.rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await step();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

/**
 * Runs a program in the project's folder and keeps what it prints.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, cwd?: string }} [options]
 * @returns {Promise<{ status: number, output: string, stdout: string }>} status 127 where it could not be started
 */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && program === 'npm',
    });
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => resolve({ status: 127, output: `${output}${error.message}\n`, stdout }));
    child.on('close', (status, signal) => {
      resolve({ status: status ?? 1, output: signal ? `${output}ended by ${signal}\n` : output, stdout });
    });
  });
}

/**
 * Runs npm: the one that runs us, else the one in PATH.
 * @param {readonly string[]} args
 */
export function npm(args) {
  // A silent npm start must still be able to say why the installation failed.
  const loud = [...args, '--loglevel=warn'];
  const self = process.env.npm_execpath;
  if (self?.endsWith('npm-cli.js')) return run(process.execPath, [self, ...loud]);
  return run('npm', loud);
}

/**
 * The script behind a package's command, to be run with this very Node.
 * @param {string} packageName
 * @param {string} command
 */
export function packageBin(packageName, command) {
  const folder = path.join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[command]);
}

async function install() {
  // With NODE_ENV=production npm would leave out the tools that build.
  const common = ['--include=dev', '--no-audit', '--no-fund'];
  const clean = await npm(['ci', ...common]);
  if (clean.status !== 0) {
    const loose = await npm(['install', ...common]);
    if (loose.status !== 0) throw new StepError('the packages could not be installed', clean.output + loose.output);
  }
  const now = new Date();
  fs.utimesSync(installed, now, now);
}

function installIsStale() {
  return modifiedAt(installed) < modifiedAt(path.join(root, 'package-lock.json'));
}

function buildIsStale() {
  if (!fs.existsSync(path.join(dist, 'cli', 'main.cjs'))) return true;
  const builtAt = modifiedAt(built);
  return sources.some((name) => newestIn(path.join(root, name)) > builtAt);
}

/**
 * The latest time of change in a tree. Folders count: theirs moves when a file goes away.
 * @param {string} place
 * @returns {number}
 */
function newestIn(place) {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (!stat) return 0;
  let newest = stat.mtimeMs;
  if (stat.isDirectory()) {
    for (const name of fs.readdirSync(place)) newest = Math.max(newest, newestIn(path.join(place, name)));
  }
  return newest;
}

/**
 * @param {string} file
 * @returns {number} 0 where there is none
 */
function modifiedAt(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * @param {string} lock
 * @returns {boolean} whether it is ours now
 */
function takeLock(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  if (isAbandoned(lock)) fs.rmSync(lock, { force: true });
  return false;
}

/**
 * Whether the process that holds the lock is gone.
 * @param {string} lock
 */
function isAbandoned(lock) {
  try {
    const pid = Number(fs.readFileSync(lock, 'utf8'));
    // Empty for the moment between its creation and its writing.
    if (pid === 0) return Date.now() - modifiedAt(lock) > 10_000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

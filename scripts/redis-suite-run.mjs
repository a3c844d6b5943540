/**
 * Runs one unit of the suite in a folder of its own: a copy of the tests, and `src/` with the programs that they call,
 * among them `src/redis-server`, a script that becomes the server under test.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quoted } from './debian-packages.mjs';
import { readLog } from './redis-suite-log.mjs';
import { root } from './setup.mjs';

/**
 * @typedef {import('./redis-suite-known.mjs').Mode} Mode
 * @typedef {import('./redis-suite-log.mjs').UnitLog} UnitLog
 * @typedef {import('./redis-suite-source.mjs').Suite} Suite
 *
 * @typedef {object} UnitOptions
 * @property {Suite} suite
 * @property {string} server the beginning of a shell command, to which arguments are added
 * @property {Mode} mode
 * @property {string} unit such as `unit/type/list`
 * @property {readonly string[]} leftOut names of tests that are not run
 * @property {number} limitSeconds
 *
 * @typedef {object} UnitRun
 * @property {UnitLog} log
 * @property {number} seconds
 * @property {string} folder where it ran: `suite.log`, `server.log` of an external server, `tests/tmp` of spawned ones
 * @property {() => void} discard removes the folder
 *
 * @typedef {{ folder: string, basePort: number }} Place
 */

/** The server of this repository, as built last. */
export const OUR_SERVER = `${quoted(process.execPath)} ${quoted(path.join(root, 'bin', 'rdb-inspect.js'))} serve`;

const TOOLS = ['redis-cli', 'redis-benchmark', 'redis-check-aof', 'redis-check-rdb'];

const EXTERNAL_FLAGS = ['protected-configs', 'debug-command', 'module-command'].flatMap((name) => [
  `--enable-${name}`,
  'yes',
]);

/**
 * The suite takes ports for itself from the 32 below a range, for its servers from the range, and for their clusters the
 * same ones 10,000 above: all of that lies below the ports of outgoing connections. An external server has its port behind
 * the range.
 */
const PORTS = { first: 11_000, step: 500, ranges: 21, used: 400, server: 420, claim: 440 };

/** What must not outlive this process: process groups by their leaders, and folders. */
const groups = new Set(/** @type {number[]} */ ([]));
const folders = new Set(/** @type {string[]} */ ([]));
process.once('exit', () => {
  for (const leader of groups) killGroup(leader);
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/**
 * @param {UnitOptions} options
 * @returns {Promise<UnitRun>}
 */
export async function runUnit(options) {
  const folder = makeFolder(options);
  const discard = () => {
    folders.delete(folder);
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const { basePort, release } = await claimPorts();
  const startedAt = performance.now();
  try {
    const run = options.mode === 'spawn' ? runSuite : runBesideServer;
    const log = await run(options, { folder, basePort });
    return { log, seconds: (performance.now() - startedAt) / 1000, folder, discard };
  } catch (error) {
    discard();
    throw error;
  } finally {
    release();
  }
}

/**
 * @param {UnitOptions} options
 * @returns {string}
 */
function makeFolder({ suite, server }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-suite-'));
  folders.add(folder);
  fs.cpSync(suite.tests, path.join(folder, 'tests'), { recursive: true });
  for (const name of ['tests/tmp', 'src', 'data']) fs.mkdirSync(path.join(folder, name), { recursive: true });
  for (const tool of TOOLS) fs.symlinkSync(path.join(suite.tools, tool), path.join(folder, 'src', tool));
  // The suite expects the process that it starts to be the server itself.
  fs.writeFileSync(path.join(folder, 'src/redis-server'), `#!/bin/sh\nexec ${server} "$@"\n`, { mode: 0o755 });
  return folder;
}

/**
 * @param {UnitOptions} options
 * @param {Place} place
 * @returns {Promise<UnitLog>}
 */
async function runBesideServer(options, place) {
  const server = await startServer(place);
  const log = await runSuite(options, place, ['--host', '127.0.0.1', '--port', String(server.port)]);
  const ended = server.child.exitCode ?? server.child.signalCode;
  if (ended === null) server.child.kill('SIGTERM');
  await Promise.race([server.closed, sleep(5_000, undefined, { ref: false })]);
  endGroup(server.child.pid);
  return ended === null ? log : { ...log, ending: 'exception', note: `the server had ended with ${ended}` };
}

/**
 * @param {UnitOptions} options
 * @param {Place} place
 * @param {readonly string[]} target
 * @returns {Promise<UnitLog>}
 */
async function runSuite({ suite, unit, leftOut, limitSeconds }, { folder, basePort }, target = []) {
  const limit = String(limitSeconds);
  const args = ['tests/test_helper.tcl', ...target, '--single', unit, '--durable', '--clients', '1', '--dont-clean'];
  args.push('--tags', '-slow', '--timeout', limit, '--baseport', String(basePort), '--portcount', String(PORTS.used));
  for (const name of leftOut) args.push('--skiptest', name);
  const suiteLog = path.join(folder, 'suite.log');
  const { child, closed } = startGroup(suite.tclsh, args, folder, suiteLog);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, limitSeconds * 1_000);
  await closed;
  clearTimeout(timer);
  // Servers that the unit has left behind, and whatever else it started.
  endGroup(child.pid);
  const log = readLog(fs.readFileSync(suiteLog, 'utf8'));
  return late ? { ...log, ending: 'timeout', note: `it took more than ${limit} s` } : log;
}

/**
 * With the flags by which Redis's authors run the suite against a server of theirs.
 * @param {Place} place
 */
async function startServer({ folder, basePort }) {
  const port = basePort + PORTS.server;
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', path.join(folder, 'data'), '--save', ''];
  const serverLog = path.join(folder, 'server.log');
  const server = startGroup('src/redis-server', [...place, ...EXTERNAL_FLAGS], folder, serverLog);
  if (await answers(server.child, port)) return { port, ...server };
  endGroup(server.child.pid);
  const said = fs.readFileSync(serverLog, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new Error(`the server does not start:\n${said}`);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} port
 */
async function answers(child, port) {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    if (await pong(port)) return true;
    await sleep(50);
  }
  return false;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function pong(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.once('data', (bytes) => {
      resolve(bytes.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false)).once('close', () => resolve(false));
  });
}

/** A range that no other run on this machine uses: whoever listens on a certain port of it has it. */
async function claimPorts() {
  const start = Math.floor(Math.random() * PORTS.ranges);
  for (let tried = 0; tried < PORTS.ranges; tried++) {
    const basePort = PORTS.first + ((start + tried) % PORTS.ranges) * PORTS.step;
    const claim = await listen(basePort + PORTS.claim).catch(() => undefined);
    if (claim !== undefined) return { basePort, release: () => void claim.close() };
  }
  throw new Error('no range of ports is free');
}

/**
 * @param {number} port
 * @returns {Promise<net.Server>}
 */
function listen(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/**
 * Starts a program as the leader of a group of processes, so that what it starts can be ended with it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} folder
 * @param {string} output a file
 */
function startGroup(program, args, folder, output) {
  const file = fs.openSync(output, 'w');
  // Tcl reads the tests in the encoding of its locale.
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'dumb' };
  const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', file, file] });
  fs.closeSync(file);
  if (child.pid !== undefined) groups.add(child.pid);
  const closed = new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      fs.appendFileSync(output, `${error.message}\n`);
      resolve(undefined);
    });
  });
  return { child, closed };
}

/** @param {number | undefined} leader */
function endGroup(leader) {
  if (leader === undefined) return;
  killGroup(leader);
  groups.delete(leader);
}

/** @param {number} leader */
function killGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

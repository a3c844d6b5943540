/** Runs an image without an engine: its ENTRYPOINT and CMD as a process, with a folder in the place of its volume. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} Place
 * @property {import('./check-dockerfile-image.mjs').Image} image
 * @property {string} root of the image
 * @property {string} data in the place of /data
 */

const VOLUME = '/data';
const READY_MS = 30_000;

/**
 * Goes through the life of containers of an image. Throws where something is not as it should be.
 * @param {Pick<Place, 'image' | 'root'> & { scratch: string, say: (doing: string) => void }} options
 */
export async function checkContainers({ image, root, scratch, say }) {
  const data = (/** @type {string} */ name) => {
    const folder = path.join(scratch, name);
    fs.mkdirSync(folder);
    return { image, root, data: folder };
  };
  say(`run IMAGE, write, ${image.stopSignal}, run IMAGE again`);
  const saved = data('saved');
  await writes(saved, image.command, image.stopSignal, 0);
  await reads(saved, image.command);
  for (const words of [
    ['redis-server', '--appendonly', 'yes'],
    ['--appendonly', 'yes'],
    ['serve', '--appendonly', 'yes'],
  ]) {
    say(`run IMAGE ${words.join(' ')}, write, SIGKILL, run it again`);
    const logged = data(words.join(''));
    await writes(logged, words, 'SIGKILL', null);
    await reads(logged, words);
  }
  say('run IMAGE redis.conf');
  fs.writeFileSync(path.join(saved.data, 'redis.conf'), 'save ""\n');
  await reads(saved, ['redis.conf']);
  for (const [words, wanted] of /** @type {const} */ ([
    [['info', 'dump.rdb'], '1 key'],
    [['--version'], ''],
  ])) {
    say(`run IMAGE ${words.join(' ')}`);
    const { code, output } = await startContainer(saved, words).ended;
    if (code !== 0 || !output.includes(wanted)) throw new Error(`${words.join(' ')} ended with ${code}:\n${output}`);
  }
}

/**
 * @param {Place} place
 * @param {readonly string[]} words
 * @param {NodeJS.Signals} signal
 * @param {number | null} wanted
 */
async function writes(place, words, signal, wanted) {
  await during(place, words, { signal, wanted }, async (port) => {
    expectReply(await ask(port, 'SET greeting hello'), '+OK\r\n');
  });
}

/**
 * @param {Place} place
 * @param {readonly string[]} words
 */
async function reads(place, words) {
  await during(place, words, { signal: place.image.stopSignal, wanted: 0 }, async (port) => {
    expectReply(await ask(port, 'GET greeting'), '$5\r\nhello\r\n');
  });
}

/**
 * Starts a server, and ends it.
 * @param {Place} place
 * @param {readonly string[]} words
 * @param {{ signal: NodeJS.Signals, wanted: number | null }} end the exit code that is wanted
 * @param {(port: number) => Promise<void>} work
 */
async function during(place, words, { signal, wanted }, work) {
  const port = await freePort();
  const container = startContainer(place, [...words, '--port', String(port)]);
  try {
    await Promise.race([
      whenReady(port),
      container.ended.then(({ code, output }) => fail(`it ended with ${code}:\n${output}`)),
    ]);
    await work(port);
  } catch (error) {
    container.child.kill('SIGKILL');
    throw error;
  }
  container.child.kill(signal);
  const { code, output } = await container.ended;
  if (code !== wanted) fail(`${words.join(' ')} ended with ${code} on ${signal}:\n${output}`);
}

/**
 * What `docker run IMAGE words` would run, as far as a process of this machine can.
 * @param {Place} place
 * @param {readonly string[]} words
 */
export function startContainer({ image, root, data }, words) {
  const mapped = (/** @type {string} */ word) =>
    word === VOLUME || word.startsWith(`${VOLUME}/`) ? data + word.slice(VOLUME.length) : word;
  const [program = '', ...args] = [...image.entrypoint, ...words].map(mapped);
  const PATH = [path.join(root, 'usr/local/bin'), path.dirname(process.execPath), process.env.PATH].join(':');
  const child = spawn(path.join(root, 'usr/local/bin', program), args, {
    cwd: mapped(image.directory),
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killNow = () => void child.kill('SIGKILL');
  process.once('exit', killNow);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  /** @type {Promise<{ code: number | null, output: string }>} */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.removeListener('exit', killNow);
      resolve({ code, output });
    });
  });
  return { child, ended };
}

/** @param {number} port */
async function whenReady(port) {
  const deadlineMs = Date.now() + READY_MS;
  for (;;) {
    try {
      expectReply(await ask(port, 'PING'), '+PONG\r\n');
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await sleep(50);
    }
  }
}

/**
 * One command as people type it, and the bytes of its reply.
 * @param {number} port
 * @param {string} line
 * @returns {Promise<string>}
 */
function ask(port, line) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(`${line}\r\nQUIT\r\n`));
    let reply = '';
    socket.on('data', (bytes) => (reply += bytes));
    socket.once('error', reject);
    socket.once('close', () => resolve(reply.replace(/\+OK\r\n$/, '')));
  });
}

/**
 * @param {string} reply
 * @param {string} wanted
 */
function expectReply(reply, wanted) {
  if (reply !== wanted) fail(`the reply is ${JSON.stringify(reply)}, not ${JSON.stringify(wanted)}`);
}

/**
 * @param {string} why
 * @returns {never}
 */
function fail(why) {
  throw new Error(why);
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {net.AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

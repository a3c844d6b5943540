/**
 * The servers that the machine's own release does not have: whole Debian trees in the cache, made by debootstrap, whose
 * programs run in place through the loader of their tree. Making a tree needs root; running what is in it does not.
 */
import fs from 'node:fs';
import path from 'node:path';
import { debianMirror, quoted, UNDATED } from './debian-packages.mjs';
import { cacheFolder } from './redis.mjs';
import { run } from './setup.mjs';

/** Suites move: what a tree holds is asked of its programs, never assumed. */
const TREES = [
  { suite: 'trixie', servers: ['redis', 'valkey'], experimental: [] },
  { suite: 'sid', servers: ['valkey'], experimental: ['redis'] },
];

const TOOLS = ['server', 'cli', 'check-rdb', 'check-aof', 'benchmark'];

/**
 * @typedef {{ name: string, server: string }} Server `Redis 8.0.2`, and the program that starts it; its tools lie beside
 *   it under the names of Redis
 */

/**
 * Makes what is not in the cache yet.
 * @param {{ renew: boolean, say: (text: string) => void }} options `renew`: build every tree anew
 * @returns {Promise<{ servers: Server[], missing: string[] }>} `missing`: what the suites do not have any more
 */
export async function provideServers({ renew, say }) {
  const cache = path.join(cacheFolder(), 'trees');
  /** @type {Server[]} */
  const servers = [];
  const missing = [];
  for (const tree of TREES) {
    const folder = path.join(cache, tree.suite);
    if (renew || !fs.existsSync(folder)) {
      say(`making ${tree.suite}`);
      await makeTree(tree, folder);
    }
    for (const family of [...tree.servers, ...tree.experimental]) {
      const server = path.join(folder, 'run', family, 'redis-server');
      if (fs.existsSync(server)) servers.push({ name: await nameOf(server), server });
      else missing.push(`${tree.suite} has no ${family}-server`);
    }
  }
  return { servers, missing };
}

/** @param {string} server */
async function nameOf(server) {
  const stdout = await must(server, ['--version']);
  const [, family = '', version = ''] = /^(\S+) server v=(\S+)/.exec(stdout) ?? [];
  if (version === '') throw new Error(`${server} does not say its version: ${stdout.trim()}`);
  return `${family} ${version}`;
}

/**
 * Builds the tree beside its place and moves it there in one step.
 * @param {(typeof TREES)[number]} tree
 * @param {string} target
 */
async function makeTree(tree, target) {
  if (process.getuid?.() !== 0) throw new Error('building the trees of the other servers needs root');
  const mirror = await debianMirror();
  await provideDebootstrap();
  const work = `${target}.${process.pid}`;
  const root = path.join(work, 'root');
  fs.mkdirSync(root, { recursive: true });
  try {
    await must('debootstrap', ['--variant=minbase', tree.suite, root, mirror]);
    const lists = tree.experimental.length > 0 ? [tree.suite, 'experimental'] : [tree.suite];
    const lines = lists.map((suite) => `deb ${mirror} ${suite} main\n`).join('');
    fs.writeFileSync(path.join(root, 'etc/apt/sources.list'), lines);
    await inside(root, ['apt-get', ...UNDATED, 'update']);
    for (const family of tree.servers) await installServer(root, family, tree.suite);
    for (const family of tree.experimental) await installServer(root, family, 'experimental');
    for (const family of [...tree.servers, ...tree.experimental]) writeWrappers(work, target, family);
    await unmountBelow(work);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(work, target);
  } finally {
    await unmountBelow(work);
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Unpacks a server and the libraries it misses. Nothing is set up: the scripts of packages want a running system, and
 * would start services. A package that the suite has dropped is left out.
 * @param {string} root
 * @param {string} family
 * @param {string} suite
 */
async function installServer(root, family, suite) {
  const names = [`${family}-server`, `${family}-tools`];
  const policy = await inside(root, ['apt-cache', 'policy', `${family}-server`]);
  if (!/Candidate: \d/.test(policy)) return;
  await inside(root, ['apt-get', '-y', '--no-install-recommends', '--download-only', '-t', suite, 'install', ...names]);
  const archives = 'var/cache/apt/archives';
  for (const name of fs.readdirSync(path.join(root, archives))) {
    if (name.endsWith('.deb')) await inside(root, ['dpkg', '-x', `/${archives}/${name}`, '/']);
  }
  await inside(root, ['apt-get', 'clean']);
}

/**
 * @param {string} root
 * @param {readonly string[]} command
 */
function inside(root, command) {
  return must('chroot', [root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C', ...command]);
}

async function provideDebootstrap() {
  if ((await run('debootstrap', ['--version'])).status === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'debootstrap'];
  const first = await run('env', ['DEBIAN_FRONTEND=noninteractive', ...install]);
  if (first.status === 0) return;
  await must('apt-get', ['update']);
  await must('env', ['DEBIAN_FRONTEND=noninteractive', ...install]);
}

/**
 * One small script per program under the name that Redis gives it. The loader is told where the libraries of its tree
 * are, so that no chroot is needed and files outside of the tree can be used.
 * @param {string} work
 * @param {string} target where `work` will be moved to
 * @param {string} family
 */
function writeWrappers(work, target, family) {
  const root = path.join(work, 'root');
  if (!fs.existsSync(path.join(root, 'usr/bin', `${family}-server`))) return;
  const loader = ['lib64/ld-linux-x86-64.so.2', 'lib/ld-linux-aarch64.so.1'].find((name) =>
    fs.existsSync(path.join(root, name)),
  );
  const libraries = fs.readdirSync(path.join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  if (loader === undefined) throw new Error('the programs of this architecture cannot be run in place');
  const inTarget = (/** @type {string} */ name) => path.join(target, 'root', name);
  const folders = libraries.flatMap((name) => [inTarget(`lib/${name}`), inTarget(`usr/lib/${name}`)]).join(':');
  fs.mkdirSync(path.join(work, 'run', family), { recursive: true });
  for (const tool of TOOLS) {
    const program = inTarget(`usr/bin/${family}-${tool}`);
    const command = [inTarget(loader), '--library-path', folders, program].map(quoted).join(' ');
    const script = `#!/bin/sh\nexec ${command} "$@"\n`;
    fs.writeFileSync(path.join(work, 'run', family, `redis-${tool}`), script, { mode: 0o755 });
  }
}

/**
 * debootstrap mounts /proc into its tree, and leaves it there when it is interrupted.
 * @param {string} folder
 */
async function unmountBelow(folder) {
  const mounted = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const below = mounted.map((line) => line.split(' ')[1] ?? '').filter((place) => place.startsWith(`${folder}/`));
  for (const place of below.reverse()) await must('umount', [place]);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<string>} its stdout
 */
async function must(program, args) {
  const { status, stdout, output } = await run(program, args, { env: { LC_ALL: 'C' } });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args[0] ?? ''} failed:\n${output.trim().split('\n').slice(-8).join('\n')}`);
}

/**
 * A real redis-server for one test: on loopback, on a port and in a folder of its own, without automatic saves.
 * `npm test` names the program in REDIS_SERVER; its tools lie beside it or in PATH.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';
import { type Argument, type Reply, RespClient } from './resp-client.js';

export interface ServerOptions {
  /** More command-line arguments, such as `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
  /** What the server finds as dump.rdb when it starts: the path of a file, or its bytes. */
  readonly rdb?: string | Uint8Array;
  /** A folder to work in, which stays after stop(); without it a new one, which does not. */
  readonly dir?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** How long it may take until it answers, loading included. */
  readonly readyTimeoutMs?: number;
}

export interface LiveServer {
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  /** Such as `7.0.15`, as the server says. */
  readonly version: string;
  /** One command; throws a ReplyError where the server answers with an error. */
  send(...args: readonly Argument[]): Promise<Reply>;
  /** What redis-cli prints for the arguments, without the last line break. */
  cli(...args: readonly string[]): Promise<string>;
  /** What the server has logged so far. */
  log(): string;
  /** Ends the server, without saving, and removes its folder. */
  stop(): Promise<void>;
}

/** The outcome of a command-line tool; `output` is stdout and stderr. */
export interface ToolResult {
  readonly ok: boolean;
  readonly output: string;
}

const PORT_TAKEN = 'Address already in use';
const ATTEMPTS = 5;

/** Starts a server and waits until it has loaded its data. Throws with the end of its log where it does not come up. */
export async function startServer(options: ServerOptions = {}): Promise<LiveServer> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'rdb-inspect-live-'));
  const removeDir = (): void => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  try {
    if (typeof options.rdb === 'string') copyFileSync(options.rdb, join(dir, 'dump.rdb'));
    else if (options.rdb) writeFileSync(join(dir, 'dump.rdb'), options.rdb);
    const server = await launchOnFreePort(dir, options);
    return { ...server, stop: () => server.stop().then(removeDir) };
  } catch (error) {
    removeDir();
    throw error;
  }
}

/** The major version of a Valkey; 0 for Redis. */
export async function valkeyMajor({ send }: Pick<LiveServer, 'send'>): Promise<number> {
  return Number(/^valkey_version:(\d+)\./m.exec(String(await send('INFO', 'server')))?.[1] ?? 0);
}

/** Runs redis-check-rdb on a file. */
export function checkRdb(path: string): Promise<ToolResult> {
  return runTool('redis-check-rdb', [path]);
}

/**
 * Whether {@link checkRdb} asks the tool that came with the server: one program with two names, which tell its build.
 * Valkey 9 has a tool of its own, which does not say its version, and refuses files by the name of their server.
 */
export async function checksItself(server: LiveServer): Promise<boolean> {
  const { output } = await runTool('redis-check-rdb', ['--version']);
  const version = /^redis-check-rdb (?:v=)?(\S+)|^valkey-check-rdb (?:v=)?(\S+)/m.exec(output);
  const info = String(await server.send('INFO', 'server'));
  if (version === null) return info.includes('valkey_version:') && existsSync(besideServer('redis-check-rdb'));
  return info.includes(`_version:${version[1] ?? version[2]}\r`);
}

/** Between the choice of a port and its use somebody else may take it. */
async function launchOnFreePort(dir: string, options: ServerOptions): Promise<LiveServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(dir, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error as Error).message.includes(PORT_TAKEN)) throw error;
      rmSync(join(dir, 'server.log'), { force: true });
    }
  }
}

async function launch(dir: string, options: ServerOptions): Promise<LiveServer> {
  const program = redisServer();
  const port = options.port ?? (await freePort());
  const major = Number(/ v=(\d+)/.exec((await run(program, ['--version'])).output)?.[1] ?? 0);
  const child = spawn(program, [...baseArgs(dir, port, major), ...(options.args ?? [])], { cwd: dir, stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const stop = async (): Promise<void> => {
    client?.close();
    process.removeListener('exit', killNow);
    await end(child, exited);
  };
  const log = (): string => readIfThere(join(dir, 'server.log'));
  let client: RespClient | undefined;
  try {
    client = await waitUntilReady(child, port, options.readyTimeoutMs ?? 30_000);
    const send = client.send.bind(client);
    const info = String(await send('INFO', 'server'));
    if (!info.includes(`process_id:${child.pid}\r`)) throw new Error(PORT_TAKEN);
    const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '';
    const cli = async (...args: readonly string[]): Promise<string> => {
      const { output } = await runTool('redis-cli', ['-p', String(port), ...args]);
      return output.replace(/\n$/, '');
    };
    return { port, dir, pid: child.pid ?? 0, version, send, cli, log, stop };
  } catch (error) {
    const tail = log().split('\n').slice(-15).join('\n');
    await stop();
    throw new Error(`redis-server did not come up: ${(error as Error).message}\n${tail}`);
  }
}

function redisServer(): string {
  const program = process.env.REDIS_SERVER;
  if (program) return program;
  throw new Error(
    'REDIS_SERVER is not set: run npm test, or name a redis-server in it (RDB_INSPECT_NO_LIVE=1 leaves the live tests out)',
  );
}

function baseArgs(dir: string, port: number, major: number): string[] {
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', '', '--logfile', 'server.log'];
  return major >= 7 ? [...args, '--enable-debug-command', 'yes'] : args;
}

async function waitUntilReady(child: ChildProcess, port: number, timeoutMs: number): Promise<RespClient> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    if (child.pid === undefined) throw new Error('it could not be started');
    let client: RespClient | undefined;
    try {
      client = await RespClient.connect(port);
      await client.send('PING');
      return client;
    } catch (error) {
      // Refused while it starts, LOADING while it reads its data.
      client?.close();
      if (Date.now() > deadline) throw error;
    }
    await sleep(20);
  }
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(late);
}

function runTool(name: string, args: readonly string[]): Promise<ToolResult> {
  const sibling = besideServer(name);
  return run(existsSync(sibling) ? sibling : name, args);
}

function besideServer(name: string): string {
  return join(dirname(redisServer()), name);
}

function run(program: string, args: readonly string[]): Promise<ToolResult> {
  return new Promise((resolve) => {
    execFile(program, args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const reason = error && typeof error.code !== 'number' ? `${error.message}\n` : '';
      resolve({ ok: !error, output: stdout + stderr + reason });
    });
  });
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

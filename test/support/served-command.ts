/**
 * `rdb-inspect serve` in a process of its own, as a person starts it: asked, ended and killed. `npm test` builds it first. It lives
 * no longer than the test that starts it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import { type Argument, type Reply, RespClient } from './resp-client.js';

/** The built command, and its first argument. */
export const SERVE_COMMAND = [
  process.execPath,
  fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url)),
  'serve',
] as const;

export interface ServeOptions {
  /** Where the arguments or a file of theirs say it; else one that is free is added to them. */
  readonly port?: number;
  readonly cwd?: string;
  /** Standard input: bytes through a pipe, or the path of a file. */
  readonly input?: Uint8Array | string;
  /** The program and its first arguments, in the place of the built command. */
  readonly command?: readonly [string, ...string[]];
}

/** How it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Served {
  readonly port: number;
  readonly pid: number;
  /** One command; throws a ReplyError where the server answers with an error. */
  send(...args: readonly Argument[]): Promise<Reply>;
  /** Standard output so far. */
  log(): string;
  /** A signal and nothing else. */
  signal(name: NodeJS.Signals): void;
  /** Ends it with a signal, and waits. Default: SIGTERM. */
  end(name?: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

const READY_MS = 30_000;
const EXIT_PORT_TAKEN = 5;
const ATTEMPTS = 5;

/** Starts it and waits until it answers. Throws with what it has said where it ends before that. */
export async function serve(args: readonly string[], options: ServeOptions = {}): Promise<Served> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const run = launch(options.port === undefined ? [...args, '--port', String(port)] : args, options);
    const client = await firstClient(run, port);
    if (client !== undefined) return served(run, client, port);
    const { code, stdout, stderr } = await run.ended;
    // Between the choice of a port and its use somebody else may have taken it.
    const isTaken = options.port === undefined && code === EXIT_PORT_TAKEN && stderr.includes('already in use');
    if (!isTaken || attempt === ATTEMPTS) throw new Error(`serve ended with ${code}:\n${stdout}${stderr}`);
  }
}

/** One that is not to come up: how it ends. */
export async function serveInVain(args: readonly string[], options: ServeOptions = {}): Promise<Ended> {
  const { child, ended } = launch(args, options);
  const late = setTimeout(() => child.kill('SIGKILL'), READY_MS);
  const how = await ended;
  clearTimeout(late);
  return how;
}

/** A client of its own, to be closed by whoever asks for it. */
export function clientOf({ port }: Pick<Served, 'port'>): Promise<RespClient> {
  return RespClient.connect(port);
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly said: { stdout: string; stderr: string };
}

function launch(args: readonly string[], { cwd, input, command }: ServeOptions): Run {
  const [program, ...first] = command ?? SERVE_COMMAND;
  const file = typeof input === 'string' ? openSync(input, 'r') : undefined;
  const stdin = file ?? (input === undefined ? 'ignore' : 'pipe');
  const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '' };
  const child = spawn(program, [...first, ...args], { cwd, env, stdio: [stdin, 'pipe', 'pipe'] });
  if (file !== undefined) closeSync(file);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  child.stdout!.on('data', (bytes: Buffer) => (said.stdout += String(bytes)));
  child.stderr!.on('data', (bytes: Buffer) => (said.stderr += String(bytes)));
  child.stdin?.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
  return { child, ended, said };
}

/** Undefined where it ends before it answers. */
async function firstClient({ child }: Run, port: number): Promise<RespClient | undefined> {
  const deadlineMs = Date.now() + READY_MS;
  while (child.exitCode === null && child.signalCode === null) {
    try {
      const client = await RespClient.connect(port);
      const info = await client.send('INFO', 'server').catch(refusalText);
      // Somebody else may have the port; of whoever asks for a password first nothing is known.
      if (/^NOAUTH/.test(String(info)) || String(info).includes(`process_id:${child.pid}\r`)) return client;
      client.close();
    } catch {
      // It does not listen yet, or it has just ended.
    }
    if (Date.now() > deadlineMs) child.kill('SIGKILL');
    await sleep(20);
  }
  return undefined;
}

function refusalText(error: Error): string {
  if (error.message.startsWith('NOAUTH')) return error.message;
  throw error;
}

function served({ child, ended, said }: Run, client: RespClient, port: number): Served {
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return {
    port,
    pid: child.pid ?? 0,
    send: client.send.bind(client),
    log: () => said.stdout,
    signal,
    ended: ended.finally(() => client.close()),
    end: async (name = 'SIGTERM') => {
      signal(name);
      const how = await ended;
      client.close();
      return how;
    },
  };
}

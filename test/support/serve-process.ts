/**
 * The built command as a process: `rdb-inspect serve` on loopback, on a port and in a folder of its own. It is ended as a person
 * would end it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { type Argument, type Reply, RespClient } from './resp-client.js';

const COMMAND = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));
const READY = 'Ready to accept connections';
const PORT_TAKEN = 'cannot listen on port';
const ATTEMPTS = 5;

export interface ServeOptions {
  /** What is only read: a dump, a log, a directory. Without it the data directory is written to. */
  readonly source?: string;
  /** More settings, such as `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
  /** A folder to work in, which stays after stop(); without it a new one, which does not. */
  readonly dir?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** Of Node. */
  readonly nodeArgs?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface ServeProcess {
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  /** One command over one connection, which is opened for the first; throws a ReplyError where an error answers. */
  send(...args: readonly Argument[]): Promise<Reply>;
  /** What it has logged so far. */
  log(): string;
  /** Bytes of memory that are resident now. */
  rssBytes(): number;
  /** Undefined while it runs. */
  hasEnded(): Ended | undefined;
  /** SIGTERM, and its folder is removed. */
  stop(): Promise<Ended>;
  /** SIGKILL; its folder stays, if it was given. */
  kill(): Promise<Ended>;
}

/** Starts the command and waits until it says that it is ready. Throws with what it printed where it ends before. */
export async function startServe(options: ServeOptions = {}): Promise<ServeProcess> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'rdb-inspect-serve-'));
  const removeDir = (): void => {
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  // Between the choice of a port and its use somebody else may take it.
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(dir, removeDir, options);
    } catch (error) {
      if (attempt < ATTEMPTS && options.port === undefined && String(error).includes(PORT_TAKEN)) continue;
      removeDir();
      throw error;
    }
  }
}

async function launch(dir: string, removeDir: () => void, options: ServeOptions): Promise<ServeProcess> {
  const { source, args = [], nodeArgs = [] } = options;
  const port = options.port ?? (await freePort());
  const settings = ['--port', String(port), '--dir', dir, '--save', '', ...args];
  const words = [...nodeArgs, COMMAND, 'serve', ...(source === undefined ? [] : [source]), ...settings];
  const running = new Running(words, dir);
  await running.ready();
  let client: Promise<RespClient> | undefined;
  const end = async (signal: NodeJS.Signals): Promise<Ended> => {
    (await client?.catch(() => undefined))?.close();
    const ended = await running.end(signal);
    removeDir();
    return ended;
  };
  return {
    port,
    dir,
    pid: running.child.pid!,
    send: async (...command) => {
      client ??= RespClient.connect(port);
      return await (await client).send(...command);
    },
    log: () => running.stdout,
    rssBytes: () => rssOf(running.child.pid!),
    hasEnded: () => running.ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

class Running {
  readonly child: ChildProcess;
  stdout = '';
  ended: Ended | undefined;
  private stderr = '';
  private readonly closed: Promise<Ended>;
  private hear: () => void = () => {};

  constructor(words: readonly string[], cwd: string) {
    this.child = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const killNow = (): void => void this.child.kill('SIGKILL');
    process.once('exit', killNow);
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += String(chunk);
      this.hear();
    });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += String(chunk)));
    this.closed = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        process.removeListener('exit', killNow);
        this.ended = { code, signal, stderr: this.stderr };
        resolve(this.ended);
        this.hear();
      });
    });
  }

  async ready(): Promise<void> {
    while (!this.stdout.includes(READY)) {
      if (this.ended !== undefined)
        throw new Error(`serve ended with ${this.ended.code ?? this.ended.signal}\n${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.hear = resolve;
      });
    }
  }

  async end(signal: NodeJS.Signals): Promise<Ended> {
    if (this.ended === undefined) this.child.kill(signal);
    return await this.closed;
  }
}

/** By what Linux says; 0 where nobody says. */
export function rssOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

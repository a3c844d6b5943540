import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisCommand } from './generate/command.js';

const BATCH_BYTES = 1 << 18;
const START_TIMEOUT_MS = 10_000;

/** The version a redis-server binary reports, such as `7.0.15`. */
export function serverVersion(binary: string): string {
  const banner = execFileSync(binary, ['--version'], { encoding: 'latin1' });
  return /\bv=(\S+)/.exec(banner)?.[1] ?? banner.trim();
}

/** A private redis-server in its own temporary directory, reached over a Unix socket. */
export class BenchServer {
  /** The server's working directory; gone after `stop`. */
  readonly directory: string;
  readonly #process: ChildProcess;
  readonly #socket: Socket;
  #received = '';
  #wake: () => void = () => {};
  #failure: Error | undefined;

  /**
   * Starts `binary` with `options` such as `--appendonly yes`, behind the words that make another program such a server; throws with
   * its log when it does not come up.
   */
  static async start(binary: string, options: readonly string[], words: readonly string[] = []): Promise<BenchServer> {
    const directory = mkdtempSync(join(tmpdir(), 'rdb-bench-'));
    const socketPath = join(directory, 'redis.sock');
    const fixed = ['--port', '0', '--unixsocket', socketPath, '--dir', directory, '--save', '', '--daemonize', 'no'];
    const logPath = join(directory, 'log');
    const child = spawn(binary, [...words, ...fixed, '--logfile', logPath, ...options], { stdio: 'ignore' });
    child.on('error', () => {});
    const endAtOnce = (): void => {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    };
    process.once('exit', endAtOnce);
    try {
      return new BenchServer(directory, child, await connect(socketPath, child), endAtOnce);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`${binary} did not start: ${logTail(logPath)}`, { cause: error });
    }
  }

  private constructor(
    directory: string,
    child: ChildProcess,
    socket: Socket,
    private readonly endAtOnce: () => void,
  ) {
    this.directory = directory;
    this.#process = child;
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** Sends one command and resolves with its reply as text; rejects on an error reply. Not for array replies. */
  async command(...parts: string[]): Promise<string> {
    await this.#write(Buffer.from(formatCommand(parts), 'latin1'));
    return this.#readReply();
  }

  /**
   * Runs all commands without waiting for replies, in large pipelined writes.
   * Resolves with their number once the server has executed the last; throws when any of them failed.
   */
  async feed(commands: Iterable<RedisCommand>): Promise<number> {
    await this.#write(Buffer.from(formatCommand(['CLIENT', 'REPLY', 'OFF']), 'latin1'));
    // Two batches in turn: one is being sent while the other one fills.
    let filling = Buffer.allocUnsafe(BATCH_BYTES);
    let sending = Buffer.allocUnsafe(BATCH_BYTES);
    let sent: Promise<void> = Promise.resolve();
    let used = 0;
    let count = 0;
    for (const command of commands) {
      const text = formatCommand(command);
      if (used + text.length > filling.length) {
        await sent;
        sent = this.#write(filling.subarray(0, used));
        [filling, sending] = [sending, filling];
        used = 0;
        if (text.length > filling.length) filling = Buffer.allocUnsafe(2 * text.length);
      }
      used += filling.write(text, used, 'latin1');
      count++;
    }
    await sent;
    await this.#write(filling.subarray(0, used));
    await this.command('CLIENT', 'REPLY', 'ON');
    const errors = /^errorstat_.*$/m.exec(await this.command('INFO', 'errorstats'));
    if (errors !== null) throw new Error(`the server refused commands: ${errors[0]}`);
    return count;
  }

  /** Ends the server and removes its directory. */
  async stop(): Promise<void> {
    this.#socket.destroy();
    if (this.#process.exitCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
    process.off('exit', this.endAtOnce);
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }

  async #readReply(): Promise<string> {
    for (;;) {
      const reply = parseReply(this.#received);
      if (reply !== undefined) {
        this.#received = this.#received.slice(reply.length);
        if (reply.isError) throw new Error(`the server answered: ${reply.text}`);
        return reply.text;
      }
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}

/** A whole simple, error, integer or bulk reply at the start of `received`, and how many bytes it takes. */
function parseReply(received: string): { text: string; length: number; isError: boolean } | undefined {
  const lineEnd = received.indexOf('\r\n');
  if (lineEnd < 0) return undefined;
  const line = received.slice(1, lineEnd);
  const bodyStart = lineEnd + 2;
  if (!received.startsWith('$')) return { text: line, length: bodyStart, isError: received.startsWith('-') };
  const size = Number(line);
  if (size < 0) return { text: '', length: bodyStart, isError: false };
  if (received.length < bodyStart + size + 2) return undefined;
  return { text: received.slice(bodyStart, bodyStart + size), length: bodyStart + size + 2, isError: false };
}

function formatCommand(parts: RedisCommand): string {
  let text = `*${parts.length}\r\n`;
  for (const part of parts) text += `$${part.length}\r\n${part}\r\n`;
  return text;
}

async function connect(path: string, child: ChildProcess): Promise<Socket> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = createConnection(path, () => {
          socket.off('error', reject);
          resolve(socket);
        });
        socket.once('error', reject);
      });
    } catch (error) {
      const ended = child.exitCode !== null || child.pid === undefined;
      if (ended || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function logTail(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return 'no log was written';
  }
}

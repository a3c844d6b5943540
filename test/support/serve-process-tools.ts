/** redis-cli and redis-benchmark as people run them; they lie beside REDIS_SERVER, or in PATH. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface ToolRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** To its end. `input`: what it reads from its standard input. */
export async function runTool(
  name: string,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<ToolRun> {
  const tool = new RunningTool(name, args);
  tool.child.stdin!.on('error', () => {});
  tool.child.stdin!.end(input);
  return await tool.closed;
}

/** One that goes on until it is ended, such as `redis-cli monitor`. */
export class RunningTool {
  readonly child: ChildProcess;
  readonly closed: Promise<ToolRun>;
  stdout = '';
  stderr = '';
  private hear: () => void = () => {};
  private hasEnded = false;

  constructor(name: string, args: readonly string[]) {
    this.child = spawn(pathOf(name), args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const killNow = (): void => void this.child.kill('SIGKILL');
    process.once('exit', killNow);
    this.child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString('latin1');
      this.hear();
    });
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('latin1')));
    this.closed = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code) => {
        process.removeListener('exit', killNow);
        this.hasEnded = true;
        this.hear();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Until so many lines are there that match, or it has ended; those lines. */
  async lines(count: number, pattern: RegExp = /./): Promise<string[]> {
    for (;;) {
      const found = this.stdout
        .split('\n')
        .slice(0, -1)
        .filter((line) => pattern.test(line));
      if (found.length >= count) return found;
      if (this.hasEnded) throw new Error(`it has ended with ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.hear = resolve;
      });
    }
  }

  async end(): Promise<ToolRun> {
    if (!this.hasEnded) this.child.kill('SIGTERM');
    return await this.closed;
  }
}

function pathOf(name: string): string {
  const beside = join(dirname(process.env.REDIS_SERVER ?? ''), name);
  return existsSync(beside) ? beside : name;
}

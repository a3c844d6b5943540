/** Runs the built command as a person does: a process of its own, with pipes. `npm test` builds it first. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly input?: Uint8Array;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Of another installation. */
  readonly bin?: string;
  /** Called when the process runs. */
  readonly running?: (child: ChildProcessWithoutNullStreams) => void;
}

export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...options.env };
    const child = spawn(process.execPath, [options.bin ?? BIN, ...args], { cwd: options.cwd, env });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // Whoever has read enough closes its input early.
    child.stdin.on('error', () => undefined);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      resolve({ code, signal, bytes, stdout: bytes.toString(), stderr: Buffer.concat(err).toString() });
    });
    options.running?.(child);
    if (options.input !== undefined) child.stdin.write(options.input);
    child.stdin.end();
  });
}

/** Lines without the last line's end. */
export function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

export function jsonLines<T = Record<string, unknown>>(text: string): T[] {
  return linesOf(text).map((line) => JSON.parse(line) as T);
}

/** A directory for the tests of one file. */
export function temporaryDirectory(): {
  path: (name: string) => string;
  write: (name: string, content: Uint8Array | string) => string;
} {
  let directory = '';
  beforeAll(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-cli-'));
  });
  afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));
  const within = (name: string): string => path.join(directory, name);
  return {
    path: within,
    write: (name, content) => {
      fs.mkdirSync(path.dirname(within(name)), { recursive: true });
      fs.writeFileSync(within(name), content);
      return within(name);
    },
  };
}

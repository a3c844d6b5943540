/** Starts store-process.mjs, hears what it answers for, and kills it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { StoreOptions } from '../../src/store/index.js';

const PROGRAM = fileURLToPath(new URL('store-process.mjs', import.meta.url));

export interface StoreRun {
  readonly options: Omit<StoreOptions, 'clock' | 'files' | 'random' | 'onNotice'>;
  readonly seed: number;
  /** Commands that it gives itself now and then, between its steps: BGSAVE, BGREWRITEAOF. */
  readonly work: readonly string[];
  /** After so many it ends by itself. */
  readonly mostSteps: number;
  /** How fast its clock goes. */
  readonly speed: number;
}

/** What it has printed before its end. */
export interface Heard {
  /** Undefined: it had not come so far. */
  readonly opened: number | undefined;
  /** The last step that was acknowledged. */
  readonly acked: number;
  /** The last one up to which everything has been written to the log. */
  readonly written: number;
  /** Steps that are in a dump which was in its place. */
  readonly saved: readonly number[];
  readonly rewrites: number;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** When it is to be killed. */
export interface Moment {
  /** From the start of the process, or from when it has opened its files. */
  readonly from: 'start' | 'open';
  readonly afterMs: number;
}

/** The program with all that it imports in one file, which starts at once; `remove` takes it away. */
export async function storeProgram(): Promise<{ readonly path: string; remove(): void }> {
  const folder = await mkdtemp(join(tmpdir(), 'rdb-inspect-program-'));
  const path = join(folder, 'store-process.mjs');
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  await build({
    entryPoints: [PROGRAM],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: banner },
    logLevel: 'error',
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs it until `moment`, or to its end where that is undefined. */
export async function runStore(program: string, run: StoreRun, moment: Moment | undefined): Promise<Heard> {
  const child = spawn(process.execPath, [program, JSON.stringify(run)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const texts = { stdout: '', stderr: '' };
  const opened = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      texts.stdout += String(chunk);
      resolve();
    });
  });
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += String(chunk)));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  if (moment !== undefined) {
    if (moment.from === 'open') await Promise.race([opened, closed]);
    await Promise.race([sleep(moment.afterMs), closed]);
    killNow();
  }
  await closed;
  process.removeListener('exit', killNow);
  return heard(texts, child);
}

/** Of a line that was cut by the end nothing is known. */
function heard({ stdout, stderr }: { stdout: string; stderr: string }, child: ChildProcess): Heard {
  const lines = stdout.split('\n').slice(0, -1);
  const numbers = (what: string): number[] =>
    lines.filter((line) => line.startsWith(`${what} `)).map((line) => Number(line.slice(what.length + 1)));
  const [opened] = numbers('open');
  return {
    opened,
    acked: numbers('acked').at(-1) ?? opened ?? 0,
    written: numbers('written').at(-1) ?? opened ?? 0,
    saved: numbers('saved'),
    rewrites: numbers('rewritten').at(-1) ?? 0,
    stderr,
    code: child.exitCode,
    signal: child.signalCode,
  };
}

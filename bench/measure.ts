import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { chooseMeter, type Meter, type Usage } from './meter.js';

const POLL_MS = 10;
const WARM_CHUNK_BYTES = 1 << 22;
/** How long output is waited for that a process has left in its pipes. */
const LAST_WORDS_MS = 1000;

export interface Command {
  program: string;
  args: readonly string[];
  /** A text on its standard output with which its work is done: it would go on for ever, and is ended then. */
  until?: string;
  /** What it prints when it fails, for a program whose exit code does not tell. */
  complaint?: RegExp;
}

/** What one run of a process took. */
export interface Sample extends Usage {
  /** From just before the spawn until the exit was seen. */
  wallMs: number;
  /** Why the run does not count: exit code or signal, and the telling line of what it printed. */
  failure: string | undefined;
}

/** All samples of a job; medians are over the runs that count. */
export interface Measurement {
  runs: number;
  wallMs: number;
  minWallMs: number;
  maxWallMs: number;
  /** Wall time of every round, in the order of the rounds. */
  rounds: readonly number[];
  cpuMs: number | undefined;
  /** The largest of all runs. */
  peakRssBytes: number | undefined;
  failure: string | undefined;
}

/** Reads a file once, so that every job finds it in the page cache. */
export function warmCache(path: string): void {
  const chunk = new Uint8Array(WARM_CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    while (readSync(file, chunk, 0, chunk.length, null) > 0);
  } finally {
    closeSync(file);
  }
}

/**
 * Runs a command to its end, or until it has said what it is to say, with stdin and otherwise stdout on /dev/null.
 * Its memory is looked at every 10 ms.
 */
export async function runOnce(command: Command, meter: Meter = chooseMeter()): Promise<Sample> {
  const spawned = meter.start(command);
  const isHeard = command.until !== undefined || command.complaint !== undefined;
  const started = process.hrtime.bigint();
  const child = spawn(spawned.program, spawned.args, {
    stdio: ['ignore', isHeard ? 'pipe' : 'ignore', 'pipe'],
    // A group of its own, so that what a meter puts before the command ends with it.
    detached: true,
  });
  const output = listen(child, command.until);
  const endChild = (): void => killGroup(child);
  process.once('exit', endChild);
  const poll = setInterval(() => meter.poll(child.pid), POLL_MS);
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? '' : `exit ${code ?? signal}`));
    void output.said.then(() => {
      meter.poll(child.pid);
      child.removeAllListeners('exit').once('exit', () => resolve(''));
      endChild();
    });
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  clearInterval(poll);
  process.off('exit', endChild);
  const usage = meter.stop();
  // What a process printed last may arrive after its exit.
  if (child.pid !== undefined) await withinMs(closed, LAST_WORDS_MS);
  const complaint = command.complaint?.exec(output.text())?.[0];
  const failure = end !== '' ? `${end} ${tellingLine(output.text())}`.trim() : complaint;
  return { wallMs, ...usage, failure };
}

/**
 * Runs every command once per round, in the given order, so that a slow minute of the machine
 * hits all of them alike. A command that fails once is not run again.
 */
export async function measureInterleaved(
  commands: readonly Command[],
  rounds: number,
  meter: Meter = chooseMeter(),
): Promise<Measurement[]> {
  const samples = commands.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      const own = samples[i] ?? [];
      if (own.every((sample) => sample.failure === undefined)) own.push(await runOnce(command, meter));
    }
  }
  return samples.map(summarize);
}

/** Medians and extremes of the runs of one job. */
export function summarize(samples: readonly Sample[]): Measurement {
  const cpu = samples.flatMap((sample) => sample.cpuMs ?? []);
  const peaks = samples.flatMap((sample) => sample.peakRssBytes ?? []);
  const walls = samples.map((sample) => sample.wallMs);
  return {
    runs: samples.length,
    wallMs: median(walls) ?? Number.NaN,
    minWallMs: Math.min(...walls),
    maxWallMs: Math.max(...walls),
    rounds: walls,
    cpuMs: median(cpu),
    peakRssBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
    failure: samples.find((sample) => sample.failure !== undefined)?.failure,
  };
}

/** The middle value, or the mean of the two in the middle; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The end of what a process prints, and a promise that it has printed `text`. */
function listen(child: ChildProcess, text: string | undefined): { text: () => string; said: Promise<void> } {
  let stdout = '';
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    stderr = (stderr + piece).slice(-2000);
  });
  const said = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      stdout = (stdout + piece).slice(-2000);
      if (text !== undefined && stdout.includes(text)) resolve();
    });
  });
  return { text: () => `${stdout}\n${stderr}`, said };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It may have ended on its own a moment ago.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function withinMs(done: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([done, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

/** The line that names the error, or the last one. */
function tellingLine(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^\S*error\b/i.test(line)) ?? lines.at(-1) ?? '';
}

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const POLL_MS = 10;
/** Linux reports CPU times in ticks of 1/100 s on every architecture Node runs on. */
const MS_PER_TICK = 10;
const WARM_CHUNK_BYTES = 1 << 22;

export interface Command {
  program: string;
  args: readonly string[];
  /** What the program is told it is called, when it matters. */
  name?: string;
  /** A text on its standard output with which its work is done: it would go on for ever, and is ended then. */
  until?: string;
}

/** What one run of a process took. */
export interface Sample {
  /** From just before the spawn until the exit was seen. */
  wallMs: number;
  /** User and system time, all threads; undefined where there is no /proc. */
  cpuMs: number | undefined;
  /** Undefined where there is no /proc. */
  peakRssBytes: number | undefined;
  /** Why the run does not count: exit code or signal, and the telling line of stderr. */
  failure: string | undefined;
}

/** All samples of a job; medians are over the runs that count. */
export interface Measurement {
  runs: number;
  wallMs: number;
  minWallMs: number;
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
 *
 * Peak memory is the kernel's high-water mark (VmHWM), read every 10 ms: only what a process
 * gains in its last 10 ms can be missed. CPU time is what the kernel adds to our reaped children,
 * so it is complete; nothing else may be reaped meanwhile.
 */
export async function runOnce(command: Command): Promise<Sample> {
  const cpuBefore = reapedCpuMs();
  let peakRssBytes: number | undefined;
  let stderr = '';
  const started = process.hrtime.bigint();
  const child = spawn(command.program, command.args, {
    stdio: ['ignore', command.until === undefined ? 'ignore' : 'pipe', 'pipe'],
    argv0: command.name ?? command.program,
  });
  const said = command.until === undefined ? undefined : hear(child, command.until);
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2000);
  });
  const endChild = (): boolean => child.kill('SIGKILL');
  process.once('exit', endChild);
  const poll = setInterval(() => {
    peakRssBytes = highWaterMark(child.pid) ?? peakRssBytes;
  }, POLL_MS);
  const end = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? '' : `exit ${code ?? signal}`));
    void said?.then(() => {
      peakRssBytes = highWaterMark(child.pid) ?? peakRssBytes;
      child.removeAllListeners('exit').once('exit', () => resolve(''));
      endChild();
    });
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  clearInterval(poll);
  process.off('exit', endChild);
  const cpuAfter = reapedCpuMs();
  const cpuMs = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
  // Stderr may arrive after the exit; one turn of the loop lets it in.
  await new Promise((resolve) => setImmediate(resolve));
  return { wallMs, cpuMs, peakRssBytes, failure: end === '' ? undefined : `${end} ${tellingLine(stderr)}`.trim() };
}

/**
 * Runs every command once per round, in the given order, so that a slow minute of the machine
 * hits all of them alike. A command that fails once is not run again.
 */
export async function measureInterleaved(commands: readonly Command[], rounds: number): Promise<Measurement[]> {
  const samples = commands.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, command] of commands.entries()) {
      const own = samples[i] ?? [];
      if (own.every((sample) => sample.failure === undefined)) own.push(await runOnce(command));
    }
  }
  return samples.map(summarize);
}

function summarize(samples: readonly Sample[]): Measurement {
  const cpu = samples.flatMap((sample) => sample.cpuMs ?? []);
  const peaks = samples.flatMap((sample) => sample.peakRssBytes ?? []);
  const walls = samples.map((sample) => sample.wallMs);
  return {
    runs: samples.length,
    wallMs: median(walls) ?? Number.NaN,
    minWallMs: Math.min(...walls),
    cpuMs: median(cpu),
    peakRssBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
    failure: samples.find((sample) => sample.failure !== undefined)?.failure,
  };
}

/** Resolves when a text comes out of a process. */
function hear({ stdout }: ChildProcess, text: string): Promise<void> {
  let heard = '';
  return new Promise((resolve) => {
    stdout?.setEncoding('utf8').on('data', (piece: string) => {
      heard = (heard + piece).slice(-2000);
      if (heard.includes(text)) resolve();
    });
  });
}

/** The line that names the error, or the last one. */
function tellingLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^\S*error\b/i.test(line)) ?? lines.at(-1) ?? '';
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function highWaterMark(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** CPU time of all children this process has reaped: cutime and cstime of proc(5). */
function reapedCpuMs(): number | undefined {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // The second field is a name in parentheses and may hold blanks; cutime is field 16.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

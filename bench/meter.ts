import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './measure.js';

/** Linux reports CPU times in ticks of 1/100 s on every architecture Node runs on. */
const MS_PER_TICK = 10;
const TIME = '/usr/bin/time';

/** CPU time and peak memory of one process; undefined where the meter cannot tell. */
export interface Usage {
  /** User and system time, all threads. */
  cpuMs: number | undefined;
  peakRssBytes: number | undefined;
}

/** How CPU time and peak memory of a process are found out on this machine. One process at a time. */
export interface Meter {
  /** For people: where the figures come from, or why there are none. */
  readonly source: string;
  /** The command to spawn in place of the one that is measured. Called just before the spawn. */
  start(command: Command): Command;
  /** Looks at the process while it runs: now and then, and before it is killed. */
  poll(pid: number | undefined): void;
  /** What the process took; called once, after its exit. */
  stop(): Usage;
}

/** /proc where there is one (Linux), else /usr/bin/time of BSD or GNU, else nothing but wall time. */
export function chooseMeter(): Meter {
  if (reapedCpuMs() !== undefined && highWaterMark(process.pid) !== undefined) return new ProcMeter();
  const dialect = timeDialect(TIME);
  return dialect === undefined ? new NoMeter() : new TimeMeter(TIME, dialect);
}

/**
 * Peak memory is the kernel's high-water mark (VmHWM): what a process gains after the last look at it is missed.
 * CPU time is what the kernel adds to our reaped children, so it is complete; nothing else may be reaped meanwhile.
 */
export class ProcMeter implements Meter {
  readonly source = '/proc';
  #cpuBefore: number | undefined;
  #peak: number | undefined;

  start(command: Command): Command {
    this.#peak = undefined;
    this.#cpuBefore = reapedCpuMs();
    return command;
  }

  poll(pid: number | undefined): void {
    if (pid !== undefined) this.#peak = highWaterMark(pid) ?? this.#peak;
  }

  stop(): Usage {
    const cpuAfter = reapedCpuMs();
    const isKnown = this.#cpuBefore !== undefined && cpuAfter !== undefined;
    return { cpuMs: isKnown ? cpuAfter - this.#cpuBefore! : undefined, peakRssBytes: this.#peak };
  }
}

/** How a `time` program is asked, and how it answers. */
export type TimeDialect = 'gnu' | 'bsd';

/** The usage that wait4 gives to `time`; nothing of a process that is killed, since `time` is killed with it. */
export class TimeMeter implements Meter {
  readonly source: string;
  readonly #program: string;
  readonly #dialect: TimeDialect;
  readonly #report: string;

  constructor(program: string, dialect: TimeDialect) {
    this.source = program;
    this.#program = program;
    this.#dialect = dialect;
    const directory = mkdtempSync(join(tmpdir(), 'rdb-bench-time-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    this.#report = join(directory, 'report');
  }

  start(command: Command): Command {
    rmSync(this.#report, { force: true });
    const options = this.#dialect === 'gnu' ? ['-f', '%U %S %M'] : ['-l'];
    const args = [...options, '-o', this.#report, command.program, ...command.args];
    return { ...command, program: this.#program, args };
  }

  poll(): void {}

  stop(): Usage {
    if (!existsSync(this.#report)) return { cpuMs: undefined, peakRssBytes: undefined };
    return parseTimeReport(readFileSync(this.#report, 'latin1'), this.#dialect, process.platform);
  }
}

/** Wall time is all that is measured. */
class NoMeter implements Meter {
  readonly source = 'no /proc and no /usr/bin/time: CPU time and memory are not measured';

  start(command: Command): Command {
    return command;
  }

  poll(): void {}

  stop(): Usage {
    return { cpuMs: undefined, peakRssBytes: undefined };
  }
}

/** GNU's in the format that was asked for; BSD's has a line of times, and resources one a line, memory in KB but on macOS. */
export function parseTimeReport(report: string, dialect: TimeDialect, platform: NodeJS.Platform): Usage {
  const seconds = '(\\d+[.,]\\d+)';
  const times = new RegExp(
    dialect === 'gnu' ? `^${seconds} ${seconds} (\\d+)$` : `${seconds} user\\s+${seconds} sys`,
    'm',
  ).exec(report);
  const memory = dialect === 'gnu' ? times?.[3] : /^\s*(\d+)\s+maximum resident set size/m.exec(report)?.[1];
  const unit = dialect === 'bsd' && platform === 'darwin' ? 1 : 1024;
  const ms = (text = ''): number => Number(text.replace(',', '.')) * 1000;
  return {
    cpuMs: times === null ? undefined : Math.round(ms(times[1]) + ms(times[2])),
    peakRssBytes: memory === undefined ? undefined : Number(memory) * unit,
  };
}

/** Which options a `time` program understands; undefined when it is not there or knows neither. */
export function timeDialect(program: string): TimeDialect | undefined {
  const succeeds = (...options: string[]): boolean =>
    spawnSync(program, [...options, '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0;
  if (succeeds('-f', '%U %S %M')) return 'gnu';
  return succeeds('-l') ? 'bsd' : undefined;
}

function highWaterMark(pid: number): number | undefined {
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

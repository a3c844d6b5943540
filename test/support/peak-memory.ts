/** The most memory that a process has had, by what Linux says of it. */
import { readFileSync } from 'node:fs';

/** Looks while the process lives; `stop` says how many bytes were resident at the most, undefined where nobody says. */
export function watchMemory(pid: number, everyMs = 20): { stop(): number | undefined } {
  let peakBytes: number | undefined;
  const look = (): void => {
    peakBytes = Math.max(peakBytes ?? 0, highWaterBytes(pid) ?? 0) || undefined;
  };
  const timer = setInterval(look, everyMs);
  return {
    stop() {
      look();
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** Undefined where there is no /proc, or no such process any more. */
function highWaterBytes(pid: number): number | undefined {
  try {
    const parts = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return parts === null ? undefined : Number(parts[1]) * 1024;
  } catch {
    return undefined;
  }
}

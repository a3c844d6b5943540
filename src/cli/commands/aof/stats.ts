/** `aof stats`: what a log consists of. */
import { statsOfLog } from '../../../aof/stats/stats.js';
import { codeToExitCode, EXIT } from '../../exit-codes.js';
import { inSource } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import { aofStatsJson } from '../../render/aof-stats-json.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofStatsCommandOptions extends SharedOptions {
  readonly limit: number;
  readonly sep: string;
  readonly depth: number;
}

export async function runAofStats(
  arg: string,
  options: AofStatsCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const log = openLogArgument(arg, { signal: invocation.signal });
  const { limit, sep: separator, depth } = options;
  return await session.toOutputBeside(logPaths(log), async (output) => {
    const { limits, checksum } = session;
    const stats = await statsOfLog(log, {
      limit,
      separator,
      depth,
      limits,
      checksum,
      read: (file, run) => session.readLog(file, run),
    });
    if (session.json) {
      output.text(`${JSON.stringify(aofStatsJson(log.name, stats))}\n`);
    } else {
      // Tables are loaded where one is printed.
      const { formatAofStats } = await import('../../render/aof-stats.js');
      output.text(formatAofStats(log.name, stats, limit, session.style));
    }
    const { failure } = stats;
    if (failure === undefined) return EXIT.OK;
    output.flush();
    session.report(inSource(failure.error, log.files[failure.file]!.name));
    return codeToExitCode(failure.error.code);
  });
}

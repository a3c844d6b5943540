/** `aof info`: what is in a log. */
import type { OpenedAofLog } from '../../../aof/directory/directory.js';
import { type AofFileInfo, describeLog } from '../../../aof/directory/info.js';
import { nodeFiles } from '../../../bytes/files-node.js';
import { codeToExitCode, EXIT } from '../../exit-codes.js';
import { inSource } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { aofInfoJson } from '../../render/aof-info-json.js';
import { Session, type SharedOptions } from '../../session.js';

export async function runAofInfo(
  args: readonly string[],
  options: SharedOptions,
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const logs = args.map((arg) => tryOpen(arg, invocation.signal));
  const inputs = logs.flatMap((log) => ('failure' in log ? [] : logPaths(log)));
  return await session.toOutputBeside(inputs, async (output) => {
    let printed = 0;
    return await session.each(logs, async (log) => {
      if ('failure' in log) throw log.failure;
      if (printed++ > 0 && !session.json) output.text('\n');
      return await printLogInfo(log, session, output);
    });
  });
}

/** Describes an opened log. Returns the exit code: the worst of what is wrong with its files. */
export async function printLogInfo(log: OpenedAofLog, session: Session, output: Output): Promise<number> {
  const { limits, checksum } = session;
  const files = await describeLog(log, {
    limits,
    checksum,
    files: nodeFiles,
    now: Date.now,
    read: (file, run) => session.readLog(file, run),
  });
  if (session.json) output.text(`${JSON.stringify(aofInfoJson(log.name, log, files))}\n`);
  else output.text((await import('../../render/aof-info-text.js')).formatAofInfo(log.name, log, files, session.style));
  return exitCodeOf(files, session);
}

/** The description names what is wrong; the first of it is said once more where errors go. */
function exitCodeOf(files: readonly AofFileInfo[], session: Session): number {
  const bad = files.filter(({ error, isGrowing }) => error !== undefined && !isGrowing);
  const [first] = bad;
  if (first !== undefined) session.reportBeside(inSource(first.error, first.name) as Error);
  return Math.max(EXIT.OK, ...bad.map(({ error }) => codeToExitCode(error!.code)));
}

function tryOpen(arg: string, signal: AbortSignal): OpenedAofLog | { readonly failure: unknown } {
  try {
    return openLogArgument(arg, { signal });
  } catch (failure) {
    return { failure };
  }
}

/** `aof check`: is a log sound, and what would a server do with it. */
import { type AofCheckReport, checkLog } from '../../../aof/check/check.js';
import { directoryTraps } from '../../../aof/check/traps-directory.js';
import { isLogCurrent, type OpenedAofLog } from '../../../aof/directory/directory.js';
import { mendingFiles } from '../../../aof/repair/repair-manifest.js';
import { nodeFiles } from '../../../bytes/files-node.js';
import type { Target } from '../../../rdb/versions.js';
import { codeToExitCode, EXIT } from '../../exit-codes.js';
import { inSource } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { type LogOpener, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { aofCheckJson, formatAofCheck } from '../../render/aof-check.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofCheckCommandOptions extends SharedOptions {
  readonly target?: Target;
}

export async function runAofCheck(
  args: readonly string[],
  options: AofCheckCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  return await session.toOutputBeside([], async (output) => {
    let worst: number = EXIT.OK;
    for (const arg of args) {
      try {
        const open: LogOpener = (files) => openLogArgument(arg, { signal: invocation.signal }, files);
        worst = Math.max(worst, await printLogCheck(arg, open, options.target, session, output));
      } catch (error) {
        if (args.length === 1 || invocation.signal.aborted) throw error;
        session.report(error);
        worst = Math.max(worst, EXIT.UNREADABLE);
      }
    }
    return worst;
  });
}

/** Checks the log that `open` finds, and says what is wrong with it. Returns the exit code. */
export async function printLogCheck(
  name: string,
  open: LogOpener,
  target: Target | undefined,
  session: Session,
  output: Output,
): Promise<number> {
  const report = await checkCurrent(open, target, session);
  if (session.json) output.text(`${JSON.stringify(aofCheckJson(name, report))}\n`);
  else if (!session.quiet || !report.ok) output.text(formatAofCheck(report, session.style));
  return exitCodeOf(report, session);
}

/** Servers rewrite once in a while, not all the time. */
const MAX_LOOKS = 5;

/** The log as it stands now. A server may rewrite it meanwhile: then it is looked at again. */
async function checkCurrent(open: LogOpener, target: Target | undefined, session: Session): Promise<AofCheckReport> {
  for (let attempt = 1; ; attempt++) {
    const mended = new Set<string>();
    const files = mendingFiles(nodeFiles, (path) => mended.add(path));
    const log = open(files);
    const report = await checkOpened(log, target, session);
    if (attempt < MAX_LOOKS && !isLogCurrent(log, files)) continue;
    const traps = [...directoryTraps(log, target, [...mended]), ...report.traps];
    return { ...report, traps, ok: report.ok && !traps.some(({ severity }) => severity === 'fatal') };
  }
}

async function checkOpened(log: OpenedAofLog, target: Target | undefined, session: Session): Promise<AofCheckReport> {
  const files = log.files.map((file) => session.watchedFile(file));
  const { limits, checksum } = session;
  try {
    return await checkLog(
      { ...log, files },
      { limits, checksum, files: nodeFiles, now: () => Date.now(), ...(target && { target }) },
    );
  } catch (error) {
    throw inSource(error, log.name);
  }
}

function exitCodeOf(report: AofCheckReport, session: Session): number {
  let worst: number = report.ok ? EXIT.OK : EXIT.BAD;
  for (const { verdict, error, name } of report.files) {
    if (error === undefined || verdict === 'growing') continue;
    session.reportBeside(inSource(error, name) as Error);
    worst = Math.max(worst, codeToExitCode(error.code));
  }
  return worst;
}

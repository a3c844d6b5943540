/** `check`: is a dump sound. */

import { RewoundSource } from '../../bytes/rewound-source.js';
import { type CheckOptions, type CheckReport, checkRdb } from '../../inspect/check.js';
import { codeToExitCode, EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { type JobsOptions, jobsFor } from '../jobs.js';
import { type LogOpener, logOpener } from '../log-source.js';
import { checkJson, formatCheck } from '../render/check-report.js';
import { about, Session, type SharedOptions } from '../session.js';
import type { SourceSpec } from '../source.js';

export async function runCheck(
  args: readonly string[],
  options: SharedOptions & JobsOptions & { readonly deep?: boolean },
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) =>
    session.each(specs, async (spec) => {
      const checkLog = async (open: LogOpener): Promise<number> => {
        const { printLogCheck } = await import('./aof/check.js');
        return await printLogCheck(spec.name, open, undefined, session, output);
      };
      const { deep = false } = options;
      const checkOptions = { deep, jobs: deep ? jobsFor(options, [spec]) : 1, signal: invocation.signal };
      const report = await readReport(session, spec, checkOptions, checkLog);
      if (typeof report === 'number') return report;
      // Commands behind a sound dump are for the other check, which reads both.
      const open = report.ok && report.aofTailBytes > 0 ? logOpener(spec, invocation.signal, 'file') : undefined;
      if (open !== undefined) return await checkLog(open);
      if (session.json) output.text(`${JSON.stringify(checkJson(spec.name, report))}\n`);
      else if (!session.quiet || !report.ok) output.text(formatCheck(spec.name, report, session.style));
      return exitCodeOf(report, session);
    }),
  );
}

/** What the check of a dump says; the exit code of `checkLog` where the source is a log. */
async function readReport(
  session: Session,
  spec: SourceSpec,
  options: CheckOptions,
  checkLog: (open: LogOpener) => Promise<number>,
): Promise<CheckReport | number> {
  const { checksum, limits } = session;
  return await session.readEither<CheckReport | number>(
    spec,
    async (source, head) => {
      const again = RewoundSource.rewinder(source);
      const rewind = again && (() => session.watch(again()));
      const report = await checkRdb(source, { ...options, checksum, limits, ...(rewind && { rewind }) });
      for (const error of report.errors) about(error, spec.name, head);
      return report;
    },
    checkLog,
  );
}

/** The worst of its errors; the report itself goes to standard output. */
function exitCodeOf(report: CheckReport, session: Session): number {
  const first = report.errors[0];
  if (first !== undefined) session.reportBeside(first);
  return Math.max(EXIT.OK, ...report.errors.map(({ code }) => codeToExitCode(code)));
}

/** `check`: is a dump sound. */
import { type CheckReport, checkRdb } from '../../inspect/check.js';
import { RewoundSource } from '../../inspect/rewound-source.js';
import { codeToExitCode, EXIT } from '../exit-codes.js';
import type { Invocation } from '../program.js';
import { checkJson, formatCheck } from '../render/check-report.js';
import { about, Session, type SharedOptions } from '../session.js';
import type { SourceSpec } from '../source.js';

export async function runCheck(
  args: readonly string[],
  options: SharedOptions & { readonly deep?: boolean },
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) =>
    session.each(specs, async (spec) => {
      const report = await readReport(session, spec, options.deep ?? false);
      if (session.json) output.text(`${JSON.stringify(checkJson(spec.name, report))}\n`);
      else if (!session.quiet || !report.ok) output.text(formatCheck(spec.name, report, session.style));
      return exitCodeOf(report, session);
    }),
  );
}

async function readReport(session: Session, spec: SourceSpec, deep: boolean): Promise<CheckReport> {
  const { checksum, limits } = session;
  return await session.read(spec, async (source, head) => {
    const again = RewoundSource.rewinder(source);
    const rewind = again && (() => session.watch(again()));
    const report = await checkRdb(source, { deep, checksum, limits, ...(rewind && { rewind }) });
    for (const error of report.errors) about(error, spec.name, head);
    return report;
  });
}

/** The worst of its errors; the report itself goes to standard output. */
function exitCodeOf(report: CheckReport, session: Session): number {
  const first = report.errors[0];
  if (first !== undefined) session.reportBeside(first);
  return Math.max(EXIT.OK, ...report.errors.map(({ code }) => codeToExitCode(code)));
}

/** `import`: a dump or a log into a live server. */
import { EncodeError } from '../../bytes/errors.js';
import { nodeFiles } from '../../bytes/files-node.js';
import { CheckpointError } from '../../import/checkpoint/state-file.js';
import { importKeys } from '../../import/import-keys.js';
import type { ImportOptions, ImportResult } from '../../import/model.js';
import type { KeyOptions } from '../../import/source/key-options.js';
import type { KeySource } from '../../import/source/key-source.js';
import type { TargetPlace } from '../../import/target/endpoint.js';
import type { VerifyResult } from '../../import/verify/model.js';
import { verifyKeys } from '../../import/verify/verify-keys.js';
import { checkpointFiles } from '../checkpoint-files.js';
import { EXIT } from '../exit-codes.js';
import { UsageError, withHint } from '../failures.js';
import type { FlowOptions, KeysAtTargetOptions } from '../import-options.js';
import type { Invocation } from '../invocation.js';
import { withKeySource } from '../key-source.js';
import { keyOptionsOf, placeFor } from '../keys-at-target.js';
import { LossReport } from '../loss-report.js';
import { failureJson, importJson } from '../render/import-json.js';
import { formatFailure, formatImport } from '../render/import-text.js';
import { paceText } from '../render/quantity.js';
import { verifyJson } from '../render/verify-json.js';
import { formatVerify } from '../render/verify-text.js';
import { describeError } from '../report-error.js';
import { retryNotes } from '../retry-notes.js';
import { Session } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';
import { placeText } from '../target-place.js';
import { verifyExitCode } from './verify.js';

export type ImportCommandOptions = KeysAtTargetOptions & FlowOptions;

export async function runImport(arg: string, options: ImportCommandOptions, invocation: Invocation): Promise<number> {
  const { resume, verify = false, dryRun = false } = options;
  if (dryRun && verify) throw new UsageError('--dry-run writes nothing that --verify could look at');
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const spec = await session.resolveOne(arg);
  const keyOptions = keyOptionsOf(options, spec, session);
  const place = await placeFor(options, session);
  const inputs = [...pathsOf(spec), ...(resume === undefined ? [] : [resume])];
  const report = LossReport.open(options.report, inputs);
  try {
    return await session.toOutputBeside(inputs, (output) =>
      withKeySource(spec, options, session, verify || resume !== undefined, async (keys) => {
        const result = await importWith(keys, place, keyOptions, options, session, report);
        const target = placeText(place);
        const json = importJson(spec.name, target, result);
        // It has all failures already.
        await report.commit({ ...json, failures: undefined });
        const verified = verify ? await verifyAfter(keys, place, keyOptions, options.retry, session) : undefined;
        if (verified !== undefined) json.verify = verifyJson(spec.name, target, verified);
        if (session.json) output.text(`${JSON.stringify(json)}\n`);
        else if (!session.quiet) output.text(textOf(spec, target, result, verified, session));
        return exitCodeOf(result, verified, session);
      }),
    );
  } catch (error) {
    report.discard();
    throw error;
  }
}

async function importWith(
  keys: KeySource,
  place: TargetPlace,
  keyOptions: KeyOptions,
  options: ImportCommandOptions,
  session: Session,
  report: LossReport,
): Promise<ImportResult> {
  const { mode, onExists, onUnsupported, rate, resume, retry, wait, dryRun } = options;
  let written = 0;
  const importOptions: ImportOptions = {
    ...keyOptions,
    mode,
    onExists,
    onUnsupported,
    rate,
    checkpoint: resume === undefined ? undefined : { path: resume, files: checkpointFiles(nodeFiles, resume) },
    retryMs: retry,
    waitReplicas: wait,
    dryRun,
    onProgress: ({ counts, elapsedMs }) => {
      written = counts.sent;
      session.showProgress(paceText(counts.sent, elapsedMs));
    },
    onFailure: (failure) => {
      report.addFailure(failureJson(failure));
      if (session.json) session.tell({ failure: failureJson(failure) });
      else if (options.verbose) session.note(formatFailure(failure));
    },
    onLoss: (entry) => report.add(entry),
    onRetry: retryNotes(session),
  };
  try {
    return await importKeys(keys, place, importOptions);
  } catch (thrown) {
    const error = explain(thrown);
    await concludeBroken(error, report, session);
    if (dryRun !== true) tellWhereItEnded(error, written, resume, session);
    throw error;
  }
}

function explain(error: unknown): unknown {
  // A file that was named for another purpose is a slip, and nothing has been done with it.
  if (error instanceof CheckpointError)
    return withHint(new UsageError(error.message), 'name another file for --resume');
  if (error instanceof EncodeError && error.message.includes('database'))
    return withHint(error, '-n chooses databases of the source, --db-map 3:0 gives them other numbers');
  return error;
}

/** What was written stays written, so what was lost until then is told all the same. */
async function concludeBroken(error: unknown, report: LossReport, session: Session): Promise<void> {
  const facts = error instanceof Error && !(error instanceof UsageError) ? describeError(error) : undefined;
  if (facts === undefined || session.signal.aborted) report.discard();
  else await report.commit({ schema: 'rdb-inspect/import@1', error: facts });
}

function tellWhereItEnded(error: unknown, written: number, resume: string | undefined, session: Session): void {
  if (error instanceof UsageError) return;
  if (resume !== undefined && nodeFiles.stat(resume) !== undefined)
    session.note(`the same command goes on where it ended, by ${resume}`);
  else if (written > 0)
    session.note('the server has some of the keys now; with --resume FILE an import can go on where it ended');
}

async function verifyAfter(
  keys: KeySource,
  place: TargetPlace,
  keyOptions: KeyOptions,
  retryMs: number | undefined,
  session: Session,
): Promise<VerifyResult> {
  // The server may have had other keys before: those are none of ours.
  return await verifyKeys(keys, place, {
    ...keyOptions,
    nowMs: Date.now(),
    extra: false,
    retryMs,
    onRetry: retryNotes(session),
    onProgress: ({ counts, elapsedMs }) => session.showProgress(`${paceText(counts.keys, elapsedMs)} compared`),
  });
}

function textOf(
  spec: SourceSpec,
  target: string,
  result: ImportResult,
  verified: VerifyResult | undefined,
  session: Session,
): string {
  const { style } = session;
  const text = formatImport(spec.name, target, result, style);
  return verified === undefined ? text : `${text}\n${formatVerify(spec.name, target, verified, style)}`;
}

function exitCodeOf(result: ImportResult, verified: VerifyResult | undefined, session: Session): number {
  const { counts, lost } = result;
  if (counts.failed > 0 || lost.length > 0 || session.leftOut > 0) return EXIT.LOSS;
  return verified === undefined ? EXIT.OK : verifyExitCode(verified);
}

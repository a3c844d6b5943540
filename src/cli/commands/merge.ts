/** `merge`: several dumps into one. */
import { isatty } from 'node:tty';
import { type ConflictPolicy, MergeConflictError, type MergeSummary, RdbMerge } from '../../convert/merge.js';
import type { ConvertOptions } from '../convert-options.js';
import { writeDiagnostic } from '../diagnostics.js';
import { CHOOSE_POLICY, checkDumpOutput, printBeside } from '../dump-output.js';
import { EXIT } from '../exit-codes.js';
import { OutputError, UsageError, withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { LossReport } from '../loss-report.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { Progress } from '../progress.js';
import { lineText } from '../render/bytes-text.js';
import { lossCountJson } from '../render/convert-json.js';
import { formatBytes, formatCount, plural } from '../render/quantity.js';
import { createStyle } from '../render/style.js';
import { type SeekableInput, withSeekable } from '../seekable-input.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';

export interface MergeCommandOptions extends SharedOptions, FilterOptions, ConvertOptions {
  readonly onConflict: ConflictPolicy;
}

export async function runMerge(
  args: readonly string[],
  options: MergeCommandOptions,
  invocation: Invocation,
): Promise<number> {
  checkDumpOutput(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  if (specs.length < 2) throw new UsageError('merging takes two dumps at least');
  const report = LossReport.open(options.report, specs.flatMap(pathsOf));
  const summary = await session.toOutput(specs, (output) => mergeAll(specs, output, options, session, report));
  const names = specs.map(({ name }) => name);
  const json = mergeJson(names, summary);
  await report.commit(json);
  if (session.json) await printBeside({ ...json, losses: report.json() }, options.output);
  else if (!session.quiet) await printText(summary, session, options);
  return summary.lost.length > 0 || session.leftOut > 0 ? EXIT.LOSS : EXIT.OK;
}

async function mergeAll(
  specs: readonly SourceSpec[],
  output: Output,
  options: MergeCommandOptions,
  session: Session,
  report: LossReport,
): Promise<MergeSummary> {
  const progress = Progress.create(options.progress, false);
  try {
    return await withSeekable(specs, session, progress, (inputs) =>
      merge(inputs, output, options, session, progress, report),
    );
  } catch (error) {
    report.discard();
    throw error;
  }
}

async function merge(
  inputs: readonly SeekableInput[],
  output: Output,
  options: MergeCommandOptions,
  session: Session,
  progress: Progress,
  report: LossReport,
): Promise<MergeSummary> {
  const { nowMs } = session;
  const { target, onUnsupported, onConflict, dbMap, setTtl, skipExpired, dropModules } = options;
  const filter = filterOf(options);
  const rdbMerge = new RdbMerge(
    inputs.map((input) => ({ source: input.source, rewind: () => input.rewind() })),
    {
      onConflict,
      onUnsupported,
      nowMs,
      ...(target && { target }),
      ...(filter && { filter }),
      ...(dbMap && { dbMap }),
      ...(setTtl && { setTtl }),
      ...(dropModules && { dropModules }),
      ...(skipExpired !== undefined && { skipExpiredBeforeMs: skipExpired === true ? nowMs : skipExpired }),
      onLoss: (entry) => report.add(entry),
      checksum: session.checksum,
      limits: session.limits,
      onWarning: (warning, file) => {
        progress.clear();
        session.warn(warning, inputs[file]!.spec);
      },
    },
  );
  try {
    const write = (bytes: Uint8Array, start: number, end: number): void => output.write(bytes, start, end);
    return await rdbMerge.run(write, () => output.drain());
  } catch (error) {
    if (rdbMerge.isBlocked) {
      // What stopped it is what the report is about.
      const lost = rdbMerge.ledger.lost.map(lossCountJson);
      await report.commit({ schema: 'rdb-inspect/merge@1', sources: inputs.map(({ spec }) => spec.name), lost });
      throw withHint(error as Error, CHOOSE_POLICY);
    }
    if (error instanceof MergeConflictError) throw explain(error, inputs, session, progress);
    throw error instanceof OutputError ? error : inputs[rdbMerge.reading]!.about(error);
  }
}

/** Says where the first of them stand. */
function explain(
  error: MergeConflictError,
  inputs: readonly SeekableInput[],
  session: Session,
  progress: Progress,
): MergeConflictError {
  progress.stop();
  const nameOf = (file: number): string => inputs[file]!.spec.name;
  for (const { db, key, first, second } of error.shown) {
    session.note(`db ${db} ${lineText(key)}: in ${nameOf(first)} and in ${nameOf(second)}`);
  }
  for (const { what, first, second } of error.records) {
    session.note(`${lineText(new TextEncoder().encode(what))}: in ${nameOf(first)} and in ${nameOf(second)}`);
  }
  return withHint(error, '--on-conflict first or last keeps one of each, in the order of the files');
}

async function printText(summary: MergeSummary, session: Session, options: MergeCommandOptions): Promise<void> {
  // Tables are loaded where one is printed.
  const { formatLosses, needsText, omittedText } = await import('../render/convert-report.js');
  session.note(mergeText(summary) + omittedText(summary.omitted));
  writeDiagnostic(needsText(summary) + formatLosses(summary.lost, createStyle(options.color, isatty(2), process.env)));
}

function mergeText({ keys, sizeBytes, magic, version, conflicts, recordConflicts }: MergeSummary): string {
  const left = conflicts === 0 ? '' : `, ${formatCount(conflicts)} left out for another of the same name`;
  const others =
    recordConflicts.length === 0
      ? ''
      : `, and ${plural(recordConflicts.length, 'library or module', 'libraries and modules')}`;
  return `${plural(keys, 'key')} in ${formatBytes(sizeBytes)}, RDB version ${version} (${magic})${left}${others}`;
}

function mergeJson(names: readonly string[], summary: MergeSummary): Record<string, unknown> {
  const { magic, version, keys, sizeBytes, conflicts, recordConflicts, lost, omitted, needs, files } = summary;
  return {
    schema: 'rdb-inspect/merge@1',
    magic,
    version,
    keys,
    bytes: sizeBytes,
    conflicts,
    recordConflicts: recordConflicts.map(({ what }) => what),
    lost: lost.map(lossCountJson),
    omitted,
    needs,
    sources: files.map(({ keys: all, kept }, file) => ({ source: names[file], keys: all, kept })),
  };
}

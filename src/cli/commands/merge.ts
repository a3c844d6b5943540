/** `merge`: several dumps into one. */
import { isatty } from 'node:tty';
import { type ConflictPolicy, MergeConflictError, type MergeSummary, RdbMerge } from '../../convert/merge.js';
import { writeDiagnostic } from '../diagnostics.js';
import { EXIT } from '../exit-codes.js';
import { OutputError, UsageError, withHint } from '../failures.js';
import { type Output, openOutput } from '../output.js';
import type { Invocation } from '../program.js';
import { Progress } from '../progress.js';
import { lineText } from '../render/bytes-text.js';
import { formatBytes, formatCount, plural } from '../render/quantity.js';
import { type SeekableInput, withSeekable } from '../seekable-input.js';
import { Session, type SharedOptions } from '../session.js';

export interface MergeCommandOptions extends SharedOptions {
  readonly onConflict: ConflictPolicy;
  readonly dbMap?: ReadonlyMap<number, number>;
}

export async function runMerge(
  args: readonly string[],
  options: MergeCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const toStandardOutput = options.output === undefined || options.output === '-';
  if (toStandardOutput && isatty(1))
    throw withHint(new UsageError('a dump is not for terminals'), 'name a file with -o, or pipe it');
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  if (specs.length < 2) throw new UsageError('merging takes two dumps at least');
  const progress = Progress.create(options.progress, false);
  const summary = await session.toOutput(specs, (output) =>
    withSeekable(specs, session, progress, (inputs) => merge(inputs, output, options, session, progress)),
  );
  const names = specs.map(({ name }) => name);
  if (session.json) await printJson(mergeJson(names, summary), toStandardOutput);
  else session.note(mergeText(summary));
  return EXIT.OK;
}

async function merge(
  inputs: readonly SeekableInput[],
  output: Output,
  options: MergeCommandOptions,
  session: Session,
  progress: Progress,
): Promise<MergeSummary> {
  const rdbMerge = new RdbMerge(
    inputs.map((input) => ({ source: input.source, rewind: () => input.rewind() })),
    {
      onConflict: options.onConflict,
      ...(options.dbMap && { dbMap: options.dbMap }),
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
    const summary = await rdbMerge.run(write, () => output.drain());
    summary.files.forEach(({ end }, file) => {
      session.warnTail(end, inputs[file]!.spec);
    });
    return summary;
  } catch (error) {
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

function mergeText({ keys, sizeBytes, magic, version, conflicts, recordConflicts }: MergeSummary): string {
  const left = conflicts === 0 ? '' : `, ${formatCount(conflicts)} left out for another of the same name`;
  const others =
    recordConflicts.length === 0
      ? ''
      : `, and ${plural(recordConflicts.length, 'library or module', 'libraries and modules')}`;
  return `${plural(keys, 'key')} in ${formatBytes(sizeBytes)}, RDB version ${version} (${magic})${left}${others}`;
}

function mergeJson(names: readonly string[], summary: MergeSummary): object {
  const { magic, version, keys, sizeBytes, conflicts, recordConflicts, files } = summary;
  return {
    schema: 'rdb-inspect/merge@1',
    magic,
    version,
    keys,
    bytes: sizeBytes,
    conflicts,
    recordConflicts: recordConflicts.map(({ what }) => what),
    sources: files.map(({ keys: all, kept }, file) => ({ source: names[file], keys: all, kept })),
  };
}

/** Standard output where that is free, standard error where the dump went there. */
async function printJson(json: object, isTaken: boolean): Promise<void> {
  const line = `${JSON.stringify(json)}\n`;
  if (isTaken) {
    writeDiagnostic(line);
    return;
  }
  const output = await openOutput(undefined, []);
  output.text(line);
  await output.commit();
}

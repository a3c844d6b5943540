/** `split`: one dump into several. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import type { LossCount, UnsupportedPolicy } from '../../convert/loss.js';
import { SplitHandler, type SplitPart } from '../../convert/split.js';
import { equalSlotOwners, MAX_SPLIT_FILES, type SplitBy } from '../../convert/split-rules.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter } from '../../rdb/filter.js';
import { parseSlotOwners } from '../../rdb/slot-owners.js';
import { writeDiagnostic } from '../diagnostics.js';
import { EXIT } from '../exit-codes.js';
import { inSource, UsageError, withHint } from '../failures.js';
import { prepareDirectory, removeIfEmpty } from '../fresh-directory.js';
import type { Invocation } from '../invocation.js';
import { LossReport } from '../loss-report.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { commitAll, type FileSink, openFileSink } from '../output-file.js';
import { parseBytesArgument } from '../render/bytes-text.js';
import { lossCountJson } from '../render/convert-json.js';
import { formatBytes, formatCount, plural } from '../render/quantity.js';
import { createStyle } from '../render/style.js';
import { formatTable } from '../render/table.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';

export interface SplitCommandOptions extends SharedOptions, FilterOptions {
  readonly by: string;
  readonly nodes?: string;
  readonly sep?: string;
  readonly onUnsupported: UnsupportedPolicy;
  readonly report?: string;
}

interface SplitResult {
  readonly parts: readonly SplitPart[];
  readonly lost: readonly LossCount[];
}

export async function runSplit(arg: string, options: SplitCommandOptions, invocation: Invocation): Promise<number> {
  const { output: directory } = options;
  if (directory === undefined || directory === '-')
    throw new UsageError('split writes several files: -o DIR is wanted');
  const by = parseBy(options);
  // What goes to standard output is what has been done.
  const { output: _, ...shared } = options;
  const session = new Session(shared, invocation.signal, invocation.nowMs);
  const spec = await session.resolveOne(arg);
  const report = LossReport.open(options.report, pathsOf(spec));
  return await session.toOutput([spec], async (output) => {
    const result = await splitInto(directory, spec, by, options, session, report);
    const json = splitJson(spec.name, directory, result);
    await report.commit(json);
    if (session.json) output.text(`${JSON.stringify({ ...json, losses: report.json() })}\n`);
    else if (!session.quiet) await printText(directory, result, session, output, options);
    return result.lost.length > 0 || session.leftOut > 0 ? EXIT.LOSS : EXIT.OK;
  });
}

/** The files appear when all of them are complete. */
async function splitInto(
  directory: string,
  spec: SourceSpec,
  by: SplitBy,
  options: SplitCommandOptions,
  session: Session,
  report: LossReport,
): Promise<SplitResult> {
  const isNew = prepareDirectory(directory);
  const sinks: FileSink[] = [];
  const open = (name: string): ((bytes: Uint8Array, start: number, end: number) => void) => {
    const sink = openFileSink(join(directory, name), pathsOf(spec));
    sinks.push(sink);
    return (bytes, start, end) => sink.write(bytes, start, end);
  };
  try {
    const result = await session.read(spec, (source) => split(source, by, open, spec, options, session, report));
    await commitAll(sinks);
    return result;
  } catch (error) {
    for (const sink of sinks) sink.discard();
    report.discard();
    if (isNew) removeIfEmpty(directory);
    throw error;
  }
}

async function split(
  source: ByteSource,
  by: SplitBy,
  open: ConstructorParameters<typeof SplitHandler>[0]['open'],
  spec: SourceSpec,
  options: SplitCommandOptions,
  session: Session,
  report: LossReport,
): Promise<SplitResult> {
  const filter = filterOf(options);
  const handler = new SplitHandler({
    by,
    open,
    filter: filter && compileFilter(filter, session.nowMs, source),
    onUnsupported: options.onUnsupported,
    onLoss: (entry) => report.add(entry),
    onWarning: (warning) => session.warn(warning, spec),
  });
  const window = Window.for(source.sizeBytes);
  const { checksum, limits } = session;
  const driver = new RdbDriver(window, handler, { checksum, limits });
  handler.driver = driver;
  while ((await drive(source, driver)) === 'pause');
  const { lost } = handler.ledger;
  try {
    return { parts: handler.finish(), lost };
  } catch (error) {
    if (lost.length === 0) throw error;
    // What stopped it is what the report is about.
    await report.commit(splitJson(spec.name, options.output!, { parts: [], lost }));
    throw withHint(inSource(error, spec.name) as Error, '--on-unsupported drop leaves it out');
  }
}

function parseBy({ by, nodes, sep }: SplitCommandOptions): SplitBy {
  if (nodes !== undefined && by !== 'slot')
    throw new UsageError('--nodes says who owns slots: it belongs to --by slot');
  if (sep !== undefined && by !== 'prefix') throw new UsageError('--sep ends a prefix: it belongs to --by prefix');
  if (by === 'db') return { kind: 'db' };
  if (by === 'prefix') return { kind: 'prefix', separator: parseBytesArgument(sep ?? ':') };
  if (by === 'slot') {
    if (nodes !== undefined) return { kind: 'slot', owners: ownersIn(nodes) };
    throw withHint(
      new UsageError('--by slot needs to know who owns which slots'),
      '--nodes nodes.conf, or --by slot:3 for three equal parts',
    );
  }
  const count = /^(slot:)?(\d{1,4})$/.exec(by);
  const files = Number(count?.[2] ?? 0);
  if (files < 1 || files > MAX_SPLIT_FILES) {
    throw new UsageError(`--by ${by}: slot, slot:N, prefix, db or N are possible, with N from 1 to ${MAX_SPLIT_FILES}`);
  }
  return count![1] === undefined ? { kind: 'count', count: files } : { kind: 'slot', owners: equalSlotOwners(files) };
}

function ownersIn(path: string): ReturnType<typeof parseSlotOwners> {
  const text = fs.readFileSync(path, 'utf8');
  try {
    return parseSlotOwners(text);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

function splitJson(source: string, directory: string, { parts, lost }: SplitResult): Record<string, unknown> {
  return {
    schema: 'rdb-inspect/split@1',
    source,
    directory,
    keys: keysOf(parts),
    files: parts.map(({ name, keys, sizeBytes }) => ({ name, keys, bytes: sizeBytes })),
    lost: lost.map(lossCountJson),
  };
}

async function printText(
  directory: string,
  { parts, lost }: SplitResult,
  session: Session,
  output: Output,
  options: SplitCommandOptions,
): Promise<void> {
  output.text(splitText(directory, parts, session));
  if (lost.length === 0) return;
  const { formatLosses } = await import('../render/convert-report.js');
  writeDiagnostic(formatLosses(lost, createStyle(options.color, isatty(2), process.env)));
}

function splitText(directory: string, parts: readonly SplitPart[], { style }: Session): string {
  const rows = parts.map(({ name, keys, sizeBytes }) => [name, formatCount(keys), formatBytes(sizeBytes)]);
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const table = formatTable([{ title: 'file' }, right('keys'), right('size')], rows, style.dim);
  return `${style.bold(directory)}: ${plural(keysOf(parts), 'key')} in ${plural(parts.length, 'file')}\n${table}`;
}

function keysOf(parts: readonly SplitPart[]): number {
  return parts.reduce((sum, { keys }) => sum + keys, 0);
}

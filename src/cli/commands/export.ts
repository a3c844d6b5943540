/** `export`: every key with its value. */
import { EncodeError } from '../../bytes/errors.js';
import { type JsonFormat, NdjsonHandler, type NdjsonOptions } from '../../convert/json/ndjson-handler.js';
import { ShardFilter } from '../../convert/shard-filter.js';
import type { TableFormat } from '../../convert/tables/open-tables.js';
import type { TableName } from '../../convert/tables/schema.js';
import type { EndEntry, RdbRecord, RdbWarning } from '../../rdb/model.js';
import { EXIT } from '../exit-codes.js';
import { UsageError, withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { type JobsOptions, jobsFor } from '../jobs.js';
import { type EncodingChoice, type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readRows, type StreamingHandler } from '../read-rows.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';
import type { CommandFormat, CommandFormatOptions } from './export-commands.js';

export interface ExportOptions extends SharedOptions, FilterOptions, CommandFormatOptions, JobsOptions {
  readonly format?: string;
  readonly all?: boolean;
  readonly encoding: EncodingChoice;
  readonly table?: TableName[];
}

/** What a format writes with. */
export interface ExportHandler extends StreamingHandler {
  /** The last record of the dump that was read last. */
  readonly ending: EndEntry | undefined;
  /** Hands over what is whole; also after an error. */
  flush(): void;
  /** Everything has been read. */
  finish(): Promise<void> | void;
  /** After a failure. */
  discard?(): void;
  /** Once it is finished. */
  readonly exitCode: number;
}

/** What a format is given. */
export interface ExportContext {
  readonly session: Session;
  readonly output: Output;
  readonly filter: ShardFilter | undefined;
  readonly onWarning: (warning: RdbWarning) => void;
  /** Paths that must not be overwritten. */
  readonly inputs: readonly string[];
}

export const WITH_LOSS = '--on-unsupported drop leaves out what cannot be said, convert the least of it';

const FORMATS = ['ndjson', 'json', 'csv', 'parquet', 'resp', 'restore'] as const satisfies readonly ExportFormat[];

type ExportFormat = JsonFormat | TableFormat | CommandFormat;

export async function runExport(arg: string, options: ExportOptions, invocation: Invocation): Promise<number> {
  const format = parseFormat(options.format ?? 'ndjson');
  if (format === 'csv' || format === 'parquet') {
    refuse(options, format, ['all', 'target', 'replace', 'onUnsupported', 'report', 'jobs']);
    return (await import('./export-tables.js')).runExportTables(arg, format, options, invocation);
  }
  const createHandler = await handlerFor(format, options);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const specs = await session.resolve([arg]);
  const asked = filterOf(options);
  const filter = asked && new ShardFilter(asked, session.nowMs);
  const jobs = jobsFor(options, specs);
  // The first so many keys are found in file order only.
  if (jobs > 1 && asked?.limit === undefined) {
    return await session.toOutput(specs, (output) =>
      exportBySeveral(specs, jobs, format, options, filter, session, output, invocation),
    );
  }
  return await session.toOutput(specs, async (output) => {
    let current = specs[0]!;
    const onWarning = (warning: RdbWarning): void => session.warn(warning, current);
    const handler = createHandler({
      session,
      output,
      filter,
      onWarning,
      inputs: specs.flatMap(pathsOf),
    });
    try {
      for (const spec of specs) {
        if (handler.isFinished) break;
        current = spec;
        await session.read(spec, async (source) => {
          filter?.next(source);
          await readRows(source, handler, session, output);
          if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
        });
      }
    } catch (error) {
      handler.flush();
      handler.discard?.();
      if (error instanceof EncodeError) withHint(error, WITH_LOSS);
      throw error;
    }
    await handler.finish();
    return handler.exitCode;
  });
}

/** By several threads. Returns the exit code. */
async function exportBySeveral(
  specs: readonly SourceSpec[],
  jobs: number,
  format: JsonFormat | CommandFormat,
  options: ExportOptions,
  filter: ShardFilter | undefined,
  session: Session,
  output: Output,
  invocation: Invocation,
): Promise<number> {
  if (format === 'resp' || format === 'restore') {
    const { exportCommandsParallel } = await import('./export-commands-parallel.js');
    return await exportCommandsParallel(specs, jobs, format, options, filter, session, output, invocation);
  }
  const { exportParallel } = await import('./export-parallel.js');
  const { all = false, encoding } = options;
  const task = { format, all, encoding, filter: filterOf(options), nowMs: session.nowMs };
  await exportParallel(specs, jobs, task, filter, session, output, invocation);
  return EXIT.OK;
}

/** Throws UsageError for options that the format does not have. */
async function handlerFor(
  format: JsonFormat | CommandFormat,
  options: ExportOptions,
): Promise<(context: ExportContext) => ExportHandler> {
  if (format === 'resp' || format === 'restore') {
    refuse(options, format, ['all', 'table']);
    return (await import('./export-commands.js')).commandHandler(format, options);
  }
  refuse(options, format, ['table', 'target', 'replace', 'onUnsupported', 'report']);
  const { all = false, encoding } = options;
  return ({ output, filter, onWarning }) =>
    new JsonExport(output, {
      format,
      all,
      encoding,
      ...(filter && { filter }),
      write: (bytes, start, end) => output.write(bytes, start, end),
      onWarning,
    });
}

/** The lines are those of the library; what is added is when to pause and when to stop. */
class JsonExport extends NdjsonHandler implements ExportHandler {
  readonly exitCode = EXIT.OK;
  ending: EndEntry | undefined;
  private isInLarge = false;

  constructor(
    private readonly output: Output,
    private readonly options: NdjsonOptions,
  ) {
    super(options);
  }

  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && !this.isInLarge;
  }

  override record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
    super.record(record);
  }

  override largeStart(...row: Parameters<NdjsonHandler['largeStart']>): ReturnType<NdjsonHandler['largeStart']> {
    this.isInLarge = true;
    return super.largeStart(...row);
  }

  override largeEnd(): void {
    this.isInLarge = false;
    super.largeEnd();
  }

  override full(): boolean {
    return super.full() || this.output.isBehind || this.isFinished;
  }
}

/** The options that not every format has, and those that have them. */
const FORMATS_OF = {
  all: '-f ndjson and -f json',
  table: '-f csv and -f parquet',
  target: '-f resp and -f restore',
  replace: '-f resp and -f restore',
  onUnsupported: '-f resp and -f restore',
  report: '-f resp and -f restore',
  jobs: '-f ndjson, -f json, -f resp and -f restore',
} as const;

function refuse(options: ExportOptions, format: ExportFormat, names: readonly (keyof typeof FORMATS_OF)[]): void {
  const name = names.find((one) => options[one] !== undefined);
  if (name === undefined) return;
  const flag = name === 'onUnsupported' ? 'on-unsupported' : name;
  throw new UsageError(`--${flag} is for ${FORMATS_OF[name]}, not for -f ${format}`);
}

function parseFormat(text: string): (typeof FORMATS)[number] {
  const format = FORMATS.find((one) => one === text.toLowerCase());
  if (format !== undefined) return format;
  throw withHint(new UsageError(`there is no export format ${text}`), `-f ${FORMATS.join(' or -f ')}`);
}

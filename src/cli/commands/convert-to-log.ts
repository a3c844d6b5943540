/** `convert --to aof` and `--to aof-dir`: a dump as a log, or a log in another form. */

import type { OpenedAofLog } from '../../aof/directory/directory.js';
import { joinLog } from '../../aof/directory/join.js';
import { EncodeError, FormatError } from '../../bytes/errors.js';
import type { ByteSource } from '../../bytes/source.js';
import type { WriteBytes } from '../../bytes/writer.js';
import { type ConvertSummary, summarizeConversion } from '../../convert/convert.js';
import { ConvertHandler } from '../../convert/convert-handler.js';
import { ConvertedSource } from '../../convert/converted-source.js';
import { type LossCount, type LossEntry, LossLedger } from '../../convert/loss.js';
import { hasLogDirectories } from '../../convert/rdb-to-aof.js';
import type { CommandTaskOptions } from '../../convert/rdb-to-commands/command-task.js';
import { RewriteHandler } from '../../convert/rdb-to-commands/rewrite-handler.js';
import { CHOOSE_POLICY, checkDumpOutput, printBeside } from '../dump-output.js';
import { EXIT } from '../exit-codes.js';
import { inSource, UsageError, withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { jobsFor } from '../jobs.js';
import { logPaths } from '../log-source.js';
import { LossReport } from '../loss-report.js';
import { filterOf } from '../options.js';
import { Output, openOutput } from '../output.js';
import { DirectorySink } from '../output-directory.js';
import { readRows } from '../read-rows.js';
import { formatCount, plural } from '../render/quantity.js';
import { Session } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';
import { type ConvertCommandOptions, conclude, conversionOf } from './convert.js';

export async function runConvertToLog(
  arg: string,
  options: ConvertCommandOptions,
  invocation: Invocation,
): Promise<number> {
  checkForm(options);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const spec = await session.resolveOne(arg);
  const convert = (source: ByteSource): Promise<number> => convertDump(source, spec, options, session);
  if (options.compact || changesKeys(options)) return await session.read(spec, convert);
  return await session.readEither(spec, convert, (open) => copyLog(open(), spec, options, session));
}

/** Throws UsageError. */
function checkForm(options: ConvertCommandOptions): void {
  const { to, output, target } = options;
  checkDumpOutput(options);
  if (to !== 'aof-dir') return;
  if (output === undefined || output === '-')
    throw withHint(new UsageError('a directory is written'), 'name it with -o, such as -o appendonlydir');
  if (target !== undefined && !hasLogDirectories(target))
    throw withHint(new UsageError(`${target.name} keeps its log in one file`), 'choose --to aof');
}

async function convertDump(
  source: ByteSource,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
): Promise<number> {
  const report = LossReport.open(options.report, pathsOf(spec));
  const form = options.to === 'aof' ? 'aof' : (options.base ?? 'rdb');
  let summary: ConvertSummary;
  try {
    const output = await openLogOutput(options, pathsOf(spec), form);
    summary = await written(output, async () => {
      const step = form === 'rdb' ? writeDump : writeCommands;
      return await step(source, output, spec, options, session, report);
    });
  } catch (error) {
    report.discard();
    throw error instanceof EncodeError ? withHint(inSource(error, spec.name) as Error, CHOOSE_POLICY) : error;
  }
  return await conclude(summary, spec, options, session, report);
}

async function writeDump(
  source: ByteSource,
  output: Output,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport,
): Promise<ConvertSummary> {
  const write: WriteBytes = (bytes, start, end) => output.write(bytes, start, end);
  const handler = new ConvertHandler(conversionOf(source, spec, options, session, report, write));
  handler.source = source;
  await readRows(source, handler, session, output);
  handler.finish();
  return summarizeConversion(handler);
}

async function writeCommands(
  source: ByteSource,
  output: Output,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport,
): Promise<ConvertSummary> {
  const { checksum, limits } = session;
  let bytesWritten = 0;
  const converted = new ConvertedSource(
    source,
    (write) => new ConvertHandler(conversionOf(source, spec, options, session, report, write)),
    { checksum, limits },
  );
  const write: WriteBytes = (bytes, start, end) => {
    bytesWritten += end - start;
    output.write(bytes, start, end);
  };
  const jobs = jobsFor(options, [spec]);
  // Losses of two steps are told as they come, and that is in one order with one thread only.
  const mayBeSeveral = options.onUnsupported === 'error' || (options.report === undefined && !session.json);
  const lost =
    jobs > 1 && mayBeSeveral
      ? await commandsBySeveral(converted, jobs, options, session, output, write)
      : await commandsByOne(converted, options, session, report, output, write);
  const summary = summarizeConversion(converted.handler);
  return { ...summary, bytesWritten, lost: [...summary.lost, ...lost] };
}

/** Returns what the commands cannot say. */
async function commandsByOne(
  source: ByteSource,
  { target, onUnsupported }: ConvertCommandOptions,
  session: Session,
  report: LossReport,
  output: Output,
  write: WriteBytes,
): Promise<readonly LossCount[]> {
  const { nowMs } = session;
  const onLoss = (entry: LossEntry): void => report.add(entry);
  const isBehind = (): boolean => output.isBehind;
  const commands = new RewriteHandler({ target, onUnsupported, onLoss, write, isBehind, nowMs });
  try {
    await readRows(source, commands, session, output);
  } finally {
    // What a failure leaves is whole commands.
    commands.flush();
  }
  return commands.ledger.lost;
}

/** The same by worker threads: reading, with the conversion, is this one's. */
async function commandsBySeveral(
  source: ByteSource,
  jobs: number,
  { target, onUnsupported }: ConvertCommandOptions,
  session: Session,
  output: Output,
  write: WriteBytes,
): Promise<readonly LossCount[]> {
  const { ParallelReader } = await import('../../workers/parallel-reader.js');
  const { CommandJoiner, CommandTask } = await import('../../convert/rdb-to-commands/command-task.js');
  const { checksum, limits, nowMs, signal } = session;
  const settings: CommandTaskOptions = {
    format: 'resp',
    target: target?.name,
    replace: undefined,
    onUnsupported,
    filter: undefined,
    nowMs,
  };
  const ledger = new LossLedger(() => undefined);
  const joiner = new CommandJoiner(write, ledger);
  const reader = new ParallelReader({
    source,
    jobs,
    file: 'worker',
    spec: { name: 'commands', options: settings },
    task: new CommandTask(settings),
    collector: { result: (result) => joiner.add(result), warning: () => undefined },
    driver: { checksum, limits },
    onPause: () => output.drain(),
    signal,
  });
  await reader.run();
  return ledger.lost;
}

/** A log keeps its bytes; what it lacks is only the form. */
async function copyLog(
  log: OpenedAofLog,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
): Promise<number> {
  const inputs = [...logPaths(log), ...pathsOf(spec)];
  let output: Output | undefined = options.to === 'aof' ? await openLogOutput(options, inputs, 'aof') : undefined;
  const open = (found: 'rdb' | 'aof'): void => {
    output ??= new Output(new DirectorySink(options.output!, found), false);
  };
  try {
    const { bytesWritten, commands } = await joinLog(log, {
      write: (bytes, start, end) => output!.write(bytes, start, end),
      drain: () => (output?.isBehind ? output.drain() : undefined),
      onForm: open,
      limits: session.limits,
      read: (file, run) => session.readLog(file, run),
    });
    await output!.commit();
    return await concludeCopy({ bytes: bytesWritten, commands, files: log.files.length }, spec, options, session);
  } catch (error) {
    output?.discard();
    if (!(error instanceof FormatError)) throw error;
    throw withHint(error, 'rdb-inspect aof check says what is wrong, aof fix repairs it');
  }
}

async function concludeCopy(
  counts: { readonly bytes: number; readonly commands: number; readonly files: number },
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
): Promise<number> {
  const { bytes, commands, files } = counts;
  if (session.json) {
    await printBeside(
      { schema: 'rdb-inspect/convert@1', source: spec.name, to: options.to, ...counts },
      options.output,
    );
  } else {
    session.note(
      `${spec.name}: ${plural(files, 'file')} with ${plural(commands, 'command')}, ${formatCount(bytes)} bytes, copied as they are`,
    );
  }
  return EXIT.OK;
}

/** Whether something is asked for that only what a log holds can give, not its bytes. */
function changesKeys(options: ConvertCommandOptions): boolean {
  const { target, dbMap, setTtl, skipExpired, dropModules, report, base } = options;
  const given = [target, dbMap, setTtl, skipExpired, dropModules, report, base, filterOf(options)];
  return given.some((value) => value !== undefined);
}

async function openLogOutput(
  { to, output }: ConvertCommandOptions,
  inputs: readonly string[],
  form: 'rdb' | 'aof',
): Promise<Output> {
  return to === 'aof' ? await openOutput(output, inputs) : new Output(new DirectorySink(output!, form), false);
}

async function written<T>(output: Output, write: () => Promise<T>): Promise<T> {
  try {
    const result = await write();
    await output.commit();
    return result;
  } catch (error) {
    output.discard();
    throw error;
  }
}

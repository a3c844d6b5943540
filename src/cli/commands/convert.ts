/** `convert`: the same keys, or some of them, as a dump for another server. */
import { isatty } from 'node:tty';
import type { ByteSource } from '../../bytes/source.js';
import type { WriteBytes } from '../../bytes/writer.js';
import { type ConvertSummary, summarizeConversion } from '../../convert/convert.js';
import { ConvertHandler, type ConvertHandlerOptions } from '../../convert/convert-handler.js';
import { compileFilter } from '../../rdb/filter.js';
import type { ConvertOptions, LogFormOptions } from '../convert-options.js';
import { writeDiagnostic } from '../diagnostics.js';
import { CHOOSE_POLICY, checkDumpOutput, printBeside } from '../dump-output.js';
import { EXIT } from '../exit-codes.js';
import { inSource, UsageError, withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import type { JobsOptions } from '../jobs.js';
import { LossReport } from '../loss-report.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readRows } from '../read-rows.js';
import { convertJson } from '../render/convert-json.js';
import { createStyle } from '../render/style.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';

export type ConvertCommandOptions = SharedOptions & FilterOptions & ConvertOptions & LogFormOptions & JobsOptions;

export async function runConvert(arg: string, options: ConvertCommandOptions, invocation: Invocation): Promise<number> {
  if (options.base !== undefined && options.to !== 'aof-dir') throw new UsageError('--base is for --to aof-dir');
  if (options.compact && options.to !== 'aof' && options.to !== 'aof-dir')
    throw new UsageError('--compact is for --to aof and --to aof-dir: a dump is always compact');
  if (options.to === 'aof' || options.to === 'aof-dir')
    return await (await import('./convert-to-log.js')).runConvertToLog(arg, options, invocation);
  checkDumpOutput(options);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const spec = await session.resolveOne(arg);
  const report = LossReport.open(options.report, pathsOf(spec));
  let handler: ConvertHandler | undefined;
  try {
    await session.toOutput([spec], async (output) => {
      handler = await convert(spec, output, options, session, report);
      handler.finish();
    });
  } catch (error) {
    // What stopped it may be what the report is about.
    if (handler?.context?.isBlocked) {
      await report.commit(convertJson(spec.name, summarizeConversion(handler)));
      throw withHint(inSource(error, spec.name) as Error, CHOOSE_POLICY);
    }
    report.discard();
    throw error;
  }
  return await conclude(summarizeConversion(handler!), spec, options, session, report);
}

async function convert(
  spec: SourceSpec,
  output: Output,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport,
): Promise<ConvertHandler> {
  return await session.read(spec, async (source) => {
    const write = (bytes: Uint8Array, start: number, end: number): void => output.write(bytes, start, end);
    const handler = new WritingHandler(output, conversionOf(source, spec, options, session, report, write));
    handler.source = source;
    await readRows(source, handler, session, output);
    return handler;
  });
}

/** What the handler of a conversion is to do. */
export function conversionOf(
  source: ByteSource,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport,
  write: WriteBytes,
): ConvertHandlerOptions {
  const { target, onUnsupported, dbMap, setTtl, skipExpired, dropModules } = options;
  const { nowMs } = session;
  const filter = filterOf(options);
  return {
    target,
    onUnsupported,
    dbMap,
    setTtl,
    skipExpiredBeforeMs: skipExpired === true ? nowMs : skipExpired,
    dropModules,
    nowMs,
    filter: filter && compileFilter(filter, nowMs, source),
    write,
    onLoss: (entry) => report.add(entry),
    onWarning: (warning) => session.warn(warning, spec),
  };
}

/** Pauses also where the output is behind. */
class WritingHandler extends ConvertHandler {
  constructor(
    private readonly output: Output,
    options: ConvertHandlerOptions,
  ) {
    super(options);
  }

  override full(): boolean {
    return super.full() || this.output.isBehind;
  }
}

/** Reports what a conversion did. Returns the exit code. */
export async function conclude(
  summary: ConvertSummary,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport,
): Promise<number> {
  const json = convertJson(spec.name, summary);
  await report.commit(json);
  if (session.json) await printBeside({ ...json, losses: report.json() }, options.output);
  else if (!session.quiet) await printText(spec, summary, session, options);
  return summary.lost.length > 0 || session.leftOut > 0 ? EXIT.LOSS : EXIT.OK;
}

async function printText(
  spec: SourceSpec,
  summary: ConvertSummary,
  session: Session,
  options: ConvertCommandOptions,
): Promise<void> {
  // Tables are loaded where one is printed.
  const { formatConversion, formatLosses, needsText } = await import('../render/convert-report.js');
  session.note(formatConversion(spec.name, summary));
  const style = createStyle(options.color, isatty(2), process.env);
  writeDiagnostic(needsText(summary) + formatLosses(summary.lost, style));
}

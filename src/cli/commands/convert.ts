/** `convert`: the same keys, or some of them, as a dump for another server. */
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { summarizeConversion } from '../../convert/convert.js';
import { ConvertHandler, type ConvertHandlerOptions } from '../../convert/convert-handler.js';
import type { LossEntry } from '../../convert/loss.js';
import { compileFilter } from '../../rdb/filter.js';
import type { ConvertOptions } from '../convert-options.js';
import { writeDiagnostic } from '../diagnostics.js';
import { EXIT } from '../exit-codes.js';
import { inSource, UsageError, withHint } from '../failures.js';
import { LossReport } from '../loss-report.js';
import { type FilterOptions, filterOf } from '../options.js';
import { type Output, openOutput } from '../output.js';
import type { Invocation } from '../program.js';
import { readRows } from '../read-rows.js';
import { convertJson, lossJson } from '../render/convert-json.js';
import { createStyle } from '../render/style.js';
import { Session, type SharedOptions } from '../session.js';
import type { SourceSpec } from '../source.js';

export type ConvertCommandOptions = SharedOptions & FilterOptions & ConvertOptions;

/** Single losses in the JSON of `--json`; the file of `--report` has all of them. */
const MAX_JSON_LOSSES = 1000;

export async function runConvert(arg: string, options: ConvertCommandOptions, invocation: Invocation): Promise<number> {
  checkOutputs(options);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const spec = await session.resolveOne(arg);
  const inputs = spec.path === undefined ? [] : [spec.path];
  const report = options.report === undefined ? undefined : LossReport.open(options.report, inputs);
  const losses: LossEntry[] = [];
  const onLoss = (entry: LossEntry): void => {
    report?.add(entry);
    if (losses.length < MAX_JSON_LOSSES) losses.push(entry);
  };
  let handler: ConvertHandler | undefined;
  try {
    await session.toOutput([spec], async (output) => {
      handler = await convert(spec, output, options, session, onLoss);
      handler.finish();
    });
  } catch (error) {
    // What stopped it may be what the report is about.
    if (handler?.context?.isBlocked) {
      await report?.commit(convertJson(spec.name, summarizeConversion(handler)));
      throw withHint(
        inSource(error, spec.name) as Error,
        'choose --on-unsupported convert (keep what can be kept) or drop (leave the keys out)',
      );
    }
    report?.discard();
    throw error;
  }
  return await conclude(handler!, spec, options, session, report, losses);
}

async function convert(
  spec: SourceSpec,
  output: Output,
  options: ConvertCommandOptions,
  session: Session,
  onLoss: (entry: LossEntry) => void,
): Promise<ConvertHandler> {
  const { target, onUnsupported, dbMap, setTtl, skipExpired, dropModules } = options;
  const { nowMs } = session;
  const filter = filterOf(options);
  return await session.read(spec, async (source) => {
    const handler = new WritingHandler(output, {
      target,
      onUnsupported,
      dbMap,
      setTtl,
      skipExpiredBeforeMs: skipExpired === true ? nowMs : skipExpired,
      dropModules,
      nowMs,
      filter: filter && compileFilter(filter, nowMs, source),
      write: (bytes, start, end) => output.write(bytes, start, end),
      onLoss,
      onWarning: (warning) => session.warn(warning, spec),
    });
    handler.source = source;
    await readRows(source, handler, session, output);
    return handler;
  });
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

async function conclude(
  handler: ConvertHandler,
  spec: SourceSpec,
  options: ConvertCommandOptions,
  session: Session,
  report: LossReport | undefined,
  losses: readonly LossEntry[],
): Promise<number> {
  const summary = summarizeConversion(handler);
  const json = convertJson(spec.name, summary);
  await report?.commit(json);
  if (session.json) await printJson({ ...json, losses: losses.map(lossJson) }, options);
  else if (!session.quiet) await printText(spec, summary, session, options);
  return summary.lost.length > 0 ? EXIT.LOSS : EXIT.OK;
}

async function printText(
  spec: SourceSpec,
  summary: ReturnType<typeof summarizeConversion>,
  session: Session,
  options: ConvertCommandOptions,
): Promise<void> {
  // Tables are loaded where one is printed.
  const { formatConversion, formatLosses, needsText } = await import('../render/convert-report.js');
  session.note(formatConversion(spec.name, summary));
  const style = createStyle(options.color, isatty(2), process.env);
  writeDiagnostic(needsText(summary) + formatLosses(summary.lost, style));
}

/** Standard output where that is free, standard error where the dump went there. */
async function printJson(json: object, options: ConvertCommandOptions): Promise<void> {
  const line = `${JSON.stringify(json)}\n`;
  if (isStandardOutput(options.output)) {
    writeDiagnostic(line);
    return;
  }
  const output = await openOutput(undefined, []);
  output.text(line);
  await output.commit();
}

function checkOutputs({ output, report }: ConvertCommandOptions): void {
  if (isStandardOutput(output) && isatty(1))
    throw withHint(new UsageError('a dump is not for terminals'), 'name a file with -o, or pipe it');
  if (report !== undefined && output !== undefined && resolve(report) === resolve(output))
    throw new UsageError('the report and the dump cannot be one file');
}

function isStandardOutput(output: string | undefined): boolean {
  return output === undefined || output === '-';
}

/** `report`: one HTML file about a data set. */
import path from 'node:path';
import { isatty } from 'node:tty';
import { MemoryModel, type MemoryOptions } from '../../inspect/memory/memory-model.js';
import { ReportCollector } from '../../inspect/report/report-collector.js';
import type { ReportData } from '../../inspect/report/report-data.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import type { FilterOptions } from '../options.js';
import { formatBytes, plural } from '../render/quantity.js';
import { Session, type SharedOptions } from '../session.js';
import { VERSION } from '../version.js';

export interface ReportCommandOptions
  extends SharedOptions,
    Omit<FilterOptions, 'limit'>,
    Pick<MemoryOptions, 'server' | 'allocator'> {
  readonly title?: string;
  /** Largest keys that are listed. */
  readonly limit: number;
}

export async function runReport(
  args: readonly string[],
  options: ReportCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const { title, limit, server, allocator, ...filter } = options;
  if (options.output === undefined && isatty(1))
    throw new UsageError('a report is a file for a browser: name it, as in -o report.html');
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  const sources = specs.map(({ name }) => name);
  const model = new MemoryModel({ ...(server && { server }), ...(allocator && { allocator }) });
  return await session.toOutput(specs, async (output) => {
    const collector = new ReportCollector({ nowMs: session.nowMs, topKeys: limit, memory: true });
    await collectSources(specs, filter, collector, model, session, output);
    const report = collector.report({
      title: title ?? titleOf(args),
      madeBy: `rdb-inspect ${VERSION}`,
      sources,
      memoryModel: modelName(model),
    });
    const text = session.json ? reportJson(report) : await html(report);
    output.text(text);
    if (options.output !== undefined)
      session.note(`${options.output}: ${plural(report.totals.keys, 'key')}, ${formatBytes(Buffer.byteLength(text))}`);
    return EXIT.OK;
  });
}

/** The name of the file or of the folder of shards. */
function titleOf(args: readonly string[]): string {
  const name = args[0] === '-' ? 'standard input' : path.basename(args[0]!);
  return args.length === 1 ? name : `${name} and ${args.length - 1} more`;
}

/** Shards may come from servers of several versions; without keys nothing is modelled. */
function modelName({ servers, allocator }: MemoryModel): string {
  return servers.length === 0 ? allocator : `${servers.join(', ')} with ${allocator}`;
}

/** The page is loaded where one is written. */
async function html(report: ReportData): Promise<string> {
  const { formatReportHtml } = await import('../../inspect/report/report-html.js');
  return formatReportHtml(report);
}

function reportJson(report: ReportData): string {
  return `${JSON.stringify({ schema: 'rdb-inspect/report@1', ...report })}\n`;
}

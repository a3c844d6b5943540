/** `stats`: one page about a data set. */
import { ElementMeasure } from '../../inspect/facts/element-measure.js';
import { StatsCollector } from '../../inspect/stats/stats-collector.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { chosenModel, type MemoryChoice } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { writeRows } from '../render/report-rows.js';
import { statsJson, statsRows } from '../render/stats-json.js';
import { type ReportFormatOptions, reportFormat, terminalWidth } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface StatsCommandOptions
  extends SharedOptions,
    FilterOptions,
    Pick<ReportFormatOptions, 'format'>,
    MemoryChoice {}

export async function runStats(
  args: readonly string[],
  options: StatsCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    const model = chosenModel(options);
    const collector = new StatsCollector({ nowMs: session.nowMs, elements: true, memory: model !== undefined });
    await collectSources(specs, options, collector, model ?? new ElementMeasure(), session, output);
    const stats = collector.report();
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(statsJson(sources, stats, model))}\n`);
    else if (format !== 'table') writeRows('ndjson', statsRows(sources, stats), output);
    else {
      const { formatStats } = await import('../render/stats-text.js');
      output.text(formatStats(sources, stats, model, session.style, terminalWidth()));
    }
    return EXIT.OK;
  });
}

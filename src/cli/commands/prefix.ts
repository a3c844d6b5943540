/** `prefix`: a tree of what keys begin with. */
import { NO_MEASURE } from '../../inspect/facts/value-measure.js';
import { PrefixCollector } from '../../inspect/prefix/prefix-collector.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { chosenModel, type MemoryChoice } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { prefixJson, prefixRows } from '../render/prefix-json.js';
import { writeRows } from '../render/report-rows.js';
import { type ReportFormatOptions, reportFormat, terminalWidth } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface PrefixCommandOptions
  extends SharedOptions,
    FilterOptions,
    MemoryChoice,
    Pick<ReportFormatOptions, 'format'> {
  readonly sep?: Uint8Array[];
  readonly depth: number;
  readonly minShare: number;
}

export async function runPrefix(
  args: readonly string[],
  options: PrefixCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const { sep: separators, depth, minShare } = options;
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    const model = chosenModel(options);
    const collector = new PrefixCollector({ depth, ...(separators && { separators }), ...(model && { by: 'memory' }) });
    await collectSources(specs, options, collector, model ?? NO_MEASURE, session, output);
    const report = collector.report({ minShare });
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(prefixJson(sources, report, depth, minShare))}\n`);
    else if (format !== 'table') writeRows(format, prefixRows(report), output);
    else {
      const { formatPrefixes } = await import('../render/prefix-text.js');
      output.text(formatPrefixes(sources, report, session.style, terminalWidth()));
    }
    return EXIT.OK;
  });
}

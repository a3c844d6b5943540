/** `top`: the keys that are most of something. */
import { ElementMeasure } from '../../inspect/facts/element-measure.js';
import { LargestElementMeasure } from '../../inspect/facts/largest-element-measure.js';
import { NO_MEASURE, type ValueMeasure } from '../../inspect/facts/value-measure.js';
import { TopCollector, type TopOrder } from '../../inspect/top/top-collector.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { createMemoryMeasure, type MemoryModelOptions } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { writeRows } from '../render/report-rows.js';
import { topJson, topRows } from '../render/top-json.js';
import { type ReportFormatOptions, reportFormat, terminalWidth } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface TopCommandOptions
  extends SharedOptions,
    Omit<FilterOptions, 'limit'>,
    Pick<ReportFormatOptions, 'format'>,
    MemoryModelOptions {
  readonly by: TopOrder;
  readonly limit: number;
}

export async function runTop(
  args: readonly string[],
  options: TopCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const { by, limit, ...filter } = options;
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  const model = by === 'memory' ? createMemoryMeasure(options).model : undefined;
  const measure = model ?? measureFor(by);
  return await session.toOutput(specs, async (output) => {
    const collector = new TopCollector({ by, limit });
    await collectSources(specs, filter, collector, measure, session, output);
    const report = collector.report();
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(topJson(sources, report, model))}\n`);
    else if (format !== 'table') writeRows(format, topRows(sources, report), output);
    else {
      const { formatTop } = await import('../render/top-text.js');
      output.text(formatTop(sources, report, model, session.style, terminalWidth()));
    }
    return EXIT.OK;
  });
}

/** Of all but memory. */
function measureFor(by: TopOrder): ValueMeasure {
  switch (by) {
    case 'elements':
      return new ElementMeasure();
    case 'element-size':
      return new LargestElementMeasure();
    default:
      return NO_MEASURE;
  }
}

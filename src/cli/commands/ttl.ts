/** `ttl`: a histogram of the life left, and what never expires. */
import { CollectorGroup } from '../../inspect/facts/collect.js';
import { NO_MEASURE } from '../../inspect/facts/value-measure.js';
import { PrefixCollector } from '../../inspect/prefix/prefix-collector.js';
import { topWithoutTtl } from '../../inspect/ttl/prefixes-without-ttl.js';
import { TtlCollector } from '../../inspect/ttl/ttl-collector.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { chosenModel, type MemoryChoice } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { writeRows } from '../render/report-rows.js';
import { ttlJson, ttlRows } from '../render/ttl-json.js';
import { type ReportFormatOptions, reportFormat, terminalWidth } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface TtlCommandOptions
  extends SharedOptions,
    FilterOptions,
    MemoryChoice,
    Pick<ReportFormatOptions, 'format'> {
  readonly at?: number | 'now';
}

/** Prefixes without a TTL that are named. */
const MAX_PREFIXES = 10;
/** Enough for `name:*`; more parts would only split what belongs together. */
const PREFIX_DEPTH = 2;

export async function runTtl(
  args: readonly string[],
  options: TtlCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const { nowMs } = session;
  const atMs = options.at === 'now' ? nowMs : options.at;
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    const ttl = new TtlCollector({ nowMs, ...(atMs !== undefined && { atMs }) });
    const prefixes = new PrefixCollector({ depth: PREFIX_DEPTH });
    await collectSources(
      specs,
      options,
      new CollectorGroup([ttl, prefixes]),
      chosenModel(options) ?? NO_MEASURE,
      session,
      output,
    );
    const report = ttl.report();
    const top = topWithoutTtl(prefixes.report(), MAX_PREFIXES);
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(ttlJson(sources, report, top))}\n`);
    else if (format !== 'table') writeRows(format, ttlRows(report), output);
    else {
      const { formatTtl } = await import('../render/ttl-text.js');
      output.text(formatTtl(sources, report, top, session.style, terminalWidth()));
    }
    return EXIT.OK;
  });
}

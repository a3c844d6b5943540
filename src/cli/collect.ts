/** The pass of commands that report on keys. */
import { ShardFilter } from '../convert/shard-filter.js';
import { type FactCollector, FactHandler } from '../inspect/facts/fact-handler.js';
import type { ValueMeasure } from '../inspect/facts/value-measure.js';
import { type FilterOptions, filterOf } from './options.js';
import type { Output } from './output.js';
import { readRows } from './read-rows.js';
import type { Session } from './session.js';
import type { SourceSpec } from './source.js';

/** Tells the collector of every key of every source, dumps and replayed logs alike, one filter and one limit for all. */
export async function collectSources(
  specs: readonly SourceSpec[],
  options: FilterOptions,
  collector: FactCollector,
  measure: ValueMeasure,
  session: Session,
  output: Output,
): Promise<void> {
  const asked = filterOf(options);
  const filter = asked && new ShardFilter(asked, session.nowMs);
  for (const spec of specs) {
    if (filter?.exhausted) return;
    await session.read(spec, async (source) => {
      filter?.next(source);
      const handler = new FactHandler(filter, measure, collector, (warning) => session.warn(warning, spec));
      await readRows(source, handler, session, output);
      if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
    });
  }
}

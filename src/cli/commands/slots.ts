/** `slots`: keys by cluster slot, by node and by hash tag. */
import * as fs from 'node:fs';
import { NO_MEASURE } from '../../inspect/facts/value-measure.js';
import { SlotCollector } from '../../inspect/slots/slot-collector.js';
import { parseSlotOwners, type SlotOwner } from '../../rdb/slot-owners.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { chosenModel, type MemoryChoice } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { writeRows } from '../render/report-rows.js';
import { slotRows, slotsJson } from '../render/slots-json.js';
import { type ReportFormatOptions, reportFormat } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface SlotsCommandOptions
  extends SharedOptions,
    FilterOptions,
    MemoryChoice,
    Pick<ReportFormatOptions, 'format'> {
  readonly nodes?: string;
  readonly limit: number;
}

export async function runSlots(
  args: readonly string[],
  options: SlotsCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const { limit, nodes, ...filters } = options;
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const collector = createCollector(nodes, limit);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    await collectSources(specs, filters, collector, chosenModel(options) ?? NO_MEASURE, session, output);
    const report = collector.report();
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(slotsJson(sources, report))}\n`);
    else if (format !== 'table') writeRows(format, slotRows(report), output);
    else {
      const { formatSlots } = await import('../render/slots-text.js');
      output.text(formatSlots(sources, report, limit, session.style));
    }
    return EXIT.OK;
  });
}

function createCollector(path: string | undefined, maxTags: number): SlotCollector {
  if (path === undefined) return new SlotCollector({ maxTags });
  const text = fs.readFileSync(path, 'utf8');
  try {
    const nodes: readonly SlotOwner[] = parseSlotOwners(text);
    return new SlotCollector({ nodes, maxTags });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${path}: ${error.message}`) : error;
  }
}

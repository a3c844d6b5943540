/** `memory`: what every key takes on a server, and what it would take with other settings. */

import type { FactCollector } from '../../inspect/facts/fact-handler.js';
import type { KeyFacts } from '../../inspect/facts/key-facts.js';
import { DatasetMemory } from '../../inspect/memory/dataset-memory.js';
import { SavingCollector } from '../../inspect/stats/saving-collector.js';
import type { RdbRecord } from '../../rdb/model.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { type JobsOptions, jobsFor } from '../jobs.js';
import { createMemoryMeasure, type MemoryMeasureOptions } from '../memory-measure.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { MemoryCsvRows, RdbtoolsCsvRows } from '../render/memory-csv.js';
import { type MemorySums, memoryJson, memorySumRows } from '../render/memory-json.js';
import { MemoryJsonElements, MemoryJsonLines, type MemoryRows, NO_ROWS } from '../render/memory-rows.js';
import { writeRows } from '../render/report-rows.js';
import { type ReportFormat, type ReportFormatOptions, reportFormat, terminalWidth } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface MemoryCommandOptions
  extends SharedOptions,
    FilterOptions,
    JobsOptions,
    Pick<ReportFormatOptions, 'format'>,
    Omit<MemoryMeasureOptions, 'largest'> {
  readonly columns?: 'rdbtools';
  readonly total?: boolean;
}

export async function runMemory(
  args: readonly string[],
  options: MemoryCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const format = formatOf(options);
  const { whatIf, columns, total = false } = options;
  const onlySums = total || whatIf !== undefined;
  const session = new Session(options, invocation.signal, invocation.nowMs, !onlySums);
  const specs = await session.resolve(args);
  const jobs = jobsFor(options, specs);
  // Sums, and lines for people that are as wide as the widest, come from one thread.
  if (jobs > 1 && !onlySums && (format === 'csv' || format === 'ndjson') && filterOf(options)?.limit === undefined) {
    const { memoryParallel } = await import('./memory-parallel.js');
    const form = columns ?? format;
    return await session.toOutput(specs, (output) =>
      memoryParallel(specs, jobs, form, options, session, output, invocation),
    );
  }
  const { measure, model, other } = createMemoryMeasure({ ...options, largest: columns === 'rdbtools' });
  return await session.toOutput(specs, async (output) => {
    const savings = new SavingCollector();
    const dataset = new DatasetMemory(model);
    const otherTables = other && new DatasetMemory(other);
    const sources = specs.map(({ name }) => name);
    const rows = onlySums ? NO_ROWS : await createRows(columns, format, sources, output, session);
    // Lines of JSON and CSV have no sums beside them.
    const hasSums = onlySums || format === 'json' || format === 'table';
    const collector = hasSums ? new RowsAndSums(rows, savings, dataset, otherTables) : rows;
    try {
      await collectSources(specs, options, collector, measure, session, output);
    } finally {
      // The lines in front of an error are whole.
      rows.finish();
    }
    if (!hasSums) return EXIT.OK;
    const isWhole = filterOf(options) === undefined;
    const whatIfSums = other && { model: other, text: whatIf!.text, tableBytes: otherTables!.totals().tableBytes };
    const sums = { sources, model, whatIf: whatIfSums, saving: savings.report(), totals: dataset.totals(), isWhole };
    await writeSums(sums, format, onlySums, output, session);
    return EXIT.OK;
  });
}

class RowsAndSums implements FactCollector {
  constructor(
    private readonly rows: MemoryRows,
    private readonly savings: SavingCollector,
    private readonly dataset: DatasetMemory,
    private readonly otherTables: DatasetMemory | undefined,
  ) {}

  get isBehind(): boolean {
    return this.rows.isBehind === true;
  }

  record(record: RdbRecord): void {
    this.dataset.record(record);
    this.otherTables?.record(record);
  }

  key(facts: KeyFacts): void {
    this.savings.key(facts);
    this.dataset.key(facts);
    this.otherTables?.key(facts);
    this.rows.key(facts);
  }
}

function formatOf(options: MemoryCommandOptions): ReportFormat {
  const { columns, format, json, total, whatIf } = options;
  if (columns === undefined) return reportFormat(options);
  if (total || whatIf !== undefined)
    throw new UsageError('--columns is about keys: it goes with neither --total nor --what-if');
  if (json || (format !== undefined && format !== 'csv')) throw new UsageError('--columns goes with --format csv');
  return 'csv';
}

async function createRows(
  columns: MemoryCommandOptions['columns'],
  format: ReportFormat,
  sources: readonly string[],
  output: Output,
  session: Session,
): Promise<MemoryRows> {
  switch (format) {
    case 'csv':
      return columns === 'rdbtools' ? new RdbtoolsCsvRows(output) : new MemoryCsvRows(output);
    case 'ndjson':
      return new MemoryJsonLines(output);
    case 'json':
      output.text(`{"schema":"rdb-inspect/memory@1","sources":${JSON.stringify(sources)},"keys":[`);
      return new MemoryJsonElements(output);
    case 'table': {
      const { MemoryTextRows } = await import('../render/memory-text-rows.js');
      return new MemoryTextRows(output, session.style, terminalWidth());
    }
  }
}

async function writeSums(
  sums: MemorySums,
  format: ReportFormat,
  onlySums: boolean,
  output: Output,
  session: Session,
): Promise<void> {
  if (format === 'json') {
    const { schema, sources, ...rest } = memoryJson(sums);
    if (onlySums) output.text(`${JSON.stringify({ schema, sources, ...rest })}\n`);
    // The object is open behind its keys: the sums are known only now.
    else output.text(`],${JSON.stringify(rest).slice(1)}\n`);
  } else if (format === 'table') {
    const { formatMemorySums } = await import('../render/memory-text.js');
    output.text(formatMemorySums(sums, session.style));
  } else writeRows(format, memorySumRows(sums), output);
}

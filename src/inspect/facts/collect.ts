/** One pass over a dump for any number of reports. */
import type { Limits } from '../../bytes/limits.js';
import type { ByteSource, RdbInput, SourceOptions } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import type { RdbRecord, RdbWarning } from '../../rdb/model.js';
import { openRdbSource } from '../../rdb/open.js';
import { type FactCollector, FactHandler } from './fact-handler.js';
import type { KeyFacts } from './key-facts.js';
import { NO_MEASURE, type ValueMeasure } from './value-measure.js';

export interface CollectOptions extends Pick<SourceOptions, 'signal'> {
  /** What is found out about values. Default: nothing. */
  readonly measure?: ValueMeasure;
  /** Keys to be reported. */
  readonly filter?: KeyFilter;
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
  /** Compare the CRC-64. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Pick<Limits, 'maxBlobBytes'>>;
  readonly onWarning?: (warning: RdbWarning) => void;
}

/**
 * Reads a dump to its end and tells the collector of every key. For the shards of one data set call it once for each with
 * the same collector. Throws FormatError and its kin, errors of the system, and the signal's reason.
 */
export async function collectFacts(
  input: RdbInput | ByteSource,
  collector: FactCollector,
  options: CollectOptions = {},
): Promise<void> {
  const { filter, nowMs, checksum = true, limits, signal, measure = NO_MEASURE, onWarning = ignore } = options;
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    const window = Window.for(source.sizeBytes);
    const compiled = filter && compileFilter(filter, nowMs ?? Date.now(), source);
    const handler = new FactHandler(compiled, measure, collector, onWarning);
    const driver = new RdbDriver(window, handler, { checksum, ...(limits && { limits }) });
    handler.driver = driver;
    await drive(source, driver);
  } finally {
    await source.close();
  }
}

/** Several reports of one pass. */
export class CollectorGroup implements FactCollector {
  constructor(private readonly collectors: readonly FactCollector[]) {}

  record(record: RdbRecord): void {
    for (const collector of this.collectors) collector.record(record);
  }

  key(facts: KeyFacts): void {
    for (const collector of this.collectors) collector.key(facts);
  }
}

function ignore(): void {}

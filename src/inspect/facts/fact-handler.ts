/** Rows in, facts of keys out, to whoever makes a report of them. */
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { EndEntry, RdbRecord, RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { type KeyFacts, MutableKeyFacts } from './key-facts.js';
import type { ValueMeasure } from './value-measure.js';

/** A report in the making. It sees the files of a data set one after another: each begins with a header record. */
export interface FactCollector {
  /** Every record that is no key. */
  record(record: RdbRecord): void;
  /** `facts` is valid during the call. */
  key(facts: KeyFacts): void;
  /**
   * Takes strings by their rows, for a collector that knows from their sizes what there is to say, and returns the first row
   * that it left: that one comes as facts.
   */
  strings?(driver: RdbDriver, from: number, to: number): number;
  /** Asks for a pause: what it writes to has more than enough. */
  readonly isBehind?: boolean;
}

export class FactHandler implements RowHandler {
  driver!: RdbDriver;
  /** Once it has been read. */
  ending: EndEntry | undefined;
  private readonly facts = new MutableKeyFacts();
  private isLargeWanted = false;

  constructor(
    private readonly filter: RowFilter | undefined,
    private readonly measure: ValueMeasure,
    private readonly collector: FactCollector,
    private readonly onWarning: (warning: RdbWarning) => void,
  ) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
    this.measure.record(record);
    this.collector.record(record);
  }

  bulk(rows: RowTable, from: number, to: number): number {
    if (this.filter !== undefined) return from;
    const { driver, facts, measure, collector } = this;
    const { isKey } = rows;
    for (let row = from; row < to; row++) {
      if (collector.strings !== undefined) row = collector.strings(driver, row, to);
      if (row === to || isKey[row] === 0 || collector.isBehind === true) return row;
      try {
        facts.readRow(driver, row, false);
        measure.row(driver, row, facts);
      } catch {
        // It is measured once more, by key(), where the error is told with its place.
        return row;
      }
      collector.key(facts);
    }
    return to;
  }

  key(_rows: RowTable, row: number): void {
    if (this.filter !== undefined && !this.filter.accepts(this.driver, row)) return;
    const { facts } = this;
    facts.readRow(this.driver, row, false);
    this.measure.row(this.driver, row, facts);
    this.collector.key(facts);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    this.isLargeWanted = this.filter === undefined || this.filter.acceptsLarge(this.driver, row);
    if (!this.isLargeWanted) return { level: 'skip', sink: NO_SINK };
    this.facts.readRow(this.driver, row, true);
    return this.measure.largeStart(this.driver, row, this.facts);
  }

  largeEnd(valueBytes: number): void {
    if (!this.isLargeWanted) return;
    this.isLargeWanted = false;
    this.facts.valueBytes = valueBytes;
    this.measure.largeEnd(this.facts);
    this.collector.key(this.facts);
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  /** The filter's limit is reached, and nothing is open any more. */
  get isFinished(): boolean {
    return (this.filter?.exhausted ?? false) && !this.isLargeWanted;
  }

  full(): boolean {
    return this.collector.isBehind === true || this.isFinished;
  }
}

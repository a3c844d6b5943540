/** Rows of a dump to rows of tables, in one pass for all of them. */
import { Slice } from '../../bytes/slice.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import { keySlot } from '../../rdb/key-slot.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { EndEntry, RdbRecord, RdbWarning, ValueType } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { ElementRows, type TableSinks, tableOf, writeTime } from './element-rows.js';
import { NameText } from './name-text.js';
import type { TableSink } from './table-sink.js';

export interface TablesOptions {
  /** Where rows go; tables that are not there are not made. */
  readonly sinks: TableSinks;
  readonly filter?: RowFilter | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
  /** Asks for a pause: what takes the output has more than enough. */
  readonly isBehind?: (() => boolean) | undefined;
}

/** Give it to an RdbDriver, set `driver` and {@link source}, drive to the end, for one dump after another; then finish. */
export class TablesHandler implements RowHandler {
  driver!: RdbDriver;
  /** The name of the dump, for the column `source`. */
  source = '';
  /** The last record of the dump that was read last. */
  ending: EndEntry | undefined;
  /** Keys that were written. */
  keys = 0;
  /** How many of them are of a type whose elements have no table. */
  readonly withoutTable = new Map<ValueType, number>();

  private readonly sinks: TableSinks;
  private readonly info = new RowKeyInfo();
  private readonly largeKey = new Slice();
  private readonly name = new NameText();
  private readonly elements = new ElementRows();
  private readonly counter = new ElementCounter();
  private isInLarge = false;
  /** Who counts the elements of the large value. */
  private counting: { readonly count: number } | undefined;

  constructor(private readonly options: TablesOptions) {
    this.sinks = options.sinks;
  }

  /** The filter's limit is reached, and nothing is open any more. */
  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && !this.isInLarge;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
  }

  key(_rows: RowTable, row: number): void {
    const { driver, info, sinks, elements } = this;
    const { filter } = this.options;
    if (filter !== undefined && !filter.accepts(driver, row)) return;
    info.read(driver, row, false);
    this.name.set(info.key);
    const table = this.sinkOf(info.type);
    let count = 0;
    if (table !== undefined) {
      elements.begin(info.db, this.name, table);
      driver.readValue(row, 'element', elements);
      count = elements.count;
    } else if (sinks.keys !== undefined) {
      count = countElements(driver, row, this.counter);
    }
    this.endKey(info.key, info.valueBytes!, count);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    const { driver, info, largeKey, sinks, elements, counter } = this;
    const { filter } = this.options;
    if (filter !== undefined && !filter.acceptsLarge(driver, row)) return { level: 'skip', sink: NO_SINK };
    info.read(driver, row, true);
    // The window moves on before the value is over.
    const copy = info.key.copy();
    largeKey.set(copy, 0, copy.length);
    this.name.set(largeKey);
    this.isInLarge = true;
    const table = this.sinkOf(info.type);
    if (table !== undefined) {
      elements.begin(info.db, this.name, table);
      this.counting = elements;
      return { level: 'element', sink: elements };
    }
    this.counting = counter;
    counter.count = info.type === 'string' || info.type === 'module' ? 1 : 0;
    return { level: sinks.keys === undefined ? 'skip' : countingLevel(info.type), sink: counter };
  }

  largeEnd(valueBytes: number): void {
    if (!this.isInLarge) return;
    this.isInLarge = false;
    this.endKey(this.largeKey, valueBytes, this.counting!.count);
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  full(): boolean {
    return this.options.isBehind?.() === true || this.isFinished;
  }

  /** Everything has been read: hands over what the tables hold. */
  finish(): void {
    for (const table of Object.values(this.sinks)) table.finish();
  }

  private sinkOf(type: ValueType): TableSink | undefined {
    const table = tableOf(type);
    return table === undefined ? undefined : this.sinks[table];
  }

  private endKey(key: Slice, valueBytes: number, elements: number): void {
    const { type } = this.info;
    this.keys++;
    if (tableOf(type) === undefined) this.withoutTable.set(type, (this.withoutTable.get(type) ?? 0) + 1);
    if (this.sinks.keys !== undefined) this.writeKey(this.sinks.keys, key, valueBytes, elements);
  }

  private writeKey(table: TableSink, key: Slice, valueBytes: number, elements: number): void {
    const { info, name } = this;
    table.int(info.db);
    table.key(name);
    table.word(info.type);
    table.word(info.encoding);
    table.int(info.rdbType);
    writeTime(table, info.expireAt);
    if (info.idleSeconds === undefined) table.null();
    else table.int(Math.min(info.idleSeconds, Number.MAX_SAFE_INTEGER));
    if (info.freq === undefined) table.null();
    else table.int(info.freq);
    table.int(valueBytes);
    table.int(elements);
    table.int(keySlot(key.bytes, key.start, key.end));
    table.word(this.source);
    table.int(info.offset);
    if (name.isExact) table.null();
    else table.bytes(key.bytes, key.start, key.end);
    table.endRow();
  }
}

/** A stream keeps its length behind its nodes; strings and module values count as one. */
function countingLevel(type: ValueType): LargeRequest['level'] {
  if (type === 'string' || type === 'module') return 'skip';
  return type === 'stream' ? 'blob' : 'element';
}

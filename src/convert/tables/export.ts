/** A dump as tables, for those who do not drive the reading themselves. */
import type { Limits } from '../../bytes/limits.js';
import type { RdbInput } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../rdb/filter.js';
import type { RdbWarning, ValueType } from '../../rdb/model.js';
import { openRdbSource } from '../../rdb/open.js';
import type { WriteBytes } from '../json/json-writer.js';
import { openTables, type TableFormat } from './open-tables.js';
import { TABLE_NAMES, type TableName } from './schema.js';
import { TablesHandler } from './tables-handler.js';

export interface TableExportOptions {
  readonly format: TableFormat;
  /** Default: all of them. */
  readonly tables?: readonly TableName[];
  /** Is asked once for each table; takes the bytes of its file in order, each valid during the call only. */
  readonly open: (table: TableName) => WriteBytes;
  /** What the column `source` says. Default: nothing. */
  readonly source?: string;
  /** Keys to be written. */
  readonly filter?: KeyFilter;
  /** Compare the CRC-64 at the end. Default: true. */
  readonly checksum?: boolean;
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (warning: RdbWarning) => void;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
  /** What counts as now for `filter.ttl`, Unix ms. Default: the clock when reading starts. */
  readonly nowMs?: number;
}

export interface TableExportSummary {
  /** Keys that were written. */
  readonly keys: number;
  /** Rows of each table that was asked for. */
  readonly rows: Readonly<Partial<Record<TableName, number>>>;
  /** Keys of types whose elements have no table, by type: these keys stand in `keys` alone. */
  readonly withoutTable: ReadonlyMap<ValueType, number>;
}

/**
 * Writes the tables of a dump as CSV or Parquet files, all of them in one pass and in bounded memory.
 *
 * Throws what readRdb throws, and EncodeError for a value of 2 GiB or more in Parquet; the files are not complete then.
 */
export async function exportTables(input: RdbInput, options: TableExportOptions): Promise<TableExportSummary> {
  const { format, tables = TABLE_NAMES, open, filter, nowMs, limits, checksum = true, signal, onWarning } = options;
  const sinks = await openTables(format, tables, open);
  const source = await openRdbSource(input, signal === undefined ? {} : { signal });
  try {
    const handler = new TablesHandler({
      sinks,
      filter: filter && compileFilter(filter, nowMs ?? Date.now(), source),
      onWarning,
    });
    handler.source = options.source ?? '';
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, handler, { checksum, ...(limits && { limits }) });
    handler.driver = driver;
    await drive(source, driver);
    handler.finish();
    const rows = Object.fromEntries(Object.entries(sinks).map(([name, sink]) => [name, sink.rowCount]));
    return { keys: handler.keys, rows, withoutTable: handler.withoutTable };
  } finally {
    await source.close();
  }
}

/** From names of tables to what their rows are written to. */
import type { WriteBytes } from '../json/json-writer.js';
import { CsvTable } from './csv-table.js';
import type { TableSinks } from './element-rows.js';
import { loadParquet } from './parquet-library.js';
import { GROUP_BYTES, ParquetTable } from './parquet-table.js';
import { RowGroupBudget } from './row-group-budget.js';
import { TABLES, type TableName } from './schema.js';

export type TableFormat = 'csv' | 'parquet';

/** Bytes that the row groups of all tables may hold. */
const HELD_BYTES = 4 * GROUP_BYTES;

/** `open` is asked once for each table and takes the bytes of its file, from the first to the last. */
export async function openTables(
  format: TableFormat,
  names: readonly TableName[],
  open: (table: TableName) => WriteBytes,
): Promise<TableSinks> {
  const sinks: TableSinks = {};
  if (format === 'csv') {
    for (const name of names) sinks[name] = new CsvTable(TABLES[name], open(name));
    return sinks;
  }
  const library = await loadParquet();
  const budget = new RowGroupBudget(GROUP_BYTES, HELD_BYTES);
  for (const name of names) {
    const table = new ParquetTable(TABLES[name], library, open(name), budget);
    budget.add(table);
    sinks[name] = table;
  }
  return sinks;
}

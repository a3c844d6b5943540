/** The rows of a query in each of the formats, as they come. */
import type { DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import type { Output } from '../output.js';
import { type ReportFormat, terminalWidth } from '../report-format.js';
import type { DuckDb } from '../sql-database.js';
import { plural } from './quantity.js';
import { type GrowingColumn, GrowingTable } from './sql-table.js';
import { SqlValues } from './sql-values.js';
import type { Style } from './style.js';

export interface RowPrinter {
  rows(rows: readonly (readonly DuckDBValue[])[]): void;
  finish(): void;
}

export function createRowPrinter(
  format: ReportFormat,
  result: DuckDBResult,
  duckdb: DuckDb,
  output: Output,
  style: Style,
): RowPrinter {
  const values = new SqlValues(duckdb);
  switch (format) {
    case 'ndjson':
      return new LinesPrinter(result, values, output);
    case 'json':
      return new JsonPrinter(result, values, output);
    case 'csv':
      return new CsvPrinter(result, values, output);
    case 'table':
      return new TablePrinter(columnsOf(result, duckdb), values, output, style);
  }
}

/** An object for each row. */
class LinesPrinter implements RowPrinter {
  private readonly names: readonly string[];

  constructor(
    result: DuckDBResult,
    private readonly values: SqlValues,
    private readonly output: Output,
  ) {
    this.names = memberNames(result);
  }

  rows(rows: readonly (readonly DuckDBValue[])[]): void {
    for (const row of rows) this.output.text(`${rowJson(this.names, row, this.values)}\n`);
  }

  finish(): void {}
}

/** All rows in one object. */
class JsonPrinter implements RowPrinter {
  private readonly names: readonly string[];
  private isFirst = true;

  constructor(
    result: DuckDBResult,
    private readonly values: SqlValues,
    private readonly output: Output,
  ) {
    const types = result.columnTypes();
    const names = result.deduplicatedColumnNames();
    this.names = memberNames(result);
    const columns = names.map((name, index) => ({ name, type: String(types[index]) }));
    output.text(`{"schema":"rdb-inspect/sql@1","columns":${JSON.stringify(columns)},"rows":[`);
  }

  rows(rows: readonly (readonly DuckDBValue[])[]): void {
    for (const row of rows) {
      this.output.text(`${this.isFirst ? '' : ','}\n${rowJson(this.names, row, this.values)}`);
      this.isFirst = false;
    }
  }

  finish(): void {
    this.output.text(`${this.isFirst ? '' : '\n'}]}\n`);
  }
}

class CsvPrinter implements RowPrinter {
  constructor(
    result: DuckDBResult,
    private readonly values: SqlValues,
    private readonly output: Output,
  ) {
    this.line(result.deduplicatedColumnNames());
  }

  rows(rows: readonly (readonly DuckDBValue[])[]): void {
    for (const row of rows) this.line(row);
  }

  finish(): void {}

  private line(row: readonly DuckDBValue[]): void {
    this.output.text(`${row.map((value) => this.values.csv(value)).join(',')}\n`);
  }
}

class TablePrinter implements RowPrinter {
  private readonly table: GrowingTable;
  private count = 0;

  constructor(
    columns: readonly GrowingColumn[],
    private readonly values: SqlValues,
    private readonly output: Output,
    private readonly style: Style,
  ) {
    const width = output.isTerminal ? terminalWidth() : Infinity;
    this.table = new GrowingTable(columns, width, style, (text) => output.text(text));
  }

  rows(rows: readonly (readonly DuckDBValue[])[]): void {
    this.count += rows.length;
    for (const row of rows)
      this.table.row(row.map((value) => ({ text: this.values.text(value), isDim: value === null })));
  }

  finish(): void {
    this.table.finish();
    if (this.output.isTerminal) this.output.text(`${this.style.dim(plural(this.count, 'row'))}\n`);
  }
}

function memberNames(result: DuckDBResult): string[] {
  return result.deduplicatedColumnNames().map((name) => JSON.stringify(name));
}

function rowJson(names: readonly string[], row: readonly DuckDBValue[], values: SqlValues): string {
  return `{${names.map((name, index) => `${name}:${values.json(row[index]!)}`).join(',')}}`;
}

function columnsOf(result: DuckDBResult, { DuckDBTypeId }: DuckDb): GrowingColumn[] {
  const numbers = new Set<number>([
    DuckDBTypeId.TINYINT,
    DuckDBTypeId.SMALLINT,
    DuckDBTypeId.INTEGER,
    DuckDBTypeId.BIGINT,
    DuckDBTypeId.HUGEINT,
    DuckDBTypeId.UTINYINT,
    DuckDBTypeId.USMALLINT,
    DuckDBTypeId.UINTEGER,
    DuckDBTypeId.UBIGINT,
    DuckDBTypeId.UHUGEINT,
    DuckDBTypeId.FLOAT,
    DuckDBTypeId.DOUBLE,
    DuckDBTypeId.DECIMAL,
  ]);
  return result.columnNames().map((title, index) => ({ title, isNumber: numbers.has(result.columnTypeId(index)) }));
}

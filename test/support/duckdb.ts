/** DuckDB, to read back what the tables say. */
import fs from 'node:fs';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { exportTables, type TableExportOptions, type TableExportSummary } from '../../src/convert/tables/export.js';
import type { TableFormat } from '../../src/convert/tables/open-tables.js';
import { type ColumnType, TABLE_NAMES, TABLES, type TableName } from '../../src/convert/tables/schema.js';

export type Row = Record<string, unknown>;

/** Writes the tables of a dump into a directory; returns what exportTables returns. */
export async function writeTables(
  input: Uint8Array,
  directory: string,
  format: TableFormat,
  options: Partial<TableExportOptions> = {},
): Promise<TableExportSummary> {
  fs.mkdirSync(directory, { recursive: true });
  const descriptors: number[] = [];
  try {
    return await exportTables(input, {
      format,
      source: 'the.rdb',
      open: (table) => {
        const fd = fs.openSync(path.join(directory, `${table}.${format}`), 'w');
        descriptors.push(fd);
        return (bytes, start, end) => {
          fs.writeSync(fd, bytes, start, end - start);
        };
      },
      ...options,
    });
  } finally {
    for (const fd of descriptors) fs.closeSync(fd);
  }
}

const CSV_TYPES: Readonly<Record<ColumnType, string>> = {
  int32: 'integer',
  int64: 'bigint',
  double: 'double',
  time: 'timestamptz',
  word: 'varchar',
  key: 'varchar',
  text: 'varchar',
  bytes: 'varchar',
};

export class TableReader {
  private constructor(private readonly connection: DuckDBConnection) {}

  static async open(): Promise<TableReader> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run("set TimeZone = 'UTC'");
    return new TableReader(connection);
  }

  /** Views of the files of a directory, by the names of the tables. */
  async attach(directory: string, format: TableFormat, names: readonly TableName[] = TABLE_NAMES): Promise<void> {
    for (const name of names) {
      const file = path.join(directory, `${name}.${format}`);
      const from = format === 'parquet' ? `from read_parquet('${file}')` : selectCsv(name, file);
      await this.connection.run(`create or replace view "${name}" as ${from}`);
    }
  }

  /** Rows as JavaScript sees them: bytes are Buffers, instants are Dates, BIGINT is bigint. */
  async rows(query: string): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(query);
    return reader.getRowObjectsJS() as Row[];
  }

  close(): void {
    this.connection.closeSync();
  }
}

/** With the types of the schema; bytes are made of hexadecimal digits. */
function selectCsv(name: TableName, file: string): string {
  const { columns } = TABLES[name];
  const types = columns.map((column) => `'${column.name}': '${CSV_TYPES[column.type]}'`).join(', ');
  const select = columns.map(({ name: column, type }) =>
    type === 'bytes' ? `unhex("${column}") as "${column}"` : `"${column}"`,
  );
  const options = `header = true, columns = {${types}}, quote = '"', escape = '"', delim = ',', allow_quoted_nulls = false`;
  return `select ${select.join(', ')} from read_csv('${file}', ${options}, parallel = false, max_line_size = 100000000)`;
}

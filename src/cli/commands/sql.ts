/** `sql`: a query about dumps. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TABLE_NAMES, type TableName } from '../../convert/tables/schema.js';
import { EXIT } from '../exit-codes.js';
import { OutputError, UsageError, withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import type { FilterOptions } from '../options.js';
import type { Output } from '../output.js';
import { openFileSink } from '../output-file.js';
import { createRowPrinter } from '../render/sql-rows.js';
import { type ReportFormat, reportFormat } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';
import { type DuckDb, loadDuckDb, SqlDatabase } from '../sql-database.js';
import { readTables } from './export-tables.js';

export interface SqlOptions extends SharedOptions, FilterOptions {
  readonly format?: ReportFormat;
}

/** `args`: sources, then the query. */
export async function runSql(args: readonly string[], options: SqlOptions, invocation: Invocation): Promise<number> {
  const query = args.at(-1)!;
  if (args.length < 2) {
    throw withHint(
      new UsageError('a source and a query are wanted'),
      'rdb-inspect sql dump.rdb "select type, count(*) from keys group by type"',
    );
  }
  const duckdb = await loadDuckDb();
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args.slice(0, -1));
  const directory = makeDirectory();
  try {
    return await session.toOutput(specs, (output) => answer(query, specs, directory, duckdb, options, session, output));
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

async function answer(
  query: string,
  specs: readonly SourceSpec[],
  directory: string,
  duckdb: DuckDb,
  options: SqlOptions,
  session: Session,
  output: Output,
): Promise<number> {
  const database = await SqlDatabase.create(duckdb, directory, session.signal);
  try {
    await database.check(query);
    const names = tablesIn(query);
    const files = await writeTables(names, specs, directory, options, session, output);
    for (const [name, file] of files) await database.attach(name, file);
    await database.run(query, async (result) => {
      const printer = createRowPrinter(reportFormat(options), result, duckdb, output, session.style);
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        session.signal.throwIfAborted();
        printer.rows(chunk.getRows());
        await output.drain();
      }
      printer.finish();
    });
    return EXIT.OK;
  } finally {
    database.close();
  }
}

/** One pass over the sources, for the tables that are wanted; the others stay empty. */
async function writeTables(
  names: readonly TableName[],
  specs: readonly SourceSpec[],
  directory: string,
  options: SqlOptions,
  session: Session,
  output: Output,
): Promise<ReadonlyMap<TableName, string>> {
  const files = new Map<TableName, string>();
  if (names.length === 0) return files;
  const sinks = names.map((name) => {
    const file = join(directory, `${name}.parquet`);
    files.set(name, file);
    return { name, sink: openFileSink(file, specs.flatMap(pathsOf)) };
  });
  const open = (name: TableName): ((bytes: Uint8Array, start: number, end: number) => void) => {
    const { sink } = sinks.find((one) => one.name === name)!;
    return (bytes, start, end) => sink.write(bytes, start, end);
  };
  try {
    await readTables(specs, 'parquet', names, open, options, session, output);
    for (const { sink } of sinks) await sink.commit();
  } catch (error) {
    for (const { sink } of sinks) sink.discard();
    throw error;
  }
  return files;
}

/** Every table whose name is a word of the query, be it a table there or not. */
function tablesIn(query: string): TableName[] {
  const words = new Set(query.toLowerCase().match(/\w+/g));
  return TABLE_NAMES.filter((name) => words.has(name));
}

function makeDirectory(): string {
  try {
    return fs.mkdtempSync(join(tmpdir(), 'rdb-inspect-sql-'));
  } catch (error) {
    throw new OutputError(tmpdir(), error as NodeJS.ErrnoException);
  }
}

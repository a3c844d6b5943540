/** `export -f csv` and `-f parquet`: tables, one to a file or all of them into a directory. */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { WriteBytes } from '../../convert/json/json-writer.js';
import { ShardFilter } from '../../convert/shard-filter.js';
import { openTables, type TableFormat } from '../../convert/tables/open-tables.js';
import { TABLE_NAMES, type TableName } from '../../convert/tables/schema.js';
import { TablesHandler } from '../../convert/tables/tables-handler.js';
import { EXIT } from '../exit-codes.js';
import { UsageError, withHint } from '../failures.js';
import { prepareDirectory, removeIfEmpty } from '../fresh-directory.js';
import type { Invocation } from '../invocation.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { checkUncompressed, compressionOf } from '../output-compressed.js';
import { commitAll, type FileSink, openFileSink } from '../output-file.js';
import { readRows } from '../read-rows.js';
import { formatBytes, formatCount, plural } from '../render/quantity.js';
import { formatTable } from '../render/table.js';
import { Session, type SharedOptions } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';

/** What commander makes of the options of these formats. */
export interface TableExportOptions extends SharedOptions, FilterOptions {
  readonly table?: TableName[];
}

/** Stands for the name of a table in a path. */
const TABLE = '{table}';

/** A table that has been written into a directory. */
interface TableFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

export async function runExportTables(
  arg: string,
  format: TableFormat,
  options: TableExportOptions,
  invocation: Invocation,
): Promise<number> {
  const names = chosenTables(options.table);
  const { output: target } = options;
  if (format === 'parquet' && target !== undefined)
    checkUncompressed(target, 'Parquet is compressed inside, and readers look for its end first');
  if (target !== undefined && isDirectoryTarget(target, names.length))
    return await exportInto(target, arg, format, names, options, invocation);
  if (names.length > 1) {
    throw withHint(
      new UsageError(`${names.length} tables are as many files: -o DIR/ is wanted`),
      `--table keys writes one table to standard output or a file; there are ${TABLE_NAMES.join(', ')}`,
    );
  }
  return await exportOne(names[0]!, arg, format, options, invocation);
}

/** Reads the sources, one after another, into tables. The caller opens their files, and finishes the handler. */
export async function readTables(
  specs: readonly SourceSpec[],
  format: TableFormat,
  names: readonly TableName[],
  open: (table: TableName) => WriteBytes,
  options: FilterOptions,
  session: Session,
  output: Pick<Output, 'isBehind' | 'drain'>,
): Promise<{ readonly handler: TablesHandler; readonly rows: (table: TableName) => number }> {
  const asked = filterOf(options);
  const filter = asked && new ShardFilter(asked, session.nowMs);
  const sinks = await openTables(format, names, open);
  let current = specs[0]!;
  const handler = new TablesHandler({
    sinks,
    filter,
    onWarning: (warning) => session.warn(warning, current),
    isBehind: () => output.isBehind,
  });
  for (const spec of specs) {
    if (handler.isFinished) break;
    current = spec;
    handler.source = spec.name;
    await session.read(spec, async (source) => {
      filter?.next(source);
      await readRows(source, handler, session, output);
      if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
    });
  }
  handler.finish();
  return { handler, rows: (table) => sinks[table]?.rowCount ?? 0 };
}

async function exportOne(
  name: TableName,
  arg: string,
  format: TableFormat,
  options: TableExportOptions,
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const specs = await session.resolve([arg]);
  return await session.toOutput(specs, async (output) => {
    if (format === 'parquet' && output.isTerminal)
      throw withHint(new UsageError('Parquet is not for terminals'), `-o ${name}.parquet`);
    const open = (): WriteBytes => (bytes, start, end) => output.write(bytes, start, end);
    await readTables(specs, format, [name], open, options, session, output);
    return EXIT.OK;
  });
}

/** The files appear when all of them are complete. */
async function exportInto(
  directory: string,
  arg: string,
  format: TableFormat,
  names: readonly TableName[],
  options: TableExportOptions,
  invocation: Invocation,
): Promise<number> {
  // What goes to standard output is what has been done.
  const { output: _, ...shared } = options;
  const session = new Session(shared, invocation.signal, invocation.nowMs);
  const specs = await session.resolve([arg]);
  return await session.toOutput(specs, async (output) => {
    const files = new TableFiles(directory, format, specs.flatMap(pathsOf));
    try {
      const { handler, rows } = await readTables(specs, format, names, files.open, options, session, files);
      await files.commit();
      const written = names.map((name): TableFile => ({ ...files.describe(name), rows: rows(name) }));
      if (session.json) output.text(`${JSON.stringify(summaryJson(directory, format, handler, written))}\n`);
      else if (!session.quiet) output.text(summaryText(directory, handler, written, session));
      if (names.length > 1) noteOmitted(handler, session);
      return EXIT.OK;
    } catch (error) {
      files.discard();
      throw error;
    }
  });
}

/** The files of tables: in a directory of their own, or wherever a path with {@link TABLE} in it says. */
class TableFiles {
  private readonly sinks = new Map<TableName, FileSink>();
  private readonly sizes = new Map<TableName, number>();
  /** Directories that were made, the inner ones first. */
  private readonly made: string[] = [];

  constructor(
    private readonly target: string,
    private readonly format: TableFormat,
    private readonly inputs: readonly string[],
  ) {
    if (!target.includes(TABLE))
      checkUncompressed(target, `several tables are as many files: -o DIR/, or -o '{table}.csv.gz'`);
    if (!target.includes(TABLE) && prepareDirectory(target)) this.made.push(target);
  }

  readonly open = (table: TableName): WriteBytes => {
    const path = this.pathOf(table);
    this.makeParents(dirname(path));
    const sink = openFileSink(path, this.inputs);
    this.sinks.set(table, sink);
    this.sizes.set(table, 0);
    return (bytes, start, end) => {
      this.sizes.set(table, this.sizes.get(table)! + end - start);
      sink.write(bytes, start, end);
    };
  };

  get isBehind(): boolean {
    for (const sink of this.sinks.values()) if (sink.isBehind) return true;
    return false;
  }

  async drain(): Promise<void> {
    for (const sink of this.sinks.values()) if (sink.isBehind) await sink.drain();
  }

  describe(table: TableName): { readonly name: string; readonly bytes: number } {
    const path = this.pathOf(table);
    const bytes = compressionOf(path) === undefined ? this.sizes.get(table)! : fs.statSync(path).size;
    return { name: this.target.includes(TABLE) ? path : basename(path), bytes };
  }

  async commit(): Promise<void> {
    await commitAll([...this.sinks.values()]);
  }

  discard(): void {
    for (const sink of this.sinks.values()) sink.discard();
    for (const directory of this.made) removeIfEmpty(directory);
  }

  private pathOf(table: TableName): string {
    const { target, format } = this;
    return target.includes(TABLE) ? target.replaceAll(TABLE, table) : join(target, `${table}.${format}`);
  }

  private makeParents(directory: string): void {
    if (fs.existsSync(directory)) return;
    this.makeParents(dirname(directory));
    prepareDirectory(directory);
    this.made.unshift(directory);
  }
}

/** In the order of the schema, each once. */
function chosenTables(asked: readonly TableName[] | undefined): readonly TableName[] {
  return asked === undefined ? TABLE_NAMES : TABLE_NAMES.filter((name) => asked.includes(name));
}

/** A directory, or what ends like one, or a place for every table; several tables go nowhere else, unless a name says that it is one file. */
function isDirectoryTarget(target: string, tables: number): boolean {
  if (target === '-') return false;
  if (target.includes(TABLE) || /[/\\]$/.test(target) || fs.statSync(target, { throwIfNoEntry: false })?.isDirectory())
    return true;
  return tables > 1 && !/\.(csv|parquet)(\.(gz|zst))?$/i.test(target);
}

function noteOmitted({ withoutTable }: TablesHandler, session: Session): void {
  if (withoutTable.size === 0) return;
  const types = [...withoutTable].map(([type, count]) => `${type} (${formatCount(count)})`).join(', ');
  session.note(`of these types there are rows in keys alone, and -f ndjson has their values: ${types}`);
}

function summaryJson(
  directory: string,
  format: TableFormat,
  { keys, withoutTable }: TablesHandler,
  tables: readonly TableFile[],
): Record<string, unknown> {
  return {
    schema: 'rdb-inspect/export@1',
    directory,
    format,
    keys,
    tables,
    withoutTable: Object.fromEntries(withoutTable),
  };
}

function summaryText(
  directory: string,
  { keys }: TablesHandler,
  tables: readonly TableFile[],
  { style }: Session,
): string {
  const right = (title: string): { title: string; align: 'right' } => ({ title, align: 'right' });
  const rows = tables.map(({ name, rows: count, bytes }) => [name, formatCount(count), formatBytes(bytes)]);
  const table = formatTable([{ title: 'file' }, right('rows'), right('size')], rows, style.dim);
  return `${style.bold(directory)}: ${plural(keys, 'key')} in ${plural(tables.length, 'table')}\n${table}`;
}

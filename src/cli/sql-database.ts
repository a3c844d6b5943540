/** DuckDB, which is there only where the user has installed it: an optional peer, since it takes 70 MB. */
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import { TABLE_NAMES, TABLES, type TableName } from '../convert/tables/schema.js';
import { UsageError, withHint } from './failures.js';

export type DuckDb = typeof import('@duckdb/node-api');

/** Throws UsageError with what to do where it is not there. */
export async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const [what = ''] = message.split('\n', 1);
    // ERR_MODULE_NOT_FOUND of ES modules, MODULE_NOT_FOUND of require, which a part of DuckDB may lack as well.
    const isMissing = code?.endsWith('MODULE_NOT_FOUND') === true && what.includes(`'@duckdb/node-api'`);
    const reason = isMissing ? 'is not installed' : `cannot be loaded: ${what}`;
    throw withHint(
      new UsageError(`sql needs DuckDB, which ${reason}`),
      'npm install @duckdb/node-api (with -g where rdb-inspect was installed with -g)',
    );
  }
}

/** A database in memory with the tables of a dump, empty at first, and a query about them. */
export class SqlDatabase {
  private interrupting: NodeJS.Timeout | undefined;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.interrupt);
  }

  /** `directory`: for what does not fit into memory. */
  static async create(duckdb: DuckDb, directory: string, signal: AbortSignal): Promise<SqlDatabase> {
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      temp_directory: directory,
      // Nothing is fetched from the network unless the query says so.
      autoinstall_known_extensions: 'false',
    });
    const database = new SqlDatabase(instance, await instance.connect(), signal);
    await database.connection.run("set TimeZone = 'UTC'");
    for (const name of TABLE_NAMES) await database.connection.run(createTable(name));
    return database;
  }

  /** Finds mistakes before anything is read. Throws UsageError with DuckDB's words. */
  async check(query: string): Promise<void> {
    if (query.replace(NO_STATEMENT, '') === '') throw new UsageError('there is no query in it');
    await this.attempt(async () => {
      const statements = await this.connection.extractStatements(query);
      // What a later one refers to may be made by the one before.
      if (statements.count === 1) (await statements.prepare(0)).destroySync();
    });
  }

  /** Puts the rows of Parquet files in place of an empty table. */
  async attach(table: TableName, file: string): Promise<void> {
    try {
      await this.connection.run(`drop table "${table}"`);
      await this.connection.run(`create view "${table}" as from read_parquet('${file.replaceAll("'", "''")}')`);
    } catch (error) {
      // A signal interrupts whatever runs.
      this.signal.throwIfAborted();
      throw error;
    }
  }

  /** Runs all statements; the rows are those of the last one. Throws UsageError with DuckDB's words. */
  async run(query: string, takeRows: (result: DuckDBResult) => Promise<void>): Promise<void> {
    await this.attempt(async () => {
      const statements = await this.connection.extractStatements(query);
      for (let index = 0; index < statements.count; index++) {
        const statement = await statements.prepare(index);
        this.signal.throwIfAborted();
        if (index < statements.count - 1) await statement.run();
        else await takeRows(await statement.stream());
      }
    });
  }

  close(): void {
    this.signal.removeEventListener('abort', this.interrupt);
    clearInterval(this.interrupting);
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /** Again and again: a statement that is only about to run does not hear it. */
  private readonly interrupt = (): void => {
    this.connection.interrupt();
    this.interrupting = setInterval(() => this.connection.interrupt(), INTERRUPT_MS);
  };

  private async attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.signal.throwIfAborted();
      const message =
        error instanceof Error ? error.message.replace(/^Failed to extract statements: /, '').trimEnd() : '';
      throw SQL_ERROR.test(message) ? new UsageError(message) : error;
    }
  }
}

/** `Binder Error: …`: what the query is to blame for. Want of memory or space, and DuckDB's own faults, are not of these. */
const SQL_ERROR = /^(?!Out of Memory|IO|INTERNAL|FATAL)[A-Z][A-Za-z ]*Error: /;

const INTERRUPT_MS = 100;

/** Comments, white space and semicolons. */
const NO_STATEMENT = /--.*$|\/\*[\s\S]*?\*\/|[\s;]/gm;

const SQL_TYPES = {
  int32: 'integer',
  int64: 'bigint',
  double: 'double',
  time: 'timestamptz',
  word: 'varchar',
  key: 'varchar',
  text: 'varchar',
  bytes: 'blob',
} as const;

function createTable(name: TableName): string {
  const columns = TABLES[name].columns.map(
    (column) => `"${column.name}" ${SQL_TYPES[column.type]}${column.nullable ? '' : ' not null'}`,
  );
  return `create table "${name}" (${columns.join(', ')})`;
}

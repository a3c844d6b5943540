/** `sql`: a query about dumps. */
import { Argument, type Command, Option } from 'commander';
import { TABLE_NAMES, TABLES } from '../../convert/tables/schema.js';
import { addExamples, defineCommand } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerSql(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'sql', 'an SQL query about dumps, answered by DuckDB')
    .usage('[options] <src...> <query>')
    .addArgument(new Argument('<src...>', 'dumps or logs, which are read as one, and behind them the query'))
    .addOption(
      new Option('-f, --format <format>', 'default: a table on a terminal, NDJSON in a pipe').choices([
        'table',
        'ndjson',
        'json',
        'csv',
      ]),
    )
    .action(async (args: string[], options) => {
      const { runSql } = await import('../commands/sql.js');
      invocation.exitCode = await runSql(args, options, invocation);
    });
  const tables = TABLE_NAMES.map((name) => {
    const columns = TABLES[name].columns.map((column) => column.name).join(', ');
    return `  ${name} (${columns})\n`;
  }).join('');
  const about = `
Tables that the query names are written as Parquet files to a temporary directory first, and removed afterwards.
DuckDB is not part of this package: npm install @duckdb/node-api

Tables:
${tables}`;
  addExamples(addSharedOptions(addReplayOptions(addFilterOptions(command))).addHelpText('after', about), [
    'sql dump.rdb "select type, count(*), sum(size_bytes) from keys group by type order by 3 desc"',
    'sql shards/ "select slot, count(*) from keys group by slot order by 2 desc limit 10"',
    "sql dump.rdb \"select * from hash_fields where key like 'user:%' and field = 'email'\"",
    `sql a.rdb b.rdb "select key, expire_at from keys where expire_at < now() + interval 1 day" -f csv`,
  ]);
}

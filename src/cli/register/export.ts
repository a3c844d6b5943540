/** `export`: every key with its value. */
import { type Command, Option } from 'commander';
import { TABLE_NAMES, type TableName } from '../../convert/tables/schema.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import { UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { jobsOption } from '../jobs.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, encodingOption, repeated } from '../options.js';

export function registerExport(parent: Command, invocation: Invocation): void {
  const command = defineCommand(
    parent,
    'export',
    'every key with its value, as JSON, as tables or as commands for a server',
  )
    .addArgument(sourceArgument())
    .option(
      '-f, --format <format>',
      'ndjson (default): one object per line; json: one array; csv, parquet: tables; resp: commands for redis-cli --pipe; restore: RESTORE with payloads',
    )
    .option('--all', 'everything in the file: header, aux fields, functions and the rest as records of their own')
    .addOption(encodingOption())
    .addOption(repeated('--table <names>', `as csv or parquet: ${TABLE_NAMES.join(', ')} (default: all)`, parseTables))
    .option(
      '--target <server>',
      'of commands: the server that reads them, redis:7.0 (default: that which wrote the dump)',
    )
    .option('--replace', 'of commands: replace keys and libraries that are there already')
    .addOption(
      new Option(
        '--on-unsupported <policy>',
        'of commands: what to do about what they cannot say (default: error)',
      ).choices(['error', 'drop', 'convert']),
    )
    .option('--report <file>', 'of commands: every loss, as JSON')
    .addOption(jobsOption())
    .action(async (source, options) => {
      const { runExport } = await import('../commands/export.js');
      invocation.exitCode = await runExport(source, options, invocation);
    });
  addExamples(addSharedOptions(addReplayOptions(addFilterOptions(command))), [
    'export dump.rdb -f ndjson > keys.ndjson',
    'export dump.rdb -f json -o keys.json.gz',
    'export dump.rdb -f ndjson -t hash --elements 1000~',
    'export dump.rdb -f ndjson --sample 1% | jq .key',
    'export dump.rdb -f parquet -o tables/',
    "export dump.rdb -f parquet -o 'fleet/{table}/host=a/dump.parquet'",
    'export dump.rdb -f csv --table keys -o keys.csv',
    'export dump.rdb -f resp | redis-cli --pipe',
    "export dump.rdb -f restore --replace -k 'user:1:*' | redis-cli --pipe",
    'export dump.rdb -f resp --target redis:6.2 --on-unsupported convert -o commands.aof',
  ]);
}

/** `keys,strings`. Throws UsageError. */
function parseTables(text: string): TableName[] {
  return text.split(',').map((name) => {
    const table = TABLE_NAMES.find((one) => one === name.trim());
    if (table === undefined) throw new UsageError(`there is no table ${name}: ${TABLE_NAMES.join(', ')}`);
    return table;
  });
}

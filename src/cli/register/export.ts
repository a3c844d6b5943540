/** `export`: every key with its value. */
import { type Command, Option } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, encodingOption } from '../options.js';

export function registerExport(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'export', 'every key with its value, as JSON or as commands for a server')
    .addArgument(sourceArgument())
    .option(
      '-f, --format <format>',
      'ndjson (default): one object per line; json: one array; resp: commands for redis-cli --pipe; restore: RESTORE with payloads',
    )
    .option('--all', 'everything in the file: header, aux fields, functions and the rest as records of their own')
    .addOption(encodingOption())
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
    .action(async (source, options) => {
      const { runExport } = await import('../commands/export.js');
      invocation.exitCode = await runExport(source, options, invocation);
    });
  addExamples(addSharedOptions(addReplayOptions(addFilterOptions(command))), [
    'export dump.rdb -f ndjson > keys.ndjson',
    'export dump.rdb -f json -o keys.json.gz',
    'export dump.rdb -f ndjson -t hash --elements 1000~',
    'export dump.rdb -f ndjson --sample 1% | jq .key',
    'export dump.rdb -f resp | redis-cli --pipe',
    "export dump.rdb -f restore --replace -k 'user:1:*' | redis-cli --pipe",
    'export dump.rdb -f resp --target redis:6.2 --on-unsupported convert -o commands.aof',
  ]);
}

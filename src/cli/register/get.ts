/** `get`: one value. */
import { Argument, type Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addReplayOptions, addSharedOptions, choiceOption, databaseOption, encodingOption } from '../options.js';

export function registerGet(parent: Command, invocation: Invocation): void {
  const command = defineCommand(
    parent,
    'get',
    'one value: readable on a terminal; piped, a string raw, anything else as NDJSON',
  )
    .addArgument(sourceArgument())
    .addArgument(new Argument('<key>', 'the key, or "…" with the escapes of redis-cli'))
    .addOption(databaseOption())
    .option('--path <path>', 'a field, member, stream id, index or range of indexes (0..9); printed raw when piped')
    .addOption(
      choiceOption(
        '--decode <how>',
        'auto: take gzip, zlib and zstd off, MessagePack as JSON, JSON indented on a terminal; says what it is',
        ['none', 'auto'],
      ),
    )
    .addOption(encodingOption())
    .option('--index', 'make an index beside the dump (dump.rdb.rdbx) where there is none: later ones take one seek')
    .option('--no-index', 'do not use an index that is there')
    .action(async (source, key, options) => {
      const { runGet } = await import('../commands/get.js');
      invocation.exitCode = await runGet(source, key, options, invocation);
    });
  addSharedOptions(addReplayOptions(command)).addHelpText(
    'after',
    '\nWith -n the reading ends at the key. Without, the rest of the file is searched for the same key in other databases.',
  );
  addExamples(command, [
    'get dump.rdb user:1',
    'get dump.rdb user:1 --path name',
    'get dump.rdb queue --path -3..-1',
    'get dump.rdb \'"\\xff\\x00bin"\' -n 3 --json',
    'get dump.rdb user:1 --index',
    'get dump.rdb page:home --decode auto > page.html',
  ]);
}

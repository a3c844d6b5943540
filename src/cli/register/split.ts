/** `split`: one dump into several. */
import type { Command } from 'commander';
import { policyOption, reportOption } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerSplit(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'split', 'one dump into several: by slot, prefix, database or number')
    .addArgument(sourceArgument())
    .requiredOption('--by <rule>', 'slot, slot:N, prefix, db, or a number of files')
    .option('--nodes <file>', "who owns which slots: a cluster's nodes.conf, or lines of NAME START-END…")
    .option('--sep <text>', 'what ends a prefix (default: :)')
    .addOption(
      policyOption('commands in the dump, which belong to no part: stop, or leave them out', ['error', 'drop']),
    )
    .addOption(reportOption())
    .action(async (source, options) => {
      const { runSplit } = await import('../commands/split.js');
      invocation.exitCode = await runSplit(source, options, invocation);
    });
  const output = addSharedOptions(addReplayOptions(addFilterOptions(command))).options.find(
    ({ long }) => long === '--output',
  )!;
  output.description = 'the directory for the files: new, or empty';
  command.addHelpText(
    'after',
    `
The files appear when all of them are complete: each has the version of the source, its aux fields and function
libraries, and keys as they stand in the source. At most 256 files are written: keys
of further prefixes and databases go to other.rdb. Equal keys go to equal parts in every dump that is split by a number.
slot takes --nodes; slot:3 stands for three equal ranges.`,
  );
  addExamples(command, [
    'split dump.rdb -o nodes/ --by slot --nodes nodes.conf',
    'split dump.rdb -o shards/ --by slot:3',
    'split dump.rdb -o tenants/ --by prefix --sep /',
    "split dump.rdb -o parts/ --by 8 -k 'user:*'",
  ]);
}

/** `info`: what is in a dump. */
import type { Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addSharedOptions } from '../options.js';

export function registerInfo(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'info', 'header, databases, counts per type, functions, modules, checksum')
    .addArgument(sourceArgument('<src...>'))
    .action(async (sources, options) => {
      const { runInfo } = await import('../commands/info.js');
      invocation.exitCode = await runInfo(sources, options, invocation);
    });
  addSharedOptions(addFilterOptions(command)).addHelpText('after', '\nFilters choose the keys that are counted.');
  addExamples(command, [
    'info dump.rdb',
    'info --json shard-*.rdb',
    "info dump.rdb -k 'session:*' --ttl none",
    'info https://backups.example/dump.rdb.gz',
  ]);
}

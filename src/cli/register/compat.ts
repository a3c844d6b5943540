/** `compat`: whether a server loads a dump. */
import type { Command } from 'commander';
import { targetOption } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerCompat(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'compat', 'whether a server loads a dump, and what stands in the way')
    .addArgument(sourceArgument())
    .addOption(targetOption('the server, such as valkey:8.1').makeOptionMandatory())
    .action(async (source, options) => {
      const { runCompat } = await import('../commands/compat.js');
      invocation.exitCode = await runCompat(source, options, invocation);
    });
  addSharedOptions(addReplayOptions(addFilterOptions(command))).addHelpText(
    'after',
    `
Exit codes: 0 the server loads it as it is, 1 it does once it is converted, without loss, 4 something would be lost.`,
  );
  addExamples(command, ['compat dump.rdb --target valkey:8.1', 'compat dump.rdb --target redis:6.2 --json | jq .lost']);
}

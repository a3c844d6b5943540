/** `aof info`: what is in a log. */
import type { Command } from 'commander';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument } from '../../log-options.js';
import { addSharedOptions } from '../../options.js';

export function registerAofInfo(parent: Command, invocation: Invocation): void {
  const command = defineCommand(
    parent,
    'info',
    'files, forms, sizes, commands, databases, times; what lies beside them',
  )
    .addArgument(logArgument('<src...>'))
    .action(async (sources, options) => {
      const { runAofInfo } = await import('../../commands/aof/info.js');
      invocation.exitCode = await runAofInfo(sources, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
A file that is damaged is described up to the damage, and the exit code is 1. History files are counted and not read.`,
  );
  addExamples(command, ['aof info appendonlydir', 'aof info /data', 'aof info --json appendonly.aof']);
}

/** `aof check`: whether a log is sound. */
import type { Command } from 'commander';
import { targetOption } from '../../convert-options.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument } from '../../log-options.js';
import { addSharedOptions } from '../../options.js';

export function registerAofCheck(parent: Command, invocation: Invocation): void {
  const command = defineCommand(
    parent,
    'check',
    'whether a log is sound, as redis-check-aof, and what a server makes of it',
  )
    .addArgument(logArgument('<src...>'))
    .addOption(targetOption('the server that is to load it, such as redis:7.0 (default: what is so for any)'))
    .action(async (sources, options) => {
      const { runAofCheck } = await import('../../commands/aof/check.js');
      invocation.exitCode = await runAofCheck(sources, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
A log that ends inside a command and was written within two seconds, or grows meanwhile, is still being written, which is
no damage. Beside the verdict of redis-check-aof, what servers stumble over is named, with what to do about it.`,
  );
  addExamples(command, [
    'aof check appendonlydir',
    'aof check /var/lib/redis --target valkey:9.1',
    'aof check appendonly.aof --json | jq .files[].okUpTo',
  ]);
}

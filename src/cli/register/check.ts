/** `check`: whether a dump is sound. */
import type { Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { jobsOption } from '../jobs.js';
import { addSharedOptions } from '../options.js';

export function registerCheck(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'check', 'whether a dump is sound, as redis-check-rdb, and deeper')
    .addArgument(sourceArgument('<src...>'))
    .option('--deep', 'every packed structure, stream and key, against every rule of the format')
    .addOption(jobsOption())
    .action(async (sources, options) => {
      const { runCheck } = await import('../commands/check.js');
      invocation.exitCode = await runCheck(sources, options, invocation);
    });
  addExamples(addSharedOptions(command), [
    'check dump.rdb',
    'check --deep --json /var/lib/redis/dump.rdb',
    'zcat dump.rdb.gz | rdb-inspect check -',
  ]);
}

/** `aof convert`: `convert`, for those who want a log. */
import type { Command } from 'commander';
import { addConvertOptions, addLogFormOptions, formOfOutput } from '../../convert-options.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { jobsOption } from '../../jobs.js';
import { logArgument } from '../../log-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../../options.js';

export function registerAofConvert(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'convert', 'a dump as a log, or a log in another form')
    .addArgument(logArgument())
    .addOption(jobsOption('of --to aof: '))
    .action(async (source, options) => {
      const { runConvert } = await import('../../commands/convert.js');
      invocation.exitCode = await runConvert(
        source,
        { ...options, to: options.to ?? formOfOutput(options.output, 'aof-dir') },
        invocation,
      );
    });
  addSharedOptions(
    addReplayOptions(addFilterOptions(addConvertOptions(addLogFormOptions(command, 'aof-dir')))),
  ).addHelpText(
    'after',
    `
The same as rdb-inspect convert, which says more. A log that becomes another is copied as it is, and has to be sound; with
--compact, or with anything that is about keys, it is replayed, and what it holds is written as by a rewrite.`,
  );
  addExamples(command, [
    'aof convert dump.rdb -o appendonlydir',
    'aof convert dump.rdb -o appendonlydir --base aof --target redis:7.2',
    'aof convert old/appendonly.aof -o appendonlydir',
    'aof convert appendonlydir --to aof -o appendonly.aof',
    'aof convert appendonlydir --compact -o compacted',
  ]);
}

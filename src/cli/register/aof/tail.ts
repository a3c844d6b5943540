/** `aof tail`: the end of a log. */
import type { Command } from 'commander';
import { parseCount } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { addLineOptions, logArgument } from '../../log-options.js';
import { addSharedOptions, reading } from '../../options.js';

const DEFAULT_LINES = 10;

export function registerAofTail(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'tail', 'the last commands of a log; with -f, those that come as well')
    .addArgument(logArgument())
    .option('-f, --follow', 'go on as the server writes, from increment to increment')
    .option('--lines <n>', 'so many commands that are there already (default: 10)', reading(parseCount), DEFAULT_LINES)
    .action(async (source, options) => {
      const { runAofTail } = await import('../../commands/aof/tail.js');
      invocation.exitCode = await runAofTail(source, options, invocation);
    });
  addSharedOptions(addLineOptions(command, '--format <form>')).addHelpText(
    'after',
    `
The commands are those of the last file; what the server has begun and not finished is waited for.`,
  );
  addExamples(command, [
    'aof tail appendonlydir',
    "aof tail -f appendonlydir -k 'session:*'",
    'aof tail -f /data --json | jq .',
  ]);
}

/** `aof cat`: the commands of a log. */
import type { Command } from 'commander';
import { parseCount } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { addLineOptions, logArgument } from '../../log-options.js';
import { addSharedOptions, reading } from '../../options.js';

export function registerAofCat(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'cat', 'the commands of a log, one per line, or as NDJSON')
    .addArgument(logArgument())
    .option('-l, --limit <n>', 'at most so many commands', reading(parseCount))
    .option('--history', 'files that were rewritten as well, where they are still there')
    .action(async (source, options) => {
      const { runAofCat } = await import('../../commands/aof/cat.js');
      invocation.exitCode = await runAofCat(source, options, invocation);
    });
  addSharedOptions(addLineOptions(command, '-f, --format <form>')).addHelpText(
    'after',
    `
A line has the offset, the time where the log has it, the database and the command: 23 2026-01-31T12:00:00Z [0] SET k v.
With --bare it has the command alone, as redis-cli reads it. Times need aof-timestamp-enabled on the server.`,
  );
  addExamples(command, [
    'aof cat appendonlydir',
    "aof cat appendonlydir -k 'user:*' -c set,del",
    'aof cat appendonly.aof -f ndjson | jq -r .command[0] | sort | uniq -c',
    'aof cat appendonlydir --since 2026-01-31T12:00:00Z --bare | redis-cli -p 7000',
  ]);
}

/** `aof history`: what happened to a key. */
import { Argument, type Command } from 'commander';
import { parseCount } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument } from '../../log-options.js';
import { addSharedOptions, choiceOption, databaseOption, reading } from '../../options.js';

export function registerAofHistory(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'history', 'every command of a log that touched a key, and what it did to it')
    .addArgument(logArgument())
    .addArgument(new Argument('<key>', 'the key, or "…" with the escapes of redis-cli'))
    .addOption(databaseOption())
    .addOption(
      choiceOption(
        '--follow <what>',
        'moves: what RENAME, MOVE, COPY and SWAPDB made the key of; all: also SORT, *STORE',
        ['moves', 'all', 'none'],
      ),
    )
    .option('--history', 'files that were rewritten as well, where they are still there')
    .option('-l, --limit <n>', 'at most so many events', reading(parseCount))
    .action(async (source, key, options) => {
      const { runAofHistory } = await import('../../commands/aof/history.js');
      invocation.exitCode = await runAofHistory(source, key, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
After RENAME a b the history of b has that of a before, and the history of a says where it went. The log is read up to
three times, whatever its size; what is piped or comes from a URL is first copied to a temporary file (in TMPDIR). What
is said of a command is what the command alone tells: DEL of a key that was not there looks like any other.
Exit code 1: nothing names the key.`,
  );
  addExamples(command, [
    'aof history appendonlydir user:1',
    'aof history /var/lib/redis user:1 -n 0',
    'aof history appendonly.aof \'"\\xff\\x00bin"\' --json',
    'aof history appendonlydir ranking --follow all',
  ]);
}

/** `aof find`: commands by what stands in them. */
import { Argument, type Command } from 'commander';
import { parseCount, parseKeyRegex } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { commandOption, logArgument, timeOption } from '../../log-options.js';
import { addSharedOptions, databaseOption, globOption, reading } from '../../options.js';

export function registerAofFind(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'find', 'where in a log a text stands, or a key, or a command')
    .addArgument(logArgument())
    .addArgument(new Argument('[text]', 'bytes within an argument; or "…" with the escapes of redis-cli'))
    .option('-i, --ignore-case', 'letters of the text in any case')
    .option('--argument <glob>', 'a Redis glob that a whole argument matches')
    .addOption(commandOption())
    .addOption(databaseOption())
    .addOption(globOption('-k, --match <glob>', 'commands with a key that matches a Redis glob; may be repeated'))
    .addOption(globOption('-K, --not-match <glob>', 'commands without a key that matches'))
    .option('--key-regex <regex>', 'commands with a key that matches a regular expression', reading(parseKeyRegex))
    .addOption(timeOption('--since <time>', 'not before this time: ISO 8601, or Unix seconds'))
    .addOption(timeOption('--until <time>', 'not after it'))
    .option('-l, --limit <n>', 'at most so many', reading(parseCount))
    .option('--count', 'only how many there are')
    .action(async (source, text, options) => {
      const { runAofFind } = await import('../../commands/aof/find.js');
      invocation.exitCode = await runAofFind(source, text, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
A line has the file, the offset, the time where the log has it, the database and the command, long arguments cut.
Everything that is given must be met. Exit code 1: nothing was found.`,
  );
  addExamples(command, [
    'aof find appendonlydir alice@example.com',
    'aof find appendonlydir -c flushall,flushdb,swapdb',
    "aof find appendonlydir --argument 'tmp:*' --since 2026-01-31T12:00:00Z",
    'aof find appendonly.aof -i error -c lpush --json | jq .offset',
  ]);
}

/** `aof stats`: what a log consists of. */
import type { Command } from 'commander';
import { FilterTextError, parseCount } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument } from '../../log-options.js';
import { addSharedOptions, reading } from '../../options.js';

const DEFAULT_LIMIT = 10;

export function registerAofStats(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'stats', 'commands, prefixes, hot keys and time line of a log')
    .addArgument(logArgument())
    .option('-l, --limit <n>', 'rows of each table (default: 10)', reading(parseCount), DEFAULT_LIMIT)
    .option('--sep <text>', 'what ends a part of a key (default: :)', reading(parseSeparator), ':')
    .option('--depth <n>', 'parts that make a prefix (default: 1)', reading(parsePositive), 1)
    .action(async (source, options) => {
      const { runAofStats } = await import('../../commands/aof/stats.js');
      invocation.exitCode = await runAofStats(source, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
Keys are counted for every command that names them; the bytes of a command are split evenly among its keys. Counts are
exact up to some 780,000 different keys; beyond that, the most that a count may miss is said. The time line needs
aof-timestamp-enabled on the server.`,
  );
  addExamples(command, [
    'aof stats appendonlydir',
    'aof stats appendonly.aof --sep / --depth 2 -l 50',
    'aof stats appendonlydir --json | jq .byCommand',
  ]);
}

function parseSeparator(text: string): string {
  if (text === '') throw new FilterTextError('a separator has at least one character');
  return text;
}

function parsePositive(text: string): number {
  const count = parseCount(text);
  if (count === 0) throw new FilterTextError('a prefix has at least one part');
  return count;
}

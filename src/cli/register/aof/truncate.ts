/** `aof truncate`: point-in-time recovery. */
import type { Command } from 'commander';
import { parseCount } from '../../../rdb/filter-text.js';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument, timeOption } from '../../log-options.js';
import { addSharedOptions, reading } from '../../options.js';

export function registerAofTruncate(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'truncate', 'a log as it was at a time, at an offset, or before a command')
    .addArgument(logArgument())
    .addOption(timeOption('--to-time <time>', 'up to this time, included: ISO 8601, or Unix seconds'))
    .option('--to-offset <n>', 'up to this offset of the last file', reading(parseCount))
    .option('--file <name>', 'the offset is one of this file')
    .option('--before-command <command>', "before a command that begins so: FLUSHALL, 'DEL user:1'")
    .option('--nth <n>', 'before the nth of them (default: 1)', reading(parseCount))
    .option('--history', 'begin with files that were rewritten, where they are still there')
    .option('--dry-run', 'only say where the log would end')
    .action(async (source, options) => {
      const { runAofTruncate } = await import('../../commands/aof/truncate.js');
      invocation.exitCode = await runAofTruncate(source, options, invocation);
    });
  const output = addSharedOptions(command).options.find(({ long }) => long === '--output')!;
  output.description = 'the new log: a directory, or a file for a log of one file, not compressed';
  command.addHelpText(
    'after',
    `
The log itself is not touched. A transaction is kept whole or not at all. Times need aof-timestamp-enabled on the server;
a base that is newer than the time is an error, since what was before is in no file.
Exit codes: 0 nothing was cut, 4 commands were cut, 1 there is no such point.`,
  );
  addExamples(command, [
    'aof truncate appendonlydir --before-command FLUSHALL -o recovered',
    'aof truncate appendonlydir --to-time 2026-01-31T12:00:00Z -o recovered',
    "aof truncate appendonlydir --before-command 'DEL user:1' --nth 2 --dry-run",
    'aof truncate appendonly.aof --to-offset 4096 -o recovered.aof',
  ]);
}

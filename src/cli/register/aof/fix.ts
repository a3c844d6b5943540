/** `aof fix`: repairs a log. */
import type { Command } from 'commander';
import { addExamples, defineCommand } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { logArgument } from '../../log-options.js';
import { addSharedOptions, choiceOption } from '../../options.js';

export function registerAofFix(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'fix', 'a repaired copy of a log, or with --in-place the log itself')
    .addArgument(logArgument())
    .option('--tail', 'cut each file behind its last whole command, as redis-check-aof (default)')
    .option('--salvage', 'go on behind damage in the middle, where commands begin again')
    .addOption(
      choiceOption('--min-confidence <how>', 'of --salvage: how sure it must be that they do', [
        'medium',
        'high',
        'low',
      ]),
    )
    .option('--in-place', 'replace the files; what was there is kept as NAME.before-fix')
    .option('--dry-run', 'only say what would be done')
    .action(async (source, options) => {
      const { runAofFix } = await import('../../commands/aof/fix.js');
      invocation.exitCode = await runAofFix(source, options, invocation);
    });
  const output = addSharedOptions(command).options.find(({ long }) => long === '--output')!;
  output.description =
    'the copy: a file, or a directory for a log of several files, not compressed (default: NAME.fixed)';
  command.addHelpText(
    'after',
    `
Nothing is asked. A transaction that is not whole is cut before its MULTI, in every file of the log, and the manifest is
written to fit. A log that somebody is writing to is refused.
Exit codes: 0 nothing was lost, 4 commands were cut.`,
  );
  addExamples(command, [
    'aof fix appendonlydir --dry-run',
    'aof fix appendonlydir -o repaired',
    'aof fix appendonly.aof --in-place',
    'aof fix appendonlydir --salvage --json',
  ]);
}

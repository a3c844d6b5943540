/** `merge`: several dumps into one. */
import type { Command } from 'commander';
import { addConvertOptions } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, choiceOption } from '../options.js';

export function registerMerge(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'merge', 'several dumps into one')
    .addArgument(sourceArgument('<src...>'))
    .addOption(
      choiceOption('--on-conflict <policy>', 'of a key that stands in several dumps: stop, or keep one', [
        'error',
        'first',
        'last',
      ]),
    )
    .action(async (sources, options) => {
      const { runMerge } = await import('../commands/merge.js');
      invocation.exitCode = await runMerge(sources, options, invocation);
    });
  addConvertOptions(command, 'the newest among the dumps');
  addSharedOptions(addReplayOptions(addFilterOptions(command))).addHelpText(
    'after',
    `
Keys come in the order of the dumps, as they stand in them where the target loads them so. Function libraries are merged
by name, by the same policy; aux fields are those of the first dump. Dumps of Valkey 9 and of Redis need a --target. Filters
choose the keys of all dumps before conflicts are looked for; with rebase each dump has its own time. What is lost is
reported as by convert, and the exit code is then 4. Every dump is read more than once: what is piped, compressed or comes from a URL is
first copied to a temporary file (in TMPDIR).`,
  );
  addExamples(command, [
    'merge shard-1.rdb shard-2.rdb shard-3.rdb -o all.rdb',
    'merge old.rdb new.rdb -o latest.rdb --on-conflict last',
    'merge redis.rdb valkey.rdb --target valkey:9.1 -o all.rdb',
    'merge shards/ --json --skip-expired -o all.rdb',
  ]);
}

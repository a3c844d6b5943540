/** `keys`: the names. */
import type { Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, encodingOption } from '../options.js';

export function registerKeys(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'keys', 'one key per line: raw if printable, else quoted as redis-cli does')
    .addArgument(sourceArgument())
    .option('-0, --null', 'raw keys, each followed by a NUL byte')
    .addOption(encodingOption())
    .action(async (source, options) => {
      const { runKeys } = await import('../commands/keys.js');
      invocation.exitCode = await runKeys(source, options, invocation);
    });
  addExamples(addSharedOptions(addReplayOptions(addFilterOptions(command))), [
    'keys dump.rdb',
    "keys dump.rdb -k 'cache:*' --size '>1MB'",
    'keys dump.rdb --json | jq -r .type | sort | uniq -c',
    'keys dump.rdb -0 --ttl expired | xargs -0 redis-cli unlink',
  ]);
}

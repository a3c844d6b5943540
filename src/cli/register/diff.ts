/** `diff`: what differs between two dumps. */
import type { Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerDiff(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'diff', 'what differs between two dumps, whatever the encodings')
    .addArgument(sourceArgument('<before>'))
    .addArgument(sourceArgument('<after>'))
    .option('--summary', 'counts by database and type (default)')
    .option('--keys', 'one line per key: + added, - removed, ~ changed')
    .option('--fields', 'also the fields, members, items and entries that changed, old → new')
    .option('--ignore-ttl', 'expiry of keys and of fields does not count')
    .action(async (before, after, options) => {
      const { runDiff } = await import('../commands/diff.js');
      invocation.exitCode = await runDiff(before, after, options, invocation);
    });
  addSharedOptions(addReplayOptions(addFilterOptions(command))).addHelpText(
    'after',
    `
Keys are matched by database and name. Types, values, expiry, fields' expiry, streams' groups and function libraries are
compared; the order of sets and hashes, idle times and counters of use are not. Exit code 0: the same, 1: different.
Filters are applied to each file by itself; -l ends the list after so many keys. Both inputs are read more than once:
what is piped, compressed or comes from a URL is first copied to a temporary file (in TMPDIR).`,
  );
  addExamples(command, [
    'diff yesterday.rdb today.rdb',
    "diff --keys before.rdb after.rdb -k 'user:*'",
    'diff --fields --json before.rdb after.rdb | jq .parts',
    'diff --ignore-ttl primary.rdb replica.rdb.gz && echo same',
  ]);
}

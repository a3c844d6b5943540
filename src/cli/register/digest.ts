/** `digest`: what DEBUG DIGEST says. */
import type { Command } from 'commander';
import { parseTimeMs } from '../../convert/expiry-action.js';
import { targetOption } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, encodingOption, reading } from '../options.js';

export function registerDigest(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'digest', "a server's DEBUG DIGEST of the dataset, without a server")
    .addArgument(sourceArgument())
    .option('--per-key', "one line per key: DEBUG DIGEST-VALUE's digest, database, key")
    .option('--at <time>', 'leave out what had expired then: now, Unix ms, or 2026-01-31T12:00:00Z', reading(parseAt))
    .addOption(targetOption('a server that has loaded it, such as valkey:8.1 (default: the one that wrote it)'))
    .addOption(encodingOption())
    .action(async (source, options) => {
      const { runDigest } = await import('../commands/digest.js');
      invocation.exitCode = await runDigest(source, options, invocation);
    });
  addSharedOptions(addReplayOptions(addFilterOptions(command))).addHelpText(
    'after',
    `
A digest sees keys, values, and whether keys expire; not when, nor streams' groups, nor functions: diff sees those.
Digests of two servers are comparable where both print scores alike (Redis up to 7.0, and all later ones) and mark fields
that expire (Redis 7.4 and later) or there are none: name the server to compare with as --target.
A log is digested as the server that wrote it would, once it had loaded it; where neither a dump at its head nor what stands
in it says which one that was, a dump.rdb in the same data directory may, and a remark says what it was taken for.
What a server digests and has not yet removed counts, expired or not; a server that loads a dump leaves it out: --at now.
With filters it is the digest of the keys that pass. Exit code 4: there are values that only their modules could digest.`,
  );
  addExamples(command, [
    'digest dump.rdb',
    'digest dump.rdb --at now --target redis:7.0',
    "digest --per-key dump.rdb -k 'user:*'",
    'digest dump.rdb --json | jq -r .digest',
  ]);
}

function parseAt(text: string): number | 'now' {
  return text === 'now' ? 'now' : parseTimeMs(text);
}

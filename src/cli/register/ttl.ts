/** `ttl`: how long keys have to live. */
import type { Command } from 'commander';
import { parseTimeMs } from '../../convert/expiry-action.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addMemoryOption } from '../memory-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, reading } from '../options.js';
import { reportFormatOption } from '../report-option.js';

export function registerTtl(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'ttl', 'how long keys have to live, and which never expire')
    .addArgument(sourceArgument('<src...>'))
    .option(
      '--at <time>',
      'what the life left counts from: now, Unix ms, or 2026-01-31T12:00:00Z (default: when the dump was made)',
      reading(parseAt),
    )
    .addOption(reportFormatOption())
    .action(async (sources, options) => {
      const { runTtl } = await import('../commands/ttl.js');
      invocation.exitCode = await runTtl(sources, options, invocation);
    });
  addSharedOptions(addMemoryOption(addReplayOptions(addFilterOptions(command)))).addHelpText(
    'after',
    `
Expired are keys that were in memory, and so in the dump, past their time: servers remove them by and by. The filter --ttl
counts from now, whatever --at says.`,
  );
  addExamples(command, [
    'ttl dump.rdb',
    'ttl dump.rdb --at now',
    "ttl shards/ -k 'session:*'",
    'ttl dump.rdb --json | jq .withoutTtl',
  ]);
}

function parseAt(text: string): number | 'now' {
  return text === 'now' ? 'now' : parseTimeMs(text);
}

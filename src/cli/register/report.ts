/** `report`: one HTML file about a data set. */
import { type Command, Option } from 'commander';
import { DEFAULT_TOP_KEYS, MAX_TOP_KEYS } from '../../inspect/report/report-data.js';
import { ALLOCATORS } from '../../memory/allocator.js';
import { FilterTextError, parseCount } from '../../rdb/filter-text.js';
import { parseTarget } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addKeyFilterOptions, addReplayOptions, addSharedOptions, reading } from '../options.js';

export function registerReport(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'report', 'one HTML file about a data set, for a browser')
    .addArgument(sourceArgument('<src...>'))
    .option('--title <text>', 'what stands above it (default: the name of the source)')
    .option(
      '-l, --limit <n>',
      `largest keys that are listed, at most ${MAX_TOP_KEYS}`,
      reading(parseLimit),
      DEFAULT_TOP_KEYS,
    )
    .option(
      '--server <server>',
      'the server whose memory is modelled, such as redis:7.0 (default: the one that wrote the file)',
      reading(parseTarget),
    )
    .addOption(
      new Option('--allocator <name>', 'what that server allocates with (default: jemalloc)').choices(ALLOCATORS),
    )
    .action(async (sources, options) => {
      const { runReport } = await import('../commands/report.js');
      invocation.exitCode = await runReport(sources, options, invocation);
    });
  addSharedOptions(addReplayOptions(addKeyFilterOptions(command))).addHelpText(
    'after',
    `
The file needs nothing beside it, loads nothing, and has at most 10 MB whatever the size of the dump. Several sources,
such as the shards of a cluster, make one report. With --json its data are written instead.`,
  );
  addExamples(command, [
    'report dump.rdb -o report.html',
    "report shards/ -o report.html --title 'Orders, Monday'",
    "report dump.rdb -k 'session:*' -l 1000 -o sessions.html",
  ]);
}

function parseLimit(text: string): number {
  const limit = parseCount(text);
  if (limit > MAX_TOP_KEYS) throw new FilterTextError(`at most ${MAX_TOP_KEYS} keys are listed`);
  return limit;
}

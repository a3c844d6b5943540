/** `stats`: one page about a data set. */
import type { Command } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { idleJobsOption } from '../jobs.js';
import { addModelOptions } from '../memory-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';
import { reportFormatOption } from '../report-option.js';

export function registerStats(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'stats', 'one page: how many keys of which kind, how large, how long they live')
    .addArgument(sourceArgument('<src...>'))
    .option('--memory', "the memory that keys take on a server too, with that server's encodings")
    .addOption(idleJobsOption())
    .addOption(reportFormatOption(['table', 'ndjson', 'json']))
    .action(async (sources, options) => {
      const { runStats } = await import('../commands/stats.js');
      invocation.exitCode = await runStats(sources, options, invocation);
    });
  addSharedOptions(addReplayOptions(addFilterOptions(addModelOptions(command)))).addHelpText(
    'after',
    `
Several sources, such as the shards of a cluster, make one report. Percentiles are at most 0.8 % off; all else is exact.
The life left counts from when a dump was made.`,
  );
  addExamples(command, [
    'stats dump.rdb',
    'stats shards/ --memory',
    "stats dump.rdb -k 'session:*' --json | jq .sizes.value",
    'stats --sample 1% dump.rdb',
  ]);
}

/** `top`: the keys that are most of something. */
import type { Command } from 'commander';
import { DEFAULT_TOP_LIMIT, TOP_ORDERS } from '../../inspect/top/top-collector.js';
import { parseCount } from '../../rdb/filter-text.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { idleJobsOption } from '../jobs.js';
import { addModelOptions } from '../memory-options.js';
import { addKeyFilterOptions, addReplayOptions, addSharedOptions, choiceOption, reading } from '../options.js';
import { reportFormatOption } from '../report-option.js';

export function registerTop(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'top', 'the keys that are largest, longest, most idle or most used')
    .addArgument(sourceArgument('<src...>'))
    .addOption(choiceOption('--by <what>', 'what keys are compared by', TOP_ORDERS))
    .option(
      '-l, --limit <n>',
      `at most so many keys (default: ${DEFAULT_TOP_LIMIT})`,
      reading(parseCount),
      DEFAULT_TOP_LIMIT,
    )
    .addOption(idleJobsOption())
    .addOption(reportFormatOption())
    .action(async (sources, options) => {
      const { runTop } = await import('../commands/top.js');
      invocation.exitCode = await runTop(sources, options, invocation);
    });
  addSharedOptions(addReplayOptions(addKeyFilterOptions(addModelOptions(command)))).addHelpText(
    'after',
    `
--by says what counts: memory on the server, elements, bytes of the value in the file (serialized), bytes of the largest
element (element-size), or the recorded idle time or LFU counter (idle, freq). Of equal keys the first in the file comes
first.`,
  );
  addExamples(command, [
    'top dump.rdb',
    'top dump.rdb --by elements -l 10 -t zset,set',
    "top shards/ --by serialized -k 'cache:*'",
    "top dump.rdb --by idle --json | jq -r '.top[].key'",
  ]);
}

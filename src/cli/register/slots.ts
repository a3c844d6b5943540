/** `slots`: how keys spread over a cluster. */
import type { Command } from 'commander';
import { parseCount } from '../../rdb/filter-text.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addMemoryOption } from '../memory-options.js';
import { addKeyFilterOptions, addReplayOptions, addSharedOptions, reading } from '../options.js';
import { reportFormatOption } from '../report-option.js';

const DEFAULT_LIMIT = 10;

export function registerSlots(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'slots', 'how keys spread over cluster slots, nodes and hash tags')
    .addArgument(sourceArgument('<src...>'))
    .option('--nodes <file>', "who owns which slots: a cluster's nodes.conf, or lines of NAME START-END…")
    .option('-l, --limit <n>', `slots and hash tags in a table (default: ${DEFAULT_LIMIT})`, reading(parseCount))
    .addOption(reportFormatOption())
    .action(async (sources, options) => {
      const { runSlots } = await import('../commands/slots.js');
      invocation.exitCode = await runSlots(sources, { limit: DEFAULT_LIMIT, ...options }, invocation);
    });
  addSharedOptions(addMemoryOption(addReplayOptions(addKeyFilterOptions(command)))).addHelpText(
    'after',
    `
Slots are those that the keys would have in a cluster, whether the dump is of one or not. The Gini coefficient is 0 where
all have the same, and near 1 where one has everything. ndjson and csv have a row for every slot that has keys;
nodes and tags are in --json.`,
  );
  addExamples(command, [
    'slots dump.rdb',
    'slots shards/ --nodes nodes.conf',
    'slots dump.rdb -f csv -o slots.csv',
    'slots dump.rdb --json | jq .tags',
  ]);
}
